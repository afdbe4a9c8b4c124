"""Combine, minimise and egress for any answers a policy could give: nothing goes that was not let go."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.domain.answer import Answer, Obligations
from broker.domain.identifiers import AgencyId, FieldName, QuestionHash
from broker.domain.vocabulary import AnswerKind, Extent, FieldClass, Handling, Outcome
from broker.errors import IntegrityError
from broker.release.admit import Matter
from broker.release.combine import Outline, combine
from broker.release.egress import check_egress
from broker.release.match import Match
from broker.release.minimise import Header, minimise
from tests.property.canaries import PUBLISHERS, Canaries, make_event
from tests.property.conftest import TODAY
from tests.property.stages import Stages, given_fields

NOW_US = 1_795_218_060_000_000
EVENT_TYPES = [name for name in PUBLISHERS if not name.startswith("person.")]
HEADER = Header("d" * 32, "r", bytes(32), "01632 960101")
SUMMARY = "shareable_summary"
CORE = {"occurred_at", "core.area", "core.urgency", "core.need"}
Answers = dict[QuestionHash, Answer]


def some_matter(stages: Stages, seed: int) -> Matter:
    """An event with random content that meets at least one subscription, of this seed or one after it."""
    canaries = Canaries(seed, NOW_US)
    event_type = canaries.chance.choice(EVENT_TYPES)
    publisher = PUBLISHERS[event_type][0]
    record = make_event(canaries, event_type, publisher, canaries.somebody())
    stages.forget()
    _, admitted = stages.publish(event_type, record, publisher, NOW_US + canaries.chance.randrange(10**9))
    assert isinstance(admitted, Matter)
    return admitted if admitted.matches else some_matter(stages, seed + 1)


def some_agreed(stages: Stages, seed: int) -> tuple[Matter, Match]:
    """Likewise one that meets a subscription under an agreement in force, and that subscription."""
    matter = some_matter(stages, seed)
    agreements = stages.means.agreements
    for match in matter.matches:
        terms = agreements.get(match.subscription.agreement)
        if terms is not None and terms.starts <= TODAY < terms.ends:
            return matter, match
    return some_agreed(stages, seed + 1)


def answer_for(draw: st.DrawFn, match: Match, field_class: FieldClass) -> Answer:
    kind = draw(st.sampled_from(AnswerKind))
    names = [spec.name for spec in match.present if spec.field_class is field_class]
    chosen = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    handlings = {name: draw(st.sampled_from([Handling.WHOLE, Handling.PRESENCE])) for name in chosen}
    # A policy gone wrong may name fields of other classes, or of no schema.
    stray = draw(st.lists(st.sampled_from([spec.name for spec in match.present]), max_size=2))
    stray_handlings = dict.fromkeys((*stray, FieldName("person.no_such_field")), Handling.WHOLE)
    hours = draw(st.none() | st.integers(1, 72))
    obligations = Obligations(hours, draw(st.sampled_from([None, "direct_care", "incident_only"])))
    permits = kind is AnswerKind.PERMIT
    reasons = () if permits else ("class_never",)
    fields: Mapping[FieldName, Handling] = {**stray_handlings, **handlings} if permits else {}
    return Answer(kind, fields, "B1" if permits else None, obligations, reasons)


def answers_for(draw: st.DrawFn, match: Match) -> Answers:
    return {question.hash: answer_for(draw, match, question.field_class) for question in match.questions}


def permitted_names(match: Match, answers: Answers) -> set[str]:
    """What may go: fields of a permitted class that its answer names; the summary stands in for any class."""
    by_class = {question.field_class: answers[question.hash] for question in match.questions}
    anywhere = {name for answer in by_class.values() for name in answer.fields}
    return {
        spec.name
        for spec in match.present
        if by_class[spec.field_class].kind is AnswerKind.PERMIT
        and spec.name in (anywhere if spec.name == SUMMARY else by_class[spec.field_class].fields)
    }


def combined(
    match: Match,
    answers: Answers,
    undecidable: frozenset[QuestionHash] = frozenset(),
    tainted: Mapping[FieldName, str] | None = None,
) -> Outline:
    """Combine, every field that the event has being one that was agreed."""
    return combine(match, answers, frozenset(spec.name for spec in match.present), undecidable, tainted)


def minimised(stages: Stages, matter: Matter, match: Match, outline: Outline) -> dict[str, Any]:
    schema = "core" if outline.extent is Extent.CORE else str(matter.event.spec.event_type)
    agreement = stages.means.agreements.get(match.subscription.agreement)
    blank = stages.means.blanks[schema]
    return minimise(matter.event, match, outline, agreement, stages.means.naming, HEADER, blank)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_nothing_goes_but_what_its_own_class_lets_go(stages: Stages, seed: int, data: st.DataObject) -> None:
    matter = some_matter(stages, seed)
    for match in matter.matches:
        answers = answers_for(data.draw, match)
        outline = combined(match, answers)
        assert set(outline.fields) <= permitted_names(match, answers)
        if outline.extent is Extent.NONE:
            continue
        record = minimised(stages, matter, match, outline)
        given_names, present = set(given_fields(record)), set(record["present"])
        assert given_names | present == set(outline.fields)
        assert not given_names & present
        assert set(outline.fields).isdisjoint(outline.withheld)
        assert set(outline.fields) | set(outline.withheld) == {spec.name for spec in match.present}


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_a_denial_or_hold_in_place_of_a_permit_never_adds_a_field(
    stages: Stages, seed: int, data: st.DataObject
) -> None:
    matter = some_matter(stages, seed)
    for match in matter.matches:
        answers = answers_for(data.draw, match)
        changed = data.draw(st.sampled_from([question.hash for question in match.questions]))
        kind = data.draw(st.sampled_from([AnswerKind.DENY, AnswerKind.HOLD]))
        before = combined(match, answers)
        after = combined(match, {**answers, changed: Answer(kind, reasons=("class_never",))})
        assert set(after.fields) <= set(before.fields)
        if kind is AnswerKind.HOLD:
            assert after.outcome is Outcome.HELD
        failed = combined(match, answers, frozenset({changed}))
        assert failed.outcome is Outcome.QUARANTINED
        assert set(failed.fields) <= set(before.fields) & CORE


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_outcome_and_extent_say_what_became_of_the_event(
    stages: Stages, seed: int, data: st.DataObject
) -> None:
    matter = some_matter(stages, seed)
    for match in matter.matches:
        answers = answers_for(data.draw, match)
        outline = combined(match, answers)
        held = any(answer.kind is AnswerKind.HOLD for answer in answers.values())
        gone = bool(outline.fields)
        expected = Outcome.HELD if held else Outcome.DELIVERED if gone else Outcome.DENIED
        assert outline.outcome is expected
        assert (outline.extent is Extent.NONE) == (not gone)
        if gone:
            assert (outline.extent is Extent.CORE) == (set(outline.fields) <= CORE)
        assert (outline.extent is Extent.FULL) <= (not outline.withheld)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_the_strictest_obligation_wins(stages: Stages, seed: int, data: st.DataObject) -> None:
    matter = some_matter(stages, seed)
    for match in matter.matches:
        answers = answers_for(data.draw, match)
        permitted = [one.obligations for one in answers.values() if one.kind is AnswerKind.PERMIT]
        hours = [one.expires_after_hours for one in permitted if one.expires_after_hours is not None]
        outline = combined(match, answers)
        assert outline.obligations.expires_after_hours == min(hours, default=None)
        if any(one.marking == "incident_only" for one in permitted):
            assert outline.obligations.marking == "incident_only"


def test_a_question_without_an_answer_is_never_decided(stages: Stages) -> None:
    match = some_matter(stages, 4).matches[0]
    with pytest.raises(IntegrityError):
        combined(match, {})


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_egress_refuses_every_field_that_is_added_to_a_delivery(
    stages: Stages, seed: int, data: st.DataObject
) -> None:
    matter = some_matter(stages, seed)
    for match in matter.matches:
        agreement = stages.means.agreements.get(match.subscription.agreement)
        # One that has ended lets nothing go at all: the test below.
        if agreement is None or agreement.ends <= TODAY:
            continue
        granted = agreement.fields[match.subscription.event_type]
        outline = _allowed_outline(matter, match, granted, core_only=data.draw(st.booleans()))
        record = minimised(stages, matter, match, outline)
        extent = outline.extent
        _egress(match, agreement, record)
        beyond = sorted(
            {spec.name for spec in match.present} - CORE - (CORE if extent is Extent.CORE else granted)
        )
        for name in beyond:
            part, _, key = name.rpartition(".")
            changed = {**record, "fields": {key: _copy(value) for key, value in record["fields"].items()}}
            (changed["fields"].setdefault(part, {}) if part else changed["fields"])[key] = "x"
            with pytest.raises(IntegrityError):
                _egress(match, agreement, changed)
            with pytest.raises(IntegrityError):
                _egress(match, agreement, {**record, "present": [name]})


def test_egress_refuses_a_delivery_for_another_desk_purpose_or_day(stages: Stages) -> None:
    matter, match = some_agreed(stages, 11)
    agreement = stages.means.agreements[match.subscription.agreement]
    outline = _allowed_outline(
        matter, match, agreement.fields[match.subscription.event_type], core_only=False
    )
    record = minimised(stages, matter, match, outline)
    _egress(match, agreement, record)
    other_terms = (
        replace(agreement, desks=frozenset()),
        replace(agreement, purposes=frozenset()),
        replace(agreement, ends=TODAY),
        replace(agreement, starts="2026-11-21"),
        None,
    )
    for terms in other_terms:
        with pytest.raises(IntegrityError):
            _egress(match, terms, record)
    with pytest.raises(IntegrityError):
        _egress(match, agreement, record, AgencyId("southmoor-crisis"))


def test_egress_refuses_an_nhs_number_in_any_text_for_a_desk_that_may_not_have_it(stages: Stages) -> None:
    match, agreement, record = _released_to_police_or_peer(stages)
    summary = {**record, "fields": {**record["fields"], "shareable_summary": "Ring 9990000018 first."}}
    for changed in (
        summary,
        {**record, "subject": "9990000026"},
        {**record, "incident_ref": "9990000034"},
    ):
        with pytest.raises(IntegrityError):
            _egress(match, agreement, changed)


def _released_to_police_or_peer(stages: Stages) -> tuple[Match, Any, dict[str, Any]]:
    for seed in range(100):
        matter = some_matter(stages, seed)
        for match in matter.matches:
            agreement = stages.means.agreements.get(match.subscription.agreement)
            if agreement is not None and not agreement.nhs_number_in_clear:
                granted = agreement.fields[match.subscription.event_type]
                outline = _allowed_outline(matter, match, granted, core_only=False)
                return match, agreement, minimised(stages, matter, match, outline)
    raise AssertionError("no such match")


def _allowed_outline(
    matter: Matter, match: Match, granted: frozenset[FieldName], *, core_only: bool
) -> Outline:
    answers = {}
    for question in match.questions:
        may = question.field_class is FieldClass.CORE or not core_only
        names = {s.name: Handling.WHOLE for s in match.present if s.field_class is question.field_class}
        fields = {name: one for name, one in names.items() if name in granted}
        answers[question.hash] = Answer(AnswerKind.PERMIT, fields) if may else Answer(AnswerKind.DENY)
    return combined(match, answers, tainted=matter.tainted)


def _egress(match: Match, agreement: Any, record: dict[str, Any], publisher: AgencyId | None = None) -> None:
    subscription = match.subscription
    body = repr(record).encode()
    check_egress(
        record,
        body,
        publisher or (AgencyId("moor-pos") if agreement is None else next(iter(agreement.publishers))),
        subscription.event_type,
        subscription.desk,
        match.desk_kind,
        subscription.purpose,
        agreement,
        TODAY,
    )


def _copy(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value
