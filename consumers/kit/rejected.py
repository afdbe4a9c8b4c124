"""What an agency published and the exchange did not take in: why, and its own bytes, from its reply desk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from broker.domain.delivery import PayloadName
from broker.errors import DependencyError, PayloadError
from consumers.kit.client import reply_consumer
from consumers.kit.delivery import Reply, Returned
from consumers.kit.language import Language
from consumers.kit.opening import open_message, read_deliveries
from consumers.kit.profile import DeskProfile, Profile

_REACH_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """One payload in quarantine, as its publisher may know it. Does not print its bytes."""

    payload: PayloadName
    event_id: str | None
    code: str
    message: str
    fields: tuple[str, ...]
    fingerprint: str | None
    """of the schema it named; None where the bytes did not come back"""
    content: bytes | None = field(repr=False)
    """None where its signature did not prove that it is this agency's own"""


def read_rejected(profile: Profile, language: Language) -> list[Rejected]:
    """Every rejection that the reply desk still holds (30 days), oldest first.

    Reads beside the inbox and without its group, so that it takes nothing from it.

    Raises:
        DependencyError: Kafka does not answer.
    """
    replies: dict[str, Reply] = {}
    parts: dict[str, dict[int, Returned]] = {}
    for received in _everything(profile, language):
        if isinstance(received, Returned):
            parts.setdefault(received.quarantine_id, {})[received.part] = received
        elif received.payload is not None:
            replies.setdefault(received.payload.quarantine_id, received)
    return [_rejected(reply, parts.get(name, {})) for name, reply in replies.items()]


def _rejected(reply: Reply, parts: dict[int, Returned]) -> Rejected:
    assert reply.payload is not None
    whole = bool(parts) and len(parts) == next(iter(parts.values())).parts
    content = b"".join(parts[number].content for number in sorted(parts)) if whole else None
    return Rejected(
        reply.payload,
        reply.event_id,
        reply.code or "",
        reply.message,
        reply.fields_at_fault,
        parts[0].fingerprint if whole else None,
        content,
    )


def _everything(profile: Profile, language: Language) -> Iterator[Reply | Returned]:
    desk = profile.desk(profile.reply_desk)
    consumer = reply_consumer(profile)
    try:
        consumer.assign([_start(consumer, desk, number) for number in range(desk.partitions)])
        yield from _to_the_end(consumer, profile, desk, language)
    except KafkaException:
        raise DependencyError("kafka_not_reached") from None
    finally:
        consumer.close()


def _start(consumer: Consumer, desk: DeskProfile, number: int) -> TopicPartition:
    marks = consumer.get_watermark_offsets(TopicPartition(desk.topic, number), timeout=_REACH_S)
    if marks is None:
        raise DependencyError("kafka_not_reached")
    return TopicPartition(desk.topic, number, marks[0])


def _to_the_end(
    consumer: Consumer, profile: Profile, desk: DeskProfile, language: Language
) -> Iterator[Reply | Returned]:
    # The end of a partition comes again after whatever is appended meanwhile: it counts once.
    left = set(range(desk.partitions))
    while left:
        message = consumer.poll(_REACH_S)
        if message is None:
            raise DependencyError("kafka_not_reached")
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                raise DependencyError("kafka_refuses")
            left.discard(int(message.partition() or 0))
            continue
        try:
            found, _ = read_deliveries(open_message(message.value(), profile, desk), language)
        except PayloadError:
            # The inbox reads this message too, and reports it.
            continue
        yield from (one for one in found if isinstance(one, Reply | Returned))
