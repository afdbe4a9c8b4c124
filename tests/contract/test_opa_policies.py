"""The policies as shipped, in a real OPA: they answer the canary and every question asked ahead."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from opa_process import ask_of_bundle, opa_binary

from broker.ask.canary import CANARY
from broker.ask.client import Asked
from broker.ask.warming import core_as_asked, core_prototypes, core_questions
from broker.domain.identifiers import PolicyRevision
from broker.domain.question import Question
from broker.domain.vocabulary import (
    AgeBand,
    AgencyKind,
    AnswerKind,
    Capacity,
    Marker,
    PermissionSource,
    Purpose,
    Regime,
    Setting,
    Threshold,
    WishState,
)
from broker.policy.compile import compile_policies
from broker.registry.agreements import load_agreements
from broker.settings import shipped

REVISION = PolicyRevision("shipped")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policies as shipped, compiled."""
    folder = tmp_path_factory.mktemp("shipped")
    document = compile_policies(shipped("policies"), shipped("schemas"))
    (folder / "data.json").write_text(json.dumps(document))
    command = [opa_binary(), "build", shipped("policies") / "sharing", folder / "data.json"]
    command += [
        "--ignore",
        "*.yaml",
        "--ignore",
        "*_test.rego",
        "-r",
        REVISION,
        "-o",
        folder / "bundle.tar.gz",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder


async def ask_policy(policy: Path, questions: list[Question]) -> Asked:
    return await ask_of_bundle(policy / "bundle.tar.gz", questions, REVISION)


def shipped_cores(policy: Path) -> list[Question]:
    document = json.loads((policy / "data.json").read_text())
    shipped_policy = load_agreements(policy / "data.json")
    publishers = {name: [AgencyKind.POLICE, AgencyKind.CRISIS] for name in document["event_types"]}
    prototypes = core_prototypes(
        shipped_policy.subscriptions,
        publishers,
        lambda desk: AgencyKind(document["desks"][desk]),
        document["effective_dates"][-2],
        frozenset({"northmoor", "southmoor"}),
    )
    return [
        core
        for core in core_questions(prototypes, shipped_policy.responders, [Purpose.P1])
        if {core.threshold_asserted, core.threshold_confirmed} <= {Threshold.NONE, Threshold.LIFE_RISK}
    ]


async def test_the_shipped_policies_answer_the_canary_and_every_core_question_asked_ahead(
    policy: Path,
) -> None:
    cores = shipped_cores(policy)
    asked = await ask_policy(policy, [CANARY, *cores])
    assert (asked.missing, asked.undecidable) == (frozenset(), frozenset())
    assert asked.answers[CANARY.hash].reasons == ("no_agreement",)
    assert AnswerKind.PERMIT in {asked.answers[core.hash].kind for core in cores}


async def test_asking_a_core_without_its_person_and_case_never_changes_the_answer(policy: Path) -> None:
    responders = json.loads((policy / "data.json").read_text())["responders"]
    people = [
        {"wish": WishState.OBJECTS, "wishes_known": False, "age_band": AgeBand.UNDER_16},
        {"wish": WishState.PERMITS, "permission_source": PermissionSource.SELF, "capacity": Capacity.HAS},
        {"wish": WishState.PERMITS, "permission_source": PermissionSource.BENEFICIARY},
        {"markers": tuple(Marker), "override_open": True},
        {"event_purpose": Purpose.PX1, "regime": Regime.PART3, "threshold_asserted": Threshold.SERIOUS_HARM},
        {"custody_confirmed": True, "threshold_confirmed": Threshold.LIFE_RISK},
    ]
    cores = [
        replace(core, setting=setting, **person)
        for core in shipped_cores(policy)
        for setting in (Setting.EMERGENCY_LIVE, Setting.PLANNED)
        for person in people
    ]
    asked_as = {core: core_as_asked(core, responders) for core in cores}
    answers = (await ask_policy(policy, [*asked_as, *asked_as.values()])).answers
    assert [core for core, asked in asked_as.items() if answers[core.hash] != answers[asked.hash]] == []
    to_responders = [core for core, asked in asked_as.items() if asked != core]
    assert {answers[core.hash].kind for core in to_responders} == {AnswerKind.PERMIT}
