"""Take in: one envelope becomes packed entries, each with the lane it belongs to."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from broker.domain.identifiers import AgencyId, LaneNumber
from broker.domain.vocabulary import AgencyKind
from broker.errors import PayloadError
from broker.intake.act import Act, UnreadableActError, read_act
from broker.intake.decode import UnreadableError, decode
from broker.intake.place import own_subject, subject_of
from broker.intake.verify import unproven, verify, verify_again
from broker.lanes.block import Entry, EntryKind, groups, pack, pack_act, seal_entries
from broker.lanes.placement import lane_of
from broker.registry.event_reader import EventReader
from broker.registry.keyring import KeyRing
from broker.wire.envelope import Envelope, Payload
from broker.wire.kept import Kept, KeptKind, keeper, keeper_again, kept_payload, pack_kept
from broker.wire.quarantine_act import ACT_CODEC


@dataclass(frozen=True, slots=True)
class Received:
    """One Kafka record of a `from.` topic."""

    topic: str
    owner: AgencyId
    offset: int
    logged_at_us: int
    value: bytes | None


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Turns envelopes into entries. Holds keys and registers, changes nothing."""

    reader: EventReader
    keyring: KeyRing
    lanes: int

    def entries(self, received: Received) -> Iterator[tuple[LaneNumber, Entry]]:
        """The entries of one envelope: its header and each of its payloads, accepted or rejected.

        Whatever is wrong with an envelope or payload becomes a rejection entry in its publisher's own
        lane, with what is to be kept of it (`wire.kept`).
        """
        registry = self.reader.registry
        kind = registry.kind(received.owner)
        try:
            envelope = verify(
                received.value,
                received.owner,
                received.topic,
                received.logged_at_us,
                registry,
                self.keyring,
            )
        except PayloadError as error:
            value = received.value or b""
            kept = unproven(value, error.code, self.keyring)
            yield self._placed(_rejected(received, 0, error, value, kept))
            return
        header = _own(received, EntryKind.HEADER, 0)
        yield self._placed(replace(header, body=envelope.header_bytes))
        index, keep = 0, keeper(envelope)
        while index < len(envelope.payloads):
            if envelope.payloads[index].fingerprint == ACT_CODEC.fingerprint:
                placed, follows = self._act(received, kind, envelope, index)
                yield placed
                index += follows
            else:
                entry = self._entry(received, kind, index, envelope.payloads[index])
                yield self._placed(_keeping(entry, keep, index))
            index += 1

    def _act(
        self, received: Received, kind: AgencyKind, envelope: Envelope, index: int
    ) -> tuple[tuple[LaneNumber, Entry], int]:
        """The entry of an act in the lane of what it is about; how many payloads after it belong to it."""
        body = envelope.payloads[index].body
        try:
            act = read_act(body, envelope.payloads[index + 1 :], kind, self.keyring)
        except PayloadError as error:
            follows = error.follows if isinstance(error, UnreadableActError) else 0
            entry = _rejected(received, index, error, body, kept_payload(envelope, index))
            return self._placed(entry), follows
        brings = [] if act.brings is None else list(self._again(received, act, act.brings))
        entry = replace(
            _own(received, EntryKind.ACT, index),
            event_id=act.event_id,
            size=len(body),
            fingerprint=ACT_CODEC.fingerprint,
            body=pack_act(body, brings),
        )
        return (LaneNumber(act.place.lane % self.lanes), entry), act.follows

    def _again(self, received: Received, act: Act, kept: Kept) -> Iterator[Entry]:
        """What comes a second time, by the front door: whose it is, and what it says, as of today.

        The lane of the act lets it in, if two holders signed for it and it is kept there.
        """
        registry = self.reader.registry
        owner = AgencyId(act.publisher)
        if owner not in registry.agencies:
            return
        again = replace(received, owner=owner)
        try:
            if kept.kind is not KeptKind.TAKEN:
                verify_again(kept, owner, received.logged_at_us, registry)
        except PayloadError as error:
            yield _rejected(again, 0, error, kept.payloads[0].body, kept)
            return
        kind, keep = registry.kind(owner), keeper_again(kept)
        for index, payload in enumerate(kept.payloads):
            yield _keeping(self._entry(again, kind, index, payload), keep, index)

    def _entry(self, received: Received, kind: AgencyKind, index: int, payload: Payload) -> Entry:
        try:
            decoded = decode(payload.fingerprint, payload.body, kind, self.reader)
        except PayloadError as error:
            return _rejected(received, index, error, payload.body)
        subject = subject_of(
            decoded.record,
            received.owner,
            kind,
            decoded.event_id,
            sound=decoded.sound,
            about_incident=decoded.spec.about_incident,
        )
        return Entry(
            EntryKind.EVENT,
            received.owner,
            received.topic,
            received.offset,
            index,
            received.logged_at_us,
            subject=subject,
            event_id=decoded.event_id,
            code=decoded.notice,
            fields=decoded.dropped,
            sound=decoded.sound,
            size=len(payload.body),
            fingerprint=payload.fingerprint,
            body=payload.body,
        )

    def _placed(self, entry: Entry) -> tuple[LaneNumber, Entry]:
        return lane_of(self.keyring.placement, entry.subject, self.lanes), entry


def _own(received: Received, kind: EntryKind, index: int) -> Entry:
    """An entry in the publisher's own lane."""
    return Entry(
        kind,
        received.owner,
        received.topic,
        received.offset,
        index,
        received.logged_at_us,
        subject=own_subject(received.owner),
    )


def _rejected(
    received: Received, index: int, error: PayloadError, data: bytes, kept: Kept | None = None
) -> Entry:
    # The hash is of the bytes as they came, also where not all of them are kept.
    return replace(
        _own(received, EntryKind.REJECTION, index),
        code=error.code,
        fields=error.fields,
        event_id=error.event_id if isinstance(error, UnreadableError) else "",
        size=len(data),
        fingerprint=hashlib.sha256(data).digest(),
        body=b"" if kept is None else pack_kept(kept),
    )


def _keeping(entry: Entry, keep: Callable[[int], Kept], index: int) -> Entry:
    if entry.kind is not EntryKind.REJECTION:
        return entry
    return replace(entry, body=pack_kept(keep(index)))


def blocks(entries: Mapping[int, Sequence[Entry]], keyring: KeyRing) -> Iterator[tuple[int, bytes]]:
    """Sealed blocks, in order within each lane: (lane, bytes)."""
    for lane, of_lane in entries.items():
        for group in groups([pack(entry) for entry in of_lane]):
            yield lane, seal_entries(keyring.lane_key(lane), lane, group)
