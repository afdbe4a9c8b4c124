"""In which circumstances an example is published: what was told before, and what the event says.

A row of `<room>.csv` names one of them. Each event type is published once in each case its rows name, every
time of somebody new.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from broker.registry.topics import BROKER
from tests import builders
from tests.builders import HOUR_US, MINUTE_US, Person, Record
from tests.builders_examples import example_builder
from tests.builders_frame import changed, event_id
from tests.property.canaries import AGENCIES

CLASSES = ("ID", "CT", "LP", "LA", "OP", "SF", "LG", "CL", "CX", "AU", "CO", "TP", "SG", "SC", "RP", "ST")
PURPOSES = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10")
# Field of the person part -> what it is, told of this person, wherever a type has it.
_OF_THE_PERSON: Mapping[str, Callable[[Person], Any]] = {"police_link": builders.police_link}


@dataclass(frozen=True, slots=True)
class Before:
    """One event told before the one that is looked at."""

    event_type: str
    back_us: int
    """how long before, microseconds"""
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One circumstance.

    `changes`: dotted field names with what stands instead; one that the type does not have is left out.
    """

    before: tuple[Before, ...] = ()
    changes: Mapping[str, Any] | None = None


# What the exchange's own events cite: an event as the exchange knows it, its lane, publisher and id.
_CITED = ("about_event", "referral")
_EVERYBODY = {
    "person.scope_recipients": list(AGENCIES),
    "person.scope_purposes": list(PURPOSES),
    "person.scope_classes": list(CLASSES),
}

CASES: Mapping[str, Case] = {
    # As the example stands in schemas/examples.
    "as_example": Case(),
    # Somebody must act soon, and it is no plan of care.
    "urgent": Case(changes={"setting": "urgent", "core.urgency": "urgent", "purpose": "P1"}),
    # Agreed care, with nobody in danger: the tables of 4.5b count, and police get nothing (R1).
    "planned": Case(changes={"setting": "planned", "core.urgency": "routine", "purpose": "P2"}),
    # The person has agreed to everything, with everybody: what still does not go, no yes opens.
    "with_permission": Case(before=(Before("person.permission.given", HOUR_US, _EVERYBODY),)),
    # Police brought the person to the place of safety, health linked them to the incident (R53), and the
    # author of the event confirms that a life is at risk.
    "linked_incident": Case(
        before=(Before("pos.s136.arrived", HOUR_US, {"person.transfer_of": None}),),
        changes={
            "setting": "emergency_live",
            "core.urgency": "emergency",
            "person.threshold_confirmed": "life_risk",
        },
    ),
    # A person's whereabouts are withheld (R24).
    "location_withheld": Case(before=(Before("person.restriction.set", HOUR_US, {}),)),
    # The person said no to everybody for everything, and nobody's life is at risk (R34).
    "objected": Case(
        before=(Before("person.objection.raised", HOUR_US, _EVERYBODY),),
        changes={"person.threshold_confirmed": "none"},
    ),
    # Somebody under 18 (R38).
    "child": Case(changes={"age_band": "age_16_17"}),
    # The same event about somebody of the other place.
    "southmoor": Case(changes={"core.area": "southmoor"}),
}


@dataclass(frozen=True, slots=True)
class Telling:
    """One event to publish, of an invented person."""

    event_type: str
    publisher: str
    record: Record


def tellings(event_type: str, case: Case, person: Person, number: int, now_us: int) -> list[Telling]:
    """What is published for one event type in one case; the last is the event that is looked at.

    Args:
        number: from where the events' ids are counted.
    """
    told = [
        _telling(one.event_type, person, number + at, now_us - one.back_us, one.changes)
        for at, one in enumerate(case.before, 1)
    ]
    return [*told, _telling(event_type, person, number, now_us - MINUTE_US, case.changes or {})]


def _telling(event_type: str, person: Person, number: int, at_us: int, changes: Mapping[str, Any]) -> Telling:
    record = example_builder(event_type)(person, number=number, at_us=at_us)
    applying = {name: value for name, value in changes.items() if _has(record, name)}
    for key, of_the_person in _OF_THE_PERSON.items():
        if record["person"].get(key) is not None:
            applying[f"person.{key}"] = of_the_person(person)
    publisher = builders.PUBLISHERS[event_type]
    for cited in _CITED:
        if publisher == BROKER and record["person"].get(cited) is not None:
            applying[f"person.{cited}"] = f"0|moor-police|{event_id(number + 1)}"
    if publisher == "moor-police" and record["incident_ref"] is not None:
        applying["incident_ref"] = person.incident_ref
    return Telling(event_type, publisher, changed(record, applying))


def _has(record: Record, name: str) -> bool:
    part, _, key = name.rpartition(".")
    return key in (record[part] if part else record)
