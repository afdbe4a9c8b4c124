"""Who may publish what in the model area, and what no event of it can carry to whom."""

import json
from typing import Any

import pytest

from broker.domain.identifiers import EventType
from broker.domain.vocabulary import AgencyKind, FieldClass, MarkerAct, Trait
from broker.policy.schema_places import Place, places
from broker.policy.schema_rules_properties import OF_PEOPLE
from broker.registry.catalogue import load_catalogue
from tests.builders import BUILDERS, SCHEMAS
from tests.unit.schemas.publishers import PUBLISHERS

CATALOGUE = load_catalogue(SCHEMAS)
SPECS = {str(name): spec for name, spec in CATALOGUE.specs.items()}
POLICE = sorted(name for name, spec in SPECS.items() if spec.publishers == {AgencyKind.POLICE})
POINTERS = ["cmht.crisis_plan.updated", "cmht.care_plan.updated", "crisis.safety_plan.updated"]
PLANS = [
    *POINTERS,
    "cmht.coordinator.allocated",
    "cmht.coordinator.changed",
    "cmht.coordinator.ended",
]

# Trait -> the fields that have it beyond the common ones, whatever the type.
TRAITS = {
    Trait.HELPS: {"person.what_helps_now"},
    Trait.LANGUAGE: {"person.language_interpreter"},
    Trait.ADJUSTMENT: {"person.adjustments", "person.adjustment_kinds"},
    Trait.POWER: {
        "person.power",
        "person.liable_to_detention",
        "person.power_expires_at",
        "person.return_power",
        "person.subsection",
    },
    Trait.FOR_POLICE: {"person.if_police_come"},
    Trait.LOCATES: {
        "person.alternative_service",
        "person.destination",
        "person.disposition",
        "person.place_type",
        "person.police_station_conditions",
        "person.pos_org",
        "person.pos_type",
        "person.triage_outcome",
        "person.ward_org",
        "person.kept_at_home",
        "person.return_to",
    },
    Trait.OVERSIGHT: {
        "person.alert",
        "person.clock",
        "person.decision_reasons",
        "person.hold_ground",
        "person.override_ground",
        "person.permission_asked",
        "person.recall_reason",
    },
    Trait.ENDED_AT: {"person.ended_at", "person.released_at"},
    Trait.POINTER: {
        "person.plan_pointer",
        "person.plan_type",
        "person.sections",
        "person.doc_type",
        "person.custodian",
        "person.version",
        "person.author_role_kind",
        "person.coproduced_with_person",
        "person.review_due",
        "person.retrieval_url",
        "person.document_kind",
        "person.document_valid",
        "person.witnessed",
    },
    Trait.ROLE_OR_NUMBER: {
        "person.read_by_role",
        "person.decider_role",
        "person.hold_decided_by_role",
        "person.opened_by_role",
        "person.reviewed_by_role",
        "person.recall_confirmed_by_role",
        "person.ask_role",
        "person.match_decided_by_role",
        "person.breach_assessed_by_role",
        "person.policy_by_role",
        "person.signatory_role",
        "author_role",
        "person.accepted_by_role",
        "person.about_agency",
        "person.assessor_role",
        "person.confirmed_by_role",
        "person.decided_by_role",
        "person.lead_role",
        "person.viewer_role",
        "person.authorising_rank",
        "person.extended_by_role",
        "person.call_now",
        "person.contact_24h",
        "person.coordinator_phone",
        "person.coordinator_role",
        "person.referrer_contact",
        "person.requested_by",
        "person.taken_by_role",
    },
    Trait.FIRST_NAME: {"subject.given_name"},
    Trait.NAME: {"subject.given_name", "subject.family_name"},
}


def own(event_type: str) -> list[Place]:
    """Every place of the person part."""
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{event_type}.avsc").read_text(encoding="utf-8"))
    return [place for place in places(schema) if place.part == "person"]


def with_field(key: str) -> set[str]:
    return {name for name, spec in SPECS.items() if any(one.name == f"person.{key}" for one in spec.fields)}


@pytest.mark.parametrize(("event_type", "kinds"), sorted(PUBLISHERS.items()))
def test_an_event_is_published_by_those_whose_act_it_is(event_type: str, kinds: str) -> None:
    assert SPECS[event_type].publishers == {AgencyKind(kind) for kind in kinds.split()}


def test_the_table_of_publishers_and_the_wishes_are_all_there_is() -> None:
    wishes = {name for name, spec in SPECS.items() if spec.wish_kind is not None}
    assert {*PUBLISHERS} | wishes == {*BUILDERS}


def test_the_exchange_alone_publishes_its_own_events_and_no_others() -> None:
    for name, spec in SPECS.items():
        own = name.startswith("broker.") and name not in OF_PEOPLE
        assert (AgencyKind.BROKER in spec.publishers) == own, name


@pytest.mark.parametrize("trait", sorted(Trait))
def test_a_trait_stands_on_the_fields_it_is_meant_for_and_on_no_other(trait: Trait) -> None:
    found = {str(one.name) for spec in SPECS.values() for one in spec.fields if trait in one.traits}
    assert found == TRAITS[trait]


def test_every_place_of_a_field_that_has_a_trait_has_it_in_every_type() -> None:
    for name, spec in SPECS.items():
        for one in spec.fields:
            assert one.traits == {trait for trait, names in TRAITS.items() if str(one.name) in names}, name


def test_a_restriction_marks_and_no_other_event_does() -> None:
    marking = {name: spec.marks for name, spec in SPECS.items() if spec.marks is not None}
    assert marking == {
        "person.restriction.set": MarkerAct.SET,
        "person.restriction.lifted": MarkerAct.LIFTED,
    }


def test_the_end_of_an_incident_is_about_the_incident_and_everything_else_about_a_person() -> None:
    assert [name for name, spec in SPECS.items() if spec.about_incident] == ["police.incident.closed"]


@pytest.mark.parametrize("event_type", POLICE)
def test_police_write_no_offence_no_clinical_text_and_of_equality_only_what_the_officer_perceived(
    event_type: str,
) -> None:
    of = {one.field_class: set[str]() for one in SPECS[event_type].fields}
    for one in SPECS[event_type].fields:
        of[one.field_class].add(str(one.name))
    assert of.get(FieldClass.SC, set()) <= {"person.ethnicity_officer_perceived"}
    assert not {FieldClass.CL, FieldClass.CX, FieldClass.AU} & set(of)
    # An alleged offence, or a danger to others, is an event of its own (R15).
    assert (FieldClass.CO in of) == (
        event_type in {"police.custody.mh_flag", "police.risk_disclosure.offered"}
    )


@pytest.mark.parametrize("event_type", PLANS)
def test_police_have_no_part_in_a_plan_of_care(event_type: str) -> None:
    assert AgencyKind.POLICE not in SPECS[event_type].publishers
    roles = [place for place in own(event_type) if "role" in place.path.rpartition(".")[2]]
    assert roles
    for place in roles:
        symbols = place.attribute("symbols")
        assert symbols
        assert not [one for one in symbols if "police" in one or "officer" in one]


@pytest.mark.parametrize("event_type", POINTERS)
def test_a_plan_is_a_pointer_and_no_text_of_it_can_be_written(event_type: str) -> None:
    # What the person marked for police is their own word to them, in a field of its own (4.6, R2).
    texts = {place.path for place in own(event_type) if place.kind == "string"} - {"person.if_police_come"}
    assert texts == {
        "person.custodian",
        "person.version",
        "person.retrieval_url",
        "person.contact_24h.number",
    }


def test_the_police_link_is_health_s_word_where_the_person_is_met() -> None:
    assert with_field("police_link") == {
        "pos.s136.arrived",
        "crisis.triage.completed",
        "crisis.self_referral.received",
        "crisis.referral.received",
        "crisis.assessment.face_to_face",
        "crisis.street_triage.contact",
        "crisis.home_treatment.started",
        "ed.mh.arrived",
        "ed.left_before_assessment",
        "health.missing.info",
        "health.awol.reported",
    }


def test_a_threshold_is_confirmed_by_health_and_asserted_by_police() -> None:
    health = {
        AgencyKind.CRISIS,
        AgencyKind.CMHT,
        AgencyKind.ED,
        AgencyKind.AMBULANCE,
        AgencyKind.PLACE_OF_SAFETY,
    }
    for name in with_field("threshold_confirmed"):
        assert SPECS[name].publishers <= health
    for name in with_field("threshold"):
        assert SPECS[name].publishers == {AgencyKind.POLICE}


@pytest.mark.parametrize("event_type", sorted(BUILDERS))
def test_a_list_of_codes_can_say_that_something_is_not_known(event_type: str) -> None:
    for place in own(event_type):
        if place.kind != "enum" or place.field is None or "default" not in place.field:
            continue
        default = place.field["default"]
        only = len(place.attribute("symbols")) == 1
        assert default is None or only or default in {"unknown", "not_asked", "none"}, place.path


@pytest.mark.parametrize(
    ("event_type", "key", "field_class"),
    [
        ("police.mh_call.triaged", "location", "LP"),
        ("police.mh_call.triaged", "observations", "TP"),
        ("police.mh_call.triaged", "caller_words", "TP"),
        ("police.mh_call.triaged", "caller_contact", "TP"),
        ("police.mh_call.triaged", "decision", "OP"),
        ("police.s136.conveyance", "destination", "OP"),
        ("police.welfare_concern.raised", "concern_text", "TP"),
        ("police.welfare_concern.raised", "who_asked", "TP"),
        ("police.missing.reported", "circumstances", "TP"),
        ("police.missing.reported", "last_seen_place", "LP"),
        ("police.missing.reported", "description", "ID"),
        ("police.custody.mh_flag", "alleged_offence", "CO"),
        ("police.risk_disclosure.offered", "offered_summary", "CO"),
        ("police.s135.executed", "warrant_ref", "LG"),
        ("pos.s136.extended", "extension_reason", "LG"),
        ("health.awol.reported", "liable_to_detention", "LG"),
        ("health.missing.info", "likely_places", "LP"),
        ("ed.left_before_assessment", "capacity_view", "CL"),
        ("ed.left_before_assessment", "concern", "SF"),
        ("pos.s136.ended", "end_reason", "LG"),
        ("pos.s136.ended", "plan_pointer", "CL"),
        ("pos.s136.ended", "ended_at", "OP"),
        ("crisis.self_referral.received", "own_words", "AU"),
        ("crisis.self_referral.received", "wants", "AU"),
        ("crisis.self_referral.received", "call_back_times", "CT"),
        ("crisis.self_referral.received", "adjustments", "SC"),
        ("crisis.self_referral.received", "means_present", "SF"),
        ("crisis.home_treatment.started", "plan_now", "CL"),
        ("crisis.home_treatment.started", "if_police_come", "AU"),
        ("cmht.coordinator.allocated", "coordinator_name", "ST"),
        ("crisis.carer_call.received", "caller_relation", "TP"),
        ("crisis.carer_call.received", "carer_own_need", "TP"),
        ("crisis.referral.received", "referral_reason", "CL"),
        ("crisis.referral.received", "referrer_contact", "ST"),
        ("crisis.referral.declined", "referral_decline_reason", "OP"),
        ("crisis.assessment.face_to_face", "care_summary", "CL"),
        ("crisis.assessment.face_to_face", "face_to_face_outcome", "OP"),
        ("crisis.home_treatment.ended", "onward", "OP"),
        ("crisis.safety_plan.updated", "sections", "CL"),
        ("cmht.appointment.missed", "followup_plan", "OP"),
        ("cmht.appointment.missed", "safe_contact_note", "CT"),
        ("cmht.discharged", "reentry_route", "OP"),
        ("cmht.section117.changed", "section117_state", "LG"),
        ("ward.admitted", "legal_status", "LG"),
        ("ward.discharged", "discharge_at", "OP"),
        ("ward.discharged", "medicines_supply", "CL"),
        ("amb.mh_response.outcome", "care_summary", "CL"),
        ("sc.safeguarding.concern_raised", "raised_by", "TP"),
        ("sc.safeguarding.concern_raised", "type_of_abuse", "SG"),
        ("sc.safeguarding.concern_raised", "alleged_source", "TP"),
        ("sc.safeguarding.concern_raised", "immediate_safety", "SG"),
        ("sc.amhp.assessment_requested", "legal_basis", "LG"),
        ("sc.amhp.assessment_requested", "place", "LP"),
        ("sc.amhp.assessment_requested", "nearest_relative_known", "TP"),
        ("vcs.referral.sent", "support_needs", "CL"),
        ("vcs.referral.sent", "preferred_contact", "CT"),
        ("person.restriction.set", "marker", "RP"),
        ("broker.safety_gap.raised", "referral", "OP"),
    ],
)
def test_a_field_has_the_class_of_the_catalogue(event_type: str, key: str, field_class: str) -> None:
    (found,) = [one for one in CATALOGUE.specs[EventType(event_type)].fields if one.name == f"person.{key}"]
    assert found.field_class == field_class
