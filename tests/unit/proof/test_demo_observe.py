"""A run in which a promise does not hold is caught, whatever was expected of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from broker.domain.decision import DECISION_FORMAT, WISH_APPLIED_FORMAT
from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import DeliveryKind, Extent, ReplyStatus
from broker.proof.demo.books import Books, Leaf
from broker.proof.demo.client import Played
from broker.proof.demo.expected import LATER
from broker.proof.demo.observe import SAFETY_GAP, Run, faults, results
from broker.proof.demo.script import Chapter, Script, Step
from consumers.kit.delivery import Delivery, Reply

DESK = DeskId("moor-pos/s136-suite")
DIGEST = "ab" * 32
STEP = Step("one", AgencyId("northmoor-crisis"), "somebody", "Something happens.", event={})
SCRIPT = Script({}, (Chapter("c", "A chapter", "What happens.", (), (STEP,)),))


def reply(status: ReplyStatus = ReplyStatus.ACCEPTED) -> Reply:
    return Reply("r", DeliveryKind.REPLY, "e1", status, None, "", None, ())


def decision(digest: str = DIGEST, **changes: Any) -> Leaf:
    record = {
        "format": DECISION_FORMAT,
        "event_id": "e1",
        "event_type": "crisis.triage.completed",
        "desk": DESK,
        "subscription": "s1",
        "outcome": "delivered",
        "extent": "core",
        "reasons": ["objection"],
        "fields": {"core.area": "whole"},
        "withheld": {"subject.phone": ["objection"]},
    }
    return Leaf(digest, {**record, **changes})


def delivery(**changes: Any) -> Delivery:
    whole = Delivery(
        delivery_id="d1",
        kind=DeliveryKind.EVENT,
        event_id="e_1",
        event_type="crisis.response.updated",
        extent=Extent.CORE,
        subject=None,
        fields={"core.area": "northmoor"},
        present=(),
        purpose="P1",
        basis=None,
        agreement=None,
        policy_revision="r1",
        incident_ref=None,
        expires_at=None,
        marking=None,
        clinician_line=None,
        decision=DIGEST,
        effects=(),
        threshold=None,
    )
    return replace(whole, **changes)


def night(**changes: Any) -> Run:
    run = Run(
        script=SCRIPT,
        began=datetime(2026, 11, 20, 21, 40, tzinfo=UTC),
        played=Played({"one": "e1"}, {"one": reply()}),
        books=Books(1, 1, 0, (decision(),)),
        deliveries={DESK: (delivery(),)},
        refused={},
    )
    return replace(run, **changes)


def test_a_run_in_which_every_promise_holds_has_no_fault() -> None:
    assert list(faults(night())) == []


def test_a_run_is_read_as_what_became_of_each_event_for_each_desk() -> None:
    (cell,) = [one for one in results(night()).items() if one[0] == ("one", DESK)]
    assert (cell[1].outcome, cell[1].extent, cell[1].reasons) == ("delivered", "core", ("objection",))
    assert (cell[1].fields, cell[1].withheld) == (("core.area",), 1)


def test_what_a_publisher_is_told_afterwards_is_a_result_of_its_own() -> None:
    told = Played({"one": "e1"}, {"one": reply()}, {"one": reply(ReplyStatus.HANDLED)})
    assert results(night(played=told))["one", LATER].outcome == "handled"


def test_a_safety_gap_is_known_by_the_referral_that_its_desk_knows() -> None:
    digest = "dd" * 32
    raised = decision(digest, event_id="e9", event_type=SAFETY_GAP, subscription="s2")
    gap = delivery(decision=digest, event_id="e_9", fields={"person.referral": "e_1"})
    run = night(books=Books(2, 2, 0, (decision(), raised)), deliveries={DESK: (delivery(), gap)})
    assert run.own_labels["e9"] == "one+gap"
    other = night(
        books=Books(2, 2, 0, (decision(), raised)),
        deliveries={DESK: (delivery(), replace(gap, fields={"person.referral": "e_7"}))},
    )
    assert "e9" not in other.own_labels


def test_books_that_do_not_balance_are_a_fault() -> None:
    assert list(faults(night(books=Books(2, 1, 0, (decision(),))))) == [
        "books: asked 2, decided 1, waiting 0"
    ]


def test_a_decision_that_the_totals_do_not_count_is_a_fault() -> None:
    assert list(faults(night(books=Books(2, 2, 0, (decision(),))))) == [
        "books: 2 decided, 1 decisions on record"
    ]


def test_two_decisions_on_one_event_and_subscription_are_a_fault() -> None:
    twice = (decision(), decision("cd" * 32, extent="none", fields={}))
    assert list(faults(night(books=Books(2, 2, 0, twice)))) == ["one, s1: decided 2 times"]


def test_a_delivery_that_does_not_come_or_comes_twice_is_a_fault() -> None:
    for count in (0, 2):
        found = list(faults(night(deliveries={DESK: (delivery(),) * count})))
        assert found == [f"one, {DESK}: decided core, received {count} times"]


def test_a_delivery_without_a_decision_is_a_fault() -> None:
    both = (delivery(), delivery(decision="ef" * 32))
    assert list(faults(night(deliveries={DESK: both}))) == [
        f"{DESK}: received something on which there is no decision"
    ]


def test_a_delivery_of_a_refusal_is_a_fault() -> None:
    refused = Books(1, 1, 0, (decision(extent="none", outcome="denied", fields={}),))
    assert f"one, {DESK}: decided none, received 1 times" in list(faults(night(books=refused)))


def test_a_delivery_with_another_field_than_was_decided_is_a_fault() -> None:
    more = delivery(fields={"core.area": "northmoor", "subject.phone": "01632 960191"})
    assert list(faults(night(deliveries={DESK: (more,)}))) == [
        f"one, {DESK}: received other fields than were decided"
    ]


def test_a_wish_that_was_confirmed_and_is_not_on_record_is_a_fault() -> None:
    confirmed = Played({"one": "e1"}, {"one": reply(ReplyStatus.APPLIED)})
    assert list(faults(night(played=confirmed))) == ["wishes: 0 applied, 1 confirmed"]
    applied = (decision(), Leaf("99" * 32, {"format": WISH_APPLIED_FORMAT, "event_id": "e1"}))
    assert list(faults(night(played=confirmed, books=Books(1, 1, 0, applied)))) == []


def test_something_that_a_desk_could_not_take_is_a_fault() -> None:
    assert list(faults(night(refused={DESK: ("signature_invalid",)}))) == [
        f"{DESK}: refused signature_invalid"
    ]
