"""Combine: the answers on an event's classes become one decision for one subscription, by one fixed rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.domain.answer import Answer, Obligations
from broker.domain.event import FieldSpec
from broker.domain.fields import IDENTIFIERS
from broker.domain.identifiers import FieldName, QuestionHash
from broker.domain.vocabulary import (
    AgencyKind,
    AnswerKind,
    Extent,
    FieldClass,
    Handling,
    Marker,
    Outcome,
    Trait,
)
from broker.errors import IntegrityError
from broker.release.match import Match

UNDECIDABLE = Answer(AnswerKind.DENY, reasons=("undecidable",))
"""Stands for a question whose rule fails; its class does not go, its event is quarantined for that desk"""

SHAREABLE_SUMMARY = "shareable_summary"
SUMMARY_ONLY = "clinical_summary_only"
NOT_IN_AGREEMENT = "not_in_agreement"
LOCATION_WITHHELD = "location_withheld"
EMERGENCY_NO_AGREEMENT = "emergency_no_agreement"

UNHIDING = frozenset({Marker.STAFF_OR_VIP, Marker.CHILD, Marker.LEGAL_HOLD})
"""Markers that do not hide where the person is; any other does (R24)"""

_DENIED = Answer(AnswerKind.DENY)


@dataclass(frozen=True, slots=True)
class Outline:
    """The decision on one event for one subscription, before anything of the event is read."""

    answer: AnswerKind
    outcome: Outcome
    extent: Extent
    fields: Mapping[FieldName, Handling]
    withheld: Mapping[FieldName, tuple[str, ...]]
    reasons: tuple[str, ...]
    basis: str | None
    obligations: Obligations
    questions: tuple[QuestionHash, ...]
    released: tuple[tuple[FieldSpec, Handling], ...] = field(repr=False)
    whole: tuple[tuple[str | None, tuple[str, ...]], ...] = field(repr=False)
    """part -> keys that are copied as they are"""
    treated: tuple[tuple[FieldSpec, Handling], ...] = field(repr=False)
    """fields that something is done to"""

    @classmethod
    def releasing(cls, released: tuple[tuple[FieldSpec, Handling], ...], **decided: Any) -> "Outline":
        """An outline that releases these fields, sorted by what has to be done with them."""
        whole: dict[str | None, list[str]] = {}
        treated = []
        for spec, handling in released:
            if _goes_whole(spec, handling) and spec.name not in IDENTIFIERS:
                whole.setdefault(spec.part, []).append(spec.key)
            else:
                treated.append((spec, handling))
        return cls(
            released=released,
            whole=tuple((part, tuple(keys)) for part, keys in whole.items()),
            treated=tuple(treated),
            **decided,
        )


def combine(
    match: Match,
    answers: Mapping[QuestionHash, Answer],
    named: frozenset[FieldName],
    undecidable: frozenset[QuestionHash] = frozenset(),
    tainted: Mapping[FieldName, str] | None = None,
) -> Outline:
    """One decision from one answer a class (design 2.4).

    1. A permitted class gives its named fields; a field that is not named is dropped.
    2. Any HOLD makes the outcome held, its extent what goes at once.
    3. Else any permitted class, or the core, makes it delivered; else it is denied.
    4. A rule that fails makes it quarantined; nothing of a person goes, the core does where it is permitted.
    5. The strictest obligation wins.

    Args:
        named: fields that the agreement names for this event type; tells why a field did not go.
        tainted: fields that stay for a reason found in this very event -> that reason's code.

    Raises:
        IntegrityError: a question has no answer; the caller should have waited.
    """
    by_class = {
        question.field_class: _answer(question.hash, answers, undecidable) for question in match.questions
    }
    failed = any(question.hash in undecidable for question in match.questions)
    if failed:
        by_class = {
            one: answer if one is FieldClass.CORE else UNDECIDABLE for one, answer in by_class.items()
        }
    person = next((one.markers for one in match.questions if one.field_class is not FieldClass.CORE), ())
    hidden = match.desk_kind is not AgencyKind.PERSON and not UNHIDING.issuperset(person)
    released, withheld = _sort_fields(match.present, by_class, named, tainted or {}, hidden=hidden)
    extent = _extent(released, withheld)
    if extent is Extent.NONE:
        released = ()
    held = any(answer.kind is AnswerKind.HOLD for answer in by_class.values())
    outcome, kind = _outcome(extent, held=held, failed=failed)
    permitted = [answer for answer in by_class.values() if answer.kind is AnswerKind.PERMIT]
    return Outline.releasing(
        released,
        answer=kind,
        outcome=outcome,
        extent=extent,
        fields={spec.name: handling for spec, handling in released},
        withheld=withheld,
        reasons=_reasons(by_class.values(), tainted or {}),
        basis=_basis(permitted, by_class.get(FieldClass.CORE, _DENIED), extent),
        obligations=_strictest([answer.obligations for answer in permitted]),
        questions=tuple(question.hash for question in match.questions),
    )


def _reasons(answers: Iterable[Answer], tainted: Mapping[FieldName, str]) -> tuple[str, ...]:
    return tuple(sorted({*tainted.values(), *(reason for one in answers for reason in one.reasons)}))


def _answer(
    question: QuestionHash, answers: Mapping[QuestionHash, Answer], undecidable: frozenset[QuestionHash]
) -> Answer:
    if question in undecidable:
        return UNDECIDABLE
    try:
        return answers[question]
    except KeyError:
        raise IntegrityError("a question was combined without its answer") from None


def _sort_fields(
    present: tuple[FieldSpec, ...],
    by_class: Mapping[FieldClass, Answer],
    named: frozenset[FieldName],
    tainted: Mapping[FieldName, str],
    *,
    hidden: bool,
) -> tuple[tuple[tuple[FieldSpec, Handling], ...], dict[FieldName, tuple[str, ...]]]:
    released = []
    withheld: dict[FieldName, tuple[str, ...]] = {}
    # Where a life is at risk and nothing is in force, the law grants what no agreement names (3.2 step 3).
    unsigned = any(EMERGENCY_NO_AGREEMENT in one.reasons for one in by_class.values())
    agreed: frozenset[FieldName] = frozenset() if unsigned else named
    for spec in present:
        answer = by_class[spec.field_class]
        handling = answer.fields.get(spec.name) if answer.kind is AnswerKind.PERMIT else None
        if handling is None and spec.name == SHAREABLE_SUMMARY and answer.kind is AnswerKind.PERMIT:
            # It stands in for text of any class whose cell says summary; where its own class is denied or
            # held, by an objection say, it stays with that (design 2.4).
            handling = next((one.fields[spec.name] for one in by_class.values() if _names(one, spec)), None)
        if spec.name in tainted:
            withheld[spec.name] = (tainted[spec.name],)
        elif handling is not None:
            released.append((spec, handling))
        elif answer.kind is AnswerKind.PERMIT:
            withheld[spec.name] = (_not_granted(spec, named, hidden=hidden),)
        elif answer.reasons == (LOCATION_WITHHELD,) and agreed and spec.name not in agreed:
            # The marker kept nothing back that anybody agreed to: it has no effect to tell of (class RP).
            withheld[spec.name] = (NOT_IN_AGREEMENT,)
        else:
            withheld[spec.name] = answer.reasons
    return tuple(released), withheld


def _not_granted(spec: FieldSpec, named: frozenset[FieldName], *, hidden: bool) -> str:
    """Why a permitted class did not give this field: a marker, nobody agreed, or its class is narrowed."""
    if spec.name not in named:
        return NOT_IN_AGREEMENT
    return LOCATION_WITHHELD if hidden and Trait.LOCATES in spec.traits else SUMMARY_ONLY


def _names(answer: Answer, spec: FieldSpec) -> bool:
    return answer.kind is AnswerKind.PERMIT and spec.name in answer.fields


def _extent(
    released: tuple[tuple[FieldSpec, Handling], ...], withheld: Mapping[FieldName, tuple[str, ...]]
) -> Extent:
    if not released:
        return Extent.NONE
    if all(spec.field_class is FieldClass.CORE for spec, _ in released):
        return Extent.CORE
    if not withheld and all(_goes_whole(spec, handling) for spec, handling in released):
        return Extent.FULL
    return Extent.MINIMISED


def _goes_whole(spec: FieldSpec, handling: Handling) -> bool:
    # Text written to be shared goes as it is; a pseudonymous identifier counts as whole (design 2.4).
    return handling in {Handling.WHOLE, Handling.PSEUDONYM} or (handling is Handling.SUMMARY and spec.summary)


def _outcome(extent: Extent, *, held: bool, failed: bool) -> tuple[Outcome, AnswerKind]:
    if failed:
        return Outcome.QUARANTINED, AnswerKind.DENY
    if held:
        return Outcome.HELD, AnswerKind.HOLD
    if extent is Extent.NONE:
        return Outcome.DENIED, AnswerKind.DENY
    return Outcome.DELIVERED, AnswerKind.DENY if extent is Extent.CORE else AnswerKind.PERMIT


def _basis(permitted: list[Answer], core: Answer, extent: Extent) -> str | None:
    if extent is Extent.CORE:
        return core.basis
    return next((answer.basis for answer in permitted if answer.basis is not None), None)


def _strictest(obligations: list[Obligations]) -> Obligations:
    hours = [one.expires_after_hours for one in obligations if one.expires_after_hours is not None]
    markings = sorted({one.marking for one in obligations if one.marking is not None}, key=_marking_order)
    return Obligations(
        min(hours, default=None),
        markings[0] if markings else None,
        any(one.incident_only for one in obligations),
    )


_MARKING_ORDER = ("incident_only", "agreed_support", "direct_care", "neutral_core")


def _marking_order(marking: str) -> int:
    return _MARKING_ORDER.index(marking) if marking in _MARKING_ORDER else -1
