"""The books of a run: every decision as `decisions` holds it, and the totals of every lane."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from broker import kafka
from broker.domain.decision import record_hash
from broker.explain.store import open_leaves
from broker.lanes.store import read_position, read_range
from broker.registry.keyring import KeyRing
from broker.registry.topics import DECISIONS
from broker.settings import Settings


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
            position = read_position(keyring, reader, lane)
            asked += position.asked
            decided += position.decided
            waiting += position.waiting
        return Books(asked, decided, waiting, tuple(leaves))
    finally:
        reader.close()
