"""Reads OPA's reply strictly: every part there, of its type, known, once; anything else is no answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from broker.domain.answer import BASES, Answer, Obligations
from broker.domain.codes import MARKINGS, REASONS
from broker.domain.identifiers import FieldName, PolicyRevision, QuestionHash
from broker.domain.question import Question
from broker.domain.vocabulary import AnswerKind, Handling
from broker.errors import DependencyError

UNREACHABLE = "opa_unreachable"
TIMEOUT = "opa_timeout"
ERROR = "opa_error"
RULE_FAILED = "opa_rule_failed"
WRONG_REVISION = "opa_wrong_revision"
MALFORMED = "opa_answer_malformed"

FAILURES = {
    UNREACHABLE: "Nobody answers at the policy engine's address, or the connection broke.",
    TIMEOUT: "The policy engine took too long.",
    ERROR: "The policy engine, or something before it, answered with an error.",
    RULE_FAILED: "The policy engine says that a rule failed on these questions.",
    WRONG_REVISION: "No policy engine we know serves the policy revision that is in force here.",
    MALFORMED: "The policy engine's reply is not, in full, the answers to what was asked.",
}
"""Every code of a DependencyError that asking can end in"""

BUNDLE = "candour"

# The largest honest answer names 100 fields and repeats its question: under 8 KiB.
MAX_ANSWER_BYTES = 16 * 1024
MAX_HOURS = 100 * 366 * 24

_REPLY_PARTS = frozenset({"result", "provenance", "decision_id"})
_ANSWER_PARTS = frozenset({"question", "answer", "fields", "basis", "obligations", "reasons"})
_OBLIGATION_PARTS = frozenset({"expires_after_hours", "marking", "incident_only"})
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?")
# What OPA's own evaluation says, as opposed to a proxy before it or a store behind it.
_EVALUATION_FAILED = "eval_"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply as it came."""

    status: int
    body: bytes


class _MalformedError(Exception):
    """What is wrong with a reply; never leaves this module, and never says what the reply said."""


def max_reply_bytes(questions: int) -> int:
    """A longer reply to so many questions is not read to its end."""
    return (questions + 1) * MAX_ANSWER_BYTES


def read_reply(
    reply: Reply, asked: Mapping[QuestionHash, Question], revision: PolicyRevision
) -> dict[QuestionHash, Answer]:
    """The answer to each question asked.

    Raises:
        DependencyError: `opa_error`, `opa_rule_failed`, `opa_wrong_revision` or `opa_answer_malformed`.
            One answer at fault makes the whole reply malformed: nothing of it is believed.
    """
    if reply.status != 200:
        raise DependencyError(RULE_FAILED if _says_rule_failed(reply) else ERROR)
    try:
        document = _object(_strict_json(reply.body), "reply")
        if _revision(document) != revision:
            raise DependencyError(WRONG_REVISION)
        if not document.keys() <= _REPLY_PARTS:
            raise _MalformedError("parts beyond the result: a warning")
        return parse_answers(document.get("result"), asked)
    except _MalformedError:
        raise DependencyError(MALFORMED) from None


def parse_answers(text: object, asked: Mapping[QuestionHash, Question]) -> dict[QuestionHash, Answer]:
    """The answers in the batch rule's value, a JSON object spelt in a string.

    Raises:
        DependencyError: `opa_answer_malformed`.
    """
    try:
        if not isinstance(text, str):
            raise _MalformedError("undefined, or no string")
        answers = _object(_strict_json(text), "answers")
        if answers.keys() != asked.keys():
            raise _MalformedError("answers other questions than were asked")
        return {name: _answer(answers[name], question) for name, question in asked.items()}
    except _MalformedError:
        raise DependencyError(MALFORMED) from None


def _answer(value: object, question: Question) -> Answer:
    parts = _object(value, "answer", _ANSWER_PARTS)
    # Compared as text, so that 1 does not pass for true.
    if _spelt(parts["question"]) != _spelt(question.row()):
        raise _MalformedError("repeats another question")
    kind = _one_of(AnswerKind, parts["answer"])
    answer = Answer(
        kind=kind,
        fields=_fields(parts["fields"]),
        basis=_basis(parts["basis"]),
        obligations=_obligations(parts["obligations"]),
        reasons=_reasons(parts["reasons"]),
    )
    if kind is AnswerKind.PERMIT:
        return answer
    if answer.fields:
        raise _MalformedError("gives fields without a permit")
    if not answer.reasons:
        raise _MalformedError("refuses without a reason")
    return answer


def _fields(value: object) -> dict[FieldName, Handling]:
    fields: dict[FieldName, Handling] = {}
    for name, handling in _object(value, "fields").items():
        if not _FIELD_NAME.fullmatch(name):
            raise _MalformedError("no name of a field")
        fields[FieldName(name)] = _one_of(Handling, handling)
    return fields


def _basis(value: object) -> str | None:
    if value is None or (isinstance(value, str) and value in BASES):
        return value
    raise _MalformedError("unknown basis")


def _obligations(value: object) -> Obligations:
    parts = _object(value, "obligations", _OBLIGATION_PARTS)
    hours, marking, incident_only = parts["expires_after_hours"], parts["marking"], parts["incident_only"]
    if hours is not None and (type(hours) is not int or not 0 < hours <= MAX_HOURS):
        raise _MalformedError("hours are no whole number in range")
    if marking is not None and (not isinstance(marking, str) or marking not in MARKINGS):
        raise _MalformedError("unknown marking")
    if not isinstance(incident_only, bool):
        raise _MalformedError("incident_only is no truth value")
    return Obligations(hours, marking, incident_only)


def _reasons(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(reason, str) for reason in value):
        raise _MalformedError("reasons are no list of codes")
    if any(reason not in REASONS for reason in value) or value != sorted(set(value)):
        raise _MalformedError("reasons are unknown, repeated or not in order")
    return tuple(value)


def _one_of(kind: Any, value: object) -> Any:
    try:
        # Only a string names a member, and only one that is spelt exactly so.
        return kind(value) if isinstance(value, str) else _refuse(value)
    except ValueError:
        raise _MalformedError("unknown word") from None


def _object(value: object, what: str, parts: frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _MalformedError(f"{what}: no object")
    if parts is not None and value.keys() != parts:
        raise _MalformedError(f"{what}: missing or extra parts")
    return value


def _revision(document: Mapping[str, Any]) -> object:
    provenance = document.get("provenance")
    bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
    bundle = bundles.get(BUNDLE) if isinstance(bundles, dict) else None
    return bundle.get("revision") if isinstance(bundle, dict) else None


def _says_rule_failed(reply: Reply) -> bool:
    try:
        document = _object(_strict_json(reply.body), "reply") if reply.status == 500 else {}
    except _MalformedError:
        return False
    errors = document.get("errors")
    codes = (
        [error.get("code") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    )
    return bool(codes) and all(
        isinstance(code, str) and code.startswith(_EVALUATION_FAILED) for code in codes
    )


def _strict_json(data: str | bytes) -> object:
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_refuse)
    except (ValueError, RecursionError):
        raise _MalformedError("no JSON") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _MalformedError("a key stands twice")
    return found


def _refuse(_: object) -> NoReturn:
    raise _MalformedError("NaN, infinity, a fraction or a value of another type")


def _spelt(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
