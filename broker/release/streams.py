"""Streams: do a publisher's envelopes come in order, each once? What is amiss is told, and stops nothing."""

import hashlib
import struct
from dataclasses import dataclass, field, replace
from typing import Final, Self

from broker.wire.header import Header

SEQUENCE_GAP: Final = "sequence_gap"
SEQUENCE_REPEATED: Final = "sequence_repeated"
SEQUENCE_BACK: Final = "sequence_back"
SEALED_AHEAD: Final = "sealed_ahead"

WINDOW: Final = 128
"""Latest numbers of a stream whose envelopes are known again when an outbox sends them a second time"""
AHEAD_US: Final = 5 * 60 * 1_000_000
"""How far a clock may be ahead of the log's (T4). Behind is no fault: an outbox waits for Kafka"""

_MARK_BYTES: Final = 8
_NO_MARK: Final = bytes(_MARK_BYTES)
_FIXED: Final = struct.Struct(">QQQB")
_AHEAD, _AGAIN = 1, 2


@dataclass(frozen=True, slots=True)
class Stream:
    """What the publisher's own lane keeps of one stream of envelopes."""

    offset: int
    """of the last envelope in its `from.` topic; what comes at or before it, Intake has read again"""
    highest: int
    """sequence number"""
    again: int | None = None
    """last of a run of old numbers that was told of at its beginning"""
    ahead: bool = False
    """its publisher was told of a clock that is ahead"""
    marks: bytes = field(default=b"", repr=False)
    """8 bytes of each of the last envelopes, from the highest number down; zeros where one is missing"""

    def pack(self) -> bytes:
        """The value of its row."""
        flags = self.ahead * _AHEAD | (self.again is not None) * _AGAIN
        return _FIXED.pack(self.offset, self.highest, self.again or 0, flags) + self.marks

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """The stream of a row."""
        offset, highest, again, flags = _FIXED.unpack_from(data)
        return cls(
            offset, highest, again if flags & _AGAIN else None, bool(flags & _AHEAD), data[_FIXED.size :]
        )


def mark_of(header_bytes: bytes) -> bytes:
    """Tells an envelope from another under the same number; 8 bytes."""
    return hashlib.sha256(header_bytes).digest()[:_MARK_BYTES]


def heard(
    known: Stream | None, header: Header, mark: bytes, offset: int, logged_at_us: int
) -> tuple[Stream, tuple[str, ...]]:
    """The stream after one more envelope, and the codes of what is wrong with its place in it.

    One code tells of a whole run: an outbox that was restored from a backup counts from an old number on,
    and is told so once. The very same envelope again is none: that is how an outbox makes sure.

    Args:
        known: the stream before; None for one that was never met. It begins where it begins.
        offset, logged_at_us: of the envelope in its `from.` topic.
    """
    if known is not None and offset <= known.offset:
        return known, ()
    ahead = header.time_us > logged_at_us + AHEAD_US
    codes = (SEALED_AHEAD,) if ahead and (known is None or not known.ahead) else ()
    if known is None:
        return Stream(offset, header.sequence, None, ahead, mark), codes
    after, code = _placed(replace(known, offset=offset, ahead=ahead), header.sequence, mark)
    return after, (*codes, code) if code else codes


def _placed(known: Stream, sequence: int, mark: bytes) -> tuple[Stream, str]:
    step = sequence - known.highest
    if step > 0:
        marks = mark + _NO_MARK * min(step - 1, WINDOW) + known.marks
        after = replace(known, highest=sequence, again=None, marks=marks[: WINDOW * _MARK_BYTES])
        return after, SEQUENCE_GAP if step > 1 else ""
    at = -step * _MARK_BYTES
    before = known.marks[at : at + _MARK_BYTES]
    if before == mark:
        return known, ""
    code = "" if known.again is not None and sequence == known.again + 1 else SEQUENCE_BACK
    if code and before.strip(b"\0"):
        code = SEQUENCE_REPEATED
    if before == _NO_MARK:
        known = replace(known, marks=known.marks[:at] + mark + known.marks[at + _MARK_BYTES :])
    return replace(known, again=sequence), code
