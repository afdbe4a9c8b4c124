"""What Kafka shows a committed reader from now on: how much has come, and when the last of it was there."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError

from broker import kafka
from broker.errors import RestartError
from broker.settings import Settings

_BATCH = 500
_LOOK_S = 0.02


class Watch:
    """Reads every partition of a topic from where it ends now, read_committed.

    Args:
        weigh: (partition, offset, value) -> how many things this record stands for.
    """

    def __init__(
        self, settings: Settings, topic: str, partitions: int, weigh: Callable[[int, int, bytes], int]
    ) -> None:
        self._topic = topic
        self._weigh = weigh
        self._reader = kafka.committed_reader(settings, "candour-bench")
        places = [kafka.at(topic, number) for number in range(partitions)]
        marks = [self._reader.get_watermark_offsets(one, timeout=kafka.PATIENCE_S) for one in places]
        self._reader.assign([kafka.at(topic, number, mark[1]) for number, mark in enumerate(marks)])
        self.seen = 0
        self.last_ns = 0
        """monotonic, when the last of it was read"""

    def until(self, wanted: int, patience_s: float) -> None:
        """Returns when that much has been seen, or when nothing new has come for `patience_s`."""
        self.last_ns = time.monotonic_ns()
        while self.seen < wanted and time.monotonic_ns() - self.last_ns < patience_s * 1e9:
            self._look()

    def _look(self) -> None:
        for message in self._reader.consume(_BATCH, timeout=_LOOK_S):
            error = message.error()
            if error is None:
                place = int(message.partition() or 0), int(message.offset() or 0)
                self.seen += self._weigh(*place, message.value() or b"")
                self.last_ns = time.monotonic_ns()
            elif error.code() != KafkaError._PARTITION_EOF:
                raise RestartError(f"reading {self._topic} failed with code {error.code()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()
