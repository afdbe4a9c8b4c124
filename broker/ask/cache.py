"""Answers remembered by policy revision and question, bounded."""

from collections.abc import Iterable

from broker.domain.answer import Answer
from broker.domain.identifiers import PolicyRevision, QuestionHash
from broker.domain.question import Question

# A question with its answer takes 1.2 KB, so three full revisions take 105 MB; a year of traffic is some
# thousand questions (design 2.4).
DEFAULT_LIMIT = 30_000

# The revision in force, the one before it that lanes may still be on, and one being warmed.
REVISIONS_KEPT = 3

_Kept = dict[QuestionHash, tuple[Question, Answer]]


class _Generations:
    """Two generations: what is met again moves to the young one; when that is full, the old one goes.

    As good as least-recently-used here, and a hit costs one look-up.
    """

    def __init__(self, limit: int) -> None:
        self.young: _Kept = {}
        self.old: _Kept = {}
        self._limit = max(1, limit // 2)

    def get(self, name: QuestionHash) -> Answer | None:
        kept = self.young.get(name)
        if kept is None:
            kept = self.old.get(name)
            if kept is None:
                return None
            self.put(name, kept)
        return kept[1]

    def put(self, name: QuestionHash, kept: tuple[Question, Answer]) -> None:
        if len(self.young) >= self._limit and name not in self.young:
            self.old = self.young
            self.young = {}
        self.young[name] = kept


class AnswerCache:
    """Answers depend on the question and the policy revision only, so they outlive an outage of OPA."""

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        """At most `limit` answers a revision are kept, of the latest `REVISIONS_KEPT` revisions."""
        self._limit = limit
        self._tables: dict[PolicyRevision, _Generations] = {}
        self.hits = 0
        self.misses = 0

    def look_up(
        self, questions: Iterable[Question], revision: PolicyRevision
    ) -> tuple[dict[QuestionHash, Answer], dict[QuestionHash, Question]]:
        """What is known, and the questions that are not; each once."""
        answers: dict[QuestionHash, Answer] = {}
        unknown: dict[QuestionHash, Question] = {}
        table = self._tables.get(revision)
        asked = 0
        for question in questions:
            asked += 1
            name = question.hash
            if name in answers:
                continue
            answer = None if table is None else table.get(name)
            if answer is None:
                unknown[name] = question
            else:
                answers[name] = answer
        self.misses += len(unknown)
        self.hits += asked - len(unknown)
        return answers, unknown

    def keep(self, question: Question, answer: Answer, revision: PolicyRevision) -> None:
        """Remember one answer. Only answers that were parsed may come here, never a guess."""
        table = self._tables.get(revision)
        if table is None:
            table = self._tables[revision] = _Generations(self._limit)
            while len(self._tables) > REVISIONS_KEPT:
                del self._tables[next(iter(self._tables))]
        table.put(question.hash, (question, answer))

    def seen(self) -> tuple[Question, ...]:
        """Every question met lately under any revision, so that a new revision can be warmed with them."""
        found: dict[QuestionHash, Question] = {}
        for table in self._tables.values():
            for kept in (table.old, table.young):
                found.update((name, question) for name, (question, _) in kept.items())
        return tuple(found.values())

    def __len__(self) -> int:
        return sum(len(table.young.keys() | table.old.keys()) for table in self._tables.values())
