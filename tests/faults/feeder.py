"""Publishes a flow through the agencies' kits while a test goes on, never faster than it is allowed to."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from consumers.kit.line import OutgoingEvent, read_line
from consumers.kit.outbox import Outbox
from tests.exchange import RunningExchange, language_in
from tests.faults.flow import Item
from tests.faults.night import by_agency

_STEP_S = 0.25


class Feeder:
    """A thread that publishes items in their order, each through its agency's outbox.

    It approaches the item it may go up to and slows down before it, so that it never runs dry.
    """

    def __init__(self, exchange: RunningExchange, items: Sequence[Item], most_a_second: float) -> None:
        self._items = items
        self._step = max(1, int(most_a_second * _STEP_S))
        self._allowed = 0
        self._closing = threading.Event()
        self._done: list[Future[Any]] = []
        self._stack = ExitStack()
        self._outboxes: dict[str, Outbox] = {}
        self._events = _read(exchange, items)
        for agency, _ in by_agency(items):
            self._outboxes[agency] = self._stack.enter_context(Outbox(exchange.profile(agency)))
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    @property
    def published(self) -> int:
        """How many items were handed to the outboxes so far."""
        return len(self._done)

    def allow(self, share: float) -> None:
        """Let it go on up to this share of the flow."""
        self._allowed = int(share * len(self._items))

    def finish(self) -> None:
        """Publish the rest at full speed, and see all of it into Kafka."""
        self._closing.set()
        self._thread.join()
        self._publish(len(self._items) - self.published)
        for done in self._done:
            done.result()

    def _run(self) -> None:
        while not self._closing.wait(_STEP_S):
            room = self._allowed - self.published
            if room > 0:
                self._publish(min(self._step, max(1, room // 8)))

    def _publish(self, count: int) -> None:
        at = self.published
        for item, event in zip(self._items[at : at + count], self._events[at : at + count], strict=True):
            self._done.append(self._outboxes[item.agency].submit(event))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        self._stack.close()


def _read(exchange: RunningExchange, items: Sequence[Item]) -> list[OutgoingEvent]:
    language = language_in(exchange.profile("moor-police").schemas)
    kinds = {agency: exchange.profile(agency).kind for agency, _ in by_agency(items)}
    return [read_line(item.line, 1, language, kinds[item.agency]) for item in items]


def publish_all(exchange: RunningExchange, items: Sequence[Item]) -> float:
    """Publish a whole flow at once; returns how many seconds it took."""
    began_s = time.monotonic()
    with Feeder(exchange, items, most_a_second=1.0) as feeder:
        feeder.finish()
    return time.monotonic() - began_s
