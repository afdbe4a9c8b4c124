"""The outbox: groups an agency's events into sealed envelopes and sees each one into Kafka."""

import os
import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaError, KafkaException, Message

from broker.domain.identifiers import EventId
from broker.errors import DependencyError
from broker.wire.envelope import MAX_PAYLOADS, Header, Payload, grouped, seal_envelope
from broker.wire.header import STREAM_BYTES
from consumers.kit.client import outbox_producer
from consumers.kit.line import OutgoingEvent
from consumers.kit.profile import Profile
from consumers.kit.store import OutboxStore

OUTBOX_FILE: Final = "outbox.sqlite"
LINGER_S: Final = 0.02
"""How long a first event waits for company (design 2.1)"""
NOT_CONFIRMED: Final = "kafka_not_confirmed"

_QUEUE_EVENTS: Final = 8_192
_TAKE_EVENTS: Final = 32 * MAX_PAYLOADS
_FLUSH_S: Final = 35.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: OutgoingEvent
    done: "Future[EventId]"


class Outbox:
    """Publishes for one agency. One at a time per agency folder; safe to use from several threads.

    What Kafka has not confirmed stays in the folder, sealed, and goes first when the outbox is next
    opened: the event ids are the same, so the exchange counts each once.
    """

    def __init__(
        self, profile: Profile, *, linger_s: float = LINGER_S, payloads_per_envelope: int = MAX_PAYLOADS
    ) -> None:
        """Raises UsageError when another program publishes for this agency."""
        self._profile = profile
        self._linger_s = linger_s
        self._per_envelope = payloads_per_envelope
        self._store = OutboxStore(profile.folder / OUTBOX_FILE, os.urandom(STREAM_BYTES))
        self._producer = outbox_producer(profile)
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(_QUEUE_EVENTS)
        self._in_flight: dict[int, Sequence[_Waiting]] = {}
        self._confirmed: list[int] = []
        self.left_over = len(self._store.unsent())
        """envelopes of an earlier run that go first"""
        self._thread = threading.Thread(target=self._run, name="candour-outbox", daemon=True)
        self._thread.start()

    def submit(self, event: OutgoingEvent) -> "Future[EventId]":
        """Hand over one event. The future is done when Kafka has it on all its copies.

        It fails with DependencyError (`kafka_not_confirmed`) when Kafka did not confirm in time.
        """
        done: Future[EventId] = Future()
        done.set_running_or_notify_cancel()
        self._queue.put(_Waiting(event, done))
        if not self._thread.is_alive():
            self._fail_queued()
        return done

    def publish(self, events: Iterable[OutgoingEvent]) -> tuple[EventId, ...]:
        """Hand over several and wait for all.

        Raises:
            DependencyError: Kafka did not confirm; what is left goes when the outbox is next opened.
        """
        return tuple(done.result() for done in [self.submit(event) for event in events])

    def close(self) -> None:
        """Send what was handed over, wait for its confirmation, give the folder back."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Everything below runs in the outbox's own thread.

    def _run(self) -> None:
        try:
            for sequence, envelope in self._store.unsent():
                self._send(sequence, envelope, ())
            while self._step():
                pass
        finally:
            self._finish()

    def _step(self) -> bool:
        """One turn: gather, seal, keep, send, hear. False when the outbox is to close."""
        gathered, more = self._gather()
        if gathered:
            self._send_all(gathered)
        # With something under way this wait is the linger of whatever comes next.
        self._producer.poll(self._linger_s if self._in_flight and more else 0)
        self._forget_confirmed()
        return more

    def _gather(self) -> tuple[list[_Waiting], bool]:
        gathered: list[_Waiting] = []
        until_s = time.monotonic() + self._linger_s
        while len(gathered) < _TAKE_EVENTS:
            try:
                waiting = self._next(gathered, until_s)
            except queue.Empty:
                break
            if waiting is None:
                return gathered, False
            if not gathered:
                until_s = time.monotonic() + self._linger_s
            gathered.append(waiting)
        return gathered, True

    def _next(self, gathered: Sequence[_Waiting], until_s: float) -> _Waiting | None:
        if self._in_flight or len(gathered) >= self._per_envelope:
            return self._queue.get_nowait()
        if not gathered:
            return self._queue.get()
        return self._queue.get(timeout=max(0.0, until_s - time.monotonic()))

    def _send_all(self, gathered: Sequence[_Waiting]) -> None:
        try:
            groups, envelopes = self._keep(gathered)
        except BaseException:
            _fail(gathered)
            raise
        first = self._store.next_sequence - len(envelopes)
        for number, (group, envelope) in enumerate(zip(groups, envelopes, strict=True), first):
            self._send(number, envelope, group)

    def _keep(self, gathered: Sequence[_Waiting]) -> tuple[list[Sequence[_Waiting]], list[bytes]]:
        cut = list(self._cut(gathered))
        first = self._store.next_sequence
        envelopes = [self._seal(payloads, number) for number, (_, payloads) in enumerate(cut, first)]
        self._store.add(envelopes)
        return [group for group, _ in cut], envelopes

    def _cut(self, gathered: Sequence[_Waiting]) -> Iterator[tuple[Sequence[_Waiting], tuple[Payload, ...]]]:
        """Those that share an envelope, with its payloads; what carries others has one to itself."""
        for alone, run in groupby(gathered, lambda waiting: bool(waiting.event.carries)):
            if alone:
                yield from (([waiting], waiting.event.payloads) for waiting in run)
                continue
            of_run, at = list(run), 0
            for group in grouped([one.event.payloads[0] for one in of_run], self._per_envelope):
                yield of_run[at : at + len(group)], group
                at += len(group)

    def _seal(self, group: Sequence[Payload], sequence: int) -> bytes:
        profile = self._profile
        header = Header(
            sender=profile.agency,
            recipient=profile.exchange,
            topic=profile.topic,
            stream=self._store.stream,
            sequence=sequence,
            time_us=time.time_ns() // 1_000,
            signing_key_id=profile.signing_key.key_id,
            sealing_key_id=profile.sealing_key.key_id,
        )
        return seal_envelope(header, group, profile.signing_key, profile.sealing_key)

    def _send(self, sequence: int, envelope: bytes, waiting: Sequence[_Waiting]) -> None:
        self._in_flight[sequence] = waiting

        def report(error: KafkaError | None, _: Message) -> None:
            self._report(sequence, error)

        while True:
            try:
                self._producer.produce(self._profile.topic, envelope, partition=0, on_delivery=report)
            except BufferError:
                self._producer.poll(self._linger_s)
            except KafkaException:
                self._report(sequence, KafkaError(KafkaError._FAIL))
                return
            else:
                return

    def _report(self, sequence: int, error: KafkaError | None) -> None:
        waiting = self._in_flight.pop(sequence, ())
        if error is None:
            self._confirmed.append(sequence)
            for one in waiting:
                one.done.set_result(one.event.event_id)
        else:
            _fail(waiting)

    def _forget_confirmed(self) -> None:
        if self._confirmed:
            self._store.sent(self._confirmed)
            self._confirmed.clear()

    def _finish(self) -> None:
        self._producer.flush(_FLUSH_S)
        for sequence in list(self._in_flight):
            self._report(sequence, KafkaError(KafkaError._TIMED_OUT))
        self._forget_confirmed()
        self._fail_queued()
        self._store.close()

    def _fail_queued(self) -> None:
        while True:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return
            if waiting is not None:
                _fail([waiting])


def _fail(waiting: Iterable[_Waiting]) -> None:
    for one in waiting:
        one.done.set_exception(DependencyError(NOT_CONFIRMED))
