"""An asker with several policy engines uses the one that serves the revision; surprises are no outages."""

import asyncio
from typing import Any

import pytest

from broker.ask import client as asker_module
from broker.ask import parse
from broker.ask.client import Asker
from broker.ask.opa.client import AskClient
from broker.domain.identifiers import PolicyRevision
from broker.domain.vocabulary import AnswerKind
from broker.errors import DependencyError


class _Serving:
    """Serves one revision, permits all."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self.asked = 0

    async def ask(self, questions: Any, revision: str) -> Any:
        self.asked += 1
        if revision != self.revision:
            raise DependencyError(parse.WRONG_REVISION)
        denied = {"kind": AnswerKind.DENY, "reasons": ("no_agreement",)}
        return {name: asker_module.Answer(**denied) for name in questions}

    async def close(self) -> None:
        pass


class _Broken:
    """Fails once as an outage, then in a way that nobody foresaw."""

    def __init__(self) -> None:
        self._asked = False

    async def ask(self, questions: Any, revision: str) -> Any:
        if self._asked:
            raise ZeroDivisionError
        self._asked = True
        raise DependencyError(parse.UNREACHABLE)

    async def close(self) -> None:
        pass


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
