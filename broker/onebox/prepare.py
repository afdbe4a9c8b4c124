"""Makes Kafka right before the first worker starts: topics, genesis rows, first offsets (design 2.2.2)."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from broker.errors import (
    EXIT_DONE,
    CandourError,
    ConfigurationError,
    DependencyError,
    IntegrityError,
    PositionError,
)
from broker.kafka import admin, committed_reader, intake_producer
from broker.lanes.state import genesis_record
from broker.lanes.store import read_position, repair_offsets
from broker.logs import get_log, start_logs
from broker.onebox.record import read_record, write_record
from broker.onebox.roots import root_verify_key
from broker.onebox.topics import create_topics, topics_of
from broker.registry.keyring import KeyRing
from broker.registry.registry import Registry, read_registry
from broker.registry.topics import LANE_LOG, LANE_STATE, from_topic
from broker.settings import Settings, load_settings

PATIENCE_S = 60.0
_Answer = TypeVar("_Answer")

_log = get_log("prepare")


def prepare(folder: Path) -> None:
    """Brings Kafka to where the workers may start; safe to repeat until it has succeeded once.

    Genesis rows are written at creation only. Later a missing row is a loss, and workers say so (71).

    Raises:
        DependencyError: Kafka does not answer.
        ConfigurationError: Kafka holds another exchange's topics.
        PositionError: a lane's row or offsets cannot be right.
    """
    settings = load_settings(folder)
    keyring = KeyRing.load(settings.keys_folder)
    client = admin(settings)
    _patiently(lambda: client.list_topics(timeout=5), "kafka does not answer")
    record = read_record(folder)
    registry = read_registry(folder, root_verify_key(folder))
    if not record.prepared:
        create_topics(client, topics_of(registry, record.lanes))
        _refuse_used_lanes(settings, keyring)
        _write_genesis(settings, keyring)
        _write_first_offsets(client, settings, registry)
        write_record(folder, replace(record, prepared=True))
        _log.info("exchange prepared", lanes=record.lanes)
    repair_offsets(settings, keyring, tuple(from_topic(agency) for agency in registry.agencies))


def _patiently(call: Callable[[], _Answer], code: str) -> _Answer:
    """Repeats a call that Kafka refuses: it starts, elects leaders and loads coordinators in its own time.

    Raises:
        DependencyError: with `code`, when it is still refused after `PATIENCE_S`.
    """
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call()
        except KafkaException:
            if time.monotonic() > deadline_s:
                raise DependencyError(code) from None
        time.sleep(0.1)


def _refuse_used_lanes(settings: Settings, keyring: KeyRing) -> None:
    """Before the first worker a lane holds nothing but our own genesis row, unless it is somebody else's."""
    reader = committed_reader(settings)
    try:
        for lane in range(settings.lanes):
            if _end(reader, LANE_LOG, lane) > 0:
                raise ConfigurationError("lane-log in this Kafka holds entries of another exchange")
            if _end(reader, LANE_STATE, lane) > 0:
                read_position(keyring, reader, lane)
    except (IntegrityError, PositionError):
        raise ConfigurationError("lane-state in this Kafka holds rows of another exchange") from None
    finally:
        reader.close()


def _end(reader: Consumer, topic: str, lane: int) -> int:
    marks = partial(reader.get_watermark_offsets, TopicPartition(topic, lane), timeout=5)
    return int(_patiently(marks, f"{topic} has no leader")[1])


def _write_genesis(settings: Settings, keyring: KeyRing) -> None:
    revision = settings.current_revision()
    producer = intake_producer(settings)
    failures: list[object] = []

    def delivered(error: object, _message: object) -> None:
        if error is not None:
            failures.append(error)

    for lane in range(settings.lanes):
        key, value = genesis_record(keyring.lane_key(lane), lane, revision)
        producer.produce(LANE_STATE, value, key, partition=lane, on_delivery=delivered)
    if producer.flush(PATIENCE_S) or failures:
        raise DependencyError("kafka did not take the genesis rows")


def _write_first_offsets(client: AdminClient, settings: Settings, registry: Registry) -> None:
    firsts = {
        settings.release_group: [TopicPartition(LANE_LOG, lane, 0) for lane in range(settings.lanes)],
        settings.intake_group: [TopicPartition(from_topic(agency), 0, 0) for agency in registry.agencies],
    }
    for group, places in firsts.items():
        _patiently(partial(_write_offsets, client, group, places), "kafka did not take the first offsets")


def _write_offsets(client: AdminClient, group: str, places: list[TopicPartition]) -> None:
    futures = client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)])
    for place in futures[group].result(timeout=PATIENCE_S).topic_partitions:
        if place.error is not None:
            raise KafkaException(place.error)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m broker.onebox.prepare --dir D`; the supervisor starts it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True)
    arguments = parser.parse_args(argv)
    os.umask(0o077)
    start_logs()
    try:
        prepare(arguments.dir)
    except CandourError as error:
        # Its message names places and what to do, never a value (broker.errors).
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
