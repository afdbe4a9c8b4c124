"""Reads single messages of a desk's topic again: what could not be read before the schemas were renewed."""

import time
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Consumer, Message, TopicPartition

from consumers.kit.client import reply_consumer
from consumers.kit.profile import Profile

_PATIENCE_S: Final = 15.0
_POLL_S: Final = 0.5

Place = tuple[str, int, int]
"""topic, partition, offset"""


class Again:
    """Fetches messages by their places, beside the desk's group and without moving it."""

    def __init__(self, profile: Profile, places: Sequence[Place]) -> None:
        self._profile = profile
        self._places = list(places)
        self._consumer: Consumer | None = None

    @property
    def done(self) -> bool:
        """Whether every place has been looked at."""
        return not self._places

    def next(self) -> Message | None:
        """The message of the next place; None where Kafka does not give it (kept 30 days) or is away."""
        place = self._places.pop(0)
        consumer = self._consumer or reply_consumer(self._profile)
        self._consumer = consumer
        consumer.assign([TopicPartition(*place)])
        try:
            return _at(consumer, place)
        finally:
            if self.done:
                self.close()

    def close(self) -> None:
        """Stop reading; nothing is committed."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
        self._places.clear()


def _at(consumer: Consumer, place: Place) -> Message | None:
    until_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s:
        message = consumer.poll(_POLL_S)
        if message is None:
            continue
        if message.error() is not None:
            return None
        return message if message.offset() == place[2] else None
    return None
