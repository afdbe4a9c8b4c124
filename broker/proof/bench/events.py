"""Detentions of invented people, numbered, so that a receiver can tell which one it holds."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from broker.domain.identifiers import AgencyId, DeskId

PUBLISHER = AgencyId("moor-police")
REPLY_DESK = DeskId("moor-police/control-room")
DESKS = (
    DeskId("moor-pos/s136-suite"),
    DeskId("northmoor-crisis/crisis-line"),
    DeskId("northmoor-crisis/home-treatment"),
    DeskId("moor-ambulance/control"),
    DeskId("moor-ed/nurse-in-charge"),
    DeskId("northmoor-asc/amhp-hub"),
)
"""Each gets every event of the bench, under three agreements; the first three did before there were others"""

EVENT_TYPE = "police.s136.detained"
NUMBER_FIELD = "occurred_at"
"""Its microseconds number the event: the one field that all of the desks may have"""
_NUMBERED = "Bench event {}. Calmer with one voice and a blanket; would like a sister to be told."
_EVENTS_A_PERSON = 4
_NAMES = ("Example", "Sample", "Specimen", "Pattern", "Model", "Figure", "Likeness", "Instance")
_GIVEN = ("Alex", "Billie", "Charlie", "Drew", "Eden", "Frankie", "Gray", "Harper")


def lines(count: int, seed: int) -> Iterator[str]:
    """Lines to publish, as a control room's system would write them; some 620 bytes of Avro each.

    They differ in what policy looks at (setting, age, threshold, who is at home), so that a worker
    asks more than one question.

    Args:
        count: at most a million, as many as there are microseconds to number them.
    """
    chosen = random.Random(seed)
    now = datetime.now(UTC)
    people = max(1, count // _EVENTS_A_PERSON)
    for number in range(count):
        yield json.dumps(_event(number, chosen.randrange(people), seed, now, chosen))


def number_of(occurred_at: str) -> int:
    """Which event this is, from its `NUMBER_FIELD` as the kit tells it."""
    return datetime.fromisoformat(occurred_at).microsecond


def _event(number: int, person: int, seed: int, now: datetime, chosen: random.Random) -> dict[str, Any]:
    return {
        "event_type": EVENT_TYPE,
        NUMBER_FIELD: now.replace(microsecond=number).isoformat(),
        "recorded_at": now.isoformat(),
        "setting": chosen.choices(("emergency_live", "urgent"), (3, 1))[0],
        "purpose": "P1",
        "regime": chosen.choices(("ukgdpr", "part3"), (3, 1))[0],
        "age_band": chosen.choices(("adult", "age_16_17", "unknown"), (8, 1, 1))[0],
        "author_role": "response officer",
        "incident_ref": f"I-{seed}-{person}",
        "shareable_summary": _NUMBERED.format(number),
        "subject": {
            "local_ref": f"BENCH-{seed}-{person}",
            "family_name": _NAMES[person % len(_NAMES)],
            "given_name": _GIVEN[person // len(_NAMES) % len(_GIVEN)],
            "date_of_birth": f"{1950 + person % 55}-{1 + person % 12:02}-{1 + person % 28:02}",
        },
        "core": {
            "area": "northmoor",
            "urgency": chosen.choice(("emergency", "urgent")),
            "need": "place_to_be_seen",
        },
        "person": _person(now, chosen),
    }


def _person(now: datetime, chosen: random.Random) -> dict[str, Any]:
    threshold = chosen.choice(("none", "life_risk", "serious_harm"))
    consulted = chosen.choice(("nurse", "doctor", "none"))
    return {
        "detained_at": now.isoformat(),
        "power": "s136",
        "threshold": threshold,
        "found_at": {
            "place_type": "public_place",
            "description": "footbridge by the boating lake",
            "postcode": "ZZ99 3VZ",
            "map_reference": None,
        },
        "alternatives_tried": ["advice", "street_triage"],
        "consulted": consulted,
        # With its reason, or the exchange would alert to it (R16): an event more, and not one of the bench.
        "why_not_consulted": "immediate_danger" if consulted == "none" else "not_applicable",
        "presenting_safety_facts": "Was on the wrong side of the railing and came back when spoken to. "
        "Has eaten nothing since the morning and is cold.",
        "injury_or_ingestion": chosen.choice(("no", "unknown")),
        "intoxicated": chosen.choice(("none", "alcohol")),
        "search_done": "yes",
        "restraint_used": "none",
        "dependants_at_home": chosen.random() < 0.2,
        "pets_property": "Bicycle left at the lake.",
        "language_interpreter": None,
        "ethnicity_officer_perceived": "not_known",
        "no_offence": "detention_is_no_offence",
    }
