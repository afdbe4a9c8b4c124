"""Builds full, valid events of invented people, as `Codec.encode` takes them and as lines to publish.

    record = builders.detained(person=PEOPLE[1], changes={"person.intoxicated": "alcohol"})
    line = builders.line("police.s136.detained", record)

Instants are microseconds since 1970-01-01T00:00Z. NHS numbers are of the range that is never issued.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from broker.wire.avro import Codec
from broker.wire.shape import Shape

Record = dict[str, Any]

SCHEMAS = Path(__file__).parent.parent / "schemas"
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
OCCURRED_AT_US = 1_795_218_060_000_000
"""2026-11-20T23:41:00Z"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    nhs_number: str = field(repr=False)
    police_ref: str = field(repr=False)
    incident_ref: str = field(repr=False)
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    date_of_birth: str = field(repr=False)


PEOPLE = (
    Person("9990000018", "NICHE-77", "I-1042", "Example", "Alex", "1988-04-02"),
    Person("9990000026", "NICHE-78", "I-1043", "Sample", "Billie", "1975-11"),
    Person("9990000034", "NICHE-79", "I-1044", "Specimen", "Charlie", "2001-07-19"),
    Person("9990000042", "NICHE-80", "I-1045", "Pattern", "Drew", "1960"),
    Person("9990000050", "NICHE-81", "I-1046", "Model", "Eden", "1993-01-30"),
)


def event_id(number: int) -> str:
    """A UUID of version 7 in its canonical spelling; another for each number."""
    return f"019aa3f2-7c00-7000-8000-{number:012x}"


def detained(
    person: Person = PEOPLE[0],
    *,
    number: int = 1,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`police.s136.detained` by moor-police: every field given but the NHS number, which police do not have.

    Args:
        number: gives the event its id.
        at_us: when it happened.
        changes: dotted field name -> value that stands instead.
    """
    record = _frame(person, number, at_us, setting="emergency_live", purpose="P1", need="crisis_response")
    record["subject"] |= {"local_ref": person.police_ref, "nhs_number": None}
    record |= {"author_role": "response officer", "regime": "part3", "incident_ref": person.incident_ref}
    record["person"] = {
        "detained_at": at_us,
        "power": "s136",
        "threshold": "life_risk",
        "found_at": {
            "place_type": "public_place",
            "description": "footbridge by the boating lake",
            "postcode": "ZZ99 3VZ",
            "map_reference": "SU 000 000",
        },
        "alternatives_tried": ["advice", "street_triage"],
        "consulted": "nurse",
        "why_not_consulted": "not_applicable",
        "presenting_safety_facts": "Was standing on the wrong side of the railing, came back when spoken to.",
        "injury_or_ingestion": "no",
        "intoxicated": "none",
        "search_done": "yes",
        "items_found_risk": "A glass bottle, taken away.",
        "restraint_used": "hands",
        "restraint_minutes": 2,
        "dependants_at_home": True,
        "dependants_detail": "A child of nine, with a neighbour tonight.",
        "pets_property": "A dog at home. Bicycle left at the lake.",
        "language_interpreter": "British Sign Language",
        "ethnicity_officer_perceived": "not_known",
        "no_offence": "detention_is_no_offence",
    }
    return _changed(record, changes)


def arrived(
    person: Person = PEOPLE[0],
    *,
    number: int = 2,
    at_us: int = OCCURRED_AT_US + 50 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`pos.s136.arrived` by moor-pos: every field given, the police link to moor-police among them.

    Args: as of `detained`.
    """
    record = _frame(person, number, at_us, setting="emergency_live", purpose="P1", need="update")
    record["person"] = {
        "pos_type": "health_based",
        "pos_org": "ZZ901",
        "arrived_at": at_us,
        "transfer_of": event_id(0),
        "presenting_safety_facts": "Calm now, wants the light left on.",
        "injury_or_ingestion": "no",
        "intoxicated": "none",
        "physical_health_needs": "Uses an inhaler, has it.",
        "what_helps_now": "A quiet room and one voice. Crowding makes it worse.",
        "communication_need": "Lip-reads: face the person when speaking.",
        "call_now": {"role": "nurse in charge", "number": "01632 960101"},
        "police_link": police_link(person),
    }
    return _changed(record, changes)


def triaged(
    person: Person = PEOPLE[0],
    *,
    number: int = 3,
    at_us: int = OCCURRED_AT_US + 20 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`crisis.triage.completed` by northmoor-crisis: every field given, `life_risk` confirmed, and the link.

    Args: as of `detained`.
    """
    record = _frame(person, number, at_us, setting="emergency_live", purpose="P1", need="place_to_be_seen")
    record["person"] = {
        "priority": "emergency",
        "response_due_at": at_us + 4 * HOUR_US,
        "threshold_confirmed": "life_risk",
        "plan_now": "Two of the team visit tonight and stay until morning.",
        "safety_needs": "Not to be alone until the team is there.",
        "what_helps_now": "A quiet room and one voice. Crowding makes it worse.",
        "communication_need": "Lip-reads: face the person when speaking.",
        "own_words": "I want to be at home, and I want somebody to tell my sister.",
        "who_informed": ["police", "ambulance"],
        "call_now": {"role": "shift lead", "number": "01632 960102"},
        "police_link": police_link(person),
    }
    return _changed(record, changes)


def permission_given(
    person: Person = PEOPLE[0],
    *,
    number: int = 4,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.permission.given` in the person's own channel: for the peer supporters, P1, valid a year.

    Args: as of `detained`.
    """
    record = _wish(person, number, at_us)
    record["person"] |= {"valid_until": at_us + 365 * 24 * HOUR_US}
    return _changed(record, changes)


def permission_withdrawn(
    person: Person = PEOPLE[0],
    *,
    number: int = 5,
    at_us: int = OCCURRED_AT_US + HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.permission.withdrawn` in the person's own channel: takes back what `permission_given` gave.

    Args: as of `detained`.
    """
    return _changed(_wish(person, number, at_us), changes)


def objection_raised(
    person: Person = PEOPLE[0],
    *,
    number: int = 6,
    at_us: int = OCCURRED_AT_US + HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.objection.raised` in the person's own channel: nothing for P1 to the peer supporters.

    Args: as of `detained`.
    """
    return _changed(_wish(person, number, at_us), changes)


BUILDERS: Mapping[str, Callable[..., Record]] = {
    "police.s136.detained": detained,
    "pos.s136.arrived": arrived,
    "crisis.triage.completed": triaged,
    "person.permission.given": permission_given,
    "person.permission.withdrawn": permission_withdrawn,
    "person.objection.raised": objection_raised,
}
"""Event type -> its builder"""

PUBLISHERS: Mapping[str, str] = {
    "police.s136.detained": "moor-police",
    "pos.s136.arrived": "moor-pos",
    "crisis.triage.completed": "northmoor-crisis",
    "person.permission.given": "moor-person",
    "person.permission.withdrawn": "moor-person",
    "person.objection.raised": "moor-person",
}
"""Event type -> the agency of the model area that publishes it here"""


def police_link(person: Person) -> Record:
    """The police reference as told at the door; confirms the link when health writes it (R53)."""
    return {"force": "moor-police", "incident_ref": person.incident_ref, "local_ref": person.police_ref}


@cache
def codec(event_type: str) -> Codec:
    """The codec of a shipped event schema."""
    return Codec(json.loads((SCHEMAS / f"{event_type}.avsc").read_text(encoding="utf-8")))


def line(event_type: str, record: Record) -> str:
    """The record as one line to publish (design 4), instants as text with their offset."""
    return json.dumps({"event_type": event_type, **_as_text(codec(event_type).shape, record)})


def _frame(person: Person, number: int, at_us: int, *, setting: str, purpose: str, need: str) -> Record:
    urgency = {"emergency_live": "emergency", "urgent": "urgent", "planned": "routine"}[setting]
    return {
        "event_id": event_id(number),
        "occurred_at": at_us,
        "recorded_at": at_us + 5 * MINUTE_US,
        "setting": setting,
        "purpose": purpose,
        "regime": "ukgdpr",
        "confidentiality_position": "implied",
        "capacity": "unknown",
        "age_band": "adult",
        "author_role": "mental health nurse",
        "incident_ref": None,
        "episode_ref": "EP-2026-311",
        "restrictions": [],
        "shareable_summary": "Needs company and calm tonight.",
        "subject": {
            "local_ref": None,
            "nhs_number": person.nhs_number,
            "family_name": person.family_name,
            "given_name": person.given_name,
            "date_of_birth": person.date_of_birth,
            "phone": "01632 960199",
            "address": "1 Example Row, Northmoor",
        },
        "core": {"area": "northmoor", "urgency": urgency, "need": need},
    }


def _wish(person: Person, number: int, at_us: int) -> Record:
    record = _frame(person, number, at_us, setting="planned", purpose="P12", need="update")
    record |= {"author_role": None, "episode_ref": None, "capacity": "has", "shareable_summary": None}
    record["person"] = {
        "scope_purposes": ["P1"],
        "scope_recipients": ["northmoor-crisis/peer"],
        "scope_classes": [],
        "how": "portal",
        "taken_by_role": None,
        "capacity_ok": "yes",
        "valid_until": None,
        "info_given_version": "2026-04",
    }
    return record


def _changed(record: Record, changes: Mapping[str, Any] | None) -> Record:
    for name, value in (changes or {}).items():
        *parents, key = name.split(".")
        inside = record
        for parent in parents:
            inside = inside[parent]
        if key not in inside:
            raise KeyError(name)
        inside[key] = deepcopy(value)
    return record


def _as_text(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if shape.timestamp:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)).isoformat()
    if shape.kind == "record":
        return {key: _as_text(shape.fields[key], inner) for key, inner in value.items()}
    return value
