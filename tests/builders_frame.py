"""What every built event has in common: invented people, ids, times and the frame of a record."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
OCCURRED_AT_US = 1_795_218_060_000_000
"""2026-11-20T23:41:00Z"""
WHAT_HELPS = "A quiet room and one voice. Crowding makes it worse."
IF_POLICE_COME = "Please come without a siren and say who you are first."
REFERRAL = "e_the_referral_as_the_desk_received_it"


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


def frame(person: Person, number: int, at_us: int, *, setting: str, purpose: str, need: str) -> Record:
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


def changed(record: Record, changes: Mapping[str, Any] | None) -> Record:
    for name, value in (changes or {}).items():
        *parents, key = name.split(".")
        inside = record
        for parent in parents:
            inside = inside[parent]
        if key not in inside:
            raise KeyError(name)
        inside[key] = deepcopy(value)
    return record


def police_link(person: Person) -> Record:
    """The police reference as told at the door; confirms the link when health writes it (R53)."""
    return {"force": "moor-police", "incident_ref": person.incident_ref, "local_ref": person.police_ref}
