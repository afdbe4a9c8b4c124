"""Police hear of a person in their incident, on the word of health, while it is open; at no other time."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests import builders
from tests.builders import HOUR_US, MINUTE_US, Person, Record
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange
from tests.faults.evidence import Delivered, Evidence, gather
from tests.property.canaries import nhs_number
from tests.system.publishing import publish_and_wait

pytestmark = pytest.mark.exchange

ARRIVED, TRIAGED, DETAINED = "pos.s136.arrived", "crisis.triage.completed", "police.s136.detained"
CONTROL_ROOM, MISSING = "moor-police/control-room", "moor-police/missing-persons"
CORE = {"occurred_at", "core.area", "core.urgency", "core.need"}
SAFETY = {"person.safety_needs", "person.what_helps_now", "person.call_now", "person.threshold_confirmed"}


class Night:
    """Publishes for one person after another; every event has an id of its own."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.exchange = exchange
        self._made = 0

    def somebody(self) -> Person:
        """Somebody new, known to police and to health."""
        self._made += 1
        number = self._made
        return replace(
            builders.PEOPLE[0],
            nhs_number=nhs_number(60_000 + 20 * number),
            police_ref=f"NICHE-W{number}",
            incident_ref=f"I-W{number}",
            family_name=f"Window{number}",
        )

    def tell(self, event_type: str, person: Person, at_us: int, changes: Mapping[str, Any]) -> Record:
        """Publish and wait for the reply; returns the record."""
        self._made += 1
        made = builders.BUILDERS[event_type]
        record = made(person, number=0x5000_0000 + self._made, at_us=at_us, changes=changes)
        replies = publish_and_wait(self.exchange, builders.PUBLISHERS[event_type], [(event_type, record)])
        assert replies[record["event_id"]].status == "accepted"
        return record

    def evidence(self) -> Evidence:
        """All that Kafka holds, once everything is decided: what waits has left no trace either."""
        self.exchange.until_quiet()
        return gather(self.exchange.folder)

    def triage(self, person: Person, **changes: Any) -> Record:
        """The event in question: a triage now, in which health confirms the danger. It links nothing."""
        given = {"person.police_link": None, **{k.replace("__", "."): v for k, v in changes.items()}}
        return self.tell(TRIAGED, person, now_us(), given)

    def arrival(self, person: Person, back_us: int, **changes: Any) -> Record:
        """An arrival at the place of safety, `back_us` ago, that links the person to the police incident."""
        given = {name.replace("__", "."): value for name, value in changes.items()}
        return self.tell(ARRIVED, person, now_us() - back_us, given)


def now_us() -> int:
    return time.time_ns() // 1_000


@pytest.fixture(scope="module")
def night(module_exchange: MakeExchange) -> Night:
    return Night(module_exchange(lanes=4, workers=1))


def decided(evidence: Evidence, record: Record) -> dict[str, tuple[str, str, set[str]]]:
    """Police desk -> outcome, extent and fields of its decision on this event."""
    return {
        leaf.record["desk"]: (leaf.record["outcome"], leaf.record["extent"], set(leaf.record["fields"]))
        for leaf in evidence.decisions()
        if leaf.record["event_id"] == record["event_id"] and leaf.record["desk"].startswith("moor-police/")
    }


def delivered(evidence: Evidence, record: Record) -> list[Delivered]:
    """What police desks were sent of this event."""
    ids = {
        leaf.record["delivery_id"]
        for leaf in evidence.decisions()
        if leaf.record["event_id"] == record["event_id"] and leaf.record["desk"].startswith("moor-police/")
    }
    return [one for one in evidence.deliveries if one.record["delivery_id"] in ids - {None}]


def assert_no_trace(evidence: Evidence, record: Record) -> None:
    assert decided(evidence, record) == {}
    assert delivered(evidence, record) == []


def test_an_event_about_somebody_in_no_incident_reaches_no_police_desk_and_leaves_no_decision(
    night: Night,
) -> None:
    record = night.triage(night.somebody())
    assert_no_trace(night.evidence(), record)


def test_the_same_event_in_an_open_incident_that_health_confirmed_does(night: Night) -> None:
    person = night.somebody()
    arrival = night.arrival(person, MINUTE_US)
    record = night.triage(person)
    evidence = night.evidence()
    outcome, extent, fields = decided(evidence, record)[CONTROL_ROOM]
    assert (outcome, extent) == ("delivered", "minimised")
    assert fields >= SAFETY
    # Who asks without an agreement is answered: no.
    assert decided(evidence, record)[MISSING] == ("denied", "none", set())
    (delivery,) = delivered(evidence, record)
    assert delivery.desk == CONTROL_ROOM
    # The force's own words for person and incident, and nothing that names the person otherwise.
    assert delivery.record["subject"] == person.police_ref
    assert delivery.record["incident_ref"] == person.incident_ref
    assert delivery.record["marking"] == "incident_only"
    assert person.nhs_number not in str(delivery.record)
    assert person.family_name not in str(delivery.record)
    ends_us = arrival["person"]["arrived_at"] + 48 * HOUR_US
    assert delivery.record["expires_at"] == min(ends_us, record["occurred_at"] + 48 * HOUR_US)


@pytest.mark.parametrize(
    ("back_us", "reaches"),
    [(47 * HOUR_US + 59 * MINUTE_US, True), (48 * HOUR_US + 1 * MINUTE_US, False)],
    ids=["47 h 59 min", "48 h 01 min"],
)
def test_an_incident_of_custody_is_open_for_48_hours_from_the_arrival(
    night: Night, back_us: int, reaches: bool
) -> None:
    person = night.somebody()
    night.arrival(person, back_us)
    record = night.triage(person)
    evidence = night.evidence()
    if reaches:
        assert decided(evidence, record)[CONTROL_ROOM][:2] == ("delivered", "minimised")
        assert [one.desk for one in delivered(evidence, record)] == [CONTROL_ROOM]
    else:
        assert_no_trace(evidence, record)


def test_an_event_of_long_ago_that_comes_today_is_judged_by_todays_clock_too(night: Night) -> None:
    person = night.somebody()
    night.arrival(person, 49 * HOUR_US)
    changes = {"person.police_link": None}
    late = night.tell(TRIAGED, person, now_us() - 48 * HOUR_US, changes)
    assert_no_trace(night.evidence(), late)


def test_telling_of_an_old_incident_again_does_not_open_it_again(night: Night) -> None:
    person = night.somebody()
    night.arrival(person, 48 * HOUR_US + MINUTE_US)
    night.arrival(person, MINUTE_US)
    assert_no_trace(night.evidence(), night.triage(person))


@pytest.mark.parametrize("setting", ["emergency_live", "urgent"])
def test_polices_own_label_opens_nothing(night: Night, setting: str) -> None:
    person = night.somebody()
    changes = {"setting": setting, "subject.nhs_number": person.nhs_number, "person.threshold": "life_risk"}
    detained = night.tell(DETAINED, person, now_us() - MINUTE_US, changes)
    triage = night.triage(person)
    # What police say of the same incident after health spoke changes as little.
    again = night.tell(DETAINED, person, now_us(), changes)
    evidence = night.evidence()
    for record in (detained, triage, again):
        assert_no_trace(evidence, record)
    # Receiving is not disclosing: what police told did reach those who respond (R14).
    reached = {
        leaf.record["desk"]: leaf.record["extent"]
        for leaf in evidence.decisions()
        if leaf.record["event_id"] == detained["event_id"]
    }
    assert reached == {
        "moor-pos/s136-suite": "minimised",
        "moor-ed/nurse-in-charge": "minimised",
        "moor-ambulance/control": "minimised",
        "northmoor-asc/amhp-hub": "minimised",
        "northmoor-crisis/crisis-line": "minimised",
        "northmoor-crisis/home-treatment": "minimised",
    }


def test_the_number_that_police_hinted_at_goes_to_nobody(night: Night) -> None:
    person = night.somebody()
    night.tell(DETAINED, person, now_us(), {"subject.nhs_number": person.nhs_number})
    evidence = night.evidence()
    assert not [one for one in evidence.deliveries if person.nhs_number in str(one.record)]


@pytest.mark.parametrize("threshold", ["none", "crime"])
def test_a_link_without_danger_that_health_confirms_opens_nothing(night: Night, threshold: str) -> None:
    person = night.somebody()
    link = builders.police_link(person)
    record = night.triage(person, person__police_link=link, person__threshold_confirmed=threshold)
    assert_no_trace(night.evidence(), record)


def test_in_an_incident_without_custody_an_event_without_confirmed_danger_tells_the_core_only(
    night: Night,
) -> None:
    person = night.somebody()
    night.triage(person, person__police_link=builders.police_link(person))
    record = night.triage(person, person__threshold_confirmed="none")
    outcome, extent, fields = decided(night.evidence(), record)[CONTROL_ROOM]
    assert (outcome, extent) == ("delivered", "core")
    assert fields == CORE


def test_a_planned_contact_of_somebody_in_an_open_incident_tells_police_nothing(night: Night) -> None:
    person = night.somebody()
    night.arrival(person, MINUTE_US)
    record = night.triage(person, setting="planned", purpose="P2")
    evidence = night.evidence()
    assert decided(evidence, record)[CONTROL_ROOM] == ("denied", "none", set())
    assert delivered(evidence, record) == []


def test_an_incident_of_one_person_says_nothing_of_another(night: Night) -> None:
    one, other = night.somebody(), night.somebody()
    night.arrival(one, MINUTE_US)
    assert_no_trace(night.evidence(), night.triage(other))
