"""The books of a run: every decision as `decisions` holds it, and the totals of every lane."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer

from broker import kafka
from broker.domain.decision import record_hash
from broker.errors import PositionError
from broker.explain.store import open_leaves
from broker.lanes.state import Position
from broker.lanes.store import read_position, read_range
from broker.registry.keyring import KeyRing
from broker.registry.topics import DECISIONS
from broker.settings import Settings

_READS = 5
_BETWEEN_READS_S = 0.2


@dataclass(frozen=True, slots=True)
class Leaf:
    """One record of `decisions`."""

    digest: str
    """64 hexadecimal digits; a delivery carries it"""
    record: Mapping[str, Any] = field(repr=False)

    @property
    def kind(self) -> str:
        """Name and version of its format."""
        return str(self.record["format"])


@dataclass(frozen=True, slots=True)
class Books:
    """Totals are sums over all lanes (design 2.4)."""

    asked: int
    decided: int
    waiting: int
    leaves: tuple[Leaf, ...]

    def of(self, kind: str) -> tuple[Leaf, ...]:
        """The leaves of one format."""
        return tuple(leaf for leaf in self.leaves if leaf.kind == kind)


def _position(keyring: KeyRing, reader: Consumer, lane: int) -> Position:
    """The lane's position, read again where it does not fit what is decided.

    It is read from two topics: one that works moves on in between. A lane that has lost rows stays wrong.
    """
    for _ in range(_READS):
        try:
            return read_position(keyring, reader, lane)
        except PositionError:
            time.sleep(_BETWEEN_READS_S)
    return read_position(keyring, reader, lane)


def read_books(settings: Settings, keyring: KeyRing) -> Books:
    """Read every lane from its start.

    Raises:
        IntegrityError: a block does not open.
        RestartError: Kafka stopped answering on the way.
    """
    reader = kafka.committed_reader(settings)
    try:
        leaves: list[Leaf] = []
        asked = decided = waiting = 0
        for lane in range(settings.lanes):
            for offset, _, block in read_range(reader, DECISIONS, lane, 0):
                for leaf in open_leaves(keyring.ledger_key(), lane, offset, block or b""):
                    leaves.append(Leaf(record_hash(leaf.content).hex(), json.loads(leaf.content)))
            position = _position(keyring, reader, lane)
            asked += position.asked
            decided += position.decided
            waiting += position.waiting
        return Books(asked, decided, waiting, tuple(leaves))
    finally:
        reader.close()
