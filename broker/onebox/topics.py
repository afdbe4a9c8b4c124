"""The topics of an exchange (design 2.1): how many partitions, how long kept; made once, at creation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from broker.errors import ConfigurationError, DependencyError
from broker.onebox.kafka_node import MAX_MESSAGE_BYTES
from broker.registry.registry import Registry
from broker.registry.topics import (
    DECISIONS,
    DESK_PARTITIONS,
    LANE_LOG,
    LANE_STATE,
    QUARANTINE,
    SIGNALS,
    from_topic,
    to_topic,
)

DAY_MS = 24 * 60 * 60 * 1000
FOR_EVER = -1
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic and its rules."""

    name: str
    partitions: int
    kept_ms: int = FOR_EVER
    log_append_time: bool = False
    """Kafka's own clock stamps each record: inside a window means by both clocks (design 2.6)"""
    compacted: bool = False

    def config(self) -> dict[str, str]:
        """As Kafka spells it."""
        config = {
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "LogAppendTime" if self.log_append_time else "CreateTime",
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.bytes": "-1",
            "retention.ms": str(self.kept_ms),
        }
        if self.compacted:
            # Only closed segments are compacted, and a lane is built from offset 0 at each take-over.
            config |= {"segment.bytes": str(32 * 1024 * 1024), "min.cleanable.dirty.ratio": "0.2"}
        return config


def topics_of(registry: Registry, lanes: int) -> tuple[Topic, ...]:
    """Every topic of an exchange with these agencies and this many lanes."""
    lane_topics = (
        Topic(LANE_LOG, lanes, 14 * DAY_MS, log_append_time=True),
        Topic(LANE_STATE, lanes, compacted=True),
        Topic(DECISIONS, lanes),
        Topic(SIGNALS, lanes, 14 * DAY_MS),
        Topic(QUARANTINE, lanes, 30 * DAY_MS),
    )
    agencies = [
        Topic(from_topic(agency), 1, 14 * DAY_MS, log_append_time=True) for agency in registry.agencies
    ]
    desks = [Topic(to_topic(desk), DESK_PARTITIONS, 30 * DAY_MS) for desk in registry.desks()]
    return (*lane_topics, *sorted(agencies, key=lambda topic: topic.name), *desks)


def create_topics(admin: AdminClient, topics: Iterable[Topic]) -> None:
    """Makes the topics; one that is there already is left as it is, if it has the right partitions.

    Raises:
        ConfigurationError: a topic is there with another number of partitions.
        DependencyError: Kafka refused, or did not answer.
    """
    wanted = {topic.name: topic for topic in topics}
    new = [NewTopic(topic.name, topic.partitions, config=topic.config()) for topic in wanted.values()]
    for name, future in admin.create_topics(new, operation_timeout=PATIENCE_S).items():
        try:
            future.result(timeout=PATIENCE_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise DependencyError(
                    f"Kafka did not make the topic {name}: {error.args[0].name()}"
                ) from None
    _check_partitions(admin, list(wanted.values()))


def _check_partitions(admin: AdminClient, topics: Sequence[Topic]) -> None:
    known = admin.list_topics(timeout=PATIENCE_S).topics
    faults = [
        f"{topic.name} has {len(known[topic.name].partitions)} partitions, not {topic.partitions}"
        for topic in topics
        if topic.name in known and len(known[topic.name].partitions) != topic.partitions
    ]
    if faults:
        raise ConfigurationError("this Kafka holds topics of another exchange: " + "; ".join(faults))
