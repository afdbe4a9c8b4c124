"""An agency of invented people, an exchange's keys to answer it with, and librdkafka's own mock of Kafka."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from broker.wire.avro import Codec
from broker.wire.envelope import Header, Payload, seal_envelope
from broker.wire.keys import OpeningKey, SigningKey
from consumers.kit.language import Language, read_language
from consumers.kit.profile import Profile, read_profile

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
LANGUAGE = read_language(SCHEMAS)
DESK = "moor-police/control-room"
TOPIC = "to.moor-police.control-room"


@dataclass
class World:
    """One agency's folder, and the other side: the exchange's keys, and a Kafka to put things into."""

    folder: Path
    exchange_opens: OpeningKey
    exchange_signs: SigningKey
    kafka: Producer

    @property
    def profile(self) -> Profile:
        return read_profile(self.folder)

    @property
    def language(self) -> Language:
        return LANGUAGE

    def rewrite(self, **changes: Any) -> None:
        path = self.folder / "agency.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    def sealed(self, *records: tuple[Codec, dict[str, Any]], **changes: Any) -> bytes:
        """An envelope from the exchange to the desk, or one that is off in one way."""
        signing_key = changes.pop("signing_key", self.exchange_signs)
        sealing_key = changes.pop("sealing_key", self.profile.desks[DESK].opening_key.sealing_key)  # type: ignore[index]
        header: dict[str, Any] = {
            "sender": "candour",
            "recipient": DESK,
            "topic": TOPIC,
            "stream": bytes(16),
            "sequence": 0,
            "time_us": 1_763_682_061_000_000,
            "signing_key_id": signing_key.key_id,
            "sealing_key_id": sealing_key.key_id,
        }
        payloads = [Payload(codec.fingerprint, codec.encode(record)) for codec, record in records]
        return seal_envelope(Header(**{**header, **changes}), payloads, signing_key, sealing_key)

    def put(self, *messages: bytes | None, partition: int = 0) -> None:
        for message in messages:
            self.kafka.produce(TOPIC, message, partition=partition)
        assert self.kafka.flush(10) == 0


@pytest.fixture
def kafka() -> Iterator[Producer]:
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0})
    yield producer
    producer.flush(1)


@pytest.fixture
def world(tmp_path: Path, kafka: Producer) -> World:
    for topic in ("from.moor-police", TOPIC):
        # Asking the mock for a topic makes it.
        broker = next(iter(kafka.list_topics(topic, timeout=10).brokers.values()))
    exchange_opens, exchange_signs = OpeningKey.generate(), SigningKey.generate()
    folder = tmp_path / "agencies" / "moor-police"
    (folder / "desks").mkdir(parents=True)
    (folder / "signing.key").write_bytes(SigningKey.generate().to_bytes())
    (folder / "desks" / "control-room.key").write_bytes(OpeningKey.generate().to_bytes())
    desk = {"topic": TOPIC, "partitions": 2, "opening_key": "desks/control-room.key"}
    document = {
        "agency": "moor-police",
        "kind": "police",
        "bootstrap": f"{broker.host}:{broker.port}",
        "topic": "from.moor-police",
        "recipient": "candour",
        "broker_sealing_key": exchange_opens.sealing_key.to_bytes().hex(),
        "broker_verify_keys": [exchange_signs.verify_key.to_bytes().hex()],
        "desks": {DESK: desk},
        "reply_desk": DESK,
        "signing_key": "signing.key",
        "schemas": str(SCHEMAS),
        # The mock lets a group be joined again only when the last session has run out.
        "kafka": {"session.timeout.ms": "4000", "heartbeat.interval.ms": "300"},
    }
    (folder / "agency.json").write_text(json.dumps(document))
    return World(folder, exchange_opens, exchange_signs, kafka)
