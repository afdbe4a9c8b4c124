"""Builds events of community teams, hospital, ambulance, social care and voluntary sector, all invented."""

from collections.abc import Mapping
from typing import Any

from tests.builders_frame import (
    HOUR_US,
    MINUTE_US,
    OCCURRED_AT_US,
    PEOPLE,
    REFERRAL,
    WHAT_HELPS,
    Person,
    Record,
    changed,
    frame,
    police_link,
)


def crisis_plan_updated(
    person: Person = PEOPLE[0],
    *,
    number: int = 16,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`cmht.crisis_plan.updated` by moor-cmht: every field given.

    Args: as of `builders.detained`, here and below.
    """
    record = frame(person, number, at_us, setting="planned", purpose="P2", need="update")
    record["person"] = {
        "doc_type": "mental_health_crisis_plan",
        "custodian": "ZZ902",
        "version": "4",
        "author_role_kind": "care_coordinator",
        "coproduced_with_person": "yes",
        "review_due": at_us + 90 * 24 * HOUR_US,
        "retrieval_url": "https://plans.example/4",
        "contact_24h": {"role": "duty_clinician", "number": "01632 960104"},
    }
    return changed(record, changes)


def coordinator_allocated(
    person: Person = PEOPLE[0],
    *,
    number: int = 17,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`cmht.coordinator.allocated` by moor-cmht: every field given."""
    record = frame(person, number, at_us, setting="planned", purpose="P2", need="update")
    record["person"] = {
        "coordinator_name": "Frankie Example",
        "coordinator_role": "care_coordinator",
        "coordinator_phone": "01632 960105",
        "cover_contact": {"role": "duty_clinician", "number": "01632 960104"},
        "start_at": at_us,
    }
    return changed(record, changes)


def ed_arrived(
    person: Person = PEOPLE[0],
    *,
    number: int = 18,
    at_us: int = OCCURRED_AT_US + 40 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`ed.mh.arrived` by moor-ed: every field given, `life_risk` confirmed, and the link."""
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="place_to_be_seen")
    record["person"] = {
        "arrived_at": at_us,
        "arrived_by": "ambulance",
        "presenting_safety_facts": "Wants to leave, stays while somebody sits with them.",
        "injury_or_ingestion": "unknown",
        "physical_health_needs": "Uses an inhaler, has it.",
        "waiting_since": at_us + 10 * MINUTE_US,
        "next_action_owner": "liaison",
        "what_helps_now": WHAT_HELPS,
        "communication_need": "Lip-reads: face the person when speaking.",
        "threshold_confirmed": "life_risk",
        "call_now": {"role": "nurse in charge", "number": "01632 960106"},
        "police_link": police_link(person),
    }
    return changed(record, changes)


def ambulance_outcome(
    person: Person = PEOPLE[0],
    *,
    number: int = 19,
    at_us: int = OCCURRED_AT_US + 35 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`amb.mh_response.outcome` by moor-ambulance: every field given, `serious_harm` confirmed."""
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="update")
    record |= {"author_role": "paramedic"}
    record["person"] = {
        "mh_clinician_on_vehicle": "yes",
        "disposition": "conveyed_ed",
        "left_scene_at": at_us,
        "injury_or_ingestion": "no",
        "physical_health_needs": "Uses an inhaler, has it.",
        "care_summary": "Warmed, calm, came of their own will.",
        "what_helps_now": WHAT_HELPS,
        "communication_need": "Lip-reads: face the person when speaking.",
        "threshold_confirmed": "serious_harm",
        "call_now": {"role": "clinical desk", "number": "01632 960107"},
    }
    return changed(record, changes)


def concern_raised(
    person: Person = PEOPLE[0],
    *,
    number: int = 20,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`sc.safeguarding.concern_raised` by northmoor-asc: every field given."""
    record = frame(person, number, at_us, setting="urgent", purpose="P3", need="crisis_response")
    record |= {"author_role": "social worker"}
    record["person"] = {
        "raised_by": "A neighbour who asked not to be named",
        "type_of_abuse": ["financial", "psychological"],
        "alleged_source": "A lodger",
        "consent_sought": "yes",
        "why_consent_not_sought": "not_applicable",
        "wishes": "I want my bank card back and no fuss.",
        "immediate_safety": "Stays with a friend until Monday.",
        "crime_suspected": "yes",
        "what_helps_now": WHAT_HELPS,
        "communication_need": "Lip-reads: face the person when speaking.",
        "call_now": {"role": "duty social worker", "number": "01632 960108"},
    }
    return changed(record, changes)


def assessment_requested(
    person: Person = PEOPLE[0],
    *,
    number: int = 21,
    at_us: int = OCCURRED_AT_US + 2 * HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`sc.amhp.assessment_requested` by moor-pos: every field given."""
    record = frame(person, number, at_us, setting="urgent", purpose="P4", need="update")
    record["person"] = {
        "requested_by": "nurse in charge",
        "requested_at": at_us,
        "legal_basis": "s136",
        "place": "The suite on the first floor",
        "doctors_needed": "two",
        "language_interpreter": "British Sign Language",
        "nearest_relative_known": "yes",
        "communication_need": "Lip-reads: face the person when speaking.",
        "call_now": {"role": "nurse in charge", "number": "01632 960101"},
    }
    return changed(record, changes)


def support_referred(
    person: Person = PEOPLE[0],
    *,
    number: int = 22,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`vcs.referral.sent` by moor-cmht: every field given."""
    record = frame(person, number, at_us, setting="planned", purpose="P9", need="update")
    record["person"] = {
        "kind": "supplement",
        "preferred_contact": "Text, then ring after nine",
        "adjustments": "Text before ringing. No strip lights.",
        "agreed_goals": "To get to the allotment twice a week.",
        "what_helps_now": WHAT_HELPS,
        "support_needs": "Company on the first visits.",
        "call_now": {"role": "care coordinator", "number": "01632 960105"},
    }
    return changed(record, changes)


def support_accepted(
    person: Person = PEOPLE[0],
    *,
    number: int = 23,
    at_us: int = OCCURRED_AT_US + 24 * HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`vcs.referral.accepted` by harbour-vcs: every field given; cite a delivery's own event id."""
    record = frame(person, number, at_us, setting="planned", purpose="P9", need="update")
    record |= {"author_role": "volunteer coordinator"}
    record["subject"] |= {"local_ref": person.police_ref.replace("NICHE", "HV"), "nhs_number": None}
    record["person"] = {
        "referral": REFERRAL,
        "kind": "supplement",
        "accepted_at": at_us,
        "start_due": at_us + 7 * 24 * HOUR_US,
    }
    return changed(record, changes)


def safety_gap_raised(
    person: Person = PEOPLE[0],
    *,
    number: int = 24,
    at_us: int = OCCURRED_AT_US + 15 * MINUTE_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`broker.safety_gap.raised` as the exchange writes it: every field given."""
    record = frame(person, number, at_us, setting="emergency_live", purpose="P1", need="crisis_response")
    record |= {"author_role": None, "shareable_summary": None}
    record["person"] = {
        "gap": "referral_not_accepted",
        "opened_at": at_us - 15 * MINUTE_US,
        "due_at": at_us,
        "agreed_minutes": 15,
        "referral": REFERRAL,
        "call_now": {"role": "duty contact", "number": "01632 960121"},
    }
    return changed(record, changes)
