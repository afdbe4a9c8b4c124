"""Rows of a lane: what `lane-state` holds, as keys and packed bytes; and the position row."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.errors import IntegrityError, PositionError
from broker.wire.block import BlockKey, open_block, seal_block

POSITION_KEY = b"p"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a lane has come, and its running totals. Written in every transaction (design 2.2.2).

    Balanced books: asked = decided + waiting, always.
    """

    offset: int
    """first offset of `lane-log` that is not yet handled"""
    revision: str
    """policy revision in force in this lane"""
    asked: int = 0
    decided: int = 0
    waiting: int = 0
    waiting_entries: int = 0
    quarantined: int = 0
    """payloads that came into quarantine; each is kept, resubmitted, discarded or expired"""
    resubmitted: int = 0
    discarded: int = 0
    expired: int = 0
    streams: Mapping[str, int] = field(default_factory=dict)
    """desk -> sequence of the last envelope sealed to it from this lane"""

    def pack(self) -> bytes:
        """Canonical JSON."""
        return json.dumps(
            {
                "offset": self.offset,
                "revision": self.revision,
                "asked": self.asked,
                "decided": self.decided,
                "waiting": self.waiting,
                "waiting_entries": self.waiting_entries,
                "quarantined": self.quarantined,
                "resubmitted": self.resubmitted,
                "discarded": self.discarded,
                "expired": self.expired,
                "streams": dict(self.streams),
            },
            sort_keys=True,
            separators=(",", ":"),
        ).encode()

    @classmethod
    def unpack(cls, data: bytes) -> "Position":
        """The position that `pack` made these bytes from."""
        try:
            return cls(**json.loads(data))
        except (TypeError, ValueError) as error:
            raise IntegrityError("a position row cannot be read") from error


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One Kafka record of a transaction."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one transaction does. Rows are plain; the lane seals them. None as a value ends a row."""

    outgoing: tuple[Outgoing, ...]
    rows: Mapping[bytes, bytes | None]
    position: Position


@dataclass(frozen=True, slots=True)
class Taken:
    """What a lane finds when it has fenced every earlier owner."""

    position: Position
    rows: Mapping[bytes, bytes] = field(repr=False)


def seal_row(key: BlockKey, lane: int, row_key: bytes, value: bytes) -> bytes:
    """A row's value as `lane-state` keeps it, bound to its lane and key."""
    return seal_block(key, _context(lane, row_key), [value])


def open_row(key: BlockKey, lane: int, row_key: bytes, data: bytes) -> bytes:
    """The plain value of a row.

    Raises:
        IntegrityError: the row was not sealed with this lane's key, or stands under another key.
    """
    (value,) = open_block(key, _context(lane, row_key), data)
    return value


def genesis_record(key: BlockKey, lane: int, revision: str) -> tuple[bytes, bytes]:
    """Key and sealed value of the row that an exchange writes for each lane when it is created."""
    return POSITION_KEY, seal_row(key, lane, POSITION_KEY, Position(0, revision).pack())


def decisions_key(position_after: int) -> bytes:
    """Kafka key of a block in `decisions`: the position its transaction moved the lane to."""
    return struct.pack(">Q", position_after)


def check_position(
    lane: int, row: bytes | None, log_start: int, log_end: int, last_decided: bytes | None
) -> Position:
    """The position a lane may start from.

    Args:
        row: plain value of the position row, None where there is none.
        log_start, log_end: first retained and next offset of the lane's `lane-log` partition.
        last_decided: key of the last block in the lane's `decisions`, None where there is none.

    Raises:
        PositionError: the row is missing, points outside the log, or is behind the last decision.
    """
    if row is None:
        raise PositionError(
            f"lane {lane} has no position row in lane-state. Events could be repeated or skipped. "
            "Restore lane-state from the last good copy; do not create the row by hand."
        )
    position = Position.unpack(row)
    if position.offset < log_start:
        raise PositionError(
            f"lane {lane} stands at {position.offset}, but lane-log begins at {log_start}: "
            "entries were deleted before they were handled."
        )
    if position.offset > log_end:
        raise PositionError(f"lane {lane} stands at {position.offset}, beyond the end of lane-log {log_end}.")
    if last_decided is not None and struct.unpack(">Q", last_decided)[0] > position.offset:
        raise PositionError(
            f"lane {lane} has decisions beyond its position {position.offset}: lane-state has lost rows."
        )
    return position


def _context(lane: int, row_key: bytes) -> bytes:
    return b"candour/lane-state/v1/%d/" % lane + row_key
