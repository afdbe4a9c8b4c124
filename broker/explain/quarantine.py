"""What the records of `quarantine` say: what is kept there, and what has become of each payload."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from broker.domain.quarantine import (
    BECOMES,
    QUARANTINE_ACT_FORMAT,
    KeptState,
    QuarantineAct,
    unpack_record,
)
from broker.errors import IntegrityError
from broker.registry.topics import QUARANTINE
from broker.wire.block import BlockKey, open_block


@dataclass(frozen=True, slots=True)
class Item:
    """One payload in quarantine: names, codes and numbers, and its bytes as they are sealed."""

    record: dict[str, Any]
    """as Release wrote it; no value of the payload is in it"""
    sealed: bytes
    state: KeptState = KeptState.KEPT
    opened: int = 0
    """how often two holders looked at its bytes"""

    @property
    def quarantine_id(self) -> str:
        """`q-` and 52 letters and digits."""
        return str(self.record["quarantine_id"])

    @property
    def kept_sha256(self) -> bytes:
        """Of what is kept; empty where nothing is."""
        return bytes.fromhex(self.record["kept_sha256"])

    def document(self) -> dict[str, Any]:
        """For JSON."""
        names = (
            "quarantine_id",
            "publisher",
            "code",
            "fields",
            "event_id",
            "kept_at_us",
            "topic",
            "offset",
            "index",
            "size",
            "payload_sha256",
            "kept",
            "can_come_again",
            "resubmits",
            "desks",
        )
        told = {name: self.record[name] for name in names}
        return {**told, "state": self.state, "opened": self.opened}


def items_of_lane(key: BlockKey, lane: int, blocks: Iterable[tuple[int, bytes]]) -> list[Item]:
    """Every payload of one lane, as it stands after what was done with it.

    Args:
        blocks: the lane's, with their offsets, from the first to the last.

    Raises:
        IntegrityError: a block does not open with the ledger key, or not where it stands.
    """
    found: dict[str, Item] = {}
    for offset, block in blocks:
        for record, sealed in _records(key, lane, offset, block):
            _read(found, record, sealed)
    return list(found.values())


def _records(key: BlockKey, lane: int, offset: int, block: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    try:
        for content in open_block(key, f"candour/{QUARANTINE}/v1/{lane}".encode(), block):
            yield unpack_record(content)
    except (IntegrityError, ValueError):
        raise IntegrityError(
            f"quarantine, lane {lane}, offset {offset}: the block does not open with the ledger key, or is "
            "not whole. Somebody wrote or changed it who is not this exchange; keep everything as it is."
        ) from None


def _read(found: dict[str, Item], record: dict[str, Any], sealed: bytes) -> None:
    name = str(record.get("quarantine_id"))
    if record.get("format") != QUARANTINE_ACT_FORMAT:
        found[name] = Item(record, sealed)
        return
    item, act = found.get(name), QuarantineAct(record["act"])
    # What it was about may have gone by the retention of thirty days.
    if item is not None:
        looked = act is QuarantineAct.OPENED
        found[name] = replace(item, state=BECOMES[act], opened=item.opened + looked)
