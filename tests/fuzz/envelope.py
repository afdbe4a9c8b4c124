"""Fuzz target: bytes in an agency's topic. Whatever they are, Intake has a code for them, and goes on."""

import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from unittest import mock

from broker.domain.codes import REJECTIONS
from broker.domain.identifiers import AgencyId
from broker.errors import PayloadError
from broker.intake.take_in import Received
from broker.lanes.block import EntryKind, pack, unpack
from broker.registry.topics import BROKER, from_topic
from broker.wire.envelope import Envelope, Header, Payload, grouped, open_envelope, seal_envelope
from broker.wire.header import LARGEST_BUCKET, SMALLEST_BUCKET, split_envelope, write_header
from broker.wire.keys import SEAL_BYTES
from broker.wire.quarantine_act import ACT_CODEC
from tests import builders
from tests.property.stages import Stages
from tests.system.envelopes import Forge

NOW_US: Final = 1_795_219_200_000_000
AGENCY: Final = AgencyId("moor-governance")
"""Who may send acts on what is in quarantine, besides events"""
_ITEM: Final = struct.Struct(">16s32sI")
ACT: Final = {
    "event_id": "019aa3f2-7c00-7000-8000-000000000001",
    "occurred_at": NOW_US,
    "act": "resubmitted",
    "quarantine_id": "0.7.0",
    "kept_sha256": bytes(32),
    "reason": "mended",
    "publisher": "moor-pos",
    "first": {"holder": "ig-lead", "signature": bytes(64)},
    "second": {"holder": "guardian", "signature": bytes(64)},
    "carried": {
        "kind": 1,
        "header": bytes(90),
        "signature": bytes(64),
        "index": 0,
        "count": 1,
        "proof": [],
        "payloads": 1,
    },
}
ARRIVED: Final = builders.codec("pos.s136.arrived")
Read = TypeVar("Read")
_OUTSIDE, _INSIDE = b"\0", b"\1"


class EnvelopeTarget:
    """First byte 0: a Kafka record as it came. 1: what stands inside the seal of a sound envelope.

    Random bytes never get past seal and signature, so that behind them nothing would be tried: inside, the
    keys say yes to everything.
    """

    def __init__(self, stages: Stages) -> None:
        self._take_in = stages.take_in
        self._signing = stages.signing[str(AGENCY)]
        self._sealing = stages.take_in.keyring.ingress.sealing_key
        self.accepted = 0

    @classmethod
    def made(cls, folder: Path) -> Self:
        """With keys of its own; `folder` is for them."""
        return cls(Stages.of_shipped(folder, "2026-11-20"))

    def __call__(self, data: bytes) -> None:
        """Raises AssertionError, or whatever a reader raises that it must not."""
        if data[:1] == _INSIDE:
            self._inside(data[1:])
        else:
            self._outside(data[1:])

    def seeds(self) -> Iterator[bytes]:
        """Sound envelopes and their insides, of one payload, of several and of as many as there may be."""
        for count in (1, 2, 7, 256):
            payloads = [Payload(bytes(32), b"a body", bytes(16)) for _ in range(count)]
            sealed = seal_envelope(self._header(), payloads, self._signing, self._sealing)
            yield _OUTSIDE + sealed
            yield _INSIDE + bytes(64) + struct.pack(">H", count) + _items(payloads)
        for fingerprint, body in (
            (ACT_CODEC.fingerprint, ACT_CODEC.encode(ACT)),
            (ARRIVED.fingerprint, b"\2"),
        ):
            yield _INSIDE + bytes(64) + b"\0\1" + Forge.item(fingerprint, body, len(body))
        for count in (0, 257, 65_535):
            yield _INSIDE + bytes(64) + struct.pack(">H", count) + Forge.item(bytes(32), b"x", 2**32 - 1)

    def _outside(self, value: bytes) -> None:
        received = Received(from_topic(AGENCY), AGENCY, 7, NOW_US, value)
        entries = [entry for _, entry in self._take_in.entries(received)]
        kinds = {entry.kind for entry in entries}
        # A mutation that leaves a sound envelope whole is sound; else one rejection tells of all of it.
        if EntryKind.HEADER not in kinds:
            assert [entry.kind for entry in entries] == [EntryKind.REJECTION]
        for entry in entries:
            assert entry.kind is not EntryKind.REJECTION or entry.code in REJECTIONS
        cut = _tried(lambda: split_envelope(value))
        if cut is not None:
            header, header_bytes, sealed, bucket = cut
            assert write_header(header, bucket) == header_bytes, "a header has two spellings"
            assert header_bytes + sealed == value

    def _inside(self, inner: bytes) -> None:
        bucket = min(max(SMALLEST_BUCKET, (len(inner) - 1).bit_length()), LARGEST_BUCKET)
        plaintext = inner[: 1 << bucket].ljust(1 << bucket, b"\0")
        head = write_header(self._header(), bucket)
        sealed = bytes(SEAL_BYTES + (1 << bucket))
        opens: Any = _Opens(self._sealing.key_id, plaintext)
        verifies: Any = _Verifies(self._signing.key_id)
        opened = _tried(lambda: open_envelope(head + sealed, opens, verifies))
        if opened is not None:
            self.accepted += 1
            self._taken_in(opened)
            assert _spelt(opened).ljust(1 << bucket, b"\0") == plaintext, "an envelope has two spellings"
            assert [one for group in grouped(opened.payloads) for one in group] == list(opened.payloads)

    def _taken_in(self, opened: Envelope) -> None:
        """What Intake makes of its payloads, acts of the holders of quarantine among them."""
        received = Received(from_topic(AGENCY), AGENCY, 7, NOW_US, b"any")
        with mock.patch("broker.intake.take_in.verify", return_value=opened):
            entries = [unpack(pack(entry)) for _, entry in self._take_in.entries(received)]
        assert entries[0].kind is EntryKind.HEADER
        for entry in entries:
            assert entry.kind is not EntryKind.REJECTION or entry.code in REJECTIONS

    def _header(self) -> Header:
        ids = (self._signing.key_id, self._sealing.key_id)
        return Header(str(AGENCY), BROKER, from_topic(AGENCY), bytes(16), 1, NOW_US, *ids)


def _tried(read: Callable[[], Read]) -> Read | None:
    """What was read; None where it was refused, with a code of the list and no word more."""
    try:
        return read()
    except PayloadError as error:
        refused = error
    assert refused.code in REJECTIONS
    assert str(refused) == refused.code
    return None


class _Opens:
    """A key that opens anything, and finds the same in it."""

    def __init__(self, key_id: bytes, plaintext: bytes) -> None:
        self.key_id = key_id
        self._plaintext = plaintext

    def open(self, sealed: bytes, info: bytes) -> bytes:
        return self._plaintext


class _Verifies:
    """A key that finds every signature good."""

    def __init__(self, key_id: bytes) -> None:
        self.key_id = key_id

    def verifies(self, *_: Any) -> bool:
        return True


def _items(payloads: Iterable[Payload]) -> bytes:
    return b"".join(_ITEM.pack(one.salt, one.fingerprint, len(one.body)) + one.body for one in payloads)


def _spelt(envelope: Envelope) -> bytes:
    return envelope.signature + struct.pack(">H", len(envelope.payloads)) + _items(envelope.payloads)
