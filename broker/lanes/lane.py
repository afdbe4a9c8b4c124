"""One lane in our hands: fence, read, and commit one transaction after another (design 2.2.1-2.2.4)."""

import time
from collections.abc import Callable, Iterable
from threading import Lock

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from broker import kafka
from broker.errors import CandourError, RestartError
from broker.lanes.state import POSITION_KEY, Plan, Taken, check_position, open_row, seal_row
from broker.lanes.store import has_record, last_decided, read_rows
from broker.registry.keyring import KeyRing
from broker.registry.topics import LANE_LOG, LANE_STATE
from broker.settings import Settings

_FENCED = frozenset({KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED})


class LaneFencedError(CandourError):
    """Another owner has taken this lane; this one just ends."""


class Lane:
    """Constructing a lane fences every earlier owner; only then are position and rows read.

    Every method blocks on Kafka: call them from a thread, one at a time.

    Raises:
        PositionError: the position row is missing or cannot be right (71).
        IntegrityError: a row does not open with the lane's key (3).
        RestartError: Kafka failed in a way we do not understand (70).
    """

    def __init__(self, settings: Settings, keyring: KeyRing, number: int, group: Consumer) -> None:
        self.number = number
        self._settings = settings
        self._key = keyring.lane_key(number)
        self._group = group
        self._reader: Consumer | None = None
        self._reading = Lock()
        self._producer = self._fence()
        self.taken = self._read()

    def _fence(self) -> Producer:
        producer = kafka.lane_producer(self._settings, self.number)
        _checked(lambda: producer.init_transactions(kafka.PATIENCE_S))
        return producer

    def _read(self) -> Taken:
        reader = kafka.committed_reader(self._settings)
        try:
            sealed = read_rows(reader, self.number)
            rows = {key: open_row(self._key, self.number, key, value) for key, value in sealed.items()}
            low, high = reader.get_watermark_offsets(
                kafka.at(LANE_LOG, self.number), timeout=kafka.PATIENCE_S
            )
            decided = last_decided(reader, self.number)
            position = check_position(self.number, rows.pop(POSITION_KEY, None), low, high, decided)
        except KafkaException as error:
            raise RestartError(f"lane {self.number} could not be read") from error
        finally:
            reader.close()
        return Taken(position, rows)

    def require_gap_is_empty(self, start: int, end: int) -> None:
        """Transactions leave gaps in offsets; prove that [start, end) holds no record that we would skip.

        Raises:
            RestartError: there is a committed record in it.
        """
        if self._holds(start, end):
            raise RestartError(f"lane {self.number}: a record between {start} and {end} was not delivered")

    def has_more(self, position: int) -> bool:
        """Whether `lane-log` holds a committed record from `position` on."""
        return self._holds(position, None)

    def _holds(self, start: int, end: int | None) -> bool:
        # Lanes that forward leave a gap in every transaction: to connect each time would cost more than
        # to read. Whoever watches the backlog asks from a thread of its own.
        with self._reading:
            if self._reader is None:
                self._reader = kafka.committed_reader(self._settings)
            return has_record(self._reader, LANE_LOG, self.number, start, end)

    def commit(self, plan: Plan) -> float:
        """Carry out `plan` in one transaction: all of it becomes visible, or none.

        Returns:
            seconds it took.

        Raises:
            LaneFencedError: another owner has taken the lane; nothing of the plan is visible.
            RestartError: anything else; whether it is visible, the next owner finds in `lane-state`.
        """
        began = time.monotonic()
        try:
            self._transact(plan)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.INVALID_PRODUCER_ID_MAPPING:
                raise _translated(error) from error
            # Quiet for longer than transactional.id.expiration.ms: Kafka forgot us, nobody replaced us.
            self._producer = self._fence()
            if self._read().position.offset >= plan.position.offset:
                raise LaneFencedError(f"lane {self.number} has moved on") from error
            _checked(lambda: self._transact(plan))
        return time.monotonic() - began

    def _transact(self, plan: Plan) -> None:
        producer = self._producer
        producer.begin_transaction()
        for out in plan.outgoing:
            producer.produce(out.topic, value=out.value, key=out.key, partition=out.partition)
        for key, value in self._sealed_rows(plan):
            producer.produce(LANE_STATE, value=value, key=key, partition=self.number)
        if self._settings.hold_before_commit_ms:
            producer.flush(kafka.PATIENCE_S)
            time.sleep(self._settings.hold_before_commit_ms / 1000)
        producer.send_offsets_to_transaction(
            [kafka.at(LANE_LOG, self.number, plan.position.offset)],
            self._group.consumer_group_metadata(),
            kafka.PATIENCE_S,
        )
        producer.commit_transaction(kafka.PATIENCE_S)

    def _sealed_rows(self, plan: Plan) -> Iterable[tuple[bytes, bytes | None]]:
        for key, value in plan.rows.items():
            yield key, None if value is None else seal_row(self._key, self.number, key, value)
        # Last, so that the tail of lane-state tells the position.
        yield POSITION_KEY, seal_row(self._key, self.number, POSITION_KEY, plan.position.pack())


def _checked(call: Callable[[], None]) -> None:
    try:
        call()
    except KafkaException as error:
        raise _translated(error) from error


def _translated(error: KafkaException) -> CandourError:
    code = error.args[0].code()
    if code in _FENCED:
        return LaneFencedError("another owner has taken the lane")
    return RestartError(f"a transaction failed with code {code}")
