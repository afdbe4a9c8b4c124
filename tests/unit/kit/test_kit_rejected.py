"""What an agency is told of its own rejected payloads is read to the end of every partition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import KafkaError

from consumers.kit import rejected

FIRST, SECOND = 0, 1


@dataclass(frozen=True)
class End:
    """What Kafka says at the end of a partition."""

    def code(self) -> int:
        return int(KafkaError._PARTITION_EOF)


@dataclass(frozen=True)
class Message:
    """A message, or the end of a partition."""

    number: int
    told: str = ""

    def error(self) -> End | None:
        return None if self.told else End()

    def partition(self) -> int:
        return self.number

    def value(self) -> str:
        return self.told


class Polled:
    """A consumer that was given what to poll."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = list(messages)

    def poll(self, _: float) -> Message | None:
        return self.messages.pop(0) if self.messages else None


@dataclass(frozen=True)
class TwoPartitions:
    partitions: int = 2


def test_an_end_that_comes_again_ends_no_other_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected, "open_message", lambda value, *_: value)
    monkeypatch.setattr(rejected, "read_deliveries", lambda told, _: ([told], ()))
    monkeypatch.setattr(rejected, "Reply", str)
    polled = Polled(
        [Message(FIRST), Message(FIRST, "new"), Message(FIRST), Message(SECOND, "old"), Message(SECOND)]
    )
    anything: Any = None
    desk: Any = TwoPartitions()
    consumer: Any = polled
    assert list(rejected._to_the_end(consumer, anything, desk, anything)) == ["new", "old"]
