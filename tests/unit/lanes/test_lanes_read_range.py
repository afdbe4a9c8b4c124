"""Reading a lane's topic takes as long as its records take to come, since nobody has the lane meanwhile."""

from collections.abc import Sequence

import pytest
from confluent_kafka import KafkaError

from broker.errors import RestartError
from broker.lanes import store


class Record:
    def __init__(self, offset: int | None, code: int | None = None) -> None:
        self._offset, self._code = offset, code

    def error(self) -> KafkaError | None:
        return None if self._code is None else KafkaError(self._code)

    def offset(self) -> int | None:
        return self._offset

    def key(self) -> bytes:
        return b"key"

    def value(self) -> bytes:
        return b"value"


END = Record(None, KafkaError._PARTITION_EOF)


class Reader:
    """Waits as librdkafka does: `poll` for the next record, `consume` until it has as many as asked for."""

    def __init__(self, *records: Record) -> None:
        self._records = list(records)
        self.waited_s = 0.0

    def assign(self, places: Sequence[object]) -> None:
        pass

    def poll(self, timeout: float) -> Record | None:
        if self._records:
            return self._records.pop(0)
        self.waited_s += timeout
        return None

    def consume(self, most: int, timeout: float) -> list[Record]:
        taken, self._records = self._records[:most], self._records[most:]
        if len(taken) < most:
            self.waited_s += timeout
        return taken


def test_reading_to_the_end_waits_for_nothing_once_the_end_is_there() -> None:
    reader = Reader(Record(0), Record(2), END)
    assert [offset for offset, _, _ in store.read_range(reader, "lane-state", 0, 0)] == [0, 2]
    assert reader.waited_s == 0


def test_reading_a_range_stops_before_its_end() -> None:
    reader = Reader(Record(3), Record(4), Record(5), END)
    assert [offset for offset, _, _ in store.read_range(reader, "lane-log", 0, 3, 5)] == [3, 4]
    assert reader.waited_s == 0


def test_reading_goes_on_after_a_silence_that_is_not_too_long() -> None:
    class Slow(Reader):
        def poll(self, timeout: float) -> Record | None:
            # Nothing at first; then the records come.
            if self.waited_s == 0:
                self.waited_s += timeout
                return None
            return super().poll(timeout)

        def consume(self, most: int, timeout: float) -> list[Record]:
            return [] if self.waited_s == 0 else super().consume(most, timeout)

    assert [offset for offset, _, _ in store.read_range(Slow(Record(0), END), "decisions", 0, 0)] == [0]


def test_reading_ends_the_process_where_kafka_stays_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.kafka, "PATIENCE_S", 0.0)
    with pytest.raises(RestartError, match="no answer"):
        list(store.read_range(Reader(), "decisions", 0, 0))


def test_reading_ends_the_process_on_an_error_of_kafka() -> None:
    broken = Reader(Record(0), Record(None, KafkaError._TRANSPORT))
    with pytest.raises(RestartError, match="failed with code"):
        list(store.read_range(broken, "decisions", 0, 0))
