"""The asker: answers from its cache, asks OPA for the rest, singles out what cannot be decided, and waits."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

from broker import metrics
from broker.ask import parse
from broker.ask.backoff import Backoff
from broker.ask.cache import AnswerCache
from broker.ask.canary import CANARY
from broker.ask.opa.client import MOST_QUESTIONS, AskClient
from broker.domain.answer import Answer
from broker.domain.identifiers import PolicyRevision, QuestionHash
from broker.domain.question import Question
from broker.domain.vocabulary import AnswerKind
from broker.errors import DependencyError

FEWEST_QUESTIONS: Final = 16
MOST_REQUESTS: Final = 4

# A lone question that fails while the canary passes is tried again after each of these pauses, so that an
# engine that comes and goes convicts nobody. Not where OPA itself says that the rule failed.
SECOND_TRIES_S: Final = (0.05, 0.1, 0.2, 0.4)
UNDECIDABLE_FOR_S: Final = 60.0

_SUSPECT: Final = frozenset({parse.ERROR, parse.RULE_FAILED, parse.MALFORMED})
"""Failures that one question of the batch may be to blame for"""

Questions = Mapping[QuestionHash, Question]


class Engine(Protocol):
    """What the asker needs of one policy engine."""

    async def ask(self, questions: Questions, revision: PolicyRevision) -> dict[QuestionHash, Answer]:
        """Answer every question, or raise DependencyError."""

    async def close(self) -> None:
        """End the connections."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: each question is in exactly one of the three."""

    answers: Mapping[QuestionHash, Answer]
    undecidable: frozenset[QuestionHash] = frozenset()
    """a rule fails on these while others are answered"""
    missing: frozenset[QuestionHash] = frozenset()
    """not answered because OPA is away; who needs them waits"""
    away: DependencyError | None = None
    """why, when anything is missing"""


@dataclass(slots=True)
class _Found:
    answers: dict[QuestionHash, Answer]
    undecidable: set[QuestionHash] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Outage:
    error: DependencyError
    recovery: asyncio.Task[None]


class Asker:
    """Answers questions under a policy revision. One for a whole worker; lanes may ask at the same time.

    Answers come from the cache where it has them. While OPA is away for a revision, nobody knocks but
    one canary in the background (0.1 s to 5 s apart), and the cache goes on answering at once.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        cache: AnswerCache | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Each engine serves one revision; the one that serves the revision asked for is used."""
        self.cache = AnswerCache() if cache is None else cache
        self._engines = tuple(engines)
        self._sleep = sleep
        self._chance = chance
        self._serves: dict[PolicyRevision, Engine] = {}
        self._backoffs: dict[PolicyRevision, Backoff] = {}
        self._outages: dict[PolicyRevision, _Outage] = {}
        self._undecidable: dict[tuple[PolicyRevision, QuestionHash], float] = {}
        self._requests = asyncio.Semaphore(MOST_REQUESTS)
        self._batch = MOST_QUESTIONS

    @classmethod
    def of(cls, urls: Iterable[str]) -> "Asker":
        """An asker of the OPAs at these addresses."""
        return cls([AskClient(url) for url in urls])

    async def ask(self, questions: Iterable[Question], revision: PolicyRevision) -> Asked:
        """What can be answered now. An outage raises nothing: it is told in `away`, for each entry to wait.

        Raises:
            Exception: anything that is not an outage; the process ends.
        """
        hits, misses = self.cache.hits, self.cache.misses
        answers, unknown = self.cache.look_up(questions, revision)
        metrics.observe_cache(self.cache.hits - hits, self.cache.misses - misses)
        if not unknown:
            return Asked(answers)
        found = _Found(answers)
        away = self._away(revision)
        self._recall_undecidable(unknown, revision, found)
        if away is None:
            away = await self._fill(unknown, revision, found)
        missing = frozenset(unknown.keys() - found.answers.keys() - found.undecidable)
        return Asked(found.answers, frozenset(found.undecidable), missing, away if missing else None)

    async def warm(self, questions: Iterable[Question], revision: PolicyRevision) -> Asked:
        """Ask ahead of need: at start the core questions, at an activation also `cache.seen()`."""
        return await self.ask(questions, revision)

    def is_away(self, revision: PolicyRevision) -> bool:
        """Whether OPA is known to be away for this revision."""
        return self._away(revision) is not None

    async def wait_until_back(self, revision: PolicyRevision) -> None:
        """Returns when OPA answers the canary under this revision again; at once when it is not away."""
        outage = self._outages.get(revision)
        if outage is not None:
            # Shielded: a lane that is taken away while it waits must not end the wait of the others.
            await asyncio.shield(outage.recovery)

    async def close(self) -> None:
        """Ends the background canary and all connections."""
        for outage in self._outages.values():
            outage.recovery.cancel()
        await asyncio.gather(*(one.recovery for one in self._outages.values()), return_exceptions=True)
        self._outages.clear()
        for engine in self._engines:
            await engine.close()

    async def _fill(
        self, unknown: dict[QuestionHash, Question], revision: PolicyRevision, found: _Found
    ) -> DependencyError | None:
        left = {name: one for name, one in unknown.items() if name not in found.undecidable}
        try:
            while left:
                batch = dict(islice(left.items(), self._batch))
                await self._ask_batch(batch, revision, found)
                left = {name: one for name, one in left.items() if name not in batch}
        except DependencyError as error:
            return self._lost(revision, error)
        self._backoffs.pop(revision, None)
        self._batch = min(MOST_QUESTIONS, self._batch * 2)
        return None

    async def _ask_batch(self, batch: Questions, revision: PolicyRevision, found: _Found) -> None:
        try:
            found.answers.update(await self._query(batch, revision))
        except DependencyError as error:
            if error.code not in _SUSPECT:
                raise
            await self._canary(revision)
            if len(batch) == 1:
                await self._try_again(batch, revision, found, error.code)
                return
            # One after the other: the first half may show that OPA has gone.
            names = list(batch)
            for half in (names[: len(names) // 2], names[len(names) // 2 :]):
                await self._ask_batch({name: batch[name] for name in half}, revision, found)

    async def _try_again(self, lone: Questions, revision: PolicyRevision, found: _Found, code: str) -> None:
        for pause_s in () if code == parse.RULE_FAILED else SECOND_TRIES_S:
            await self._sleep(pause_s)
            try:
                found.answers.update(await self._query(lone, revision))
            except DependencyError as error:
                if error.code not in _SUSPECT:
                    raise
                await self._canary(revision)
            else:
                return
        found.undecidable.update(lone)
        metrics.UNDECIDABLE.inc(len(lone))
        until_s = time.monotonic() + UNDECIDABLE_FOR_S
        self._undecidable.update({(revision, name): until_s for name in lone})

    async def _canary(self, revision: PolicyRevision) -> None:
        answers = await self._send({CANARY.hash: CANARY}, revision)
        if answers[CANARY.hash].kind is not AnswerKind.DENY:
            raise DependencyError(parse.MALFORMED)

    async def _query(self, batch: Questions, revision: PolicyRevision) -> dict[QuestionHash, Answer]:
        answers = await self._send(batch, revision)
        for name, answer in answers.items():
            self.cache.keep(batch[name], answer, revision)
        return answers

    async def _send(self, batch: Questions, revision: PolicyRevision) -> dict[QuestionHash, Answer]:
        failure = DependencyError(parse.WRONG_REVISION)
        for engine in self._likely_first(revision):
            try:
                async with self._requests:
                    answers = await engine.ask(batch, revision)
            except DependencyError as error:
                metrics.observe_opa_failure(error.code)
                if failure.code == parse.WRONG_REVISION:
                    failure = error
            else:
                self._serves[revision] = engine
                metrics.OPA_UP.set(1)
                return answers
        raise failure

    def _likely_first(self, revision: PolicyRevision) -> list[Engine]:
        likely = self._serves.get(revision)
        return sorted(self._engines, key=lambda engine: engine is not likely)

    def _away(self, revision: PolicyRevision) -> DependencyError | None:
        outage = self._outages.get(revision)
        if outage is None:
            return None
        if outage.recovery.done():
            outage.recovery.result()  # raises what is no outage
            return None
        return outage.error

    def _lost(self, revision: PolicyRevision, error: DependencyError) -> DependencyError:
        if error.code == parse.TIMEOUT:
            self._batch = max(FEWEST_QUESTIONS, self._batch // 2)
        if self._away(revision) is None:
            metrics.OPA_UP.set(0)
            recovery = asyncio.create_task(self._recover(revision), name="opa-recovery")
            self._outages[revision] = _Outage(error, recovery)
        return error

    async def _recover(self, revision: PolicyRevision) -> None:
        backoff = self._backoffs.setdefault(revision, Backoff(self._chance))
        while True:
            await self._sleep(backoff.next_s())
            try:
                await self._canary(revision)
            except DependencyError:
                continue
            self._outages.pop(revision, None)
            return

    def _recall_undecidable(self, unknown: Questions, revision: PolicyRevision, found: _Found) -> None:
        if not self._undecidable:
            return
        now_s = time.monotonic()
        self._undecidable = {key: until for key, until in self._undecidable.items() if until > now_s}
        found.undecidable.update(name for name in unknown if (revision, name) in self._undecidable)
