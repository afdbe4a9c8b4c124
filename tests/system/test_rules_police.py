"""What police get of a person, through a whole exchange: each rule of domain.md 2.2 by its number."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from broker.errors import PayloadError
from broker.wire.envelope import Payload
from tests import builders
from tests.builders import HOUR_US, MINUTE_US
from tests.exchange import RunningExchange
from tests.system.envelopes import Forge
from tests.system.rules import CONTROL_ROOM, CORE, MISSING, NOT_ASKED, STREET_TRIAGE, Night, now_us
from tests.system.test_bad_input import Desk

pytestmark = pytest.mark.exchange

TRIAGED, ARRIVED, ENDED = "crisis.triage.completed", "pos.s136.arrived", "pos.s136.ended"
R9 = CORE | {
    *("person.threshold_confirmed", "person.response_due_at", "person.who_informed", "person.safety_needs"),
    *("person.what_helps_now", "person.communication_need", "person.call_now", "person.if_police_come"),
}
"""What domain.md R9 lets go of a triage: who is coming, safety in the person's words, whom to ring"""


@pytest.fixture(scope="module")
def night(exchange: RunningExchange) -> Iterator[Night]:
    night = Night(exchange)
    yield night
    night.close()


def test_r1_planned_care_tells_police_nothing_even_in_an_open_incident(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    planned = night.tell(TRIAGED, person, setting="planned", purpose="P2")
    for desk in (CONTROL_ROOM, MISSING, STREET_TRIAGE):
        seen = night.at(planned, desk)
        assert (seen.outcome, seen.extent, seen.delivery) == ("denied", "none", None), desk
        assert "police_planned_care" in seen.reasons
    # The same event in the live contact goes, so that it is the plan that stopped it.
    assert night.at(night.tell(TRIAGED, person), CONTROL_ROOM).extent == "minimised"


def test_r2_a_plan_by_police_is_rejected_and_no_plan_can_name_them(night: Night) -> None:
    person, plan = night.somebody(), "cmht.crisis_plan.updated"
    record, codec = night.record(plan, person), builders.codec(plan)
    desk = Desk(night.exchange, "moor-police")
    try:
        # The kit would not even send it: an envelope is made by hand.
        payload = Payload(codec.fingerprint, codec.encode(record))
        desk.put(Forge(night.exchange.profile("moor-police")).seal([payload]))
        (reply,) = desk.hear(1)
    finally:
        desk.close()
    assert (reply.status, reply.code) == ("rejected", "publisher_not_entitled")
    assert night.became(record) == {}
    for name, event_type in (("author_role_kind", plan), ("coordinator_role", "cmht.coordinator.allocated")):
        by_police: dict[str, Any] = {f"person__{name}": "police"}
        with pytest.raises(PayloadError):
            builders.codec(event_type).encode(night.record(event_type, person, **by_police))
        symbols = json.dumps(builders.codec(event_type).schema)
        assert "police" not in symbols.split(f'"{name}"')[1].split('"doc"')[0]


def test_r3_an_incident_that_police_closed_is_over(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    before = night.tell(TRIAGED, person)
    night.tell("police.incident.closed", person)
    after = night.tell(TRIAGED, person, person__police_link=None)
    assert night.at(before, CONTROL_ROOM).extent == "minimised"
    assert night.at(after, CONTROL_ROOM) == NOT_ASKED
    # Who linked the person once more after that has opened nothing again.
    again = night.tell(TRIAGED, person)
    assert night.at(again, CONTROL_ROOM) == NOT_ASKED


@pytest.mark.parametrize(("back_h", "reaches"), [(11, True), (13, False)], ids=["11 h", "13 h"])
def test_r3_an_incident_ends_12_hours_after_health_took_over(
    night: Night, back_h: int, reaches: bool
) -> None:
    person = night.somebody()
    night.arrive(person, 14 * HOUR_US)
    over_us = now_us() - back_h * HOUR_US
    night.tell("pos.s136.handover", person, over_us, person__released_at=over_us)
    seen = night.at(night.tell(TRIAGED, person, person__police_link=None), CONTROL_ROOM)
    assert (seen != NOT_ASKED) == reaches


@pytest.mark.parametrize(("back_h", "reaches"), [(23, True), (25, False)], ids=["23 h", "25 h"])
def test_r3_an_incident_without_custody_is_open_for_24_hours(
    night: Night, back_h: int, reaches: bool
) -> None:
    person = night.somebody()
    night.tell(TRIAGED, person, now_us() - back_h * HOUR_US)
    seen = night.at(night.tell(TRIAGED, person, person__police_link=None), CONTROL_ROOM)
    assert (seen != NOT_ASKED) == reaches


def test_r8_what_police_get_says_incident_threshold_purpose_expiry_and_not_to_pass_it_on(
    night: Night,
) -> None:
    person = night.somebody()
    arrival = night.arrive(person)
    record = night.tell(TRIAGED, person)
    delivery = night.at(record, CONTROL_ROOM).delivery
    assert delivery is not None
    assert delivery["incident_ref"] == person.incident_ref
    assert delivery["threshold"] == "life_risk"
    assert delivery["purpose"] == "P5"
    assert delivery["marking"] == "incident_only"
    assert record["occurred_at"] < delivery["expires_at"] <= arrival["occurred_at"] + 48 * HOUR_US
    # Whatever goes to police carries the number of a clinician who answers at any hour (R42).
    assert delivery["clinician_line"] == "01632 960101"


def test_r9_in_a_live_incident_police_get_the_safety_minimum_and_nothing_else(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    assert night.at(night.tell(TRIAGED, person), CONTROL_ROOM).given == R9
    treated = night.tell("crisis.home_treatment.started", person)
    told = night.at(treated, CONTROL_ROOM)
    # The number of home treatment to ring, and not what the treatment is.
    assert told.value("person.call_now") == {"role": "home treatment lead", "number": "01632 960103"}
    assert told.given.isdisjoint({"person.start_at", "person.visit_pattern", "person.plan_now"})


def test_r9_without_danger_that_health_confirmed_police_get_the_neutral_core_only(night: Night) -> None:
    person = night.somebody()
    night.tell(TRIAGED, person)
    calm = night.at(night.tell(TRIAGED, person, person__threshold_confirmed="none"), CONTROL_ROOM)
    assert (calm.extent, calm.given) == ("core", CORE)
    assert calm.delivery is not None
    assert calm.delivery["subject"] is None


def test_r10_no_plan_no_words_and_no_ethnicity_go_to_police(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    for event_type in (TRIAGED, ARRIVED, "ed.mh.arrived", "amb.mh_response.outcome"):
        record = night.tell(event_type, person)
        sent = night.at(record, CONTROL_ROOM)
        assert sent.delivery is not None, event_type
        clinical = ("plan_now", "own_words", "care_summary", "physical_health_needs")
        told = {name: record["person"][name] for name in clinical if record["person"].get(name) is not None}
        assert told, event_type
        for name, words in told.items():
            assert str(words) not in str(sent.delivery), (event_type, name)


def test_r11_a_suspected_crime_waits_for_a_named_person_whatever_was_agreed(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    # Kills: no hold for P6. The agreement names identity and safety, the incident is open, custody is on.
    seen = night.at(night.tell("sc.safeguarding.concern_raised", person), CONTROL_ROOM)
    assert seen.outcome == "held"
    assert "case_by_case" in seen.reasons
    assert seen.given <= CORE


def test_r12_the_serious_violence_duty_opens_nothing(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    seen = night.at(night.tell(TRIAGED, person), STREET_TRIAGE)
    # Denied, not held: nobody is asked to decide what the law forbids.
    assert (seen.outcome, seen.extent) == ("denied", "none")
    assert "serious_violence_duty" in seen.reasons


def test_r13_section_115_quoted_alone_opens_nothing(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    seen = night.at(night.tell("ed.mh.arrived", person), MISSING)
    assert (seen.outcome, seen.extent) == ("denied", "none")
    assert "section_115_alone" in seen.reasons


def test_r14_what_police_saw_reaches_health_although_nothing_comes_back(night: Night) -> None:
    record = night.tell("police.s136.detained", night.somebody())
    became = night.became(record)
    for desk in ("northmoor-crisis/crisis-line", "moor-pos/s136-suite", "moor-ambulance/control"):
        told = became[f"{desk} P1"].value("person.presenting_safety_facts")
        assert told == record["person"]["presenting_safety_facts"], desk
    assert not [name for name in became if name.startswith("moor-police/")]


def test_r21_of_the_end_of_custody_police_get_its_time_within_the_incident_and_after_it(
    night: Night,
) -> None:
    person = night.somebody()
    night.arrive(person, 3 * HOUR_US)
    free_us = now_us() - HOUR_US
    handover = night.tell("pos.s136.handover", person, free_us, person__released_at=free_us)
    told = night.at(handover, CONTROL_ROOM)
    assert told.value("person.released_at") == free_us
    assert told.given.isdisjoint({"person.accepted_by_role", "person.call_now"})
    night.tell("police.incident.closed", person)
    end = night.at(night.tell(ENDED, person), CONTROL_ROOM)
    # After its incident the time alone; no core, which is for who must act.
    assert (end.extent, set(end.given)) == ("minimised", {"person.ended_at"})
    other = night.somebody()
    night.arrive(other)
    assert night.at(night.tell(ENDED, other), CONTROL_ROOM).given == CORE | {"person.ended_at"}


def test_r21_the_end_of_another_custody_is_not_told_to_who_once_had_the_person(night: Night) -> None:
    person = night.somebody()
    night.arrive(person, 60 * HOUR_US)
    night.tell(ENDED, person, now_us() - 50 * HOUR_US)
    # Days later they are brought in again, and no police reference is confirmed.
    night.arrive(person, 2 * HOUR_US, person__police_link=None)
    assert night.at(night.tell(ENDED, person), CONTROL_ROOM) == NOT_ASKED


@pytest.mark.parametrize("setting", ["emergency_live", "urgent"])
def test_r53_polices_own_word_opens_nothing(night: Night, setting: str) -> None:
    person = night.somebody()
    word: dict[str, Any] = {"setting": setting, "purpose": "P5", "person__threshold": "life_risk"}
    told = [night.tell("police.mh_call.triaged", person, **word)]
    told += [night.tell("police.s136.detained", person, subject__nhs_number=person.nhs_number, **word)]
    told += [night.tell(TRIAGED, person, person__police_link=None)]
    for record in told:
        became = night.became(record)
        assert became
        assert not [name for name in became if name.startswith("moor-police/")]


def test_r53_only_the_place_of_safety_or_the_crisis_desk_confirms_a_link(night: Night) -> None:
    person = night.somebody()
    # A link by the emergency department, with danger confirmed: one of the two that are needed.
    arrived = night.tell("ed.mh.arrived", person)
    assert night.at(arrived, CONTROL_ROOM) == NOT_ASKED
    # A link by the crisis desk without danger: the other.
    calm = night.tell(TRIAGED, person, person__threshold_confirmed="crime")
    assert night.at(calm, CONTROL_ROOM) == NOT_ASKED
    # Custody that nobody linked to the police reference.
    night.arrive(person, person__police_link=None)
    assert night.at(night.tell(TRIAGED, person, person__police_link=None), CONTROL_ROOM) == NOT_ASKED
    both = night.tell(TRIAGED, person, now_us() - MINUTE_US)
    assert night.at(both, CONTROL_ROOM).given == R9
