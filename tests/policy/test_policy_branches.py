"""What goes although something speaks against it, and what police are told at the end: every case."""

from dataclasses import replace
from itertools import product
from pathlib import Path

from asking import TO_CONTROL_ROOM, TO_SUITE, TRIAGE, ask, permitted

from broker.domain.identifiers import AgreementId, DeskId, EventType
from broker.domain.vocabulary import (
    AgencyKind,
    Capacity,
    FieldClass,
    Marker,
    Purpose,
    Setting,
    Threshold,
    WishState,
)

NO_AGREEMENT = AgreementId("none")
PERSON = [one for one in FieldClass if one is not FieldClass.CORE]
DANGER = {Threshold.LIFE_RISK, Threshold.SERIOUS_HARM}
CRISIS_LINE = {"desk": DeskId("northmoor-crisis/crisis-line"), "desk_kind": AgencyKind.CRISIS}
DESKS = (
    CRISIS_LINE,
    {"desk": DeskId("moor-ambulance/control"), "desk_kind": AgencyKind.AMBULANCE},
    {"desk": DeskId("moor-pos/s136-suite"), "desk_kind": AgencyKind.PLACE_OF_SAFETY},
    {"desk": DeskId("moor-police/control-room"), "desk_kind": AgencyKind.POLICE},
    {"desk": DeskId("northmoor-crisis/peer"), "desk_kind": AgencyKind.CRISIS},
    {"desk": DeskId("harbour-vcs/volunteer"), "desk_kind": AgencyKind.VCSE},
)
CALL = replace(TRIAGE, event_type=EventType("police.mh_call.triaged"), publisher_kind=AgencyKind.POLICE)


def test_without_an_agreement_a_life_at_risk_opens_four_classes_to_those_who_act_in_the_place(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    parts = product(
        DESKS,
        PERSON,
        (Setting.EMERGENCY_LIVE, Setting.URGENT),
        (Purpose.P1, Purpose.P2, Purpose.P4),
        ("northmoor", "southmoor", "elsewhere"),
        (Threshold.NONE, Threshold.SERIOUS_HARM, Threshold.LIFE_RISK),
        (WishState.NONE, WishState.OBJECTS),
        (True, False),
    )
    questions = [
        replace(
            CALL,
            **desk,  # type: ignore[arg-type]
            agreement=NO_AGREEMENT,
            field_class=field_class,
            setting=setting,
            purpose=purpose,
            place=place,
            threshold_asserted=threshold,
            wish=wish,
            wishes_known=known,
            in_incident=True,
        )
        for desk, field_class, setting, purpose, place, threshold, wish, known in parts
    ]
    desks = set()
    for question, answer in permitted(ask(opa, bundle, questions, tmp_path)):
        desks.add(question.desk)
        assert question.field_class in {FieldClass.ID, FieldClass.LP, FieldClass.SF, FieldClass.OP}
        assert question.setting is Setting.EMERGENCY_LIVE
        assert question.threshold_asserted is Threshold.LIFE_RISK
        assert question.purpose in {Purpose.P1, Purpose.P4}
        assert question.wish is WishState.NONE
        assert question.wishes_known
        assert (question.desk, question.place) != (CRISIS_LINE["desk"], "southmoor")
        assert answer["reasons"] == ["emergency_no_agreement"]
        assert answer["basis"] is None
        assert answer["obligations"]["expires_after_hours"] == 72
        assert "subject.nhs_number" not in answer["fields"]
    assert desks == {CRISIS_LINE["desk"], DeskId("moor-ambulance/control")}


def test_an_objection_gives_way_to_confirmed_danger_and_waits_for_a_clinician_where_capacity_is_known(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    parts = product(PERSON, Setting, Threshold, Capacity, (Purpose.P1, Purpose.P2))
    questions = [
        replace(
            TO_SUITE,
            field_class=field_class,
            setting=setting,
            threshold_confirmed=threshold,
            capacity=capacity,
            purpose=purpose,
            wish=WishState.OBJECTS,
        )
        for field_class, setting, threshold, capacity, purpose in parts
    ]
    held = set()
    answers = ask(opa, bundle, questions, tmp_path)
    for question, answer in permitted(answers):
        assert question.field_class in {FieldClass.SF, FieldClass.LP}
        assert question.threshold_confirmed in DANGER
        assert question.setting is not Setting.PLANNED
        assert question.purpose is Purpose.P1
        assert answer["reasons"] == ["objection_outweighed"]
    for question, answer in answers:
        if answer["answer"] == "HOLD":
            held.add((question.capacity, *(set(answer["reasons"]) - {"class_needs_person"})))
            assert question.threshold_confirmed not in DANGER
            assert question.setting is not Setting.PLANNED
            assert question.purpose is Purpose.P1
    assert held == {(Capacity.HAS, "capable_refusal"), (Capacity.LACKS, "best_interests")}


def test_r21_of_the_end_of_custody_police_get_its_time_and_nothing_else(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    ended = replace(
        TO_CONTROL_ROOM,
        event_type=EventType("pos.s136.ended"),
        publisher_kind=AgencyKind.PLACE_OF_SAFETY,
        agreement=AgreementId("handover-to-police"),
    )
    incidents = ((True, False), (False, True), (False, False))
    parts = product(FieldClass, Setting, incidents, (True, False), Threshold)
    questions = [
        replace(
            ended,
            field_class=field_class,
            setting=setting,
            in_incident=inside,
            incident_ended=after,
            custody_confirmed=custody,
            threshold_confirmed=threshold,
        )
        for field_class, setting, (inside, after), custody, threshold in parts
    ]
    for question, answer in permitted(ask(opa, bundle, questions, tmp_path)):
        assert question.in_incident or question.incident_ended
        if question.field_class is FieldClass.CORE:
            assert question.in_incident
        else:
            assert question.field_class is FieldClass.OP
            assert answer["fields"] == {"person.ended_at": "whole"}


def test_r24_no_marker_lets_a_place_or_a_number_out_and_no_field_that_tells_it(
    opa: Path, bundle: Path, tmp_path: Path
) -> None:
    conveyance = replace(
        CALL,
        event_type=EventType("police.s136.conveyance"),
        agreement=AgreementId("police-at-the-door"),
        desk=DeskId("moor-pos/s136-suite"),
        desk_kind=AgencyKind.PLACE_OF_SAFETY,
    )
    hiding = (Marker.LOCATION_WITHHELD, Marker.DOMESTIC_ABUSE, Marker.ALIAS)
    parts = product((conveyance, TO_SUITE), PERSON, hiding, Threshold)
    questions = [
        replace(base, field_class=field_class, markers=(marker,), threshold_confirmed=threshold)
        for base, field_class, marker, threshold in parts
    ]
    for question, answer in permitted(ask(opa, bundle, questions, tmp_path)):
        assert question.field_class not in {FieldClass.LP, FieldClass.CT}
        assert not {"person.destination", "person.pos_org"} & set(answer["fields"])


def test_r12_r13_a_gateway_that_is_none_opens_nothing(opa: Path, bundle: Path, tmp_path: Path) -> None:
    violence = replace(
        TO_CONTROL_ROOM,
        desk=DeskId("moor-police/street-triage"),
        purpose=Purpose.P6,
        agreement=AgreementId("violence-duty-request"),
        in_incident=True,
        custody_confirmed=True,
    )
    crime = replace(
        violence,
        desk=DeskId("moor-police/missing-persons"),
        purpose=Purpose.P7,
        event_type=EventType("ed.mh.arrived"),
        publisher_kind=AgencyKind.ED,
        agreement=AgreementId("crime-reduction-request"),
    )
    for base, reason in ((violence, "serious_violence_duty"), (crime, "section_115_alone")):
        questions = [replace(base, field_class=one) for one in FieldClass]
        for _, answer in ask(opa, bundle, questions, tmp_path):
            assert answer["answer"] == "DENY"
            assert reason in answer["reasons"]
