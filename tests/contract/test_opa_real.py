"""The asker against the real OPA: strict requests, a rule that fails on one question, kill, pause, return."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from opa_process import BACK_S, PATIENT_S, RealOpa, ask_patiently, opa_binary

from broker.ask import parse
from broker.ask.canary import CANARY
from broker.ask.client import Asker
from broker.ask.opa.client import AskClient
from broker.domain.identifiers import AgreementId, EventType, PolicyRevision
from broker.domain.question import Question
from broker.domain.vocabulary import (
    AnswerKind,
    FieldClass,
    Handling,
    Marker,
)
from broker.errors import DependencyError

REVISION = PolicyRevision("test-1")
CULPRIT = AgreementId("agreement-137")

# One question makes a builtin fail, as a faulty rule would; another meets two answers of one rule.
POLICY = """
package candour.batch

answers := json.marshal({name: answer |
	some name, question in input.questions
	answer := {
		"question": question,
		"answer": kind(question),
		"fields": fields(question),
		"basis": null,
		"obligations": {"expires_after_hours": null, "marking": null, "incident_only": false},
		"reasons": [reason | kind(question) == "DENY"; reason := "no_agreement"],
	}
})

kind(question) := "DENY" if question.event_type == "canary"
kind(question) := "PERMIT" if question.event_type != "canary"

fields(question) := {} if question.event_type == "canary"
fields(question) := {"occurred_at": "whole"} if {
	question.event_type != "canary"
	question.agreement != "agreement-137"
	question.agreement != "agreement-138"
}
fields(question) := {"occurred_at": time.parse_rfc3339_ns("no time")} if question.agreement == "agreement-137"
fields(question) := {"occurred_at": "whole"} if question.agreement == "agreement-138"
fields(question) := {"occurred_at": "presence"} if question.agreement == "agreement-138"
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policy")
    (folder / "batch.rego").write_text(POLICY)
    target = folder / "bundle.tar.gz"
    subprocess.run(
        [opa_binary(), "build", folder / "batch.rego", "-r", REVISION, "-o", target],
        check=True,
        capture_output=True,
    )
    return target


@pytest.fixture
async def opa(bundle: Path) -> AsyncIterator[RealOpa]:
    opa = RealOpa(bundle)
    try:
        await opa.start()
        yield opa
    finally:
        opa.stop()


@pytest.fixture
async def asker(opa: RealOpa) -> AsyncIterator[Asker]:
    async with closing_asker(opa, PATIENT_S) as asker:
        yield asker


@asynccontextmanager
async def closing_asker(opa: RealOpa, timeout_s: float) -> AsyncIterator[Asker]:
    asker = Asker([AskClient(opa.url, timeout_s)])
    try:
        yield asker
    finally:
        await asker.close()


def questions_up_to(count: int) -> list[Question]:
    made = replace(CANARY, event_type=EventType("police.s136.detained"), field_class=FieldClass.OP)
    made = replace(made, markers=(Marker.CHILD, Marker.ALIAS))
    return [replace(made, agreement=AgreementId(f"agreement-{number}")) for number in range(count)]


async def test_questions_are_answered_under_the_revision_that_was_asked_for(asker: Asker) -> None:
    asked = await asker.ask(questions_up_to(100), REVISION)
    assert len(asked.answers) == 100
    assert {answer.kind for answer in asked.answers.values()} == {AnswerKind.PERMIT}
    assert {tuple(answer.fields.items()) for answer in asked.answers.values()} == {
        (("occurred_at", Handling.WHOLE),)
    }


async def test_a_rule_that_fails_on_one_question_singles_it_out(asker: Asker) -> None:
    questions = [one for one in questions_up_to(300) if one.agreement != "agreement-138"]
    asked = await asker.ask(questions, REVISION)
    assert asked.undecidable == {one.hash for one in questions if one.agreement == CULPRIT}
    assert len(asked.answers) == 298
    assert (asked.missing, asked.away) == (frozenset(), None)


async def test_two_faults_of_different_kinds_are_both_singled_out(asker: Asker) -> None:
    questions = questions_up_to(300)
    asked = await asker.ask(questions, REVISION)
    culprits = {CULPRIT, "agreement-138"}
    assert asked.undecidable == {one.hash for one in questions if one.agreement in culprits}
    assert len(asked.answers) == 298


async def test_opa_itself_says_that_a_rule_failed(opa: RealOpa) -> None:
    client = AskClient(opa.url, PATIENT_S)
    culprit = questions_up_to(138)[137]
    with pytest.raises(DependencyError) as raised:
        await client.ask({culprit.hash: culprit}, REVISION)
    await client.close()
    assert raised.value.code == parse.RULE_FAILED


async def test_another_revision_than_the_one_served_is_never_answered(asker: Asker) -> None:
    asked = await asker.ask(questions_up_to(3), PolicyRevision("test-2"))
    assert asked.answers == {}
    assert asked.away is not None
    assert asked.away.code == parse.WRONG_REVISION


async def test_killed_opa_leaves_the_cache_answering_and_is_missed_until_it_is_back(
    opa: RealOpa, asker: Asker
) -> None:
    questions = questions_up_to(20)
    await asker.ask(questions[:10], REVISION)
    opa.stop()
    asked = await asker.ask(questions, REVISION)
    assert set(asked.answers) == {one.hash for one in questions[:10]}
    assert asked.away is not None
    assert asked.away.code == parse.UNREACHABLE
    await opa.start()
    await asyncio.wait_for(asker.wait_until_back(REVISION), BACK_S)
    assert len((await asker.ask(questions, REVISION)).answers) == 20


async def test_paused_opa_is_an_outage_and_no_fault_of_any_question(opa: RealOpa) -> None:
    questions = questions_up_to(20)
    async with closing_asker(opa, timeout_s=0.5) as asker:
        opa.send(signal.SIGSTOP)
        asked = await asker.ask(questions, REVISION)
        opa.send(signal.SIGCONT)
        assert asked.away is not None
        assert asked.away.code == parse.TIMEOUT
        assert asked.undecidable == frozenset()
        await asyncio.wait_for(asker.wait_until_back(REVISION), BACK_S)
        # Half a second is little on a busy machine, for an engine that runs too.
        assert len((await ask_patiently(asker, questions, REVISION)).answers) == 20


async def test_an_opa_without_its_bundle_is_an_outage() -> None:
    opa = RealOpa(None)
    asker = Asker([AskClient(opa.url, PATIENT_S)])
    try:
        await opa.start()
        asked = await asker.ask([CANARY], REVISION)
    finally:
        await asker.close()
        opa.stop()
    assert asked.missing == {CANARY.hash}
    assert asked.away is not None
    assert asked.away.code == parse.WRONG_REVISION
