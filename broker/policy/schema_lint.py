"""Lints a schema: what an event may never be able to say, and what no decoder may meet."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broker.policy import schema_rules_meaning as meaning
from broker.policy import schema_rules_names as names
from broker.policy import schema_rules_properties as properties
from broker.policy import schema_rules_shape as shape
from broker.policy.schema_places import Place, is_delivery, places

Check = Callable[[Place], str]
"""What is wrong at a place and what to do about it; empty when nothing is"""

PLACE_RULES: Mapping[str, Check] = {
    "class_missing": meaning.class_missing,
    "class_misplaced": meaning.class_misplaced,
    "class_unknown": meaning.class_unknown,
    "decline_reason": names.decline_reason,
    "depth": shape.depth,
    "doc_missing": meaning.doc_missing,
    "limit_missing": shape.limit_missing,
    "name": shape.name,
    "name_forbidden": names.name_forbidden,
    "nhs_number": meaning.nhs_number,
    "recursion": shape.recursion,
    "reference": shape.reference,
    "summary": meaning.summary,
    "timestamp": shape.timestamp,
    "trait_misplaced": properties.trait_misplaced,
    "trait_unknown": properties.trait_unknown,
    "type": shape.type_,
    "union": shape.union,
    "zero_size_item": shape.zero_size_item,
}

EVENT_PLACE_RULES: Mapping[str, Check] = {"required": meaning.required}
"""For event types only: in a delivery every field is null until given"""

EVENT_RULES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "about": properties.about,
    "core_type": meaning.core_type,
    "exchange": properties.exchange,
    "marks": properties.marks,
    "offence": meaning.offence,
    "parts": meaning.parts,
    "police_plan": properties.police_plan,
    "publishers": meaning.publishers,
    "wish_kind": meaning.wish_kind,
    "wish_scope": meaning.wish_scope,
}

RULES = tuple(sorted([*PLACE_RULES, *EVENT_PLACE_RULES, *EVENT_RULES, "duplicate_name"]))
"""Every rule's stable code"""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One breach of one rule."""

    rule: str
    path: str
    """dotted name of the field; empty for the schema as a whole"""
    message: str
    """what is wrong and what to do"""


def lint(schema: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Everything wrong with one schema, event type or delivery; empty when it may be shipped.

    Args:
        schema: the parsed JSON of one schema file.
    """
    found = list(_findings(schema))
    return tuple(sorted(found, key=lambda finding: (finding.path, finding.rule)))


def _findings(schema: Mapping[str, Any]) -> Iterator[Finding]:
    delivery = is_delivery(schema)
    checks = PLACE_RULES if delivery else {**PLACE_RULES, **EVENT_PLACE_RULES}
    every = tuple(places(schema))
    for place in every:
        for rule, check in checks.items():
            message = check(place)
            if message:
                yield Finding(rule, place.path, message)
    yield from _duplicates(every)
    if delivery:
        return
    for rule, whole in EVENT_RULES.items():
        message = whole(schema)
        if message:
            yield Finding(rule, "", message)


def _duplicates(every: tuple[Place, ...]) -> Iterator[Finding]:
    """Avro's named types must be unique within a schema, and fields within a record."""
    types = Counter(shape.type_name(place) for place in every if shape.type_name(place))
    fields = Counter((place.within, place.path) for place in every if place.field is not None)
    for name, count in types.items():
        if count > 1:
            yield Finding("duplicate_name", "", f"{count} types are named {name}; give each its own name.")
    for (_, path), count in fields.items():
        if count > 1:
            yield Finding("duplicate_name", path, f"Written {count} times; keep one.")
