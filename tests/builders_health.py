"""Builds events that crisis teams and places of safety publish, of invented people."""

from collections.abc import Mapping
from typing import Any

from tests.builders_frame import (
    HOUR_US,
    IF_POLICE_COME,
    MINUTE_US,
    OCCURRED_AT_US,
    PEOPLE,
    REFERRAL,
    WHAT_HELPS,
    Person,
    Record,
    changed,
    event_id,
    frame,
    police_link,
)


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
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="update")
    record["person"] = {
        "pos_type": "health_based",
        "pos_org": "ZZ901",
        "police_station_conditions": "not_applicable",
        "arrived_at": at_us,
        "transfer_of": event_id(0),
        "presenting_safety_facts": "Calm now, wants the light left on.",
        "injury_or_ingestion": "no",
        "intoxicated": "none",
        "physical_health_needs": "Uses an inhaler, has it.",
        "what_helps_now": WHAT_HELPS,
        "communication_need": "Lip-reads: face the person when speaking.",
        "call_now": {"role": "nurse in charge", "number": "01632 960101"},
        "police_link": police_link(person),
    }
    return changed(record, changes)


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
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="place_to_be_seen")
    record["person"] = {
        "priority": "emergency",
        "response_due_at": at_us + 4 * HOUR_US,
        "threshold_confirmed": "life_risk",
        "plan_now": "Two of the team visit tonight and stay until morning.",
        "safety_needs": "Not to be alone until the team is there.",
        "what_helps_now": WHAT_HELPS,
        "communication_need": "Lip-reads: face the person when speaking.",
        "own_words": "I want to be at home, and I want somebody to tell my sister.",
        "if_police_come": IF_POLICE_COME,
        "who_informed": ["police", "ambulance"],
        "call_now": {"role": "shift lead", "number": "01632 960102"},
        "police_link": police_link(person),
    }
    return changed(record, changes)


def handed_over(
    person: Person = PEOPLE[0],
    *,
    number: int = 11,
    at_us: int = OCCURRED_AT_US + 90 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`pos.s136.handover` by moor-pos: health takes over and officers may go; every field given.

    Args: as of `detained`.
    """
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="update")
    record["person"] = {
        "requested_at": at_us - 30 * MINUTE_US,
        "accepted_at": at_us,
        "accepted_by_role": "nurse in charge",
        "police_presence_needed": "no",
        "why_needed": "not_applicable",
        "released_at": at_us + 5 * MINUTE_US,
        "call_now": {"role": "nurse in charge", "number": "01632 960101"},
    }
    return changed(record, changes)


def detention_ended(
    person: Person = PEOPLE[0],
    *,
    number: int = 12,
    at_us: int = OCCURRED_AT_US + 9 * HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`pos.s136.ended` by moor-pos: every field given.

    Args: as of `detained`.
    """
    record = frame(person, number, at_us, setting="urgent", purpose="P1", need="update")
    record["person"] = {
        "ended_at": at_us,
        "end_reason": "informal",
        "plan_pointer": {
            "custodian": "ZZ902",
            "version": "4",
            "review_due": at_us + 90 * 24 * HOUR_US,
            "retrieval_url": "https://plans.example/4",
        },
        "next_contact_at": at_us + 24 * HOUR_US,
        "call_now": {"role": "shift lead", "number": "01632 960102"},
    }
    return changed(record, changes)


def self_referred(
    person: Person = PEOPLE[0],
    *,
    number: int = 13,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`crisis.self_referral.received` by northmoor-crisis: every field given, the link among them.

    Args: as of `detained`.
    """
    record = frame(person, number, at_us, setting="urgent", purpose="P1", need="crisis_response")
    record["person"] = {
        "channel": "nhs_111",
        "source": "self",
        "received_at": at_us,
        "own_words": "I have not slept for four nights and I am frightened of tonight.",
        "wants": "Somebody to sit with me, and to stay at home.",
        "safe_to_call_back": "yes",
        "call_back_times": "After nine in the evening",
        "anonymous": False,
        "adjustments": "Text before ringing. No strip lights.",
        "language_interpreter": "British Sign Language",
        "communication_need": "Lip-reads: face the person when speaking.",
        "means_present": "no",
        "injury_or_ingestion": "no",
        "what_helps_now": WHAT_HELPS,
        "if_police_come": IF_POLICE_COME,
        "threshold_confirmed": "serious_harm",
        "police_link": police_link(person),
    }
    return changed(record, changes)


def referral_accepted(
    person: Person = PEOPLE[0],
    *,
    number: int = 14,
    at_us: int = OCCURRED_AT_US + 10 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`crisis.referral.accepted` by northmoor-crisis: every field given; cite a delivery's own event id.

    Args: as of `detained`.
    """
    record = frame(person, number, at_us, setting="urgent", purpose="P1", need="update")
    record["person"] = {
        "referral": REFERRAL,
        "accepted_at": at_us,
        "accepted_by_role": "shift lead",
        "priority": "very_urgent",
        "next_contact_at": at_us + 30 * MINUTE_US,
        "call_now": {"role": "shift lead", "number": "01632 960102"},
    }
    return changed(record, changes)


def home_treatment_started(
    person: Person = PEOPLE[0],
    *,
    number: int = 15,
    at_us: int = OCCURRED_AT_US + 6 * HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`crisis.home_treatment.started` by northmoor-crisis: every field given, the link among them.

    Args: as of `detained`.
    """
    record = frame(person, number, at_us, setting="urgent", purpose="P1", need="update")
    record["person"] = {
        "start_at": at_us,
        "visit_pattern": "several_a_day",
        "plan_now": "Two of the team visit tonight and stay until morning.",
        "what_helps_now": WHAT_HELPS,
        "communication_need": "Lip-reads: face the person when speaking.",
        "if_police_come": IF_POLICE_COME,
        "threshold_confirmed": "life_risk",
        "call_now": {"role": "home treatment lead", "number": "01632 960103"},
        "police_link": police_link(person),
    }
    return changed(record, changes)
