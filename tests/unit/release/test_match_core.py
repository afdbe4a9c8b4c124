"""The core to a desk that need not act is part of what was agreed: it goes as the rest goes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from broker.domain.agreement import Subscription
from broker.domain.event import Event
from broker.domain.identifiers import AgencyId, AgreementId, DeskId, EventType
from broker.domain.question import Question
from broker.domain.vocabulary import (
    AgencyKind,
    FieldClass,
    PermissionSource,
    Purpose,
    Regime,
    Setting,
    WishKind,
    WishState,
)
from broker.domain.wish import Wish
from broker.registry.catalogue import load_catalogue
from broker.release.match import Matcher
from broker.release.subject import SubjectState
from broker.settings import shipped
from tests import builders

PEER = DeskId("northmoor-crisis/peer")
TRIAGE = EventType("crisis.triage.completed")
MATCHER = Matcher(
    (Subscription(PEER, TRIAGE, Purpose.P1, AgreementId("crisis-to-peer-support")),),
    {PEER: AgencyKind.CRISIS},
    frozenset(),
    {AgreementId("crisis-to-peer-support"): frozenset({AgencyId("northmoor-crisis")})},
    frozenset({"northmoor", "southmoor"}),
)


def triaged(changes: Mapping[str, Any] | None = None) -> Event:
    record = builders.triaged(changes=changes)
    return Event(
        event_id=record["event_id"],
        spec=load_catalogue(shipped("schemas")).specs[TRIAGE],
        publisher=AgencyId("northmoor-crisis"),
        publisher_kind=AgencyKind.CRISIS,
        occurred_at_us=record["occurred_at"],
        setting=Setting(record["setting"]),
        purpose=Purpose(record["purpose"]),
        regime=Regime(record["regime"]),
        place="northmoor",
        subject="nhs:9990000018",
        wishes_known=True,
        record=record,
    )


def wish(kind: WishKind, *classes: FieldClass) -> Wish:
    return Wish(
        kind,
        AgencyId("moor-person"),
        AgencyKind.PERSON,
        frozenset({Purpose.P1}),
        frozenset({str(PEER)}),
        frozenset(classes),
    )


def core_question(*wishes: Wish) -> Question:
    state = SubjectState(wishes=wishes)
    (match,) = MATCHER.matches(triaged(), builders.OCCURRED_AT_US, state, state, "2024-10-01")
    (core,) = [one for one in match.questions if one.field_class is FieldClass.CORE]
    return core


def test_an_agreement_does_not_count_for_a_publisher_that_is_no_party_to_it() -> None:
    stranger = replace(triaged(), publisher=AgencyId("southmoor-crisis"))
    state = SubjectState()
    for event, agreement in ((triaged(), "crisis-to-peer-support"), (stranger, "none")):
        (match,) = MATCHER.matches(event, builders.OCCURRED_AT_US, state, state, "2024-10-01")
        assert {question.agreement for question in match.questions} == {agreement}
        assert match.subscription.agreement == agreement


def test_a_permission_for_any_class_lets_the_core_go_which_no_permission_can_name() -> None:
    core = core_question(wish(WishKind.PERMISSION, FieldClass.OP, FieldClass.SF))
    assert (core.wish, core.permission_source) == (WishState.PERMITS, PermissionSource.SELF)


def test_a_core_without_any_permission_is_asked_as_not_permitted() -> None:
    assert core_question().wish is WishState.NONE


def test_a_withdrawal_of_every_class_that_was_permitted_takes_the_core_too() -> None:
    given = wish(WishKind.PERMISSION, FieldClass.OP, FieldClass.SF)
    assert (
        core_question(given, wish(WishKind.WITHDRAWAL, FieldClass.OP, FieldClass.SF)).wish is WishState.NONE
    )


def test_a_withdrawal_of_one_of_two_classes_leaves_the_core() -> None:
    given = wish(WishKind.PERMISSION, FieldClass.OP, FieldClass.SF)
    assert core_question(given, wish(WishKind.WITHDRAWAL, FieldClass.OP)).wish is WishState.PERMITS


def test_an_objection_to_everything_stops_the_core_whatever_was_permitted() -> None:
    given = wish(WishKind.PERMISSION, FieldClass.OP)
    assert core_question(given, wish(WishKind.OBJECTION)).wish is WishState.OBJECTS
