"""Rules of the schema linter about our own properties: traits, marks, subject of an event, plans of care."""

import re
from collections.abc import Mapping
from typing import Any

from broker.domain.vocabulary import AgencyKind, FieldClass, Marker, MarkerAct, Trait
from broker.policy.schema_places import Place, places
from broker.policy.schema_rules_meaning import MAY_NOT_WIDEN

ABOUT_INCIDENT, ABOUT_SERVICE = "incident", "service"
MARKER = "person.marker"

# A trait widens or narrows what a class alone would say (4.5), so it stands only where its rule means it.
_CLASSES_OF = {
    Trait.FIRST_NAME: frozenset({FieldClass.ID}),
    Trait.NAME: frozenset({FieldClass.ID}),
    Trait.HELPS: frozenset({FieldClass.SF}),
    Trait.LANGUAGE: frozenset({FieldClass.OP, FieldClass.SC}),
    Trait.ADJUSTMENT: frozenset({FieldClass.OP, FieldClass.SC}),
    Trait.POWER: frozenset({FieldClass.LG}),
    Trait.FOR_POLICE: frozenset({FieldClass.AU}),
    Trait.LOCATES: frozenset(FieldClass) - {FieldClass.LP, FieldClass.CT, FieldClass.CORE},
    Trait.POINTER: frozenset({FieldClass.CL}),
    Trait.ROLE_OR_NUMBER: frozenset({FieldClass.ST}),
    Trait.OVERSIGHT: frozenset({FieldClass.LG}),
    Trait.ENDED_AT: frozenset({FieldClass.OP}),
}
# What people do about what the exchange did: theirs to publish, never its own (3.5, R36, R39, 7.4).
OF_PEOPLE = frozenset(
    {
        "broker.breach.assessed",
        "broker.breach.suspected",
        "broker.hold.decided",
        "broker.match.confirmed",
        "broker.match.split",
        "broker.override.opened",
        "broker.override.reviewed",
        "broker.quarantine.discarded",
        "broker.quarantine.opened",
        "broker.quarantine.resubmitted",
        "broker.recall.confirmed",
    }
)
_OF_SERVICES = frozenset({FieldClass.OP, FieldClass.LA, FieldClass.ST})
_LISTED = ", ".join(sorted(_OF_SERVICES))
_NAME_OF_SOMEBODY = re.compile(r"(^|_)name(_|$)")
# R2: plans of care, and whoever keeps them.
_PLAN = re.compile(r"(^|[._])((crisis|care|safety)_plan|coordinator)([._]|$)")
_ROLE = re.compile(r"(^|_)(role|author|approver|reviewer)(_|$)")
_OF_POLICE = re.compile(r"(^|_)(police|officer|constable|sergeant)(_|$)")


def trait_unknown(place: Place) -> str:
    """Traits come from one closed list."""
    if place.field is None or "traits" not in place.field:
        return ""
    given = place.field["traits"]
    if (
        isinstance(given, list)
        and given
        and set(map(str, given)) <= frozenset(Trait)
        and len(set(map(str, given))) == len(given)
    ):
        return ""
    return "`traits` is a list, each once, of: " + ", ".join(sorted(Trait)) + "."


def trait_misplaced(place: Place) -> str:
    """A trait stands on a field that is released as a unit, of the class that the trait is about."""
    given = place.field.get("traits") if place.field is not None else None
    if not isinstance(given, list) or place.field is None:
        return ""
    if place.header or place.unit is not None or not isinstance(place.field.get("class"), str):
        return "Is not released by itself: put `traits` on the field that is released as one."
    for trait in sorted(set(map(str, given)) & frozenset(Trait)):
        if not _may_have(place, Trait(trait)):
            return f"Is no field that can have the trait {trait}: take the trait away, or mend the class."
    return ""


def about(schema: Mapping[str, Any]) -> str:
    """An event is about a person, or says that it is about an incident (R3), or a service and nobody."""
    given = schema.get("about", ABOUT_INCIDENT)
    if given not in (ABOUT_INCIDENT, ABOUT_SERVICE):
        return "`about` is incident or service; leave it out where the event is about a person."
    subject = [place for place in places(schema) if place.part == "subject"]
    if given != ABOUT_SERVICE or schema.get("about") is None:
        return "" if subject else "Has no subject: say `about: service` where it can name nobody."
    if subject:
        return "Is about a service: its subject has no fields, so that it has no place to name anybody."
    told = {place.field.get("class") for place in places(schema) if place.part == "person" and place.field}
    beyond = sorted(map(str, told - _OF_SERVICES))
    return f"Is about a service: its fields are of {_LISTED}, not {', '.join(beyond)}." if beyond else ""


def marks(schema: Mapping[str, Any]) -> str:
    """Whoever sets or lifts a marker says which; nobody lifts it who would gain by that (R24, R54)."""
    codes = [place.attribute("symbols") for place in places(schema) if place.path == MARKER]
    if "marks" not in schema:
        return f"Holds {MARKER}: add `marks`, set or lifted." if codes else ""
    act = schema["marks"]
    if act not in list(MarkerAct):
        return "`marks` is set or lifted; leave it out where the event marks nobody."
    if codes != [[str(marker) for marker in Marker]]:
        return f"Sets or lifts a marker: {MARKER} must be one of {', '.join(Marker)}."
    given = schema.get("publishers")
    gaining = MAY_NOT_WIDEN & set(map(str, given)) if isinstance(given, list) else set()
    if act == MarkerAct.LIFTED and gaining:
        return "A marker is not lifted on the word of " + ", ".join(sorted(gaining)) + " (R54)."
    return ""


def police_plan(schema: Mapping[str, Any]) -> str:
    """Police are no author, contact or reviewer of a plan of care: there is no place to write it (R2)."""
    if not _PLAN.search(f"{schema.get('namespace')}.{schema.get('name')}"):
        return ""
    given = schema.get("publishers")
    if isinstance(given, list) and AgencyKind.POLICE in given:
        return "Police publish no plan of care (R2): take police out of `publishers`."
    open_to_police = [place.path for place in places(schema) if _may_name_police(place)]
    if open_to_police:
        return (
            f"Police could be written as a party of the plan in {', '.join(open_to_police)} (R2): "
            "make it an enum of roles, none of police."
        )
    return ""


def exchange(schema: Mapping[str, Any]) -> str:
    """What the exchange publishes itself, no agency can, and the other way about (4.6 `broker.*`)."""
    given = schema.get("publishers")
    named = isinstance(given, list) and AgencyKind.BROKER in given
    name = f"{schema.get('namespace')}.{schema.get('name')}"
    own = name.partition(".")[0] == AgencyKind.BROKER and name not in OF_PEOPLE
    if named == own and (not own or given == [AgencyKind.BROKER]):
        return ""
    return (
        "An event type that begins with broker has the one publisher broker, and no other type has it, "
        "but for what people do: " + ", ".join(sorted(OF_PEOPLE)) + "."
    )


def _may_have(place: Place, trait: Trait) -> bool:
    field = place.field or {}
    if field.get("class") not in _CLASSES_OF[trait]:
        return False
    if trait is Trait.FOR_POLICE:
        return field.get("summary") is True
    if trait is Trait.ROLE_OR_NUMBER:
        return _NAME_OF_SOMEBODY.search(str(field.get("name"))) is None
    return True


def _may_name_police(place: Place) -> bool:
    if place.part != "person":
        return False
    symbols = place.attribute("symbols")
    if isinstance(symbols, list):
        return any(_OF_POLICE.search(str(symbol).lower()) for symbol in symbols)
    return _ROLE.search(place.path.rpartition(".")[2]) is not None
