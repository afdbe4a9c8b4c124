"""Take in: one envelope becomes packed entries, each with the lane it belongs to."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from broker.domain.identifiers import AgencyId, LaneNumber
from broker.domain.vocabulary import AgencyKind
from broker.errors import PayloadError
from broker.intake.decode import UnreadableError, decode
from broker.intake.place import own_subject, subject_of
from broker.intake.verify import verify
from broker.lanes.block import Entry, EntryKind, groups, pack, seal_entries
from broker.lanes.placement import lane_of
from broker.registry.event_reader import EventReader
from broker.registry.keyring import KeyRing
from broker.wire.envelope import Payload


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
        lane; the bytes stay in `from.` (design 2).
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
            yield self._rejected(received, 0, error.code, received.value or b"")
            return
        yield self._own(received, EntryKind.HEADER, 0, body=envelope.header_bytes)
        for index, payload in enumerate(envelope.payloads):
            yield self._entry(received, kind, index, payload)

    def _entry(
        self, received: Received, kind: AgencyKind, index: int, payload: Payload
    ) -> tuple[LaneNumber, Entry]:
        try:
            decoded = decode(payload.fingerprint, payload.body, kind, self.reader)
        except UnreadableError as error:
            return self._rejected(received, index, error.code, payload.body, error.fields, error.event_id)
        except PayloadError as error:
            return self._rejected(received, index, error.code, payload.body, error.fields)
        subject = subject_of(
            decoded.record,
            received.owner,
            kind,
            decoded.event_id,
            sound=decoded.sound,
            about_incident=self.reader.spec_of(payload.fingerprint).about_incident,
        )
        entry = Entry(
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
        return lane_of(self.keyring.placement, subject, self.lanes), entry

    def _rejected(
        self,
        received: Received,
        index: int,
        code: str,
        body: bytes,
        fields: tuple[str, ...] = (),
        event_id: str = "",
    ) -> tuple[LaneNumber, Entry]:
        # The hash stands for the bytes, which stay where they are.
        digest = hashlib.sha256(body).digest()
        return self._own(
            received,
            EntryKind.REJECTION,
            index,
            code=code,
            fields=fields,
            event_id=event_id,
            size=len(body),
            fingerprint=digest,
        )

    def _own(
        self,
        received: Received,
        kind: EntryKind,
        index: int,
        *,
        code: str = "",
        fields: tuple[str, ...] = (),
        event_id: str = "",
        size: int = 0,
        fingerprint: bytes = b"",
        body: bytes = b"",
    ) -> tuple[LaneNumber, Entry]:
        subject = own_subject(received.owner)
        entry = Entry(
            kind,
            received.owner,
            received.topic,
            received.offset,
            index,
            received.logged_at_us,
            subject=subject,
            event_id=event_id,
            code=code,
            fields=fields,
            size=size,
            fingerprint=fingerprint,
            body=body,
        )
        return lane_of(self.keyring.placement, subject, self.lanes), entry


def blocks(entries: Mapping[int, list[Entry]], keyring: KeyRing) -> Iterator[tuple[int, bytes]]:
    """Sealed blocks, in order within each lane: (lane, bytes)."""
    for lane, of_lane in entries.items():
        for group in groups([pack(entry) for entry in of_lane]):
            yield lane, seal_entries(keyring.lane_key(lane), lane, group)
