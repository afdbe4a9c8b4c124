"""Reads lane topics and repairs group offsets: the part of lanes that reads Kafka."""

import time
from collections.abc import Iterator

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Message

from broker import kafka
from broker.errors import DependencyError, RestartError
from broker.lanes.state import POSITION_KEY, Position, check_position, open_row
from broker.registry.keyring import KeyRing
from broker.registry.topics import DECISIONS, LANE_LOG, LANE_STATE
from broker.settings import Settings

_BATCH = 2_000
# A transaction leaves at most one block and one marker in `decisions`; this many offsets back there
# is nearly always a block, and where there is none we look further.
_TAIL = 64


def read_range(
    reader: Consumer, topic: str, partition: int, start: int, end: int | None = None
) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    """Every committed record of [start, end) as (offset, key, value); without `end`, up to the EOF event.

    Raises:
        RestartError: Kafka stopped answering on the way.
    """
    reader.assign([kafka.at(topic, partition, start)])
    silent_since = time.monotonic()
    while True:
        messages = _waiting(reader)
        if not messages and time.monotonic() - silent_since > kafka.PATIENCE_S:
            raise RestartError(f"no answer from Kafka while reading {topic} {partition}")
        if messages:
            silent_since = time.monotonic()
        for message in messages:
            error = message.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:
                    return
                raise RestartError(f"reading {topic} {partition} failed with code {error.code()}")
            offset = int(message.offset() or 0)
            if end is not None and offset >= end:
                return
            yield offset, message.key(), message.value()


def has_record(reader: Consumer, topic: str, partition: int, start: int, end: int | None = None) -> bool:
    """Whether [start, end) holds a committed record; without `end`, whether anything follows `start`.

    Raises:
        RestartError: Kafka stopped answering on the way.
    """
    try:
        return any(True for _ in read_range(reader, topic, partition, start, end))
    finally:
        # What it would fetch from here on is nobody's.
        reader.unassign()


def _waiting(reader: Consumer) -> list[Message]:
    """What is there, as soon as anything is: `consume` alone would wait until a whole batch is."""
    first = reader.poll(0.5)
    return [] if first is None else [first, *reader.consume(_BATCH, timeout=0)]


def read_rows(reader: Consumer, lane: int) -> dict[bytes, bytes]:
    """The sealed rows of a lane's `lane-state`, the latest under each key."""
    rows: dict[bytes, bytes] = {}
    for _, key, value in read_range(reader, LANE_STATE, lane, 0):
        if key is None:
            continue
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value
    return rows


def last_decided(reader: Consumer, lane: int) -> bytes | None:
    """Key of the last committed block in a lane's `decisions`; None where nothing was ever decided."""
    low, high = reader.get_watermark_offsets(kafka.at(DECISIONS, lane), timeout=kafka.PATIENCE_S)
    span = _TAIL
    while True:
        start = max(low, high - span)
        key = None
        for _, found, _ in read_range(reader, DECISIONS, lane, start):
            key = found
        if key is not None or start == low:
            return key
        span *= 8


def read_position(keyring: KeyRing, reader: Consumer, lane: int) -> Position:
    """The checked position of one lane, without its other rows.

    Raises:
        PositionError: see `check_position`.
    """
    sealed = None
    for _, key, value in read_range(reader, LANE_STATE, lane, 0):
        if key == POSITION_KEY:
            sealed = value
    row = None if sealed is None else open_row(keyring.lane_key(lane), lane, POSITION_KEY, sealed)
    low, high = reader.get_watermark_offsets(kafka.at(LANE_LOG, lane), timeout=kafka.PATIENCE_S)
    return check_position(lane, row, low, high, last_decided(reader, lane))


def repair_offsets(
    settings: Settings, keyring: KeyRing, from_topics: tuple[str, ...], patience_s: float = 40.0
) -> int:
    """Make the group offsets agree with the position rows, before the first worker starts (design 2.2.2).

    Release's offset of each lane becomes the lane's position. A `from.` topic without an offset of
    Intake's is read again from its start: what was handled before is dropped as a duplicate.

    Returns:
        how many offsets were changed.

    Raises:
        PositionError: a lane's position cannot be right; nothing was changed.
        DependencyError: the groups still have members after `patience_s` seconds.
    """
    reader = kafka.committed_reader(settings)
    try:
        lanes = {lane: read_position(keyring, reader, lane).offset for lane in range(settings.lanes)}
        release = _group_offsets(settings, settings.release_group, [(LANE_LOG, lane) for lane in lanes])
        wrong = {
            (LANE_LOG, lane): offset
            for lane, offset in lanes.items()
            if release.get((LANE_LOG, lane)) != offset
        }
        intake = _group_offsets(settings, settings.intake_group, [(topic, 0) for topic in from_topics])
        missing = {}
        for topic in from_topics:
            low, _ = reader.get_watermark_offsets(kafka.at(topic, 0), timeout=kafka.PATIENCE_S)
            if intake.get((topic, 0), -1) < low:
                missing[(topic, 0)] = low
    finally:
        reader.close()
    _write_offsets(settings, settings.release_group, wrong, patience_s)
    _write_offsets(settings, settings.intake_group, missing, patience_s)
    return len(wrong) + len(missing)


def _group_offsets(
    settings: Settings, group: str, places: list[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    reader = kafka.committed_reader(settings, group)
    try:
        committed = reader.committed([kafka.at(*place) for place in places], timeout=kafka.PATIENCE_S)
    except KafkaException as error:
        raise DependencyError("kafka_unreachable") from error
    finally:
        reader.close()
    return {(found.topic, found.partition): found.offset for found in committed if found.offset >= 0}


def _write_offsets(
    settings: Settings, group: str, offsets: dict[tuple[str, int], int], patience_s: float
) -> None:
    if not offsets:
        return
    request = ConsumerGroupTopicPartitions(
        group, [kafka.at(topic, partition, offset) for (topic, partition), offset in offsets.items()]
    )
    client = kafka.admin(settings)
    deadline = time.monotonic() + patience_s
    while True:
        try:
            client.alter_consumer_group_offsets([request])[group].result(timeout=kafka.PATIENCE_S)
        except KafkaException as error:
            # Kafka refuses while the group has members: a killed worker stays one for a session time-out.
            if time.monotonic() > deadline:
                raise DependencyError("group_has_members") from error
            time.sleep(0.5)
        else:
            return
