"""Rules of the schema linter about meaning: what an event may never say, and who may say it."""

import re
from collections.abc import Mapping
from typing import Any

from broker.domain.vocabulary import AgencyKind, FieldClass, WishKind
from broker.policy.schema_places import PARTS, Place, places
from broker.policy.schema_rules_shape import SNAKE, positive

# How far a wish reaches (4.6).
SCOPE = frozenset({"person.scope_purposes", "person.scope_recipients", "person.scope_classes"})
# R43: nothing else may be without a default. A permission's scope and a marker are here, since they hold up
# nobody's care.
REQUIRED = SCOPE | {
    "person.marker",
    "event_id",
    "setting",
    "purpose",
    "regime",
    "subject",
    "core",
    "core.area",
    "core.urgency",
    "person",
}
# 4.1 and 4.7 item 1: when it happened goes with the neutral core.
CORE_OUTSIDE = frozenset({"occurred_at"})
# R54: a wish that widens release is not taken from who does not care for the person, or would gain by it.
MAY_NOT_WIDEN = frozenset(
    {
        AgencyKind.POLICE,
        AgencyKind.HOUSING,
        AgencyKind.VCSE,
        AgencyKind.CARER,
        AgencyKind.COMMISSIONER,
        AgencyKind.GOVERNANCE,
    }
)
# R49: text written to be shared.
SUMMARY_LENGTH = 500

_CLASSES = frozenset(FieldClass)
_KINDS = frozenset(AgencyKind)
_OFFENCE_FREE = re.compile(r"(^|[._])(s135|s136|welfare_concern|welfare)([._]|$)")


def class_missing(place: Place) -> str:
    """Every field says how far it may go (4.2)."""
    if place.field is None or place.header or "class" in place.field:
        return ""
    return "Has no class: add `class`, one of domain 4.2 (a part of the event has the class `part`)."


def class_unknown(place: Place) -> str:
    """Classes come from the closed list of 4.2."""
    given = _class(place)
    if given is None or (isinstance(given, str) and given in {*_CLASSES, "part"}):
        return ""
    return "Its class is not one of 4.2: use one of " + ", ".join(sorted(_CLASSES)) + "."


def class_misplaced(place: Place) -> str:
    """The core holds neutral fields only, and nothing else is neutral (4.7 item 1)."""
    given = _class(place)
    if given is None:
        return ""
    if place.path in PARTS or given == "part":
        fits = place.path in PARTS and given == "part"
        return (
            "" if fits else "The class `part` is for the fields subject, core and person, and for no other."
        )
    if place.part == "core" or place.path in CORE_OUTSIDE:
        return (
            ""
            if given == FieldClass.CORE
            else "Here only the class `core` may stand: move it to the person part."
        )
    if given == FieldClass.CORE:
        return "The class `core` is for the core part only: give it the class of what it tells (4.2)."
    if place.unit is not None and place.unit.get("class") != given:
        return "Is released as one with the field it stands in: give it that field's class, or move it out."
    return ""


def doc_missing(place: Place) -> str:
    """Who fills a field in must be able to read what it means."""
    holder = place.field if place.path or place.field else place.type
    if holder is None:
        return ""
    doc = holder.get("doc") if isinstance(holder, Mapping) else None
    return (
        ""
        if isinstance(doc, str) and doc.strip()
        else "Has no `doc`: say what it means, its unit and its source."
    )


def nhs_number(place: Place) -> str:
    """An NHS number stands in one place, marked, so that it can be kept from police (R36)."""
    if place.field is None or place.header:
        return ""
    marked = place.field.get("nhs_number") is True
    if marked == (place.path == "subject.nhs_number") and ("nhs_number" not in place.field or marked):
        return ""
    return "An NHS number is `subject.nhs_number`, marked `nhs_number: true`, and nothing else is (R36)."


def summary(place: Place) -> str:
    """Text marked as written to be shared is text, and short (R49, design 2.4)."""
    if place.field is None or "summary" not in place.field:
        return ""
    length = place.attribute("maxLength")
    short = place.kind == "string" and positive(length) and length <= SUMMARY_LENGTH
    if place.field["summary"] is True and short:
        return ""
    return (
        f"A summary is a string with `maxLength` up to {SUMMARY_LENGTH}: shorten it, or take `summary` away."
    )


def required(place: Place) -> str:
    """An urgent event is never held up by an optional field (R43)."""
    if place.field is None or place.unit is not None or place.path in REQUIRED or "default" in place.field:
        return ""
    return "Would hold up an event when not known (R43): give it a `default`, null or a word for not known."


def core_type(schema: Mapping[str, Any]) -> str:
    """The core goes under a neutral name (4.7 item 1)."""
    given = schema.get("core_type")
    words = given.split(".") if isinstance(given, str) else []
    own = f"{schema.get('namespace')}.{schema.get('name')}"
    if len(words) > 1 and all(SNAKE.fullmatch(word) for word in words) and given != own:
        return ""
    return "Has no neutral name for its core: add `core_type`, such as crisis.response.needed."


def publishers(schema: Mapping[str, Any]) -> str:
    """Who may publish it; who may not widen release (R54)."""
    given = schema.get("publishers")
    if (
        not isinstance(given, list)
        or not given
        or not set(map(str, given)) <= _KINDS
        or len(set(given)) < len(given)
    ):
        return "`publishers` is a list of kinds of agency, each once: " + ", ".join(sorted(_KINDS)) + "."
    if schema.get("wish_kind") == WishKind.PERMISSION and MAY_NOT_WIDEN & set(given):
        return (
            "A permission is not accepted from " + ", ".join(sorted(MAY_NOT_WIDEN & set(given))) + " (R54)."
        )
    return ""


def wish_kind(schema: Mapping[str, Any]) -> str:
    """A wish is one of three kinds (design 2.8)."""
    if "wish_kind" not in schema or schema["wish_kind"] in list(WishKind):
        return ""
    return "`wish_kind` is permission, withdrawal or objection; leave it out where the event is no wish."


def wish_scope(schema: Mapping[str, Any]) -> str:
    """What a permission leaves out must not widen release (R54): an empty scope covers everything."""
    if schema.get("wish_kind") != WishKind.PERMISSION:
        return ""
    assumed = sorted(
        place.path
        for place in places(schema)
        if place.path in SCOPE and place.field is not None and "default" in place.field
    )
    return f"Would be wide by omission: take the `default` of {', '.join(assumed)} away." if assumed else ""


def parts(schema: Mapping[str, Any]) -> str:
    """Every event has its three parts, so that each can go alone (4.7 items 1 and 4)."""
    fields = schema.get("fields")
    names = (
        [one.get("name") for one in fields if isinstance(one, Mapping)] if isinstance(fields, list) else []
    )
    missing = [part for part in PARTS if part not in names]
    return f"Has no part {', '.join(missing)}: an event has subject, core and person." if missing else ""


def offence(schema: Mapping[str, Any]) -> str:
    """To be detained, or worried about, is no offence (R15)."""
    if not _OFFENCE_FREE.search(f"{schema.get('namespace')}.{schema.get('name')}"):
        return ""
    if _holds_class(schema.get("fields"), FieldClass.CO):
        return "Holds criminal-offence data (CO): an alleged offence is an event of its own (R15)."
    return ""


def _class(place: Place) -> Any:
    return None if place.field is None or place.header else place.field.get("class")


def _holds_class(value: Any, wanted: FieldClass) -> bool:
    if isinstance(value, Mapping):
        return value.get("class") == wanted or any(_holds_class(one, wanted) for one in value.values())
    return isinstance(value, list) and any(_holds_class(one, wanted) for one in value)
