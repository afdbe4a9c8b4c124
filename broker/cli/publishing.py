"""One run of `candour agency publish`: lines go to the outbox, results come back as they are known."""

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TextIO

from broker.domain.identifiers import EventId
from broker.domain.vocabulary import ReplyStatus
from broker.errors import EXIT_DONE, EXIT_NO, EXIT_RESTART, UsageError
from consumers.kit.delivery import Reply
from consumers.kit.line import LineError, OutgoingEvent
from consumers.kit.outbox import NOT_CONFIRMED, Outbox
from consumers.kit.replies import ReplyWatch

NO_REPLY: Final = "no_reply_yet"

_POLL_S: Final = 0.25
_KEPT: Final = "Kafka did not confirm it. It is kept in the outbox and goes first at the next publish."
_NO_REPLY_YET: Final = (
    "Handed over; the exchange has not replied yet. `candour agency receive` shows the reply."
)


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one line (design 4)."""

    line: int
    event_id: str | None
    status: str
    """`accepted`, `applied`, `rejected`; `waiting` when Kafka has not confirmed it"""
    code: str | None
    message: str
    applied_point: str | None = None
    handled_by: tuple[str, ...] = ()
    phone: str | None = None
    exit_code: int = EXIT_DONE

    @classmethod
    def of_bad_line(cls, error: LineError) -> "Result":
        """A line that was not published."""
        return cls(error.line, error.event_id, "rejected", error.code, str(error), exit_code=EXIT_NO)

    def to_json(self) -> dict[str, Any]:
        """One JSON object.

        `applied_point` only for a wish that took effect; `handled_by` and `phone` only where somebody
        may have to be spoken to.
        """
        shown: dict[str, Any] = {
            "line": self.line,
            "event_id": self.event_id,
            "status": self.status,
            "code": self.code,
            "message": self.message,
        }
        if self.status == ReplyStatus.APPLIED:
            shown["applied_point"] = self.applied_point
        if self.phone is not None:
            shown |= {"handled_by": list(self.handled_by), "phone": self.phone}
        return shown


@dataclass(frozen=True, slots=True)
class _Confirmed:
    event: OutgoingEvent
    in_kafka: bool


@dataclass(frozen=True, slots=True)
class _End:
    problem: UsageError | None


_Item = OutgoingEvent | LineError | _Confirmed | _End


class PublishRun:
    """Publishes lines as they come and gives one result for each, in the order in which they are known."""

    def __init__(self, outbox: Outbox, watch: ReplyWatch | None, timeout_s: float) -> None:
        self._outbox = outbox
        self._watch = watch
        self._timeout_s = timeout_s
        self._known: queue.Queue[_Item] = queue.Queue()
        self._open = 0
        self._reading = True
        self._awaited: dict[str, list[tuple[OutgoingEvent, float]]] = {}
        self._early: dict[str, Reply] = {}

    def results(self, lines: Iterable[OutgoingEvent | LineError]) -> Iterator[Result]:
        """Submit every line and yield its result: Kafka's confirmation, or with a watch the exchange's reply.

        Lines are read in a thread of their own, so that results do not wait for the next line of a pipe.

        Raises:
            UsageError: the lines cannot be read any further.
        """
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while self._reading or self._open or self._awaited:
            yield from self._take_known()
            if self._watch is not None:
                for reply in self._watch.poll(_POLL_S):
                    yield from self._replied(reply)
                yield from self._overdue()

    def _read(self, lines: Iterable[OutgoingEvent | LineError]) -> None:
        problem: UsageError | None = None
        try:
            for line in lines:
                self._known.put(line)
                if isinstance(line, OutgoingEvent):
                    self._outbox.submit(line).add_done_callback(partial(self._confirmed, line))
        except (OSError, ValueError):
            problem = UsageError("Standard input cannot be read as UTF-8 text. Lines so far were published.")
        self._known.put(_End(problem))

    def _confirmed(self, event: OutgoingEvent, done: "Future[EventId]") -> None:
        self._known.put(_Confirmed(event, in_kafka=done.exception() is None))

    def _take_known(self) -> Iterator[Result]:
        """Everything known by now; without a watch, wait for the next."""
        block = self._watch is None
        while True:
            try:
                item = self._known.get(block=block)
            except queue.Empty:
                return
            block = False
            match item:
                case LineError():
                    yield Result.of_bad_line(item)
                case OutgoingEvent():
                    self._open += 1
                case _Confirmed():
                    self._open -= 1
                    yield from self._in_kafka(item)
                case _End():
                    self._reading = False
                    if item.problem is not None:
                        raise item.problem

    def _in_kafka(self, confirmed: _Confirmed) -> Iterator[Result]:
        event = confirmed.event
        if not confirmed.in_kafka:
            yield Result(event.line, event.event_id, "waiting", NOT_CONFIRMED, _KEPT, exit_code=EXIT_RESTART)
        elif self._watch is None:
            yield Result(event.line, event.event_id, ReplyStatus.ACCEPTED, None, "Handed over.")
        elif event.event_id in self._early:
            yield _of_reply(event, self._early[event.event_id])
        else:
            waiting = self._awaited.setdefault(event.event_id, [])
            waiting.append((event, time.monotonic() + self._timeout_s))

    def _replied(self, reply: Reply) -> Iterator[Result]:
        if reply.event_id is None or not reply.is_answer:
            return
        self._early[reply.event_id] = reply
        for event, _ in self._awaited.pop(reply.event_id, ()):
            yield _of_reply(event, reply)

    def _overdue(self) -> Iterator[Result]:
        now_s = time.monotonic()
        late = [
            key for key, waiting in self._awaited.items() if any(until_s < now_s for _, until_s in waiting)
        ]
        for event_id in late:
            for event, _ in self._awaited.pop(event_id):
                accepted = ReplyStatus.ACCEPTED
                yield Result(event.line, event_id, accepted, NO_REPLY, _NO_REPLY_YET, exit_code=EXIT_NO)


def _of_reply(event: OutgoingEvent, reply: Reply) -> Result:
    code = EXIT_NO if reply.status is ReplyStatus.REJECTED else EXIT_DONE
    return Result(
        event.line,
        event.event_id,
        reply.status,
        reply.code,
        reply.message,
        reply.applied_point,
        reply.handled_by,
        reply.phone,
        exit_code=code,
    )


class Progress:
    """A line on a terminal that says how far it has got; silent where there is no terminal."""

    def __init__(self, terminal: TextIO | None) -> None:
        self._terminal = terminal

    def over(self, results: Iterable[Result]) -> Iterator[Result]:
        """Pass results on, counting."""
        for count, result in enumerate(results, 1):
            self._clear()
            yield result
            if self._terminal is not None:
                self._terminal.write(f"\r{count} answered ...")
                self._terminal.flush()
        self._clear()

    def _clear(self) -> None:
        if self._terminal is not None:
            self._terminal.write("\r\x1b[K")
            self._terminal.flush()
