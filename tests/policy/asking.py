"""Asks the shipped policies in bulk: one run of the engine over the signed bundle."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from broker.ask.canary import CANARY
from broker.domain.identifiers import AgreementId, DeskId, EventType
from broker.domain.question import Question
from broker.domain.vocabulary import AgencyKind, Purpose, Setting
from broker.policy.engine import run_opa

Answers = list[tuple[Question, Mapping[str, Any]]]

TRIAGE = replace(
    CANARY,
    event_type=EventType("crisis.triage.completed"),
    publisher_kind=AgencyKind.CRISIS,
    setting=Setting.EMERGENCY_LIVE,
    place="northmoor",
    interval="2024-10-01",
)
TO_CONTROL_ROOM = replace(
    TRIAGE,
    agreement=AgreementId("health-to-police-safety-minimum"),
    desk=DeskId("moor-police/control-room"),
    desk_kind=AgencyKind.POLICE,
    purpose=Purpose.P5,
)
TO_SUITE = replace(
    TRIAGE,
    agreement=AgreementId("crisis-and-place-of-safety"),
    desk=DeskId("moor-pos/s136-suite"),
    desk_kind=AgencyKind.PLACE_OF_SAFETY,
)
TO_PEER = replace(
    TRIAGE,
    agreement=AgreementId("crisis-to-peer-support"),
    desk=DeskId("northmoor-crisis/peer"),
    desk_kind=AgencyKind.CRISIS,
)


def ask(opa: Path, bundle: Path, questions: list[Question], folder: Path) -> Answers:
    path = folder / "questions.json"
    path.write_text(json.dumps({"questions": {one.hash: one.row() for one in questions}}))
    run = run_opa(
        opa,
        ["eval", "-b", bundle, "--input", path, "--format", "json", "data.candour.batch.answers"],
    )
    assert run.code == 0
    answers = json.loads(json.loads(run.output)["result"][0]["expressions"][0]["value"])
    assert set(answers) == {one.hash for one in questions}
    return [(one, answers[one.hash]) for one in questions]


def permitted(answers: Answers) -> Answers:
    found = [(question, answer) for question, answer in answers if answer["answer"] == "PERMIT"]
    assert found, "nothing is permitted, so nothing is shown"
    return found
