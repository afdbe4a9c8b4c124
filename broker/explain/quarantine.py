"""Reads `quarantine` from its first record to its last: what is kept there, and what has become of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import KafkaException

from broker import kafka
from broker.domain.quarantine import QUARANTINE_ACT_FORMAT, KeptState, QuarantineAct, unpack_record
from broker.errors import DependencyError, IntegrityError
from broker.explain.store import KAFKA_UNREACHABLE, answers
from broker.lanes.store import read_range
from broker.registry.keyring import KeyRing
from broker.registry.topics import QUARANTINE
from broker.settings import Settings
from broker.wire.block import BlockKey, open_block

_WATERMARKS_S = 10.0
_STATES = {
    QuarantineAct.RESUBMITTED: KeptState.RESUBMITTED,
    QuarantineAct.DISCARDED: KeptState.DISCARDED,
}


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


def read_quarantine(settings: Settings) -> tuple[Item, ...]:
    """Every payload of the last thirty days, oldest first.

    Raises:
        DependencyError: Kafka does not answer.
        IntegrityError: a block does not open with the ledger key, or not where it stands.
    """
    key = KeyRing.load(settings.keys_folder).ledger_key()
    if not any(answers(server) for server in settings.bootstrap.split(",")):
        raise DependencyError(KAFKA_UNREACHABLE)
    items = [item for lane in range(settings.lanes) for item in _of_lane(settings, key, lane)]
    return tuple(sorted(items, key=lambda item: (item.record["kept_at_us"], item.quarantine_id)))


def _of_lane(settings: Settings, key: BlockKey, lane: int) -> Iterator[Item]:
    reader = kafka.committed_reader(settings)
    found: dict[str, Item] = {}
    try:
        low, _ = reader.get_watermark_offsets(kafka.at(QUARANTINE, lane), timeout=_WATERMARKS_S)
        for offset, _, block in read_range(reader, QUARANTINE, lane, low):
            for record, sealed in _records(key, lane, offset, block or b""):
                _read(found, record, sealed)
    except KafkaException as error:
        raise DependencyError(KAFKA_UNREACHABLE) from error
    finally:
        reader.close()
    yield from found.values()


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
        found[name] = replace(item, state=_STATES.get(act, item.state), opened=item.opened + looked)
