"""Rules of the schema linter about shape: what no decoder may meet."""

import re
from collections.abc import Mapping
from typing import Any

from broker.policy.schema_places import COMPOSITE, MAX_DEPTH, NAMED, PRIMITIVE, Place

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""How fields and event types are spelt"""


def depth(place: Place) -> str:
    """Deep nesting costs stack in every decoder."""
    if place.depth <= MAX_DEPTH:
        return ""
    return f"Nested deeper than {MAX_DEPTH} records, lists and maps: flatten it."


def limit_missing(place: Place) -> str:
    """Nothing that grows without an end, and no number without a range."""
    wanted = {
        "string": "maxLength",
        "bytes": "maxLength",
        "array": "maxItems",
        "map": "maxItems",
    }.get(place.kind)
    if wanted is not None:
        return (
            ""
            if positive(place.attribute(wanted))
            else f"Has no limit: add `{wanted}`, 1 or more, to its type."
        )
    if place.kind == "int" or (place.kind == "long" and place.attribute("logicalType") is None):
        ends = (place.attribute("minimum"), place.attribute("maximum"))
        if not all(whole(end) for end in ends) or ends[0] > ends[1]:
            return "Has no range: add `minimum` and `maximum` to its type."
    return ""


def name(place: Place) -> str:
    """Fields and the event type are spelt in snake_case."""
    if place.field is not None:
        names = [str(place.field["name"])]
    elif not place.path and place.depth == 1:
        names = [*str(place.attribute("namespace")).split("."), str(place.attribute("name"))]
    else:
        return ""
    if all(SNAKE.fullmatch(one) for one in names):
        return ""
    return "Is not snake_case: use lower-case words joined by underscores."


def recursion(place: Place) -> str:
    """A schema that holds itself can exhaust the stack of whoever decodes it."""
    if place.kind not in NAMED and place.kind.rpartition(".")[2] in _last(place.within):
        return "Holds the record it stands in: recursion is forbidden; write what is meant, to a fixed depth."
    return ""


def reference(place: Place) -> str:
    """Every type is written where it is used, so that a field can be read, and checked, on its own."""
    if not _by_name(place) or recursion(place):
        return ""
    return "Is a type by its name, or unknown: write the type out here, under a name of its own."


def timestamp(place: Place) -> str:
    """Instants are microseconds UTC, and nothing else is an instant."""
    logical = place.attribute("logicalType")
    instant = place.kind == "long" and logical == "timestamp-micros"
    plain = place.field is not None and place.kind in {"int", "long", "string"}
    named = plain and place.path.endswith(("_at", "_until"))
    if instant or (logical is None and not named):
        return ""
    return 'An instant is {"type": "long", "logicalType": "timestamp-micros"}; no other logical type is used.'


def type_(place: Place) -> str:
    """Types that every decoder reads alike."""
    if place.kind in {"float", "double"}:
        return "Floating point holds NaN and infinity: use int or long with its unit in the name."
    if (
        isinstance(place.type, list)
        or place.kind in NAMED | COMPOSITE | PRIMITIVE | {"null"}
        or _by_name(place)
    ):
        return ""
    return "Cannot be read as a type: write one of Avro's types."


def union(place: Place) -> str:
    """A union is null or one type, so that a value has one reading (design 2.1)."""
    written = place.written
    if not isinstance(written, list):
        return "Is always null: take it away." if place.kind == "null" and place.field is not None else ""
    if (
        len(written) == 2
        and written[0] == "null"
        and not isinstance(written[1], list)
        and written[1] != "null"
    ):
        return ""
    return 'A union is ["null", one type], null first: split it into fields of one type each.'


def zero_size_item(place: Place) -> str:
    """Items of no bytes let a few bytes claim millions of them."""
    if place.kind not in {"array", "map"}:
        return ""
    items = place.attribute("items" if place.kind == "array" else "values")
    return (
        "Items take no bytes, so a few bytes can claim millions: give them something to hold."
        if _empty(items)
        else ""
    )


def type_name(place: Place) -> str:
    """The name under which a type is defined here; empty for types without."""
    return str(place.attribute("name") or "") if place.kind in NAMED else ""


def positive(value: Any) -> bool:
    """Whether it is a whole number of 1 or more."""
    return whole(value) and value > 0


def whole(value: Any) -> bool:
    """Whether it is a whole number, and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def _last(names: tuple[str, ...]) -> set[str]:
    return {one.rpartition(".")[2] for one in names}


def _by_name(place: Place) -> bool:
    known = NAMED | COMPOSITE | PRIMITIVE | {"null", "float", "double"}
    return place.kind not in known and place.kind != ""


def _empty(items: Any) -> bool:
    """Whether a value of this type can take no bytes."""
    if items == "null":
        return True
    if not isinstance(items, Mapping):
        return False
    kind = items.get("type")
    if kind == "fixed":
        return not positive(items.get("size"))
    if kind == "record":
        return all(_empty(one.get("type")) for one in items.get("fields") or ())
    return kind == "null" or (isinstance(kind, (Mapping, list)) and _empty(kind))
