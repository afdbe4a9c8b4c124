"""Plays a made-up area to an exchange: every agency publishes its lines through its own kit, in time."""

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from broker.domain.vocabulary import ReplyStatus
from broker.errors import DependencyError
from broker.simulate.moving import moved
from broker.simulate.order import Told
from consumers.kit.delivery import Delivery, Reply
from consumers.kit.language import Language, read_language
from consumers.kit.line import OutgoingEvent, read_line
from consumers.kit.outbox import Outbox
from consumers.kit.profile import Profile, read_profile
from consumers.kit.replies import ReplyWatch

MOST_OPEN: Final = 2_000
REPLY_S: Final = 60.0
CITED_S: Final = 3.0
"""So long a desk is waited for to receive what its agency takes on; it may be that nobody let it"""
_TAKEN_ON: Final = frozenset({"police.mh_call.triaged", "vcs.referral.sent"})
"""What another agency takes on, citing the name under which it received it"""
_PAUSE_S: Final = 0.005
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Played:
    """One line as it was published, and what the exchange answered."""

    agency: str
    event: OutgoingEvent = field(repr=False)
    published_us: int
    """when: microseconds since 1970"""
    reply: Reply


@dataclass(slots=True)
class Summary:
    """What a play came to."""

    published: int = 0
    seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, str] = field(default_factory=dict)
    """event id -> code"""

    def take(self, one: Played) -> None:
        """Count a line."""
        self.published += 1
        self.statuses[one.reply.status] += 1
        if one.reply.status is ReplyStatus.REJECTED:
            self.rejected[str(one.event.event_id)] = str(one.reply.code)


@dataclass(slots=True)
class _Open:
    told: Told
    event: OutgoingEvent
    published_us: int
    since_s: float


class Player:
    """Every agency of an exchange that has something to say, with its outbox open.

    What is told of one person waits for the reply to what was told of them before: agencies have topics of
    their own, and between two topics nobody keeps order. Different people do not wait for each other.
    """

    def __init__(self, agencies: Path, names: Iterable[str], speed: float | None) -> None:
        """Opens them.

        Args:
            agencies: folder of the agencies' own folders.
            speed: times as fast as it was; None: as fast as it goes.

        Raises:
            DependencyError: Kafka does not answer.
        """
        self._open = ExitStack()
        self._speed = speed
        self._profiles: dict[str, Profile] = {}
        self._outboxes: dict[str, Outbox] = {}
        self._watches: dict[str, ReplyWatch] = {}
        self._queues: dict[str, deque[Told]] = {}
        self._ready: deque[Told] = deque()
        self._awaited: dict[tuple[str, str], _Open] = {}
        self._happened: dict[str, tuple[str, str]] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._citing: dict[str, float] = {}
        self._last_us = 0
        try:
            for name in names:
                self._enter(read_profile(agencies / name))
        except BaseException:
            self.close()
            raise

    def _enter(self, profile: Profile) -> None:
        name = str(profile.agency)
        self._profiles[name] = profile
        self._outboxes[name] = self._open.enter_context(Outbox(profile))
        self._watches[name] = self._open.enter_context(ReplyWatch(profile, self._language))

    @cached_property
    def _language(self) -> Language:
        # One exchange, one language: each agency's copy of it says the same.
        return read_language(next(iter(self._profiles.values())).schemas)

    def play(self, lines: Iterator[Told], took: Callable[[Played], None]) -> Summary:
        """Publish every line, and return when each has its reply.

        Args:
            took: called with each line that has its reply.

        Raises:
            DependencyError: an event had no reply in time.
        """
        summary, began_s = Summary(), time.monotonic()
        first: int | None = None
        following = next(lines, None)
        while following is not None or self._queues:
            while following is not None and len(self._queues) < MOST_OPEN:
                first = following.at if first is None else first
                if (
                    self._speed is not None
                    and time.monotonic() < began_s + (following.at - first) / self._speed
                ):
                    break
                self._queue(following)
                following = next(lines, None)
            self._send_ready()
            if not self._hear(summary, took):
                time.sleep(_PAUSE_S)
            self._refuse_late()
        summary.seconds = time.monotonic() - began_s
        return summary

    def _queue(self, told: Told) -> None:
        """Behind what is told of the same person and not answered yet."""
        queue = self._queues.get(told.about)
        if queue is None:
            self._queues[told.about] = deque()
            self._ready.append(told)
        else:
            queue.append(told)

    def _send_ready(self) -> None:
        for _ in range(len(self._ready)):
            told = self._ready.popleft()
            line = self._as_cited(told)
            if line is None:
                self._ready.append(told)
            else:
                self._send(told, line)

    def _as_cited(self, told: Told) -> dict[str, Any] | None:
        """The line, citing a referral by the name under which its agency received it. None: not yet."""
        line = dict(told.line)
        cited = line["person"].get("referral")
        publisher, happened = self._happened.get(cited, (told.agency, ""))
        if cited is None or publisher == told.agency:
            return line
        name = self._names.get((told.agency, happened))
        if name is None and time.monotonic() < self._citing.setdefault(
            told.event_id, time.monotonic() + CITED_S
        ):
            return None
        line["person"] = {**line["person"], "referral": name}
        return line

    def _send(self, told: Told, line: dict[str, Any]) -> None:
        # One microsecond apart at least: a desk tells events apart by when they happened.
        now_us = self._last_us = max(time.time_ns() // 1_000, self._last_us + 1)
        line = moved(line, timedelta(microseconds=now_us) - timedelta(seconds=self._stands_at(told)))
        profile = self._profiles[told.agency]
        event = read_line(json.dumps(line), 1, self._language, profile.kind)
        if line["event_type"] in _TAKEN_ON:
            self._happened[told.event_id] = (told.agency, _same(line["occurred_at"]))
        self._awaited[told.agency, str(event.event_id)] = _Open(told, event, now_us, time.monotonic())
        self._outboxes[told.agency].submit(event)

    def _stands_at(self, told: Told) -> float:
        """Which moment of the area is moved to now.

        In real time, the one at which the line is written down. The faster it is played, the nearer lines of
        one incident come to each other; that a detention still lasts as long as it did, its earlier lines are
        moved into the past, by as much as the hurry takes away.
        """
        hurry = 1.0 if self._speed is None else max(0.0, 1 - 1 / self._speed)
        return told.at + (told.until - told.at) * hurry

    def _hear(self, summary: Summary, took: Callable[[Played], None]) -> bool:
        """Take what has come to the agencies' reply desks; whether anything has."""
        heard = False
        for agency, watch in self._watches.items():
            for one in watch.received(0):
                heard = True
                if isinstance(one, Delivery):
                    happened = one.fields.get("occurred_at")
                    if happened is not None:
                        self._names[agency, _same(happened)] = one.event_id
                elif isinstance(one, Reply) and one.is_answer:
                    self._answered(agency, one, summary, took)
        return heard

    def _answered(self, agency: str, reply: Reply, summary: Summary, took: Callable[[Played], None]) -> None:
        awaited = self._awaited.pop((agency, str(reply.event_id)), None)
        if awaited is None:
            return
        played = Played(agency, awaited.event, awaited.published_us, reply)
        summary.take(played)
        took(played)
        queue = self._queues[awaited.told.about]
        if queue:
            self._ready.append(queue.popleft())
        else:
            del self._queues[awaited.told.about]

    def _refuse_late(self) -> None:
        oldest = next(iter(self._awaited.values()), None)
        if oldest is not None and time.monotonic() > oldest.since_s + REPLY_S:
            raise DependencyError(f"no reply within {REPLY_S:.0f} s to {len(self._awaited)} events")

    def close(self) -> None:
        """Every agency closes its outbox."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _same(instant: str) -> str:
    """One spelling of an instant."""
    return datetime.fromisoformat(instant).astimezone(UTC).isoformat()
