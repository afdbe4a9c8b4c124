"""Replies and duty on a running exchange: who acts, what waits, what nobody takes on, and whom to ring."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from broker.domain.identifiers import DeskId
from consumers.kit.delivery import Delivery, Received, Reply
from consumers.kit.event_ids import new_event_id
from consumers.kit.inbox import Inbox
from tests import builders
from tests.exchange import RunningExchange, language_in
from tests.faults.outages import paused
from tests.system.publishing import publish_and_wait

CALL = "police.mh_call.triaged"
POLICE, CRISIS_LINE = DeskId("moor-police/control-room"), DeskId("northmoor-crisis/crisis-line")
OVERDUE_S = 2
MINUTE_MS = 2_000
"""so that northmoor's 15 agreed minutes are 30 s"""
AGREED_S = 15 * MINUTE_MS / 1000
WITHIN_S = 90.0


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    environment = {
        "CANDOUR_REPLY_OVERDUE_S": str(OVERDUE_S),
        "CANDOUR_AGREED_MINUTE_MS": str(MINUTE_MS),
    }
    folder = tmp_path_factory.mktemp("duty") / "exchange"
    with RunningExchange(folder, lanes=2, environment=environment) as exchange:
        # A first event of a new worker may wait for answers that are not known yet.
        publish_and_wait(exchange, "moor-police", [(CALL, a_call(0))])
        exchange.until_quiet()
        yield exchange


class Desk:
    """What one desk has received so far."""

    def __init__(self, exchange: RunningExchange, desk: DeskId) -> None:
        profile = exchange.profile(desk.partition("/")[0])
        self._inbox = Inbox(profile, language_in(profile.schemas), desk)
        self.received: list[Received] = []

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self._inbox.close()

    def catch_up(self) -> None:
        """Everything that is there by now."""
        until_s = time.monotonic() + WITHIN_S
        while not self._inbox.at_end:
            assert time.monotonic() < until_s, "the end of the inbox was not reached"
            self.collect(0.2)

    def collect(self, seconds: float) -> None:
        """Everything that comes within this time."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self.received += self._inbox.poll()
            self._inbox.took()

    def replies(self, event_id: str) -> list[Reply]:
        """The replies to one event, in order."""
        return [one for one in self.received if isinstance(one, Reply) and one.event_id == event_id]

    def wait_for(self, event_id: str, status: str, within_s: float = WITHIN_S) -> Reply:
        """The reply of this status to an event."""
        until_s = time.monotonic() + within_s
        while True:
            for one in self.replies(event_id):
                if one.status == status:
                    return one
            assert time.monotonic() < until_s, f"no reply {status} within {within_s:.0f} s"
            self.collect(0.2)

    def wait_for_delivery(self, wanted: Any, within_s: float = WITHIN_S) -> Delivery:
        """The first delivery for which `wanted` holds."""
        until_s = time.monotonic() + within_s
        while True:
            for one in self.received:
                if isinstance(one, Delivery) and wanted(one):
                    return one
            assert time.monotonic() < until_s, f"no such delivery within {within_s:.0f} s"
            self.collect(0.2)


def now(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The record as it would be published now."""
    at_us = time.time_ns() // 1000
    record |= {"event_id": new_event_id(), "occurred_at": at_us, "recorded_at": at_us, **changes}
    return record


def a_call(number: int, **changes: Any) -> dict[str, Any]:
    return now(builders.call_triaged(person(number)), **changes)


def person(number: int) -> builders.Person:
    return builders.PEOPLE[number]


def test_the_publisher_of_an_urgent_event_knows_from_its_answer_who_acts(quick: RunningExchange) -> None:
    record = a_call(0)
    reply = publish_and_wait(quick, "moor-police", [(CALL, record)])[record["event_id"]]
    assert (reply.status, reply.code) == ("accepted", None)
    assert "northmoor-crisis" in reply.handled_by
    assert set(reply.handled_by) <= {"northmoor-crisis", "moor-ambulance"}
    assert reply.phone == "01632 960101"


def test_where_nobody_could_be_reached_the_publisher_has_the_number(quick: RunningExchange) -> None:
    coordinator = now(builders.coordinator_allocated(person(1)), setting="urgent")
    found = publish_and_wait(quick, "moor-cmht", [("cmht.coordinator.allocated", coordinator)])
    reply = found[coordinator["event_id"]]
    assert (reply.status, reply.code) == ("accepted", "nobody_reached")
    assert reply.handled_by == ()
    assert reply.phone == "01632 960101"


def test_what_waits_is_told_once_with_a_number_and_then_as_delivered(quick: RunningExchange) -> None:
    record = now(builders.detained(person(2)), setting="urgent")
    with Desk(quick, POLICE) as police:
        police.catch_up()
        with paused(quick):
            first = publish_and_wait(quick, "moor-police", [("police.s136.detained", record)])
            assert first[record["event_id"]].handled_by == ()
            assert first[record["event_id"]].phone == "01632 960101"
            late = police.wait_for(record["event_id"], "not_delivered")
            assert (late.code, late.phone) == ("waiting", "01632 960101")
            police.collect(OVERDUE_S + 2)
        delivered = police.wait_for(record["event_id"], "delivered")
        assert "northmoor-crisis" in delivered.handled_by
        police.collect(1)
        statuses = [one.status for one in police.replies(record["event_id"])]
        assert statuses == ["accepted", "not_delivered", "delivered"]


def test_a_referral_that_nobody_takes_reaches_the_crisis_line_again_and_its_publisher_is_told(
    quick: RunningExchange,
) -> None:
    record = a_call(3)
    with Desk(quick, POLICE) as police, Desk(quick, CRISIS_LINE) as crisis:
        publish_and_wait(quick, "moor-police", [(CALL, record)])
        police.wait_for(record["event_id"], "accepted")
        untaken = police.wait_for(record["event_id"], "not_handled", AGREED_S + WITHIN_S)
        assert (untaken.code, untaken.phone) == ("referral_not_taken", "01632 960121")
        gap = crisis.wait_for_delivery(lambda one: one.event_type == "broker.safety_gap.raised")
        assert gap.fields["person.gap"] == "referral_not_accepted"
        assert gap.fields["person.call_now"]["number"] == "01632 960121"
        referred = [one for one in crisis.received if isinstance(one, Delivery)]
        assert gap.fields["person.referral"] in {one.event_id for one in referred}


def test_a_referral_that_is_taken_by_its_name_raises_no_gap(quick: RunningExchange) -> None:
    record = a_call(4)
    with Desk(quick, POLICE) as police, Desk(quick, CRISIS_LINE) as crisis:
        # There before the replies are: of two that lie in two partitions either may come first.
        police.catch_up()
        crisis.catch_up()
        known = {one.delivery_id for one in crisis.received}
        publish_and_wait(quick, "moor-police", [(CALL, record)])
        name = crisis.wait_for_delivery(
            lambda one: one.event_type == CALL and one.delivery_id not in known
        ).event_id
        acceptance = now(builders.referral_accepted(person(4)))
        acceptance["person"]["referral"] = name
        publish_and_wait(quick, "northmoor-crisis", [("crisis.referral.accepted", acceptance)])
        handled = police.wait_for(record["event_id"], "handled")
        assert (handled.code, handled.handled_by) == ("referral_taken", ("northmoor-crisis",))
        police.collect(AGREED_S + 2)
        statuses = [one.status for one in police.replies(record["event_id"])]
        assert statuses == ["accepted", "handled"]
