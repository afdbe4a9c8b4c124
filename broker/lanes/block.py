"""Entries as sealed bytes: what Intake appends to `lane-log`, one block per lane and batch."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from broker.errors import IntegrityError
from broker.wire.block import BlockKey, open_block, seal_block

MAX_ENTRIES = 256
"""Entries in one block, so that one block fits one transaction with room to spare"""
MAX_BLOCK_BYTES = 768 * 1024
"""Plain bytes in one block; with what sealing adds it stays under the 1 MiB of a Kafka message"""

_FIXED = struct.Struct(">BBQHqI")
_LENGTH = struct.Struct(">I")


class EntryKind(IntEnum):
    """What an entry asks of the lane."""

    EVENT = 1
    REJECTION = 2
    HEADER = 3
    """an envelope's header, for the sequence checks in its publisher's own lane"""
    LINK = 4
    """health linked this subject, a police reference or incident, to a person in another lane (2.3)"""
    CARRY = 5
    """what a police reference's lane held when it was linked, for the person's lane"""
    ENDED = 6
    """the force closed the incident that this person is in (R3)"""
    TAKEN = 7
    """an agency took on a referral that stands in this lane"""
    WAITED = 8
    """an event that waited in the lane of a police reference when that was linked, and was answered there"""
    ACT = 9
    """what two holders do with a payload in quarantine; its body is `pack_act`'s"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, rejection or header in a lane. Does not print its payload."""

    kind: EntryKind
    publisher: str
    topic: str
    """the `from.` topic it came in through"""
    offset: int
    index: int
    """place of the payload inside its envelope"""
    logged_at_us: int
    """when `from.` appended the envelope (LogAppendTime), microseconds since 1970-01-01T00:00Z"""
    subject: str = field(default="", repr=False)
    event_id: str = ""
    code: str = ""
    """why it was rejected, or what was left out of it"""
    fields: tuple[str, ...] = ()
    """names of the fields at fault or left out, never their values"""
    sound: bool = True
    """false when the identifier was unsound: the person's wishes cannot be looked up"""
    size: int = 0
    """bytes of the payload, also where it is rejected and not carried along"""
    fingerprint: bytes = b""
    body: bytes = field(default=b"", repr=False)
    """the payload as signed; of a header, the header; of a rejection, what is kept of it (`wire.kept`)"""
    origin: str = ""
    """of what comes a second time: its id in quarantine"""


def pack(entry: Entry) -> bytes:
    """The bytes of one entry."""
    parts = (
        entry.publisher.encode(),
        entry.topic.encode(),
        entry.subject.encode(),
        entry.event_id.encode(),
        entry.code.encode(),
        "\n".join(entry.fields).encode(),
        entry.fingerprint,
        entry.body,
        entry.origin.encode(),
    )
    fixed = _FIXED.pack(entry.kind, entry.sound, entry.offset, entry.index, entry.logged_at_us, entry.size)
    return fixed + b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def unpack(data: bytes) -> Entry:
    """The entry that `pack` made these bytes from.

    Raises:
        IntegrityError: they are no entry, although they opened with the lane's key.
    """
    try:
        kind, sound, offset, index, logged_at_us, size = _FIXED.unpack_from(data)
        parts, at = [], _FIXED.size
        while at < len(data):
            (length,) = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size
            parts.append(data[at : at + length])
            at += length
        # Entries of before there was an origin have one part less.
        if at != len(data) or len(parts) not in (8, 9):
            raise IntegrityError("a lane entry has bytes left over")
        publisher, topic, subject, event_id, code, fields = (part.decode() for part in parts[:6])
        return Entry(
            EntryKind(kind),
            publisher,
            topic,
            offset,
            index,
            logged_at_us,
            subject,
            event_id,
            code,
            tuple(fields.split("\n")) if fields else (),
            bool(sound),
            size,
            parts[6],
            parts[7],
            parts[8].decode() if len(parts) > 8 else "",
        )
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise IntegrityError("a lane entry cannot be read") from error


def pack_act(act: bytes, brings: Sequence[Entry]) -> bytes:
    """Body of an act: the act as signed, and the entries that it brings in again, if it does."""
    items = (act, *(pack(entry) for entry in brings))
    return b"".join(_LENGTH.pack(len(item)) + item for item in items)


def unpack_act(body: bytes) -> tuple[bytes, tuple[Entry, ...]]:
    """The act of a body that `pack_act` made, and the entries that it brings.

    Raises:
        IntegrityError: it is no such body, although it opened with the lane's key.
    """
    items, at = [], 0
    while at + _LENGTH.size <= len(body):
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size + length
        items.append(body[at - length : at])
    if at != len(body) or not items:
        raise IntegrityError("an act in a lane cannot be read")
    return items[0], tuple(unpack(item) for item in items[1:])


def groups(packed: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Packed entries in blocks of at most `MAX_ENTRIES` and `MAX_BLOCK_BYTES`, in order."""
    group: list[bytes] = []
    size = 0
    for item in packed:
        if group and (len(group) == MAX_ENTRIES or size + len(item) > MAX_BLOCK_BYTES):
            yield group
            group, size = [], 0
        group.append(item)
        size += len(item)
    if group:
        yield group


def seal_entries(key: BlockKey, lane: int, packed: Sequence[bytes]) -> bytes:
    """One block of packed entries, sealed to the lane."""
    return seal_block(key, _context(lane), packed)


def open_entries(key: BlockKey, lane: int, data: bytes) -> tuple[Entry, ...]:
    """The entries of one block.

    Raises:
        IntegrityError: the block was not made with this lane's key, or was changed since.
    """
    return tuple(unpack(item) for item in open_block(key, _context(lane), data))


def _context(lane: int) -> bytes:
    return b"candour/lane-log/v1/%d" % lane
