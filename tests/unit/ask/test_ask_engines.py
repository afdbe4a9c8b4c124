"""An asker with several policy engines uses the one that serves the revision; surprises are no outages."""

import asyncio
from typing import Any

import pytest

from broker.ask import parse
from broker.ask.client import Asker
from broker.ask.opa.client import AskClient
from broker.domain.answer import Answer
from broker.domain.identifiers import PolicyRevision
from broker.domain.vocabulary import AnswerKind
from broker.errors import DependencyError


class _Serving:
    """Serves one revision and denies all, unless it is away."""

    def __init__(self, revision: str, away: str = "") -> None:
        self.revision = revision
        self.away = away
        self.asked = 0

    async def ask(self, questions: Any, revision: str) -> Any:
        self.asked += 1
        if self.away:
            raise DependencyError(self.away)
        if revision != self.revision:
            raise DependencyError(parse.WRONG_REVISION)
        return {name: Answer(AnswerKind.DENY, reasons=("no_agreement",)) for name in questions}

    async def close(self) -> None:
        pass


class _Broken:
    """Is away, but for one time when it fails in a way that nobody foresaw."""

    def __init__(self) -> None:
        self._asked = 0

    async def ask(self, questions: Any, revision: str) -> Any:
        self._asked += 1
        if self._asked == 2:
            raise ZeroDivisionError
        raise DependencyError(parse.UNREACHABLE)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("first", [0, 1])
async def test_an_outage_is_told_as_what_it_is_though_other_engines_serve_other_revisions(
    questions, revision, first
) -> None:
    engines = [_Serving("rev-1", parse.TIMEOUT), _Serving("rev-0")]
    asker = Asker([engines[first], engines[1 - first]])
    asked = await asker.ask(questions, revision)
    await asker.close()
    assert asked.away is not None
    assert asked.away.code == parse.TIMEOUT


async def test_of_several_engines_the_one_that_serves_the_revision_answers(opa, questions, revision) -> None:
    old = _Serving("rev-0")
    new = _Serving("rev-1")
    asker = Asker([old, new])
    await asker.ask(questions[:1], revision)
    await asker.ask(questions[1:2], revision)
    assert (old.asked, new.asked) == (1, 2)
    await asker.ask(questions[:1], PolicyRevision("rev-0"))
    assert (old.asked, new.asked) == (2, 2)
    await asker.close()


async def test_a_revision_that_nobody_serves_is_an_outage_of_that_revision_only(questions, revision) -> None:
    asker = Asker([_Serving("rev-1")])
    asked = await asker.ask(questions, PolicyRevision("rev-9"))
    assert asked.away is not None
    assert asked.away.code == parse.WRONG_REVISION
    assert (await asker.ask(questions, revision)).away is None
    await asker.close()


async def test_a_surprise_in_the_background_is_not_taken_for_an_outage(questions, revision) -> None:
    asker = Asker([_Broken()], sleep=lambda _: asyncio.sleep(0))
    await asker.ask(questions, revision)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(asker.wait_until_back(revision), 5)
    with pytest.raises(ZeroDivisionError):
        await asker.ask(questions, revision)
    await asker.close()


def test_an_asker_of_addresses_has_one_client_each() -> None:
    asker = Asker.of(["http://127.0.0.1:8181", "http://127.0.0.1:8182"])
    assert [type(engine) for engine in asker._engines] == [AskClient, AskClient]
