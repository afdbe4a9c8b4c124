"""What a run came to: decisions, deliveries and replies brought together, and what does not fit. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from broker.domain.decision import DECISION_FORMAT, QUARANTINE_DECISION_FORMAT, WISH_APPLIED_FORMAT
from broker.domain.identifiers import DeskId
from broker.domain.vocabulary import Extent, ReplyStatus
from broker.proof.demo.books import Books, Leaf
from broker.proof.demo.client import Played
from broker.proof.demo.expected import GAP, LATER, PUBLISHER, QUARANTINE, Cell, Result
from broker.proof.demo.script import Script, Step
from consumers.kit.delivery import Delivery

SAFETY_GAP = "broker.safety_gap.raised"


@dataclass(frozen=True)
class Run:
    """One evening as played."""

    script: Script
    began: datetime
    """the instant of `+00:00`"""
    played: Played
    books: Books
    deliveries: Mapping[DeskId, tuple[Delivery, ...]]
    refused: Mapping[DeskId, tuple[str, ...]]

    @property
    def steps(self) -> Sequence[Step]:
        """Of the whole evening, in order."""
        return self.script.steps

    @cached_property
    def own_labels(self) -> Mapping[str, str]:
        """event id -> label of the step that published it first, or that it is a safety gap of"""
        labels: dict[str, str] = {}
        for step in self.steps:
            if (event_id := self.played.event_ids.get(step.label)) is not None:
                labels.setdefault(event_id, step.label)
        return {**labels, **_gaps(self, labels)}

    @cached_property
    def by_decision(self) -> Mapping[tuple[str, str], Delivery]:
        """(desk, digest of its decision) -> delivery"""
        return {
            (desk, delivery.decision): delivery
            for desk, deliveries in self.deliveries.items()
            for delivery in deliveries
        }

    @property
    def conflicts(self) -> Mapping[str, str]:
        """event id -> label of the step that took it for another event"""
        ids = self.played.event_ids
        return {ids[step.label]: step.label for step in self.steps if step.event_id_of and step.label in ids}


def results(run: Run) -> Mapping[Cell, Result]:
    """What became of every event for every desk, publishers and quarantine included."""
    found: dict[Cell, Result] = {}
    for label, reply in run.played.replies.items():
        found[label, PUBLISHER] = Result(reply.status, reasons=_one(reply.code))
    for label, reply in run.played.later.items():
        found[label, LATER] = Result(reply.status, reasons=_one(reply.code))
    for leaf in run.books.of(DECISION_FORMAT):
        record = leaf.record
        found[_label(run, leaf), record["desk"]] = Result(
            record["outcome"],
            record["extent"],
            tuple(sorted(record["reasons"])),
            tuple(sorted(record["fields"])),
            len(record["withheld"]),
        )
    for leaf in run.books.of(QUARANTINE_DECISION_FORMAT):
        label = run.conflicts.get(leaf.record["event_id"], _label(run, leaf))
        found[label, QUARANTINE] = Result(leaf.record["outcome"], Extent.NONE, (leaf.record["code"],))
    return found


def faults(run: Run) -> Iterator[str]:
    """What no run may show, whatever was expected: the promises of design 1, one sentence each."""
    books = run.books
    decisions = books.of(DECISION_FORMAT)
    if books.asked != books.decided + books.waiting:
        yield f"books: asked {books.asked}, decided {books.decided}, waiting {books.waiting}"
    if books.decided != len(decisions):
        yield f"books: {books.decided} decided, {len(decisions)} decisions on record"
    pairs = Counter((_label(run, leaf), leaf.record["subscription"]) for leaf in decisions)
    yield from (
        f"{label}, {name}: decided {count} times" for (label, name), count in pairs.items() if count > 1
    )
    yield from _unmatched(run, decisions)
    yield from _unconfirmed(run)
    yield from (f"{desk}: refused {' '.join(codes)}" for desk, codes in run.refused.items())


def _unmatched(run: Run, decisions: Sequence[Leaf]) -> Iterator[str]:
    """Deliveries, and decisions whose extent is not none, match one to one (design promise 2)."""
    received: dict[tuple[str, str], list[Delivery]] = {}
    for desk, deliveries in run.deliveries.items():
        for delivery in deliveries:
            received.setdefault((desk, delivery.decision), []).append(delivery)
    for leaf in decisions:
        record = leaf.record
        where = f"{_label(run, leaf)}, {record['desk']}"
        came = received.pop((record["desk"], leaf.digest), [])
        if len(came) != (record["extent"] != Extent.NONE):
            yield f"{where}: decided {record['extent']}, received {len(came)} times"
        for delivery in came:
            if {*delivery.fields, *delivery.present} != set(record["fields"]):
                yield f"{where}: received other fields than were decided"
            if delivery.extent != record["extent"]:
                yield f"{where}: decided {record['extent']}, received {delivery.extent}"
    yield from (f"{desk}: received something on which there is no decision" for desk, _ in received)


def _unconfirmed(run: Run) -> Iterator[str]:
    """A wish is confirmed exactly when it is on record as applied (design promise 3)."""
    on_record = {leaf.record["event_id"] for leaf in run.books.of(WISH_APPLIED_FORMAT)}
    replies = run.played.replies
    confirmed = {
        run.played.event_ids[label] for label, one in replies.items() if one.status == ReplyStatus.APPLIED
    }
    if on_record != confirmed:
        yield f"wishes: {len(on_record)} applied, {len(confirmed)} confirmed"


def _gaps(run: Run, labels: Mapping[str, str]) -> Mapping[str, str]:
    """event id of a safety gap -> the label of its referral, with GAP.

    The exchange names the referral to each desk as that desk knows it, so the desk's own papers tell.
    """
    decisions = run.books.of(DECISION_FORMAT)
    known = {
        (leaf.record["desk"], delivery.event_id): labels.get(leaf.record["event_id"])
        for leaf in decisions
        if (delivery := run.by_decision.get((leaf.record["desk"], leaf.digest))) is not None
    }
    gaps = {}
    for leaf in decisions:
        desk = leaf.record["desk"]
        delivery = run.by_decision.get((desk, leaf.digest))
        if leaf.record["event_type"] != SAFETY_GAP or delivery is None:
            continue
        referral = known.get((desk, delivery.fields.get("person.referral", "")))
        if referral is not None:
            gaps[leaf.record["event_id"]] = referral + GAP
    return gaps


def _label(run: Run, leaf: Leaf) -> str:
    return run.own_labels.get(leaf.record["event_id"] or "", "an event of nobody")


def _one(code: str | None) -> tuple[str, ...]:
    return () if code is None else (code,)
