"""The cache outlives an outage, a culprit stands alone, an engine that comes and goes convicts nobody."""

import asyncio
import random
from typing import Any

import pytest
from aiohttp import web

from broker.ask import client as asker_module
from broker.ask import parse
from broker.ask.canary import CANARY
from broker.ask.client import Asker
from broker.domain.identifiers import PolicyRevision
from broker.domain.question import Question
from broker.domain.vocabulary import AnswerKind

CULPRIT = "agreement-13"


def hashes(questions: list[Question]) -> set[str]:
    return {question.hash for question in questions}


async def fails(_: Any) -> web.StreamResponse:
    return web.Response(status=500)


def failing_on(opa: Any, culprits: set[str], failure: Any) -> Any:
    async def play(questions: Any) -> web.StreamResponse:
        if any(row["agreement"] in culprits for row in questions.values()):
            return failure()
        return await opa.honest(questions)

    return play


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asker_module, "SECOND_TRIES_S", (0.0, 0.0, 0.0, 0.0))


async def test_a_question_is_asked_once(opa, asker, questions, revision) -> None:
    first = await asker.ask(questions + questions, revision)
    second = await asker.ask(reversed(questions), revision)
    assert set(first.answers) == set(second.answers) == hashes(questions)
    assert (first.missing, first.undecidable, first.away) == (frozenset(), frozenset(), None)
    assert len(opa.asked) == 1
    assert len(opa.asked[0]) == len(questions)


async def test_an_answer_counts_for_its_revision_only(opa, asker, questions, revision) -> None:
    await asker.ask(questions, revision)
    opa.revision = "rev-2"
    assert (await asker.ask(questions, PolicyRevision("rev-2"))).missing == frozenset()
    assert len(opa.asked) == 2


async def test_large_askings_go_in_batches(opa, asker, questions, revision, monkeypatch) -> None:
    asker._batch = 6
    await asker.ask(questions, revision)
    assert [len(asked) for asked in opa.asked] == [6, 6, 6, 2]


async def test_while_opa_is_away_the_cache_answers_and_the_rest_is_missing(
    opa, asker, questions, revision
) -> None:
    known, unknown = questions[:12], questions[12:]
    await asker.ask(known, revision)
    opa.play = fails
    asked = await asker.ask(questions, revision)
    assert set(asked.answers) == hashes(known)
    assert asked.missing == hashes(unknown)
    assert asked.away is not None
    assert asked.away.code == parse.ERROR
    assert asked.undecidable == frozenset()


async def test_nobody_hammers_an_engine_that_is_away(opa, client, questions, revision) -> None:
    never = asyncio.Event()
    asker = Asker([client], sleep=lambda _: never.wait())
    opa.play = fails
    await asker.ask(questions, revision)
    before = len(opa.asked)
    for _ in range(100):
        assert (await asker.ask(questions, revision)).missing == hashes(questions)
    assert len(opa.asked) == before
    assert asker.is_away(revision)
    await asker.close()


async def test_waiting_ends_when_opa_is_back(opa, asker, questions, revision) -> None:
    opa.play = fails
    await asker.ask(questions, revision)
    waits = [asyncio.create_task(asker.wait_until_back(revision)) for _ in range(3)]
    await asyncio.sleep(0.2)
    assert not any(wait.done() for wait in waits)
    opa.play = opa.honest
    await asyncio.wait_for(asyncio.gather(*waits), 5)
    assert not asker.is_away(revision)
    assert (await asker.ask(questions, revision)).missing == frozenset()


async def test_a_lane_that_stops_waiting_leaves_the_others_waiting(opa, asker, questions, revision) -> None:
    opa.play = fails
    await asker.ask(questions, revision)
    given_up, patient = (asyncio.create_task(asker.wait_until_back(revision)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    opa.play = opa.honest
    await asyncio.wait_for(patient, 5)


async def test_waiting_for_an_engine_that_is_there_returns_at_once(asker, revision) -> None:
    await asyncio.wait_for(asker.wait_until_back(revision), 1)


async def test_pauses_grow_from_a_tenth_of_a_second_to_five(opa, client, questions, revision) -> None:
    pauses: list[float] = []
    enough = asyncio.Event()

    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)
        if len(pauses) == 9:
            enough.set()
            await asyncio.Event().wait()

    opa.play = fails
    asker = Asker([client], sleep=sleep, chance=lambda: 1.0)
    await asker.ask(questions, revision)
    await asyncio.wait_for(enough.wait(), 5)
    await asker.close()
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


FAILURES = {
    "a rule that fails": lambda opa: opa.rule_failed(),
    "a bare 500": lambda opa: web.Response(status=500),
    "an undefined answer": lambda opa: opa.reply({}),
    "nonsense": lambda opa: opa.reply_text("nonsense"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_the_culprit_stands_alone_and_its_neighbours_are_answered(
    opa, asker, questions, revision, no_pauses, failure
) -> None:
    opa.play = failing_on(opa, {CULPRIT}, lambda: failure(opa))
    asked = await asker.ask(questions, revision)
    culprit = next(question for question in questions if question.agreement == CULPRIT)
    assert asked.undecidable == {culprit.hash}
    assert set(asked.answers) == hashes(questions) - {culprit.hash}
    assert asked.missing == frozenset()
    assert asked.away is None


async def test_several_culprits_are_all_found(opa, asker, questions, revision) -> None:
    culprits = {"agreement-0", "agreement-1", "agreement-19"}
    opa.play = failing_on(opa, culprits, opa.rule_failed)
    asked = await asker.ask(questions, revision)
    assert asked.undecidable == {one.hash for one in questions if one.agreement in culprits}
    assert len(asked.answers) == 17


async def test_a_culprit_is_remembered_for_a_while(opa, asker, questions, revision) -> None:
    opa.play = failing_on(opa, {CULPRIT}, opa.rule_failed)
    first = await asker.ask(questions, revision)
    before = len(opa.asked)
    second = await asker.ask(questions, revision)
    assert second.undecidable == first.undecidable
    assert len(opa.asked) == before


async def test_a_policy_that_fails_on_everything_is_an_outage_and_convicts_nobody(
    opa, asker, questions, revision
) -> None:
    async def play(_: Any) -> web.StreamResponse:
        return opa.rule_failed()

    opa.play = play
    asked = await asker.ask(questions, revision)
    assert asked.undecidable == frozenset()
    assert asked.missing == hashes(questions)
    assert asked.away is not None


async def test_a_policy_that_permits_the_canary_is_not_asked_further(
    opa, asker, questions, revision, honest
) -> None:
    async def play(rows: dict[str, Any]) -> web.StreamResponse:
        if len(rows) > 1:
            return opa.rule_failed()
        answers = {name: honest({**row, "event_type": "x"}) for name, row in rows.items()}
        return opa.reply({name: {**one, "question": rows[name]} for name, one in answers.items()})

    opa.play = play
    asked = await asker.ask(questions, revision)
    assert asked.away is not None
    assert asked.away.code == parse.MALFORMED


async def test_an_engine_that_fails_half_of_the_time_convicts_nobody(
    opa, client, questions, revision
) -> None:
    chance = random.Random(999)
    asker = Asker([client], sleep=lambda _: asyncio.sleep(0.001))

    async def play(rows: Any) -> web.StreamResponse:
        return await (fails(rows) if chance.random() < 0.5 else opa.honest(rows))

    opa.play = play
    for _ in range(50):
        asked = await asker.ask(questions, revision)
        assert asked.undecidable == frozenset()
        if not asked.missing:
            break
        await asyncio.wait_for(asker.wait_until_back(revision), 5)
    assert set(asked.answers) == hashes(questions)
    assert {answer.kind for answer in asked.answers.values()} == {AnswerKind.PERMIT}
    await asker.close()


async def test_a_lone_question_that_fails_for_a_moment_is_answered_after_all(
    opa, asker, questions, revision
) -> None:
    failures = 2

    async def play(rows: Any) -> web.StreamResponse:
        nonlocal failures
        if CANARY.hash not in rows and failures:
            failures -= 1
            return await fails(rows)
        return await opa.honest(rows)

    opa.play = play
    asked = await asker.ask(questions[:1], revision)
    assert set(asked.answers) == hashes(questions[:1])
    assert asked.undecidable == frozenset()


async def test_an_engine_that_goes_while_a_lone_question_is_tried_again_convicts_nobody(
    opa, asker, questions, revision, no_pauses
) -> None:
    canaries = 0

    async def play(rows: Any) -> web.StreamResponse:
        nonlocal canaries
        canaries += CANARY.hash in rows
        return await (opa.honest(rows) if CANARY.hash in rows and canaries == 1 else fails(rows))

    opa.play = play
    asked = await asker.ask(questions[:1], revision)
    assert asked.missing == hashes(questions[:1])
    assert asked.undecidable == frozenset()


async def test_a_time_out_convicts_nobody_and_makes_the_next_batches_smaller(
    opa, hasty_asker, questions, revision
) -> None:
    async def play(rows: Any) -> web.StreamResponse:
        if len(rows) > 1:
            await asyncio.sleep(30)
        return await opa.honest(rows)

    opa.play = play
    asked = await hasty_asker.ask(questions, revision)
    assert asked.away is not None
    assert asked.away.code == parse.TIMEOUT
    assert asked.undecidable == frozenset()
    assert hasty_asker._batch == 250


async def test_warming_with_what_was_seen_makes_a_new_revision_outlive_an_outage(
    opa, asker, questions, revision
) -> None:
    await asker.ask(questions, revision)
    opa.revision = "rev-2"
    await asker.warm(asker.cache.seen(), PolicyRevision("rev-2"))
    opa.play = fails
    assert (await asker.ask(questions, PolicyRevision("rev-2"))).missing == frozenset()


async def test_an_engine_that_flaps_ends_with_every_question_answered(
    opa, asker, questions, revision
) -> None:
    async def flap() -> None:
        for play in (fails, opa.honest, fails, opa.honest):
            opa.play = play
            await asyncio.sleep(0.15)

    flapping = asyncio.create_task(flap())
    for _ in range(20):
        asked = await asker.ask(questions, revision)
        assert asked.undecidable == frozenset()
        if not asked.missing:
            break
        await asyncio.wait_for(asker.wait_until_back(revision), 10)
    assert set(asked.answers) == hashes(questions)
    await flapping
