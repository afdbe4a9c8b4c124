"""Reads `lane-log`: what Intake wrote, and what lanes tell each other. Imports the wire format only."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from broker.wire.block import BlockKey, open_block

EVENT, REJECTION, HEADER, LINK, CARRY, ENDED, TAKEN, WAITED, ACT = range(1, 10)

# kind, sound, offset and index in `from.`, microseconds, size; then nine parts, each behind its length.
_FIXED = struct.Struct(">BBQHqI")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of `lane-log` where it stands."""

    lane: int
    offset: int
    index: int
    kind: int
    publisher: str
    came: tuple[str, int, int]
    """topic, offset and index of the payload, as Intake read it: the same for a copy that Intake made"""
    subject: str = field(repr=False)
    event_id: str
    said: str = field(default="", repr=False)
    """of a link its person, of an end its incident; else empty"""
    origin: str = ""
    """of what came a second time: its id in quarantine"""

    @property
    def place(self) -> tuple[int, int]:
        """Sorts as its lane handles it."""
        return self.offset, self.index


def read_block(folder: Path, lane: int, offset: int, block: bytes) -> Iterator[Logged]:
    """The entries of one record of `lane-log`, opened with the key of its lane."""
    context = b"candour/lane-log/v1/%d" % lane
    for index, item in enumerate(open_block(_lane_key(folder, lane), context, block)):
        kind, _, came_offset, came_index, _, _ = _FIXED.unpack_from(item)
        publisher, topic, subject, event_id, _, _, _, body, origin = _parts(item)
        said = json.loads(body) if kind in {LINK, ENDED} else {}
        yield Logged(
            lane,
            offset,
            index,
            kind,
            publisher.decode(),
            (topic.decode(), came_offset, came_index),
            subject.decode(),
            event_id.decode(),
            str(said.get("to") or said.get("incident") or ""),
            origin.decode(),
        )


def _parts(item: bytes) -> list[bytes]:
    parts, at = [], _FIXED.size
    while at < len(item):
        (length,) = _LENGTH.unpack_from(item, at)
        at += _LENGTH.size + length
        parts.append(item[at - length : at])
    return parts


def _lane_key(folder: Path, lane: int) -> BlockKey:
    master = (folder / "broker" / "keys" / "lane.key").read_bytes()
    info = b"candour.key.v1\x00lane|%d" % lane
    return BlockKey(HKDF(SHA256(), 32, salt=None, info=info).derive(master))
