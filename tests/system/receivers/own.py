"""Puts the exchange's own events into their lanes, as a lane that raises one does; no agency can."""

import time
from collections.abc import Sequence

from confluent_kafka import Producer

from broker.domain.identifiers import EventId, EventType
from broker.domain.subjects import event_subject, nhs_subject
from broker.lanes.block import pack, seal_entries
from broker.lanes.placement import lane_of
from broker.registry.keyring import KeyRing
from broker.registry.topics import BROKER, LANE_LOG
from broker.release.own_events import Raised, own_entry
from tests import builders
from tests.builders import Record
from tests.exchange import RunningExchange


def publish_own(exchange: RunningExchange, events: Sequence[tuple[str, Record]]) -> None:
    """Append (event type, record) pairs to `lane-log`, each in the lane of its subject."""
    keyring = KeyRing.load(exchange.folder / "broker" / "keys")
    producer = Producer({"bootstrap.servers": exchange.bootstrap, "enable.idempotence": True})
    for event_type, record in events:
        number = record["subject"].get("nhs_number")
        subject = event_subject(BROKER, record["event_id"]) if number is None else nhs_subject(number)
        raised = Raised(EventType(event_type), EventId(record["event_id"]), subject, record)
        entry = own_entry(builders.codec(event_type), raised, 0, time.time_ns() // 1_000)
        lane = lane_of(keyring.placement, subject, exchange.lanes)
        sealed = seal_entries(keyring.lane_key(lane), lane, [pack(entry)])
        producer.produce(LANE_LOG, value=sealed, partition=lane)
    assert producer.flush(30) == 0
