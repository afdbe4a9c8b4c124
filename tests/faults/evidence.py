"""Reads what an exchange left in Kafka. Of our code it imports the wire format only: it shares no mistake.

Keys come from the exchange's folder: the ledger's master key opens `decisions`, each desk's own key opens
its topic.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from broker.wire.avro import Codec
from broker.wire.block import BlockKey, open_block
from broker.wire.envelope import open_envelope
from broker.wire.keys import OpeningKey, VerifyKey
from tests.faults.lane_log import Logged, read_block

REPLY, RETURNED = "reply", "returned"
KAFKA_ANSWERS_S = 60.0


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    time_ms: int


@dataclass(frozen=True, slots=True, order=True)
class Leaf:
    """One leaf of `decisions`: (lane, offset, index) is its place in the ledger."""

    lane: int
    offset: int
    index: int
    hash: str = field(compare=False)
    """SHA-256 of its bytes, as a delivery cites it"""
    record: dict[str, Any] = field(compare=False, repr=False)

    @property
    def kind(self) -> str:
        """`decision`, `wish_applied`, `quarantined` or `quarantine_act`."""
        return str(self.record["format"]).split(".")[1]


@dataclass(frozen=True, slots=True, order=True)
class Quarantined:
    """One item of `quarantine`: its record in clear, and how much is sealed with it."""

    lane: int
    offset: int
    index: int
    record: dict[str, Any] = field(compare=False, repr=False)
    sealed: bytes = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One payload in a desk's topic, opened."""

    desk: str
    partition: int
    offset: int
    index: int
    stream: bytes
    sequence: int
    schema: str
    """name of its delivery schema"""
    record: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Aborted:
    """A transaction of a lane that Kafka holds and no read_committed reader will ever see."""

    lane: int
    time_ms: int
    """when its position row, the last record before the commit, was produced"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it, each in the order of the log."""

    leaves: tuple[Leaf, ...]
    deliveries: tuple[Delivered, ...]
    """of events, replies and what was returned left out"""
    replies: tuple[Delivered, ...]
    aborted: tuple[Aborted, ...]
    log: tuple[Logged, ...] = ()
    """every committed entry of `lane-log`"""
    returned: tuple[Delivered, ...] = ()
    """payloads on their way back to their own publisher"""
    quarantine: tuple[Quarantined, ...] = ()
    """every item of the topic `quarantine`"""

    def decisions(self) -> Iterator[Leaf]:
        """The leaves that are decisions."""
        return (leaf for leaf in self.leaves if leaf.kind == "decision")


def gather(folder: Path) -> Evidence:
    """Read `decisions`, every `to.` topic, `lane-state` and `lane-log` of the exchange in this folder."""
    agencies = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((folder / "agencies").glob("*/agency.json"))
    ]
    bootstrap = agencies[0]["bootstrap"]
    topics = [terms["topic"] for agency in agencies for terms in agency["desks"].values()]
    sent = read_topics(bootstrap, topics)
    opened = [one for agency in agencies for one in _deliveries(folder, agency, sent)]
    return Evidence(
        tuple(sorted(_leaves(folder, bootstrap))),
        tuple(one for one in opened if one.schema not in {REPLY, RETURNED}),
        tuple(one for one in opened if one.schema == REPLY),
        tuple(_aborted(bootstrap)),
        tuple(_log(folder, bootstrap)),
        tuple(one for one in opened if one.schema == RETURNED),
        tuple(sorted(_quarantine(folder, bootstrap))),
    )


def gather_leaves(folder: Path) -> tuple[Leaf, ...]:
    """`decisions` only: cheap enough to poll."""
    agency = next((folder / "agencies").glob("*/agency.json"))
    return tuple(sorted(_leaves(folder, json.loads(agency.read_text(encoding="utf-8"))["bootstrap"])))


def read_topic(bootstrap: str, topic: str, isolation: str = "read_committed") -> list[Record]:
    """Every record of a topic to its end, in the order of partitions and offsets."""
    return read_topics(bootstrap, [topic], isolation)[topic]


def read_topics(
    bootstrap: str, topics: Sequence[str], isolation: str = "read_committed"
) -> Mapping[str, list[Record]]:
    """The same of several topics, by one reader."""
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "candour-checker",
            "isolation.level": isolation,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 20,
        }
    )
    found: dict[str, list[Record]] = {topic: [] for topic in topics}
    try:
        known = reader.list_topics(timeout=KAFKA_ANSWERS_S).topics
        places = [
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic in topics
            for partition in known[topic].partitions
        ]
        reader.assign(places)
        for topic, record in _to_the_end(reader, len(places)):
            found[topic].append(record)
    finally:
        reader.close()
    for records in found.values():
        records.sort(key=lambda one: (one.partition, one.offset))
    return found


def _to_the_end(reader: Consumer, partitions: int) -> Iterator[tuple[str, Record]]:
    while partitions:
        message = reader.poll(KAFKA_ANSWERS_S)
        assert message is not None, "Kafka does not answer the checker"
        error = message.error()
        if error is None:
            time_ms = message.timestamp()[1]
            place = message.partition(), message.offset()
            yield message.topic(), Record(*place, message.key(), message.value(), time_ms)
        else:
            assert error.code() == KafkaError._PARTITION_EOF, error.name()
            partitions -= 1


def _leaves(folder: Path, bootstrap: str) -> Iterator[Leaf]:
    for lane, offset, index, item in _items(folder, bootstrap, "decisions"):
        yield Leaf(lane, offset, index, hashlib.sha256(item).hexdigest(), json.loads(item))


def _quarantine(folder: Path, bootstrap: str) -> Iterator[Quarantined]:
    for lane, offset, index, item in _items(folder, bootstrap, "quarantine"):
        end = 4 + int.from_bytes(item[:4], "big")
        yield Quarantined(lane, offset, index, json.loads(item[4:end]), item[end:])


def _items(folder: Path, bootstrap: str, topic: str) -> Iterator[tuple[int, int, int, bytes]]:
    master = (folder / "broker" / "keys" / "ledger.key").read_bytes()
    info = b"candour.key.v1\x00ledger|decisions"
    key = BlockKey(HKDF(SHA256(), 32, salt=None, info=info).derive(master))
    for record in read_topic(bootstrap, topic):
        context = f"candour/{topic}/v1/{record.partition}".encode()
        for index, item in enumerate(open_block(key, context, record.value or b"")):
            yield record.partition, record.offset, index, item


def _deliveries(
    folder: Path, agency: dict[str, Any], sent: Mapping[str, list[Record]]
) -> Iterator[Delivered]:
    place = folder / "agencies" / agency["agency"]
    codecs = delivery_codecs(place / agency["schemas"])
    (verify_key,) = (VerifyKey.from_bytes(bytes.fromhex(key)) for key in agency["broker_verify_keys"])
    for desk, terms in agency["desks"].items():
        opening_key = OpeningKey.from_bytes((place / terms["opening_key"]).read_bytes())
        for record in sent[terms["topic"]]:
            envelope = open_envelope(record.value or b"", opening_key, verify_key)
            header = envelope.header
            assert (header.sender, header.recipient, header.topic) == ("candour", desk, terms["topic"])
            for index, payload in enumerate(envelope.payloads):
                codec = codecs[payload.fingerprint]
                yield Delivered(
                    desk,
                    record.partition,
                    record.offset,
                    index,
                    header.stream,
                    header.sequence,
                    str(codec.schema["name"]),
                    codec.decode(payload.body),
                )


def delivery_codecs(schemas: Path) -> dict[bytes, Codec]:
    """Fingerprint -> codec of every delivery schema, today's and older ones, in an agency's folder."""
    older = (schemas / "versions/deliveries").rglob("*.json")
    codecs = [_codec(path.read_bytes()) for path in (*older, *(schemas / "deliveries").glob("*.avsc"))]
    return {codec.fingerprint: codec for codec in codecs}


@cache
def _codec(text: bytes) -> Codec:
    """Made once: each of seventeen agencies has a copy of every schema."""
    return Codec(json.loads(text))


def _log(folder: Path, bootstrap: str) -> Iterator[Logged]:
    for record in read_topic(bootstrap, "lane-log"):
        yield from read_block(folder, record.partition, record.offset, record.value or b"")


def _aborted(bootstrap: str) -> Iterator[Aborted]:
    """Each lane transaction writes one position row, key `p`, last. Those that a read_uncommitted reader
    sees and a read_committed reader does not are the aborted ones."""
    committed = {(one.partition, one.offset) for one in read_topic(bootstrap, "lane-state")}
    for one in read_topic(bootstrap, "lane-state", "read_uncommitted"):
        if one.key == b"p" and (one.partition, one.offset) not in committed:
            yield Aborted(one.partition, one.time_ms)
