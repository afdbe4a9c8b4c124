"""What must hold of the shipped policies whatever is asked; worked out here again, not read from rules."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

from asking import TO_CONTROL_ROOM, TO_PEER, TO_SUITE, ask, permitted

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


def to_police(base: Question) -> Iterator[Question]:
    parts = product(
        FieldClass,
        Setting,
        (Purpose.P1, Purpose.P2, Purpose.P5, Purpose.P7),
        ((True, False), (False, True), (False, False)),
        (True, False),
        Threshold,
        (WishState.NONE, WishState.OBJECTS),
    )
    for field_class, setting, purpose, (incident, ended), custody, threshold, wish in parts:
        yield replace(
            base,
            field_class=field_class,
            setting=setting,
            purpose=purpose,
            in_incident=incident,
            incident_ended=ended,
            custody_confirmed=custody,
            threshold_confirmed=threshold,
            threshold_asserted=Threshold.LIFE_RISK,
            wish=wish,
        )


def test_police_get_only_the_safety_minimum_in_a_live_incident_that_health_confirmed(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    arrived = replace(
        TO_CONTROL_ROOM,
        event_type=EventType("pos.s136.arrived"),
        publisher_kind=AgencyKind.PLACE_OF_SAFETY,
    )
    questions = [*to_police(TO_CONTROL_ROOM), *to_police(arrived)]
    for question, answer in permitted(ask(opa, bundle, questions, tmp_path)):
        assert question.in_incident
        assert question.setting is not Setting.PLANNED
        assert question.purpose is Purpose.P5
        assert answer["obligations"]["incident_only"]
        assert answer["obligations"]["marking"] == "incident_only"
        assert answer["obligations"]["expires_after_hours"] <= (48 if question.custody_confirmed else 24)
        if question.field_class is FieldClass.CORE:
            continue
        assert question.field_class in {FieldClass.OP, FieldClass.SF, FieldClass.ST, FieldClass.AU}
        if question.field_class is FieldClass.AU:
            assert answer["fields"] == {"person.if_police_come": "summary"}
        assert question.wish is not WishState.OBJECTS
        assert question.custody_confirmed or question.threshold_confirmed in {
            Threshold.LIFE_RISK,
            Threshold.SERIOUS_HARM,
        }
        assert "subject.nhs_number" not in answer["fields"]
        assert answer["basis"] == "B5"


def test_a_police_desk_without_an_agreement_gets_nothing_and_is_told_why(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    base = replace(TO_CONTROL_ROOM, agreement=AgreementId("none"), desk=DeskId("moor-police/missing-persons"))
    for _, answer in ask(opa, bundle, list(to_police(base)), tmp_path):
        assert answer["answer"] == "DENY"
        assert "no_agreement" in answer["reasons"]


def test_the_core_of_an_emergency_reaches_a_responder_whatever_else_is_so(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    parts = product(
        (Setting.EMERGENCY_LIVE, Setting.URGENT),
        (AgreementId("none"), TO_SUITE.agreement),
        ("northmoor", "southmoor", "elsewhere"),
        WishState,
        AgeBand,
        ((), tuple(Marker)),
        (True, False),
        (Regime.UKGDPR, Regime.PART3),
        (Purpose.P1, Purpose.PX1),
    )
    questions = [
        replace(
            TO_SUITE,
            field_class=FieldClass.CORE,
            setting=setting,
            agreement=agreement,
            place=place,
            wish=wish,
            age_band=age,
            markers=markers,
            wishes_known=known,
            regime=regime,
            event_purpose=purpose,
        )
        for setting, agreement, place, wish, age, markers, known, regime, purpose in parts
    ]
    core = {"occurred_at": "whole", "core.area": "whole", "core.urgency": "whole", "core.need": "whole"}
    for _, answer in ask(opa, bundle, questions, tmp_path):
        assert answer["answer"] == "PERMIT"
        assert answer["fields"] == core
        assert answer["basis"] is None


def test_peer_support_gets_nothing_without_a_yes_from_who_may_record_it(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    parts = product(FieldClass, Setting, WishState, PermissionSource, AgeBand, Capacity)
    questions = [
        replace(
            TO_PEER,
            field_class=field_class,
            setting=setting,
            wish=wish,
            permission_source=source,
            age_band=age,
            capacity=capacity,
        )
        for field_class, setting, wish, source, age, capacity in parts
    ]
    for question, answer in permitted(ask(opa, bundle, questions, tmp_path)):
        assert question.wish is WishState.PERMITS
        assert question.permission_source in {PermissionSource.SELF, PermissionSource.INDEPENDENT}
        assert question.age_band in {AgeBand.ADULT, AgeBand.UNKNOWN}
        assert question.field_class not in {FieldClass.ID, FieldClass.LG, FieldClass.CX, FieldClass.LP}
        if question.field_class is FieldClass.CL:
            assert set(answer["fields"].values()) == {"summary"}


def test_no_class_of_the_person_goes_against_an_objection_or_a_refused_purpose_or_unsound_identity(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    stops = (
        ({"wish": WishState.OBJECTS}, "objection"),
        ({"event_purpose": Purpose.PX2}, "refused_purpose"),
        ({"wishes_known": False}, "identity_unsound"),
    )
    confirmed = replace(TO_CONTROL_ROOM, in_incident=True, custody_confirmed=True)
    allowed = replace(TO_PEER, wish=WishState.PERMITS, permission_source=PermissionSource.SELF)
    bases = (TO_SUITE, confirmed, allowed)
    person = [one for one in FieldClass if one is not FieldClass.CORE]
    for changes, reason in stops:
        questions = [
            replace(base, field_class=field_class, **changes)  # type: ignore[arg-type]
            for base, field_class in product(bases, person)
        ]
        for _, answer in ask(opa, bundle, questions, tmp_path):
            assert answer["answer"] == "DENY"
            assert reason in answer["reasons"]


def test_the_next_day_after_an_agreement_ended_nothing_of_the_person_goes(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    days = {"0001-01-01": "DENY", "2024-04-01": "PERMIT", "2024-10-01": "PERMIT", "2036-04-01": "DENY"}
    questions = [replace(TO_SUITE, field_class=FieldClass.SF, interval=day) for day in days]
    given = {one.interval: answer["answer"] for one, answer in ask(opa, bundle, questions, tmp_path)}
    assert given == days
