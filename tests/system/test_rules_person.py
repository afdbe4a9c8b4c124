"""What the person's own wishes, markers and identity decide, through a whole exchange, rule by rule."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from broker.errors import UsageError
from tests.builders import Person, Record
from tests.exchange import RunningExchange
from tests.system.rules import CONTROL_ROOM, CORE, Night

pytestmark = pytest.mark.exchange

TRIAGED, ARRIVED, DETAINED = "crisis.triage.completed", "pos.s136.arrived", "police.s136.detained"
TREATED, CONCERN, REFERRED = (
    "crisis.home_treatment.started",
    "sc.safeguarding.concern_raised",
    "vcs.referral.sent",
)
GIVEN, OBJECTED, WITHDRAWN = (
    "person.permission.given",
    "person.objection.raised",
    "person.permission.withdrawn",
)
CRISIS_LINE, SUITE, CMHT = "northmoor-crisis/crisis-line", "moor-pos/s136-suite", "moor-cmht/coordinator"
PEER, CARER = "northmoor-crisis/peer", "moor-carer/self"
COORDINATOR, VOLUNTEER = "harbour-vcs/coordinator", "harbour-vcs/volunteer"
WHERE = {
    *("subject.phone", "subject.address", "person.found_at", "person.pos_org", "person.location"),
    *("person.destination", "person.disposition", "person.place", "person.pos_type"),
}
"""Fields that tell where somebody is, or how to come there"""


@pytest.fixture(scope="module")
def night(exchange: RunningExchange) -> Iterator[Night]:
    night = Night(exchange)
    yield night
    night.close()


def wish(
    night: Night, event_type: str, person: Person, to: str, purpose: str, by: str = "", classes: str = ""
) -> Record:
    """A wish about one desk and purpose; `classes` as a text, all of them where none is named."""
    every = classes.split() or ["ID", "CT", "LA", "OP", "SF", "CL", "AU", "SC", "ST"]
    changes: dict[str, Any] = {
        "person__scope_recipients": [to],
        "person__scope_purposes": [purpose],
        "person__scope_classes": every if event_type == GIVEN else [],
    }
    return night.tell(event_type, person, by=by, **changes)


def test_r24_where_a_person_is_goes_to_nobody_while_a_marker_protects_it(night: Night) -> None:
    person = night.somebody()
    night.tell("person.restriction.set", person)
    for event_type in (ARRIVED, TRIAGED, "amb.mh_response.outcome", "sc.amhp.assessment_requested"):
        became = night.became(night.tell(event_type, person))
        assert any(one.delivery for one in became.values()), event_type
        for desk, one in became.items():
            assert one.given.isdisjoint(WHERE), (event_type, desk)
    # What police say of them counts too, once health has linked the reference.
    detained = night.became(night.tell(DETAINED, person))
    assert all(one.given.isdisjoint(WHERE) for one in detained.values())
    told = detained["northmoor-crisis/crisis-line P1"]
    assert told.delivery is not None
    assert told.delivery["effects"] == ["location_withheld"]


@pytest.mark.parametrize("marker", ["location_withheld", "domestic_abuse", "alias"])
def test_r24_a_marker_in_the_event_itself_protects_as_well(night: Night, marker: str) -> None:
    seen = night.at(night.tell(ARRIVED, night.somebody(), restrictions=[marker]), CRISIS_LINE)
    assert seen.outcome == "delivered"
    assert seen.given.isdisjoint(WHERE)


def test_r24_a_marker_that_was_lifted_protects_no_longer(night: Night) -> None:
    person = night.somebody()
    night.tell("person.restriction.set", person)
    night.tell("person.restriction.lifted", person)
    seen = night.at(night.tell(ARRIVED, person), CRISIS_LINE)
    assert seen.given >= {"subject.phone", "subject.address", "person.pos_org"}


def test_r25_who_raised_a_concern_and_whom_it_names_waits_for_a_person(night: Night) -> None:
    record = night.tell(CONCERN, night.somebody())
    became = night.became(record)
    seen = became["northmoor-asc/safeguarding P3"]
    assert seen.outcome == "held"
    assert "class_needs_person" in seen.reasons
    assert "person.type_of_abuse" in seen.given
    assert seen.delivery is not None
    for desk, one in became.items():
        for name in ("raised_by", "alleged_source"):
            assert record["person"][name] not in str(one.delivery), desk


def test_r26_a_carer_hears_what_the_person_agreed_to_and_nothing_before(night: Night) -> None:
    person = night.somebody()
    assert night.at(night.tell(TREATED, person), CARER).extent == "none"
    # That there is a service is clinical for a carer: a yes to times alone does not tell of it (4.5).
    wish(night, GIVEN, person, CARER, "P10", classes="OP ST")
    assert night.at(night.tell(TREATED, person), CARER).extent == "none"
    wish(night, GIVEN, person, CARER, "P10", classes="OP ST CL")
    told = night.at(night.tell(TREATED, person), CARER)
    assert told.given >= {"person.start_at", "person.call_now"}
    assert told.given.isdisjoint({"person.what_helps_now", "person.plan_now", "subject.family_name"})
    wish(night, WITHDRAWN, person, CARER, "P10")
    assert night.at(night.tell(TREATED, person), CARER).extent == "none"


def test_r28_a_voluntary_body_gets_what_it_needs_to_meet_the_person_on_their_yes(night: Night) -> None:
    person = night.somebody()
    seen = night.at(night.tell(REFERRED, person), COORDINATOR)
    assert (seen.outcome, seen.extent) == ("denied", "none")
    assert "permission_missing" in seen.reasons
    wish(night, GIVEN, person, COORDINATOR, "P9")
    told = night.at(night.tell(REFERRED, person), COORDINATOR)
    assert told.given >= {"person.preferred_contact", "person.agreed_goals", "person.adjustments"}
    assert told.given.isdisjoint({"subject.nhs_number", "subject.date_of_birth", "subject.address"})
    # The other place signed nothing with it: there the same yes opens nothing.
    elsewhere = night.tell(REFERRED, person, core__area="southmoor")
    assert "no_agreement" in night.at(elsewhere, COORDINATOR).reasons


def test_r29_a_volunteer_gets_a_first_name_and_arrangements_and_nothing_clinical(night: Night) -> None:
    person = night.somebody()
    wish(night, GIVEN, person, VOLUNTEER, "P9")
    record = night.tell(REFERRED, person)
    told = night.at(record, VOLUNTEER)
    assert told.given >= {"subject.given_name", "person.preferred_contact", "person.what_helps_now"}
    assert told.given.isdisjoint({"subject.family_name", "person.support_needs", "incident_ref"})
    assert person.nhs_number not in str(told.delivery)
    assert person.family_name not in str(told.delivery)


def test_r34_an_objection_stops_what_comes_after_it_and_the_core_still_goes(night: Night) -> None:
    person = night.somebody()
    assert night.at(night.tell(TRIAGED, person), CMHT).extent == "minimised"
    wish(night, OBJECTED, person, CMHT, "P2")
    after = night.at(night.tell(TRIAGED, person), CMHT)
    assert (after.outcome, after.extent, after.delivery) == ("denied", "none", None)
    assert "objection" in after.reasons
    wish(night, OBJECTED, person, SUITE, "P1")
    calm: dict[str, Any] = {"person__threshold_confirmed": "none", "capacity": "has"}
    refused = night.at(night.tell(TRIAGED, person, **calm), SUITE)
    assert (refused.outcome, refused.extent, refused.given) == ("held", "core", CORE)
    assert "capable_refusal" in refused.reasons


def test_r34_danger_that_health_confirmed_outweighs_an_objection_for_safety_and_place_only(
    night: Night,
) -> None:
    person = night.somebody()
    wish(night, OBJECTED, person, SUITE, "P1")
    seen = night.at(night.tell(TRIAGED, person), SUITE)
    assert "objection_outweighed" in seen.reasons
    assert seen.given == CORE | {
        *("person.safety_needs", "person.what_helps_now", "person.communication_need"),
    }


def test_r36_police_never_get_an_nhs_number_not_even_in_a_text(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    helps = f"Ask for {person.nhs_number[:3]} {person.nhs_number[3:6]} {person.nhs_number[6:]}"
    record = night.tell(TRIAGED, person, person__what_helps_now=helps)
    seen = night.at(record, CONTROL_ROOM)
    assert seen.withheld["person.what_helps_now"] == ("nhs_number_in_text",)
    assert person.nhs_number[6:] not in str(seen.delivery)
    assert seen.delivery is not None
    assert seen.delivery["subject"] == person.police_ref
    # Health has the number, and reads the text.
    assert night.at(record, SUITE).value("person.what_helps_now") == helps


def test_r36_a_number_with_another_name_and_birth_date_opens_nothing_of_its_person(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    other = replace(person, family_name="Mistaken", date_of_birth="1944-12-12")
    record = night.record(TRIAGED, other)
    reply = night.publish(TRIAGED, record)
    assert (reply.status, reply.code) == ("accepted", "identity_differs")
    became = night.became(record)
    assert became[f"{SUITE} P1"].given == CORE
    assert all(one.given <= CORE for one in became.values())
    # Nor does it bring the person's incident into it.
    assert not [name for name in became if name.startswith("moor-police/")]


def test_r36_what_police_say_is_about_nobodys_number_until_health_links_it(night: Night) -> None:
    person = night.somebody()
    hint: dict[str, Any] = {"subject__nhs_number": person.nhs_number}
    before = night.at(night.tell(DETAINED, person, **hint), CRISIS_LINE)
    night.arrive(person)
    after = night.at(night.tell(DETAINED, person, **hint), CRISIS_LINE)
    arrived = night.at(night.tell(ARRIVED, person), CRISIS_LINE)
    assert before.delivery is not None
    assert after.delivery is not None
    assert arrived.delivery is not None
    assert person.nhs_number not in str(before.delivery)
    assert before.delivery["subject"] != arrived.delivery["subject"]


def test_r37_somebody_who_gives_no_name_is_helped_and_matched_with_nobody(night: Night) -> None:
    nobody: dict[str, Any] = dict.fromkeys(
        f"subject__{key}"
        for key in (
            "nhs_number",
            "local_ref",
            "family_name",
            "given_name",
            "date_of_birth",
            "phone",
            "address",
        )
    )
    desk, called = "northmoor-crisis/home-treatment", "crisis.self_referral.received"
    told = []
    for _ in range(2):
        record = night.tell(
            called, night.somebody(), person__anonymous=True, person__police_link=None, **nobody
        )
        seen = night.at(record, desk)
        assert seen.value("person.own_words") == record["person"]["own_words"]
        assert seen.delivery is not None
        told.append(seen.delivery["subject"])
    assert told[0] != told[1]


def test_r42_where_nothing_of_a_person_may_go_those_who_must_act_get_the_core_and_a_number(
    night: Night,
) -> None:
    seen = night.at(night.tell(CONCERN, night.somebody(), purpose="P1"), CRISIS_LINE)
    assert (seen.outcome, seen.extent, seen.given) == ("delivered", "core", CORE)
    assert "no_agreement" in seen.reasons
    assert seen.delivery is not None
    assert seen.delivery["clinician_line"] == "01632 960101"
    assert seen.delivery["subject"] is None
    assert seen.delivery["event_type"] != CONCERN


def test_r42_a_life_at_risk_goes_to_the_responders_of_the_place_without_any_agreement(night: Night) -> None:
    # An ambulance crew's event in a place that nobody knows: no agreement names it (3.2 step 3).
    record = night.tell("ed.mh.arrived", night.somebody(), core__area="Farmoor")
    seen = night.at(record, CRISIS_LINE)
    assert "emergency_no_agreement" in seen.reasons
    assert seen.given >= CORE | {"subject.family_name", "person.presenting_safety_facts"}
    assert seen.given.isdisjoint({"subject.nhs_number", "subject.phone", "shareable_text"})


def test_r43_what_is_missing_or_wrong_in_an_urgent_event_does_not_hold_it_up(night: Night) -> None:
    record = night.record(DETAINED, night.somebody(), person__why_not_consulted="not_applicable")
    record |= {"shareable_summary": "x" * 900, "episode_ref": None, "author_role": None}
    reply = night.publish(DETAINED, record)
    assert (reply.status, reply.code) == ("accepted", "field_dropped")
    seen = night.at(record, CRISIS_LINE)
    assert "person.presenting_safety_facts" in seen.given
    assert "shareable_summary" not in seen.given


def test_r49_where_only_a_summary_may_go_other_text_stays_and_what_was_written_to_be_shared_goes(
    night: Night,
) -> None:
    seen = night.at(night.tell(CONCERN, night.somebody()), "northmoor-asc/safeguarding")
    # Agreed by name, free text all the same: the author's own summary goes in its place.
    assert seen.withheld["person.what_helps_now"] == ("clinical_summary_only",)
    assert seen.value("shareable_summary") == "Needs company and calm tonight."
    person = night.somebody()
    wish(night, GIVEN, person, PEER, "P1")
    told = night.at(night.tell(TRIAGED, person), PEER)
    assert told.value("person.plan_now") == "Two of the team visit tonight and stay until morning."


@pytest.mark.parametrize(("by", "counts"), [("moor-person", True), ("northmoor-crisis", False)])
def test_r54_a_yes_counts_unless_its_beneficiary_wrote_it_down(night: Night, by: str, counts: bool) -> None:
    person = night.somebody()
    wish(night, GIVEN, person, PEER, "P1", by=by)
    seen = night.at(night.tell(TRIAGED, person), PEER)
    assert (seen.extent != "none") == counts
    assert ("permission_from_beneficiary" in seen.reasons) != counts


def test_r54_police_write_down_no_yes_and_any_no(night: Night) -> None:
    person = night.somebody()
    with pytest.raises(UsageError, match="may be published by"):
        wish(night, GIVEN, person, PEER, "P1", by="moor-police")
    wish(night, GIVEN, person, PEER, "P1")
    night.arrive(person)
    refused: dict[str, Any] = {"subject__local_ref": person.police_ref, "subject__nhs_number": None}
    night.tell(OBJECTED, person, by="moor-police", **refused)
    assert "objection" in night.at(night.tell(TRIAGED, person), PEER).reasons
