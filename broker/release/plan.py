"""Plan: everything one transaction does with a batch, sealed and placed, before anything is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from broker.domain.decision import (
    STREAM_NOTICED_FORMAT,
    WISH_APPLIED_FORMAT,
    Decision,
    canonical,
)
from broker.domain.delivery import Delivery, PayloadName, Reply
from broker.domain.quarantine import KeptState
from broker.domain.vocabulary import LegalAlert, Outcome, ReplyStatus
from broker.lanes.block import Entry, EntryKind, pack
from broker.lanes.state import Plan, decisions_key
from broker.registry.topics import DECISIONS, QUARANTINE
from broker.release import seal
from broker.release.admit import Acted, Matter, Noticed, Refused, Repeated, came
from broker.release.book import Book, Waiting
from broker.release.means import Means
from broker.release.quarantine import Quarantine
from broker.release.reply import NO_NEED, Replies, need_of, reached
from broker.release.settle import Moment, Settled
from broker.wire.quarantine_act import ACT_CODEC

EVENT_ID_CONFLICT = "event_id_conflict"


@dataclass(slots=True)
class Tally:
    """What a plan does, for the metrics to count once it is committed."""

    decisions: list[Decision] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """of what went into quarantine"""
    statuses: list[ReplyStatus] = field(default_factory=list)
    duplicates: int = 0
    wishes: int = 0
    noticed: list[str] = field(default_factory=list)
    """codes of envelopes that were out of place in their stream"""
    gaps: int = 0
    """safety gaps raised"""
    alerts: list[LegalAlert] = field(default_factory=list)
    """legal alerts raised"""


class Planner:
    """Collects what a batch does, in order, and seals it into a plan at the end."""

    def __init__(self, means: Means, book: Book, moment: Moment) -> None:
        self._means = means
        self._book = book
        self._moment = moment
        self.replies = Replies(means, moment.lane)
        self._leaves: list[bytes] = []
        self._deliveries: list[Delivery] = []
        self._quarantine = Quarantine(means, book, moment)
        self._forwarded: dict[int, list[bytes]] = {}
        self._asked = self._decided = self._waiting = 0
        self.tally = Tally()

    def repeat(self, repeated: Repeated) -> None:
        """A copy: its reply goes again, nothing else."""
        self.tally.duplicates += 1
        entry = repeated.entry
        seen = repeated.seen
        if not seen.refused:
            # The first of them may stand in this very batch, and have been answered since.
            seen = self._book.seen(entry.publisher, entry.event_id) or seen
        if seen.refused or entry.kind is EntryKind.REJECTION:
            self._refusal(entry, seen.code, entry.fields, self._quarantine.name(seen.place, entry))
            return
        need = self.replies.need_again(entry)
        if _is_act(entry):
            reply = self.replies.applied(entry, seen.place, NO_NEED, "")
        elif self._is_wish(entry):
            reply = self.replies.applied(entry, seen.place, need, seen.code)
        else:
            reply = self.replies.accepted(entry, need, seen.code, seen.acting)
        self.tell(entry.publisher, entry.subject, reply)

    def refuse(self, refused: Refused) -> None:
        """A payload that cannot be accepted: one quarantined record without a desk, and a reply."""
        entry = refused.entry
        if refused.waited is not None:
            self._asked -= refused.waited.asked
            self._waiting -= refused.waited.asked
            self._book.release(refused.waited)
        self.tally.codes.append(refused.code)
        kept = self._quarantine.keep(refused.place, entry, refused.code, refused.fields)
        self._leaves.append(kept.leaf)
        self._deliveries += kept.returned
        self._refusal(entry, refused.code, refused.fields, kept.name)
        if refused.waited is None and refused.code != EVENT_ID_CONFLICT:
            self._answered(entry, refused=True)

    def notice(self, noticed: Noticed) -> None:
        """An envelope out of its place: on record, and its publisher is told. Its payloads go their way."""
        entry, header = noticed.entry, noticed.header
        for code in noticed.codes:
            self.tally.noticed.append(code)
            record = {
                "format": STREAM_NOTICED_FORMAT,
                "event_id": None,
                "publisher": entry.publisher,
                "code": code,
                "topic": entry.topic,
                "offset": entry.offset,
                "stream": header.stream.hex(),
                "sequence": header.sequence,
                "highest_before": noticed.before,
                "sealed_at_us": header.time_us,
                "logged_at_us": entry.logged_at_us,
                "decided_at_us": self._moment.now_us,
            }
            self._leaves.append(canonical(record))
            reply = self.replies.noticed(code)
            name = f"{entry.topic}|{entry.offset}|header|{code}"
            self.tell(entry.publisher, entry.subject, reply, name)

    def act(self, acted: Acted) -> None:
        """Two holders did something with a payload in quarantine: on record, and what comes again goes in."""
        entry = acted.entry
        self._leaves.append(self._quarantine.act(acted.done, entry.publisher))
        for brought in acted.done.brings:
            self.forward(brought)
        self.tell(entry.publisher, entry.subject, self.replies.applied(entry, acted.place, NO_NEED, ""))

    def apply_wish(self, matter: Matter) -> None:
        """A wish is confirmed by the transaction that applies it; the record marks the point in the log."""
        event = matter.event
        self.tally.wishes += 1
        self._leaves.append(
            canonical(
                {
                    "format": WISH_APPLIED_FORMAT,
                    "event_id": event.event_id,
                    "publisher": event.publisher,
                    "kind": event.spec.applies,
                    "applied_at_us": self._moment.now_us,
                    "lane": self._moment.lane,
                    "offset": matter.place.offset,
                    "index": matter.place.index,
                }
            )
        )

    def accept(self, matter: Matter, notice: str = "", settled: Sequence[Settled] | None = None) -> None:
        """Tell the publisher that its event was taken in, and who acts; for a wish, that it is applied.

        Args:
            notice: code of what there is to say beyond that; else the entry's own.
            settled: its decisions, where they are made in this very transaction.
        """
        entry, need = matter.entry, need_of(matter.event)
        notice = notice or entry.code
        if matter.applied:
            reply = self.replies.applied(entry, matter.place, need, notice)
            self._answered(entry, code=notice)
        else:
            acting = self._acting(matter, settled)
            reply = self.replies.accepted(entry, need, notice, acting)
            self._answered(entry, code=notice, acting=acting)
        self.tell(entry.publisher, entry.subject, reply)

    def decide(self, matter: Matter, settled: Sequence[Settled]) -> None:
        """The decisions on a matter, and what goes out under them."""
        if matter.waited is None:
            self._asked += len(settled)
        else:
            # Subscriptions may have changed with the policies while it waited.
            self._asked += len(settled) - matter.waited.asked
            self._waiting -= matter.waited.asked
            self._book.release(matter.waited)
        acting = self._acting(matter, settled) if matter.answered else None
        if acting is not None:
            reply = self.replies.decided(matter.entry, need_of(matter.event), acting)
            self.tell(matter.entry.publisher, matter.entry.subject, reply)
        self._decided += len(settled)
        for one in settled:
            self._leaves.append(one.leaf)
            self.tally.decisions.append(one.decision)
            if one.delivery is not None:
                self._deliveries.append(one.delivery)
        self._keep_for_desks(matter, [one for one in settled if one.decision.outcome is Outcome.QUARANTINED])

    def _keep_for_desks(self, matter: Matter, failed: Sequence[Settled]) -> None:
        codes = ["stage_failed" if one.cause else "undecidable" for one in failed]
        self.tally.codes += codes
        if failed:
            # One payload, however many desks did without it; its decisions are on record by themselves.
            desks = sorted({str(one.decision.desk) for one in failed})
            self._quarantine.keep(matter.place, matter.entry, min(codes), (), desks)

    def wait(self, matter: Matter) -> None:
        """Answers are missing: the entry waits with the facts of its place, and the position moves on."""
        asked = len(matter.matches)
        self._asked += asked
        self._waiting += asked
        urgent = need_of(matter.event).urgent
        self._book.wait(Waiting(matter.place, matter.entry, matter.state, asked, urgent))

    def forward(self, entry: Entry, lane: int | None = None) -> None:
        """Tell another lane, or this one, in this very transaction; where none is named, the subject's."""
        chosen = self._means.lane_of(entry.subject) if lane is None else lane
        self._forwarded.setdefault(chosen, []).append(pack(entry))

    def hand_over(self, subject: str) -> None:
        """What still waits here goes on to the person its subject was linked to, and its clock with it."""
        person = self._book.subject(subject).forward_to
        for waiting in [one for one in self._book.waiting() if one.entry.subject == subject]:
            entry = waiting.entry
            self._asked -= waiting.asked
            self._waiting -= waiting.asked
            self._book.release(waiting)
            referral = self._book.referrals.find(entry.publisher, entry.event_id)
            if referral is not None:
                self._book.close_referral(referral)
            self.forward(replace(entry, kind=EntryKind.WAITED, subject=person))

    def finish(self, offset: int) -> Plan:
        """The plan: all records sealed, and the position after the batch."""
        before, counts = self._book.position, self._quarantine.counts
        self._quarantine.expire()
        streams = dict(before.streams)
        lane, now_us = self._moment.lane, self._moment.now_us
        outgoing = [*seal.envelopes(self._means, lane, now_us, self._deliveries, streams)]
        position = replace(
            before,
            offset=offset,
            asked=before.asked + self._asked,
            decided=before.decided + self._decided,
            waiting=before.waiting + self._waiting,
            waiting_entries=self._book.waiting_entries,
            quarantined=before.quarantined + counts[KeptState.KEPT],
            resubmitted=before.resubmitted + counts[KeptState.RESUBMITTED],
            discarded=before.discarded + counts[KeptState.DISCARDED],
            expired=before.expired + counts[KeptState.EXPIRED],
            streams=streams,
        )
        ledger_key = self._means.keyring.ledger_key()
        outgoing += seal.blocks(ledger_key, DECISIONS, lane, self._leaves, decisions_key(offset))
        outgoing += seal.blocks(ledger_key, QUARANTINE, lane, self._quarantine.records, None)
        outgoing += seal.entries(self._means.keyring, self._forwarded)
        return Plan(tuple(outgoing), self._book.turn(position), position)

    def tell(self, publisher: str, subject: str, reply: Reply, what: str | None = None) -> None:
        """A reply goes out; `what` names its payload where that has no event id."""
        name = what or reply.event_id or ""
        delivery = self.replies.delivery(publisher, subject, reply, name)
        if delivery is not None:
            self.tally.statuses.append(reply.status)
            self._deliveries.append(delivery)

    def _refusal(self, entry: Entry, code: str, fields: tuple[str, ...], payload: PayloadName) -> None:
        need = NO_NEED if _is_act(entry) else self.replies.need_again(entry)
        reply = self.replies.rejected(entry, code, fields, need, payload)
        self.tell(entry.publisher, entry.subject, reply, came(entry))

    def _acting(self, matter: Matter, settled: Sequence[Settled] | None) -> tuple[str, ...] | None:
        """Who must act and was reached; None where it is not urgent, or not decided yet."""
        if settled is None or not need_of(matter.event).urgent:
            return None
        return reached(self._means, matter.event.place, settled)

    def _answered(self, entry: Entry, **said: Any) -> None:
        seen = self._book.seen(entry.publisher, entry.event_id)
        if seen is not None and entry.kind is EntryKind.EVENT:
            self._book.answer(entry.publisher, entry.event_id, replace(seen, **said))

    def _is_wish(self, entry: Entry) -> bool:
        return self._means.reader.spec_of(entry.fingerprint).applies is not None


def _is_act(entry: Entry) -> bool:
    return entry.fingerprint == ACT_CODEC.fingerprint
