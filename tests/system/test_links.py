"""Links between lanes on a running exchange: what one event does to what was known of a person elsewhere."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from broker.lanes.placement import lane_of
from broker.registry.keyring import KeyRing
from tests import builders
from tests.builders import HOUR_US, MINUTE_US, Person, Record
from tests.exchange import RunningExchange
from tests.faults.evidence import Evidence, gather
from tests.faults.lane_log import CARRY, EVENT, LINK
from tests.system.rules import CONTROL_ROOM, CORE, NOT_ASKED, Night, now_us

pytestmark = pytest.mark.exchange

ARRIVED, TRIAGED, DETAINED = "pos.s136.arrived", "crisis.triage.completed", "police.s136.detained"
CRISIS_LINE, HOME_TREATMENT = "northmoor-crisis/crisis-line", "northmoor-crisis/home-treatment"


class Linked(Night):
    """Publishes for people whose police reference, incident and NHS number stand in three different lanes."""

    def apart(self) -> Person:
        """Somebody new, in three lanes."""
        key = KeyRing.load(self.exchange.folder / "broker" / "keys").placement
        while True:
            person = self.somebody()
            subjects = reference(person), incident(person), nhs(person)
            if len({lane_of(key, one, self.exchange.lanes) for one in subjects}) == 3:
                return person

    def lane(self, subject: str) -> int:
        """The lane of a subject."""
        key = KeyRing.load(self.exchange.folder / "broker" / "keys").placement
        return lane_of(key, subject, self.exchange.lanes)

    def evidence(self) -> Evidence:
        """All that Kafka holds by now."""
        return gather(self.exchange.folder)


@pytest.fixture(scope="module")
def night(exchange: RunningExchange) -> Iterator[Linked]:
    night = Linked(exchange)
    yield night
    night.close()


def reference(person: Person) -> str:
    return f"ref:moor-police:{person.police_ref}"


def incident(person: Person) -> str:
    return f"incident:moor-police:{person.incident_ref}"


def nhs(person: Person) -> str:
    return f"nhs:{person.nhs_number}"


def lanes_of(evidence: Evidence, record: Record) -> set[int]:
    """The lanes in which an event was decided."""
    event_id = record["event_id"]
    return {leaf.lane for leaf in evidence.decisions() if leaf.record["event_id"] == event_id}


def decisions_on(evidence: Evidence, record: Record) -> int:
    return sum(leaf.record["event_id"] == record["event_id"] for leaf in evidence.decisions())


def replies_to(evidence: Evidence, record: Record) -> list[str]:
    """Ids of the answers to an event, in no order."""
    return [
        one.record["delivery_id"]
        for one in evidence.replies
        if (one.record["event_id"], one.record["status"]) == (record["event_id"], "accepted")
    ]


def entries_of(evidence: Evidence, record: Record) -> list[str]:
    """Subjects of the event's entries in `lane-log`, without their order."""
    return sorted(one.subject for one in evidence.log if one.event_id == record["event_id"])


def test_a_police_event_is_decided_in_its_own_lane_before_the_link_and_in_the_persons_after_it(
    night: Linked,
) -> None:
    person = night.apart()
    before = night.tell(DETAINED, person)
    night.arrive(person)
    after = night.tell(DETAINED, person)
    evidence = night.evidence()
    assert lanes_of(evidence, before) == {night.lane(reference(person))}
    assert lanes_of(evidence, after) == {night.lane(nhs(person))}
    assert decisions_on(evidence, before) == decisions_on(evidence, after)
    assert entries_of(evidence, before) == [reference(person)]
    assert entries_of(evidence, after) == sorted([reference(person), nhs(person)])
    told = [(one.subject, one.said) for one in evidence.log if one.kind == LINK and one.said == nhs(person)]
    assert sorted(told) == sorted([(reference(person), nhs(person)), (incident(person), nhs(person))])


def test_an_objection_of_the_person_counts_for_what_police_tell_after_the_link(night: Linked) -> None:
    person = night.apart()
    objection = {
        "person__scope_recipients": [HOME_TREATMENT],
        "person__scope_purposes": ["P1"],
        "person__scope_classes": [],
    }
    night.tell("person.objection.raised", person, **objection)
    before = night.tell(DETAINED, person)
    night.arrive(person)
    after = night.tell(DETAINED, person)
    # Until health linked them, nobody could know that this reference is the person who objects.
    assert night.at(before, HOME_TREATMENT).extent == "minimised"
    seen = night.at(after, HOME_TREATMENT)
    assert seen.extent == "core"
    assert "objection" in seen.reasons
    # It was about one desk.
    assert night.at(after, CRISIS_LINE).extent == "minimised"


def test_a_marker_of_the_person_counts_for_what_police_tell_after_the_link(night: Linked) -> None:
    person = night.apart()
    night.tell("person.restriction.set", person)
    before = night.tell(DETAINED, person)
    night.arrive(person)
    after = night.tell(DETAINED, person)
    assert night.at(before, CRISIS_LINE).value("person.found_at") is not None
    assert night.at(after, CRISIS_LINE).value("person.found_at") is None
    night.tell("person.restriction.lifted", person)
    assert night.at(night.tell(DETAINED, person), CRISIS_LINE).value("person.found_at") is not None


def test_a_marker_that_police_set_before_the_link_counts_for_what_health_tells_after_it(
    night: Linked,
) -> None:
    person = night.apart()
    changes = {"subject__nhs_number": None, "subject__local_ref": person.police_ref}
    night.tell("person.restriction.set", person, by="moor-police", **changes)
    first = night.arrive(person)
    # What the reference held has come over once something that stands behind it in the log was decided.
    police = night.tell(DETAINED, person)
    second = night.arrive(person)
    assert night.at(first, CRISIS_LINE).value("person.pos_org") is not None
    assert night.at(police, CRISIS_LINE).value("person.found_at") is None
    assert night.at(second, CRISIS_LINE).value("person.pos_org") is None
    carried = [one for one in night.evidence().log if (one.kind, one.subject) == (CARRY, nhs(person))]
    assert len(carried) == 1


def test_a_copy_is_dropped_with_its_reply_repeated_whichever_lane_decided(night: Linked) -> None:
    person = night.apart()
    before = night.tell(DETAINED, person)
    night.arrive(person)
    after = night.tell(DETAINED, person)
    for record in (before, after):
        night.exchange.publish("moor-police", [builders.line(DETAINED, record)])
    # Behind both copies in each lane that they may pass.
    night.tell(DETAINED, person)
    evidence = night.evidence()
    for record, subjects in ((before, [reference(person)]), (after, [reference(person), nhs(person)])):
        assert decisions_on(evidence, record) == 6
        first, second = replies_to(evidence, record)
        assert first == second
        assert entries_of(evidence, record) == sorted(2 * subjects)


def test_an_incident_that_its_force_closes_ends_for_two_people_who_are_in_it(night: Linked) -> None:
    one = night.apart()
    other = replace(night.apart(), incident_ref=one.incident_ref)
    for person in (one, other):
        night.arrive(person)
        assert night.at(night.tell(TRIAGED, person), CONTROL_ROOM).extent == "minimised"
    night.tell("police.incident.closed", one)
    for person in (one, other):
        assert night.at(night.tell(TRIAGED, person, person__police_link=None), CONTROL_ROOM) == NOT_ASKED
    # Another incident of the same person is another.
    again = replace(one, incident_ref=night.somebody().incident_ref)
    assert night.at(night.tell(TRIAGED, again), CONTROL_ROOM).extent == "minimised"


@pytest.mark.parametrize(
    ("back_us", "reaches"),
    [(12 * HOUR_US - 5 * MINUTE_US, True), (12 * HOUR_US + MINUTE_US, False)],
    ids=["11 h 55 min", "12 h 01 min"],
)
def test_an_incident_ends_12_hours_after_the_handover_as_health_timed_it(
    night: Linked, back_us: int, reaches: bool
) -> None:
    person = night.apart()
    night.arrive(person, 13 * HOUR_US)
    # It is told today, as clerks do; what counts is when the officers were free.
    night.tell("pos.s136.handover", person, now_us(), person__released_at=now_us() - back_us)
    seen = night.at(night.tell(TRIAGED, person, person__police_link=None), CONTROL_ROOM)
    assert (seen.extent == "minimised") is reaches
    assert (seen == NOT_ASKED) is not reaches


def test_a_reference_stays_with_the_first_person_it_was_linked_to(night: Linked) -> None:
    one = night.apart()
    other = replace(night.apart(), police_ref=one.police_ref)
    night.arrive(one)
    night.arrive(other)
    record = night.tell(DETAINED, one)
    evidence = night.evidence()
    assert entries_of(evidence, record) == sorted([reference(one), nhs(one)])
    assert lanes_of(evidence, record) == {night.lane(nhs(one))}


def test_what_is_known_under_a_reference_that_nobody_linked_stays_with_it(night: Linked) -> None:
    person, other = night.apart(), night.apart()
    night.arrive(other)
    record = night.tell(DETAINED, person)
    evidence = night.evidence()
    assert entries_of(evidence, record) == [reference(person)]
    assert [one for one in evidence.log if one.subject == nhs(person) and one.kind == EVENT] == []
    assert night.at(record, CRISIS_LINE).given > CORE
