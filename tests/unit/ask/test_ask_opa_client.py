"""Whatever OPA, or something in its place, does: an answer in full, or one code of a closed list."""

import asyncio
import inspect
import json
from typing import Any

import aiohttp
import opa_client.errors
import pytest
from aiohttp import web

from broker.ask import parse
from broker.ask.canary import CANARY
from broker.ask.opa import client as opa_module
from broker.ask.opa.client import AskClient, code_of
from broker.domain.identifiers import PolicyRevision
from broker.domain.question import Question
from broker.domain.vocabulary import AnswerKind
from broker.errors import ConfigurationError, DependencyError

ASKED = {CANARY.hash: CANARY}


async def test_questions_are_answered_in_one_strict_request(opa, client, questions, revision) -> None:
    answers = await client.ask({question.hash: question for question in questions}, revision)
    assert {answer.kind for answer in answers.values()} == {AnswerKind.PERMIT}
    assert len(opa.asked) == 1
    assert (opa.sent["provenance"], opa.sent["strict-builtin-errors"]) == ("true", "true")
    assert opa.sent["path"] == "/v1/data/candour/batch/answers"
    assert opa.sent["Accept-Encoding"] == "identity"


async def hangs(_: Any) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def html(_: Any) -> web.StreamResponse:
    return web.Response(text="<html>welcome</html>", content_type="text/html")


async def fails(_: Any) -> web.StreamResponse:
    return web.Response(status=500, text="down")


async def unavailable(_: Any) -> web.StreamResponse:
    return web.Response(status=503)


async def cut_off(_: Any) -> web.StreamResponse:
    raise asyncio.CancelledError  # the server closes the connection without a word


async def undefined(_: Any) -> web.StreamResponse:
    return web.json_response({"provenance": {"bundles": {"candour": {"revision": "rev-1"}}}})


async def no_bundle_yet(_: Any) -> web.StreamResponse:
    return web.json_response({"provenance": {"version": "1.22.2"}})


PLAYS = {
    html: parse.MALFORMED,
    fails: parse.ERROR,
    unavailable: parse.ERROR,
    cut_off: parse.UNREACHABLE,
    undefined: parse.MALFORMED,
    no_bundle_yet: parse.WRONG_REVISION,
}


@pytest.mark.parametrize(("play", "code"), PLAYS.items(), ids=lambda one: getattr(one, "__name__", one))
async def test_no_answer_has_a_code_and_none_of_the_librarys_words(opa, client, revision, play, code) -> None:
    opa.play = play
    await assert_fails_with(client, revision, code)


async def test_silence_has_a_code_and_none_of_the_librarys_words(opa, hasty, revision) -> None:
    opa.play = hangs
    await assert_fails_with(hasty, revision, parse.TIMEOUT)


async def assert_fails_with(client: AskClient, revision: PolicyRevision, code: str) -> None:
    with pytest.raises(DependencyError) as raised:
        await client.ask(ASKED, revision)
    assert raised.value.args == (code,)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None or raised.value.__suppress_context__


TEXTS = {
    "duplicate keys": lambda text: text[:-1] + f', "{CANARY.hash}": {{}}}}',
    "NaN": lambda text: text.replace("72", "NaN"),
    "a string for false": lambda text: text.replace("false", '"false"', 1),
    "an extra part": lambda text: text.replace('"basis"', '"more": 1, "basis"'),
    "a missing part": lambda text: text.replace('"basis": null, ', ""),
    "the wrong echo": lambda text: text.replace('"place": "canary"', '"place": "northmoor"'),
    "truncated": lambda text: text[: len(text) // 2],
}


@pytest.mark.parametrize("spoil", TEXTS.values(), ids=TEXTS.keys())
async def test_a_spoilt_answer_is_malformed(opa, client, revision, honest, spoil) -> None:
    async def play(questions: Any) -> web.StreamResponse:
        text = json.dumps({name: honest(row) for name, row in questions.items()})
        assert spoil(text) != text
        return opa.reply_text(spoil(text))

    opa.play = play
    with pytest.raises(DependencyError, match=r"^opa_answer_malformed$"):
        await client.ask(ASKED, revision)


async def test_a_body_shorter_than_it_said_is_no_answer(opa, hasty, revision) -> None:
    async def play(_: Any) -> web.StreamResponse:
        return web.Response(body=b'{"result"', headers={"Content-Length": "5000"})

    opa.play = play
    with pytest.raises(DependencyError, match=r"^opa_(unreachable|timeout)$"):
        await hasty.ask(ASKED, revision)


async def test_a_reply_beyond_any_honest_length_is_not_read_to_its_end(opa, client, revision) -> None:
    async def play(questions: Any) -> web.StreamResponse:
        honest = (await opa.honest(questions)).body
        return web.Response(body=honest + b" " * opa_module._AsItCame.most_bytes)

    opa.play = play
    with pytest.raises(DependencyError, match=r"^opa_answer_malformed$"):
        await client.ask(ASKED, revision)


async def test_another_revision_is_no_answer(opa, client, revision) -> None:
    opa.revision = "rev-0"
    with pytest.raises(DependencyError, match=r"^opa_wrong_revision$"):
        await client.ask(ASKED, revision)


async def test_a_failure_is_told_once_without_retries(opa, client, revision) -> None:
    opa.play = fails
    with pytest.raises(DependencyError):
        await client.ask(ASKED, revision)
    assert len(opa.asked) == 1


async def test_a_dead_port_is_unreachable(unused_tcp_port: int, revision) -> None:
    client = AskClient(f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(DependencyError, match=r"^opa_unreachable$"):
        await client.ask(ASKED, revision)
    await client.close()


async def test_a_client_works_again_after_a_failure(opa, client, revision) -> None:
    opa.play = hangs
    with pytest.raises(DependencyError):
        await client.ask(ASKED, revision)
    opa.play = opa.honest
    assert (await client.ask(ASKED, revision))[CANARY.hash].reasons == ("no_agreement",)


def _exceptions(module: Any) -> list[type[Exception]]:
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
    return [kind for kind in kinds if issubclass(kind, Exception) and kind.__module__ == module.__name__]


@pytest.mark.parametrize("kind", _exceptions(opa_client.errors), ids=lambda kind: kind.__name__)
def test_every_error_of_the_opa_client_has_a_code_of_its_own_entry(kind: type[Exception]) -> None:
    assert opa_module._CODES[kind] in parse.FAILURES


# A web socket is never opened here.
HTTP_ERRORS = [
    kind for kind in _exceptions(aiohttp.client_exceptions) if kind is not aiohttp.WSMessageTypeError
]


@pytest.mark.parametrize("kind", HTTP_ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_http_client_has_a_code(kind: type[Exception]) -> None:
    assert code_of(kind.__new__(kind)) in parse.FAILURES


def test_a_time_out_is_told_from_a_broken_connection() -> None:
    assert code_of(aiohttp.ServerTimeoutError()) == parse.TIMEOUT
    assert code_of(aiohttp.ServerDisconnectedError()) == parse.UNREACHABLE


@pytest.mark.parametrize("url", ["localhost:8181", "ftp://opa:8181", "http://", "http://opa:8181/v1"])
def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        AskClient(url)


async def test_what_opa_is_sent_is_the_row_of_each_question(
    opa, client, questions: list[Question], revision
) -> None:
    seen: dict[str, Any] = {}

    async def play(rows: dict[str, Any]) -> web.StreamResponse:
        seen.update(rows)
        return await opa.honest(rows)

    opa.play = play
    await client.ask({questions[0].hash: questions[0]}, revision)
    assert seen == {questions[0].hash: questions[0].row()}
