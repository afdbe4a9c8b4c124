"""Builds events that police publish, of invented people."""

from collections.abc import Mapping
from typing import Any

from tests.builders_frame import HOUR_US, MINUTE_US, OCCURRED_AT_US, PEOPLE, Person, Record, changed, frame


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
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="crisis_response")
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
    return changed(record, changes)


def call_triaged(
    person: Person = PEOPLE[0],
    *,
    number: int = 7,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`police.mh_call.triaged` by moor-police: every field given, no officer sent.

    Args: as of `detained`.
    """
    record = _police_frame(person, number, at_us, need="crisis_response")
    record["person"] = {
        "call_source": "public",
        "rcrp_category": "mh_crisis",
        "threshold": "life_risk",
        "immediacy": "present",
        "decision": "not_deploy",
        "passed_to": {"agency_kind": "crisis", "passed_at": at_us + 2 * MINUTE_US},
        "decision_reason": "another_service_leads",
        "accepted_by_role": "shift lead",
        "accepted_at": at_us + 8 * MINUTE_US,
        "escalation_route": "Duty inspector, 01632 960190, at any hour",
        "location": {
            "place_type": "public_place",
            "description": "bench by the bandstand",
            "postcode": "ZZ99 3VZ",
            "map_reference": "SU 000 000",
        },
        "presenting_safety_facts": "Alone, cold, says that tonight is too much.",
        "observations": "Has sat there since the shops closed.",
        "caller_words": "I asked if they were all right and they shook their head.",
        "caller_contact": "Dog walker, 01632 960177",
        "injury_or_ingestion": "unknown",
        "means_present": "no",
        "communication_need": "Lip-reads: face the person when speaking.",
        "language_interpreter": "British Sign Language",
    }
    return changed(record, changes)


def incident_closed(
    person: Person = PEOPLE[0],
    *,
    number: int = 8,
    at_us: int = OCCURRED_AT_US + 3 * HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`police.incident.closed` by moor-police, of the incident of `detained`; it names nobody.

    Args: as of `detained`.
    """
    record = _police_frame(person, number, at_us, need="update")
    record["subject"] = dict.fromkeys(record["subject"])
    record |= {"age_band": "unknown", "episode_ref": None, "shareable_summary": None}
    record["person"] = {"closed_at": at_us, "outcome": "handed_over"}
    return changed(record, changes)


def conveyance(
    person: Person = PEOPLE[0],
    *,
    number: int = 9,
    at_us: int = OCCURRED_AT_US + 25 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`police.s136.conveyance` by moor-police: in a police vehicle to the place of safety; every field given.

    Args: as of `detained`.
    """
    record = _police_frame(person, number, at_us, need="update")
    record["person"] = {
        "requested_ambulance_at": at_us - 20 * MINUTE_US,
        "ambulance_eta": at_us + 40 * MINUTE_US,
        "mode": "police_vehicle",
        "reason_police_vehicle": "ambulance_not_available_within_30_minutes",
        "left_scene_at": at_us,
        "arrived_at": at_us + 20 * MINUTE_US,
        "destination": "health_based",
        "pos_org": "ZZ901",
        "police_station_conditions": "not_applicable",
    }
    return changed(record, changes)


def handover_replied(
    person: Person = PEOPLE[0],
    *,
    number: int = 10,
    at_us: int = OCCURRED_AT_US + 100 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`police.s136.handover_replied` by moor-police: the officers leave; every field given.

    Args: as of `detained`.
    """
    record = _police_frame(person, number, at_us, need="update")
    record["person"] = {"reply": "leave", "replied_at": at_us, "released_at": at_us + 5 * MINUTE_US}
    return changed(record, changes)


def _police_frame(person: Person, number: int, at_us: int, *, need: str) -> Record:
    """As police know the person: by their own references, without an NHS number (R36)."""
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need=need)
    record["subject"] |= {"local_ref": person.police_ref, "nhs_number": None}
    return record | {
        "author_role": "control room inspector",
        "regime": "part3",
        "incident_ref": person.incident_ref,
    }
