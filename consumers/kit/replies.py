"""Waits for the replies to events that are about to be published, beside the inbox and without its group."""

import time
from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Final, Self

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from broker.errors import DependencyError, PayloadError
from consumers.kit.client import reply_consumer
from consumers.kit.delivery import Received, Reply
from consumers.kit.language import Language
from consumers.kit.opening import open_message, read_deliveries
from consumers.kit.profile import Profile

_REACH_S: Final = 15.0
_POLL_S: Final = 0.25


class ReplyWatch:
    """Reads the reply desk from where it ends now. Make it before publishing, or a reply may be missed."""

    def __init__(self, profile: Profile, language: Language) -> None:
        """Raises DependencyError when Kafka does not answer."""
        self._profile = profile
        self._language = language
        self._desk = profile.desk(profile.reply_desk)
        self._consumer: Consumer = reply_consumer(profile)
        try:
            places = [self._end_of(part) for part in range(self._desk.partitions)]
            self._consumer.assign(places)
        except KafkaException:
            self._consumer.close()
            raise DependencyError("kafka_not_reached") from None

    def poll(self, timeout_s: float = _POLL_S) -> list[Reply]:
        """Replies of the next message, to whatever event; none when nothing comes within `timeout_s`."""
        return [one for one in self.received(timeout_s) if isinstance(one, Reply)]

    def received(self, timeout_s: float = _POLL_S) -> list[Received]:
        """Everything in the next message to the reply desk, deliveries too. The inbox still gets it."""
        message = self._consumer.poll(timeout_s)
        if message is None or message.error() is not None:
            return []
        return self._opened(message)

    def replies(self, event_ids: Collection[str], timeout_s: float) -> Iterator[Reply]:
        """The answer to each of `event_ids`, as they come, until all are there or time is up.

        What is told later of an event (`not_delivered`, `handled`) is for the inbox.
        """
        open_ids = set(event_ids)
        until_s = time.monotonic() + timeout_s
        while open_ids and time.monotonic() < until_s:
            for reply in self.poll():
                if reply.is_answer and reply.event_id in open_ids:
                    open_ids.discard(reply.event_id)
                    yield reply

    def close(self) -> None:
        """Stop reading; nothing is committed."""
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_of(self, partition: int) -> TopicPartition:
        place = TopicPartition(self._desk.topic, partition)
        marks = self._consumer.get_watermark_offsets(place, timeout=_REACH_S)
        if marks is None:
            raise DependencyError("kafka_not_reached")
        return TopicPartition(self._desk.topic, partition, marks[1])

    def _opened(self, message: Message) -> list[Received]:
        try:
            envelope = open_message(message.value(), self._profile, self._desk)
        except PayloadError:
            # The inbox reads this message too, and reports it.
            return []
        found, _ = read_deliveries(envelope, self._language)
        return found
