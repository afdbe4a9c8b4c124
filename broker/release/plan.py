"""Plan: everything one transaction does with a batch, sealed and placed, before anything is done."""

import hashlib
import hmac
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from broker.domain.codes import NOTICES, REJECTIONS
from broker.domain.decision import (
    QUARANTINE_DECISION_FORMAT,
    WISH_APPLIED_FORMAT,
    Decision,
    canonical,
)
from broker.domain.delivery import Delivery, Reply
from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import Outcome, ReplyStatus
from broker.lanes.block import Entry, groups, pack, seal_entries
from broker.lanes.state import Outgoing, Plan, decisions_key
from broker.registry.topics import BROKER, DECISIONS, DESK_PARTITIONS, LANE_LOG, QUARANTINE, to_topic
from broker.release.admit import Matter, Refused, Repeated
from broker.release.book import Book, Place, Waiting
from broker.release.means import Means
from broker.release.naming import delivery_id
from broker.release.settle import Moment, Settled
from broker.wire.block import seal_block
from broker.wire.envelope import Header, Payload, grouped, seal_envelope

MAX_BLOCK_BYTES = 700 * 1024
"""Plain bytes of decisions in one Kafka record, well under its 1 MiB"""


@dataclass(slots=True)
class Tally:
    """What a plan does, for the metrics to count once it is committed."""

    decisions: list[Decision] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """of what went into quarantine"""
    statuses: list[ReplyStatus] = field(default_factory=list)
    duplicates: int = 0
    wishes: int = 0


class Planner:
    """Collects what a batch does, in order, and seals it into a plan at the end."""

    def __init__(self, means: Means, book: Book, lane: int, moment: Moment) -> None:
        self._means = means
        self._book = book
        self._lane = lane
        self._moment = moment
        self._leaves: list[bytes] = []
        self._deliveries: list[Delivery] = []
        self._quarantined: list[bytes] = []
        self._forwarded: dict[int, list[bytes]] = {}
        self._asked = self._decided = self._waiting = 0
        self.tally = Tally()

    def repeat(self, repeated: Repeated) -> None:
        """A copy: its reply goes again, nothing else."""
        self.tally.duplicates += 1
        entry, seen = repeated.entry, repeated.seen
        if seen.code in REJECTIONS:
            self._refusal(entry, seen.code, entry.fields)
        else:
            self._accepted(entry, seen.place, seen.code, applied=self._is_wish(entry))

    def refuse(self, refused: Refused) -> None:
        """A payload that cannot be accepted: one quarantined record without a desk, and a reply."""
        entry = refused.entry
        if refused.waited is not None:
            self._asked -= refused.waited.asked
            self._waiting -= refused.waited.asked
            self._book.release(refused.waited)
        self.tally.codes.append(refused.code)
        record = {
            "format": QUARANTINE_DECISION_FORMAT,
            "event_id": entry.event_id or None,
            "publisher": entry.publisher,
            "code": refused.code,
            "fields": list(refused.fields),
            "topic": entry.topic,
            "offset": entry.offset,
            "index": entry.index,
            "payload_sha256": entry.fingerprint.hex() if not entry.body else _sha256(entry.body),
            "size": entry.size,
            "outcome": Outcome.QUARANTINED,
            "decided_at_us": self._moment.now_us,
            "policy_revision": self._moment.revision,
        }
        self._leaves.append(canonical(record))
        self._quarantined.append(canonical(record))
        self._refusal(entry, refused.code, refused.fields)

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
                    "lane": self._lane,
                    "offset": matter.place.offset,
                    "index": matter.place.index,
                }
            )
        )

    def accept(self, matter: Matter) -> None:
        """Tell the publisher that its event was taken in; for a wish, that it is applied."""
        self._accepted(matter.entry, matter.place, matter.entry.code, applied=matter.applied)

    def decide(self, matter: Matter, settled: Sequence[Settled]) -> None:
        """The decisions on a matter, and what goes out under them."""
        if matter.waited is None:
            self._asked += len(settled)
        else:
            # Subscriptions may have changed with the policies while it waited.
            self._asked += len(settled) - matter.waited.asked
            self._waiting -= matter.waited.asked
            self._book.release(matter.waited)
        self._decided += len(settled)
        for one in settled:
            self._leaves.append(one.leaf)
            self.tally.decisions.append(one.decision)
            if one.delivery is not None:
                self._deliveries.append(one.delivery)
            if one.decision.outcome is Outcome.QUARANTINED:
                self.tally.codes.append("stage_failed" if one.cause else "undecidable")
                self._quarantined.append(one.leaf)

    def wait(self, matter: Matter) -> None:
        """Answers are missing: the entry waits with the facts of its place, and the position moves on."""
        asked = len(matter.matches)
        self._asked += asked
        self._waiting += asked
        self._book.wait(Waiting(matter.place, matter.entry, matter.state, asked))

    def forward(self, entry: Entry) -> None:
        """Tell another lane, or this one, in this very transaction: the entry goes to its subject's lane."""
        self._forwarded.setdefault(self._means.lane_of(entry.subject), []).append(pack(entry))

    def hand_over(self, waiting: Waiting) -> None:
        """An entry that waits here goes on to the person that its subject was linked to."""
        self._asked -= waiting.asked
        self._waiting -= waiting.asked
        self._book.release(waiting)
        person = self._book.subject(waiting.entry.subject).forward_to
        self.forward(replace(waiting.entry, subject=person))

    def finish(self, offset: int) -> Plan:
        """The plan: all records sealed, and the position after the batch."""
        before = self._book.position
        streams = dict(before.streams)
        outgoing = [*self._envelopes(streams)]
        position = replace(
            before,
            offset=offset,
            asked=before.asked + self._asked,
            decided=before.decided + self._decided,
            waiting=before.waiting + self._waiting,
            waiting_entries=self._book.waiting_entries,
            streams=streams,
        )
        outgoing += self._blocks(DECISIONS, self._leaves, decisions_key(offset))
        outgoing += self._blocks(QUARANTINE, self._quarantined, None)
        outgoing += self._to_lanes()
        return Plan(tuple(outgoing), self._book.turn(position), position)

    def _accepted(self, entry: Entry, place: Place, code: str, *, applied: bool) -> None:
        status = ReplyStatus.APPLIED if applied else ReplyStatus.ACCEPTED
        message = NOTICES.get(code, "")
        point = self._applied_point(entry, place) if applied else None
        self._reply(entry, Reply(entry.event_id, status, code or None, message, entry.fields, point))

    def _refusal(self, entry: Entry, code: str, fields: tuple[str, ...]) -> None:
        reply = Reply(entry.event_id or None, ReplyStatus.REJECTED, code, REJECTIONS[code], fields)
        self._reply(entry, reply)

    def _reply(self, entry: Entry, reply: Reply) -> None:
        publisher = AgencyId(entry.publisher)
        desk = self._means.registry.reply_desk(publisher)
        self.tally.statuses.append(reply.status)
        if reply.status is ReplyStatus.REJECTED:
            what = f"{entry.topic}|{entry.offset}|{entry.index}"
        else:
            what = entry.event_id
        name = delivery_id(self._means.keyring.delivery_id, "reply", publisher, what, reply.code or "")
        record = {
            "delivery_id": name,
            "event_id": reply.event_id,
            "status": str(reply.status),
            "code": reply.code,
            "message": reply.message,
            "applied_point": reply.applied_point,
            "fields": list(reply.fields),
        }
        codec = self._means.catalogue.reply
        self._deliveries.append(Delivery(desk, name, entry.subject, codec.fingerprint, codec.encode(record)))

    def _applied_point(self, entry: Entry, place: Place) -> str:
        desk = self._means.registry.reply_desk(AgencyId(entry.publisher))
        point = struct.pack(">I", self._lane) + place.pack()
        return hmac.digest(self._means.keyring.desk_key(desk), b"applied|" + point, "sha256")[:16].hex()

    def _is_wish(self, entry: Entry) -> bool:
        return self._means.reader.spec_of(entry.fingerprint).applies is not None

    def _envelopes(self, streams: dict[str, int]) -> Iterator[Outgoing]:
        places: dict[tuple[DeskId, int], list[Payload]] = {}
        for delivery in self._deliveries:
            payload = Payload(delivery.fingerprint, delivery.body)
            places.setdefault((delivery.desk, self._partition(delivery)), []).append(payload)
        for (desk, partition), payloads in places.items():
            for group in grouped(payloads):
                streams[desk] = streams.get(desk, -1) + 1
                yield self._sealed(desk, partition, streams[desk], group)

    def _sealed(self, desk: DeskId, partition: int, sequence: int, payloads: Sequence[Payload]) -> Outgoing:
        keyring = self._means.keyring
        sealing_key = self._means.registry.sealing_key(desk)
        header = Header(
            sender=BROKER,
            recipient=desk,
            topic=to_topic(desk),
            stream=hmac.digest(keyring.desk_key(desk), b"stream|%d" % self._lane, "sha256")[:16],
            sequence=sequence,
            time_us=self._moment.now_us,
            signing_key_id=keyring.delivery.key_id,
            sealing_key_id=sealing_key.key_id,
        )
        sealed = seal_envelope(header, payloads, keyring.delivery, sealing_key)
        return Outgoing(header.topic, partition, None, sealed)

    def _partition(self, delivery: Delivery) -> int:
        key = self._means.keyring.desk_key(delivery.desk)
        digest = hmac.digest(key, b"partition|" + delivery.subject.encode(), "sha256")
        return int.from_bytes(digest[:8], "big") % DESK_PARTITIONS

    def _to_lanes(self) -> Iterator[Outgoing]:
        for lane, packed in self._forwarded.items():
            for group in groups(packed):
                block = seal_entries(self._means.keyring.lane_key(lane), lane, group)
                yield Outgoing(LANE_LOG, lane, None, block)

    def _blocks(self, topic: str, items: Sequence[bytes], key: bytes | None) -> Iterator[Outgoing]:
        context = f"candour/{topic}/v1/{self._lane}".encode()
        for group in _split(items):
            block = seal_block(self._means.keyring.ledger_key(), context, group)
            yield Outgoing(topic, self._lane, key, block)


def _split(items: Sequence[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for item in items:
        if group and size + len(item) > MAX_BLOCK_BYTES:
            yield group
            group, size = [], 0
        group.append(item)
        size += len(item) + 4
    if group:
        yield group


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
