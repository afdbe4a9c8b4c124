"""What waits in a police reference's lane when health links it goes on to the person, once, clock and all."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from broker.ask.client import Asked
from broker.domain.identifiers import AgencyId
from broker.lanes.block import Entry, EntryKind, open_entries
from broker.lanes.state import Plan
from broker.registry.topics import LANE_LOG
from broker.release.admit import Admitted, Matter, Passed, admit, admit_again
from broker.release.book import Book, Place
from broker.release.decide import Decider
from broker.release.duty import Duty, Patience
from broker.release.plan import Planner
from broker.release.settle import Moment
from broker.wire.envelope import Payload
from tests import builders
from tests.property.stages import REVISION, Stages

TODAY = "2026-11-20"
NOW_US = builders.OCCURRED_AT_US + builders.HOUR_US
REFERENCE, PERSON = "ref:moor-police:NICHE-77", "nhs:9990000018"


class RefLane:
    """The lane of a police reference, batch by batch, while OPA answers nothing."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.number = stages.means.lane_of(REFERENCE)
        self.book: Book = stages.books[self.number]
        self._offset = 0

    def admit(self, entry: Entry) -> Admitted:
        self._offset += 1
        found = admit(self.stages.means, self.book, Place(self._offset, 0), entry, self._interval)
        assert found is not None
        return found

    def admit_waiting(self) -> list[Matter]:
        waiting = list(self.book.waiting())
        found = [admit_again(self.stages.means, self.book, one, self._interval) for one in waiting]
        return [one for one in found if isinstance(one, Matter)]

    def batch(self, admitted: Sequence[Admitted]) -> Plan:
        moment = Moment(NOW_US, TODAY, REVISION, self.number)
        questions = {
            question.hash
            for one in admitted
            if isinstance(one, Matter)
            for match in one.matches
            for question in match.questions
        }
        asked = Asked({}, missing=frozenset(questions))
        planner = Planner(self.stages.means, self.book, moment)
        duty = Duty(self.stages.means, self.book, planner, moment, Patience(60_000_000, 60_000_000))
        Decider(self.book, self.stages.settler, planner, duty, moment, asked).decide(admitted)
        plan = planner.finish(self._offset + 1)
        self.book.position = plan.position
        return plan

    def forwarded(self, plan: Plan) -> list[Entry]:
        keyring = self.stages.means.keyring
        return [
            entry
            for out in plan.outgoing
            if out.topic == LANE_LOG
            for entry in open_entries(keyring.lane_key(out.partition), out.partition, out.value)
        ]

    @property
    def _interval(self) -> str:
        return self.stages.means.interval_for(TODAY)


@pytest.fixture
def lane(tmp_path: Path) -> RefLane:
    return RefLane(Stages.of_shipped(tmp_path, TODAY))


def entry_of(lane: RefLane, event_type: str, record: builders.Record) -> Entry:
    codec = builders.codec(event_type)
    payload = Payload(codec.fingerprint, codec.encode(record))
    made = lane.stages.entries([payload], builders.PUBLISHERS[event_type], NOW_US)
    (entry,) = [one for one in made if one.kind is EntryKind.EVENT]
    return entry


def call(lane: RefLane) -> Entry:
    """A call that police do not attend: somebody must take the person on."""
    return entry_of(lane, "police.mh_call.triaged", builders.call_triaged())


def link() -> Entry:
    body = b'{"to": "%s"}' % PERSON.encode()
    return Entry(EntryKind.LINK, "candour", LANE_LOG, 1, 0, NOW_US, subject=REFERENCE, body=body)


def balanced(lane: RefLane) -> bool:
    position = lane.book.position
    return position.asked == position.decided + position.waiting


def test_what_began_to_wait_earlier_goes_on_with_its_clock(lane: RefLane) -> None:
    lane.batch([lane.admit(call(lane))])
    assert (lane.book.waiting_entries, len(lane.book.referrals)) == (1, 1)
    (entry,) = lane.forwarded(lane.batch([*lane.admit_waiting(), lane.admit(link())]))
    assert (entry.subject, entry.publisher) == (PERSON, AgencyId("moor-police"))
    assert (lane.book.waiting_entries, len(lane.book.referrals)) == (0, 0)
    assert balanced(lane)


def test_what_begins_to_wait_in_the_very_batch_of_the_link_goes_on_too(lane: RefLane) -> None:
    (entry,) = lane.forwarded(lane.batch([lane.admit(call(lane)), lane.admit(link())]))
    assert entry.subject == PERSON
    assert (lane.book.waiting_entries, len(lane.book.referrals)) == (0, 0)
    assert balanced(lane)


def test_what_is_decided_in_the_batch_of_the_link_does_not_go_on(lane: RefLane) -> None:
    lane.batch([lane.admit(call(lane))])
    (waited,) = lane.admit_waiting()
    # Nobody asks for it any more: it is decided without an answer.
    plan = lane.batch([replace(waited, matches=()), lane.admit(link())])
    assert lane.forwarded(plan) == []
    assert lane.book.waiting_entries == 0
    assert balanced(lane)


def test_what_comes_after_the_link_goes_on_after_what_waited(lane: RefLane) -> None:
    lane.batch([lane.admit(call(lane))])
    later = entry_of(lane, "police.s136.detained", builders.detained())
    admitted = [*lane.admit_waiting(), lane.admit(link()), lane.admit(later)]
    assert isinstance(admitted[-1], Passed)
    ids = [one.event_id for one in lane.forwarded(lane.batch(admitted))]
    assert ids == [builders.call_triaged()["event_id"], builders.detained()["event_id"]]
