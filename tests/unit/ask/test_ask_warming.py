"""Every core of an emergency is asked ahead, whoever the person is."""

from dataclasses import fields, replace

import pytest

from broker.ask.canary import CANARY
from broker.ask.warming import core_as_asked, core_prototypes, core_questions, without_person
from broker.domain.agreement import Subscription
from broker.domain.identifiers import AgreementId, DeskId, EventType
from broker.domain.question import Question
from broker.domain.vocabulary import (
    AgeBand,
    AgencyKind,
    Capacity,
    FieldClass,
    Marker,
    PermissionSource,
    Purpose,
    Regime,
    Setting,
    Threshold,
    WishState,
)

DETAINED = EventType("police.s136.detained")
TRIAGE = EventType("crisis.triage.completed")
SUBSCRIPTIONS = (
    Subscription(DeskId("moor-pos/s136-suite"), DETAINED, Purpose.P1, AgreementId("a")),
    Subscription(
        DeskId("moor-police/control-room"), TRIAGE, Purpose.P5, AgreementId("b"), incident_scoped=True
    ),
)
PUBLISHERS = {DETAINED: [AgencyKind.POLICE], TRIAGE: [AgencyKind.CRISIS]}
KINDS = {"moor-pos/s136-suite": AgencyKind.PLACE_OF_SAFETY, "moor-police/control-room": AgencyKind.POLICE}
PLACES = frozenset({"northmoor", "southmoor"})
RESPONDERS = frozenset({DeskId("moor-pos/s136-suite")})
PROTOTYPES = list(core_prototypes(SUBSCRIPTIONS, PUBLISHERS, KINDS.__getitem__, "2026-11-01", PLACES))
TO_POLICE = [one for one in PROTOTYPES if one.desk_kind is AgencyKind.POLICE]


def test_each_subscription_has_a_prototype_for_each_kind_that_may_publish() -> None:
    assert [(one.desk, one.publisher_kind, one.purpose, one.place) for one in PROTOTYPES] == [
        (*flow, place)
        for flow in (
            ("moor-pos/s136-suite", AgencyKind.POLICE, Purpose.P1),
            ("moor-police/control-room", AgencyKind.CRISIS, Purpose.P5),
        )
        for place in ("northmoor", "southmoor", "elsewhere")
    ]
    assert {(one.field_class, one.setting) for one in PROTOTYPES} == {
        (FieldClass.CORE, Setting.EMERGENCY_LIVE)
    }


def test_a_subscription_for_one_place_is_asked_for_that_place_only() -> None:
    one = replace(SUBSCRIPTIONS[0], places=frozenset({"southmoor"}), anywhere=False)
    found = core_prototypes([one], PUBLISHERS, KINDS.__getitem__, "2026-11-01", PLACES)
    assert [prototype.place for prototype in found] == ["southmoor"]


def test_an_emergency_core_of_any_person_is_among_the_questions_asked_ahead() -> None:
    warm = {question.hash for question in core_questions(PROTOTYPES, RESPONDERS)}
    of_a_person = replace(
        PROTOTYPES[1],
        event_purpose=Purpose.P2,
        regime=Regime.PART3,
        threshold_asserted=Threshold.LIFE_RISK,
        wish=WishState.OBJECTS,
        permission_source=PermissionSource.SELF,
        capacity=Capacity.LACKS,
        age_band=AgeBand.UNDER_16,
        markers=(Marker.DOMESTIC_ABUSE,),
        wishes_known=False,
    )
    assert core_as_asked(of_a_person, {of_a_person.desk}).hash in warm
    assert of_a_person.hash not in warm


OBJECTED = replace(PROTOTYPES[0], wish=WishState.OBJECTS)
AS_IT_IS = {
    "a desk that need not act": (OBJECTED, set()),
    "another purpose than the response": (replace(OBJECTED, purpose=Purpose.P2), {OBJECTED.desk}),
    "an event that is not urgent": (replace(OBJECTED, setting=Setting.PLANNED), {OBJECTED.desk}),
    "a class of the person": (replace(OBJECTED, field_class=FieldClass.SF), {OBJECTED.desk}),
}


@pytest.mark.parametrize(("question", "responders"), AS_IT_IS.values(), ids=AS_IT_IS.keys())
def test_wishes_count_wherever_nobody_must_act_at_once(question: Question, responders: set[DeskId]) -> None:
    assert core_as_asked(question, responders) is question


def test_police_desks_are_asked_for_in_and_out_of_an_incident() -> None:
    facts = {
        (one.in_incident, one.custody_confirmed, one.incident_ended)
        for one in core_questions(TO_POLICE, RESPONDERS)
    }
    assert facts == {
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (False, False, True),
    }


def test_questions_differ_and_are_few_enough_to_ask_at_every_start() -> None:
    questions = list(core_questions(PROTOTYPES, RESPONDERS))
    assert len({question.hash for question in questions}) == len(questions)
    assert len(questions) <= len(PROTOTYPES) - len(TO_POLICE) + 64 * len(TO_POLICE)


def test_without_person_leaves_the_flow_as_it_was() -> None:
    personal = {
        "wish", "permission_source", "capacity", "age_band", "markers", "override_open", "wishes_known",
    }  # fmt: skip
    neutral = without_person(replace(PROTOTYPES[0], wish=WishState.OBJECTS, wishes_known=False))
    changed = {
        one.name for one in fields(CANARY) if getattr(neutral, one.name) != getattr(PROTOTYPES[0], one.name)
    }
    assert changed == set()
    assert personal < {one.name for one in fields(CANARY)}
