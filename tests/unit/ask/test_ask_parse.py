"""A reply is believed in full or not at all."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from broker.ask import parse
from broker.ask.canary import CANARY
from broker.ask.parse import Reply, parse_answers, read_reply
from broker.domain.answer import Answer, Obligations
from broker.domain.identifiers import PolicyRevision
from broker.domain.question import Question
from broker.domain.vocabulary import AnswerKind, Handling
from broker.errors import DependencyError

ASKED = {CANARY.hash: CANARY}
REVISION = PolicyRevision("rev-1")


def permit() -> dict[str, Any]:
    return {
        "question": CANARY.row(),
        "answer": "PERMIT",
        "fields": {"person.found_at": "coarsened"},
        "basis": "B6",
        "obligations": {"expires_after_hours": 72, "marking": None, "incident_only": True},
        "reasons": [],
    }


def deny() -> dict[str, Any]:
    return {**permit(), "answer": "DENY", "fields": {}, "basis": None, "reasons": ["no_agreement"]}


def spelt(answer: object, name: str = CANARY.hash) -> str:
    return json.dumps({name: answer})


def test_a_whole_answer_is_read_as_it_is_meant() -> None:
    assert parse_answers(spelt(permit()), ASKED) == {
        CANARY.hash: Answer(
            AnswerKind.PERMIT, {"person.found_at": Handling.COARSENED}, "B6", Obligations(72, None, True), ()
        )
    }


def test_a_denial_keeps_its_reasons() -> None:
    assert parse_answers(spelt(deny()), ASKED)[CANARY.hash].reasons == ("no_agreement",)


def changed(**parts: object) -> str:
    return spelt({**permit(), **parts})


def without(part: str) -> str:
    return spelt({name: value for name, value in permit().items() if name != part})


def obligations(**parts: object) -> str:
    return changed(obligations={**permit()["obligations"], **parts})


LIES: dict[str, object] = {
    "undefined": None,
    "no string": {CANARY.hash: permit()},
    "empty": "",
    "truncated": spelt(permit())[:-9],
    "two documents": spelt(permit()) + "{}",
    "html": "<html>502 Bad Gateway</html>",
    "a list": json.dumps([permit()]),
    "no answers": "{}",
    "another question's answer": spelt(permit(), "0" * 32),
    "an answer too many": json.dumps({CANARY.hash: permit(), "0" * 32: permit()}),
    "an answer twice": f'{{"{CANARY.hash}":{json.dumps(deny())},"{CANARY.hash}":{json.dumps(permit())}}}',
    "a part twice": spelt(deny()).replace('"answer":', '"answer": "PERMIT", "answer":'),
    "nested beyond sense": "[" * 100_000,
    "answer is no object": spelt("PERMIT"),
    "answer is true": spelt(True),
    "unknown kind": changed(answer="ALLOW"),
    "kind in lower case": changed(answer="permit"),
    "kind is true": changed(answer=True),
    "kind is a list": changed(answer=["PERMIT"]),
    "extra part": changed(allow=True),
    "echo of another question": changed(question={**CANARY.row(), "place": "southmoor"}),
    "echo with 1 for true": changed(question={**CANARY.row(), "wishes_known": 1}),
    "echo with a part too many": changed(question={**CANARY.row(), "more": None}),
    "fields is a list": changed(fields=["person.found_at"]),
    "unknown handling": changed(fields={"person.found_at": "all"}),
    "handling is true": changed(fields={"person.found_at": True}),
    "no name of a field": changed(fields={"person.*": "whole"}),
    "name of a field ends in a line break": changed(fields={"occurred_at\n": "whole"}),
    "unknown basis": changed(basis="B13"),
    "basis is a number": changed(basis=6),
    "obligations missing a part": changed(obligations={"marking": None, "incident_only": False}),
    "obligations with a part too many": obligations(keep="ever"),
    "hours are text": obligations(expires_after_hours="72"),
    "hours are true": obligations(expires_after_hours=True),
    "hours are none at all": obligations(expires_after_hours=0),
    "hours are a fraction": obligations(expires_after_hours=0.5),
    "hours are NaN": obligations(expires_after_hours=float("nan")),
    "hours are infinite": obligations(expires_after_hours=float("inf")),
    "hours for ever": obligations(expires_after_hours=10**30),
    "unknown marking": obligations(marking="public"),
    "incident_only is text": obligations(incident_only="false"),
    "incident_only is null": obligations(incident_only=None),
    "reasons are text": changed(reasons="objection"),
    "unknown reason": changed(reasons=["because"]),
    "reasons not in order": changed(reasons=["objection", "no_basis"]),
    "a reason twice": changed(reasons=["objection", "objection"]),
    "a denial that gives fields": spelt({**deny(), "fields": {"person.found_at": "whole"}}),
    "a denial without a reason": spelt({**deny(), "reasons": []}),
    "a hold that gives fields": changed(answer="HOLD", reasons=["class_needs_person"]),
} | {f"no {part}": without(part) for part in permit()}


@pytest.mark.parametrize("text", LIES.values(), ids=LIES.keys())
def test_what_is_not_whole_is_no_answer(text: object) -> None:
    with pytest.raises(DependencyError, match=r"^opa_answer_malformed$"):
        parse_answers(text, ASKED)


def reply(status: int = 200, **parts: object) -> Reply:
    document = {
        "provenance": {"bundles": {"candour": {"revision": REVISION}}},
        "result": spelt(permit()),
        **parts,
    }
    return Reply(status, json.dumps(document).encode())


def test_a_whole_reply_under_the_revision_asked_for_is_believed() -> None:
    assert read_reply(reply(), ASKED, REVISION)[CANARY.hash].kind is AnswerKind.PERMIT


EVALUATION = {"code": "internal_error", "errors": [{"code": "eval_conflict_error"}]}
REPLIES = {
    "html": (Reply(200, b"<html>hello</html>"), parse.MALFORMED),
    "not utf-8": (Reply(200, b"\xff\xfe"), parse.MALFORMED),
    "a warning": (reply(warning={"code": "api_usage_warning"}), parse.MALFORMED),
    "undefined": (Reply(200, reply().body.replace(b'"result"', b'"reslut"')), parse.MALFORMED),
    "result twice": (Reply(200, reply().body[:-1] + b', "result": "{}"}'), parse.MALFORMED),
    "another revision": (
        reply(provenance={"bundles": {"candour": {"revision": "rev-0"}}}),
        parse.WRONG_REVISION,
    ),
    "no revision": (reply(provenance={"bundles": {"candour": {}}}), parse.WRONG_REVISION),
    "no bundle": (reply(provenance={}), parse.WRONG_REVISION),
    "provenance is a list": (reply(provenance=[]), parse.WRONG_REVISION),
    "not found": (reply(404), parse.ERROR),
    "no content": (Reply(204, b""), parse.ERROR),
    "unavailable": (Reply(503, b"busy"), parse.ERROR),
    "a proxy's 500": (Reply(500, b"<html>oops</html>"), parse.ERROR),
    "a store's 500": (Reply(500, b'{"errors": [{"code": "storage_error"}]}'), parse.ERROR),
    "a 500 without errors": (Reply(500, b'{"code": "internal_error", "errors": []}'), parse.ERROR),
    "a rule that failed": (Reply(500, json.dumps(EVALUATION).encode()), parse.RULE_FAILED),
    "a rule that failed, on a 502": (Reply(502, json.dumps(EVALUATION).encode()), parse.ERROR),
}


@pytest.mark.parametrize(("given", "code"), REPLIES.values(), ids=REPLIES.keys())
def test_every_other_reply_has_its_code(given: Reply, code: str) -> None:
    with pytest.raises(DependencyError) as raised:
        read_reply(given, ASKED, REVISION)
    assert raised.value.code == code
    assert code in parse.FAILURES


@pytest.mark.parametrize("value", ["PERMIT", "true", 1, None])
def test_an_answer_that_is_only_a_word_permits_nothing(value: object) -> None:
    with pytest.raises(DependencyError):
        parse_answers(spelt(value), ASKED)


def test_one_answer_at_fault_leaves_none(questions: list[Question], honest: Callable[..., Any]) -> None:
    asked = {question.hash: question for question in questions}
    answers = {name: honest(question.row()) for name, question in asked.items()}
    answers[questions[7].hash]["answer"] = "MAYBE"
    with pytest.raises(DependencyError, match=r"^opa_answer_malformed$"):
        parse_answers(json.dumps(answers), asked)
