"""Settle: one matter and its answers become decisions and deliveries; nothing is sealed yet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from broker.domain.agreement import Agreement
from broker.domain.answer import Answer
from broker.domain.decision import Decision, canonical, record_hash
from broker.domain.delivery import Delivery
from broker.domain.event import Event
from broker.domain.fields import is_consumed
from broker.domain.identifiers import FieldName, PolicyRevision, QuestionHash
from broker.domain.vocabulary import (
    AgencyKind,
    AnswerKind,
    Extent,
    FieldClass,
    Handling,
    Outcome,
    Setting,
    Threshold,
)
from broker.release.admit import Matter
from broker.release.combine import EMERGENCY_NO_AGREEMENT, Outline, combine
from broker.release.egress import check_egress
from broker.release.fold import threshold_asserted, threshold_confirmed
from broker.release.leaf import LeafWriter
from broker.release.match import Match
from broker.release.means import CORE_SCHEMA, Means
from broker.release.minimise import Header, may_have_number, minimise
from broker.release.naming import delivery_id
from broker.release.remembered import Remembered

STAGE_FAILED = "stage_failed"

# 3.2 step 3, written out once more for the egress check, which knows nothing of the policies.
_EMERGENCY_CLASSES = frozenset({FieldClass.ID, FieldClass.LP, FieldClass.SF, FieldClass.OP})
_EMERGENCY_RESPONDERS = frozenset(
    {AgencyKind.CRISIS, AgencyKind.PLACE_OF_SAFETY, AgencyKind.AMBULANCE, AgencyKind.ED}
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and under what, a batch is decided."""

    now_us: int
    today: str
    """ISO date in Europe/London; agreements are tested against it (design 2.6)"""
    revision: PolicyRevision
    lane: int
    """that decides"""


@dataclass(frozen=True, slots=True)
class Settled:
    """One subscription's decision, and the delivery that goes with it where its extent is not none."""

    decision: Decision
    leaf: bytes
    delivery: Delivery | None
    cause: str = ""
    """class of the exception where a stage failed on it"""


class Settler:
    """Decides matters. Remembers the outlines of like matters: they name nobody."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._outlines: Remembered[tuple[object, ...], Outline] = Remembered()
        self._leaves: Remembered[tuple[object, ...], LeafWriter] = Remembered()

    def settle(
        self,
        matter: Matter,
        answers: Mapping[QuestionHash, Answer],
        undecidable: frozenset[QuestionHash],
        moment: Moment,
    ) -> tuple[Settled, ...]:
        """One decision for each subscription the matter met. All its answers are in hand.

        A stage that raises on the person part costs that part only: the core still goes where it is
        permitted, and the decision says quarantined (design 2.2.5).
        """
        return tuple(
            self._settle_one(matter, match, answers, undecidable, moment) for match in matter.matches
        )

    def _settle_one(
        self,
        matter: Matter,
        match: Match,
        answers: Mapping[QuestionHash, Answer],
        undecidable: frozenset[QuestionHash],
        moment: Moment,
    ) -> Settled:
        outline = self._outline(matter, match, answers, undecidable, moment.revision)
        try:
            return self._write(matter, match, outline, moment)
        except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
            cause, failed = type(error).__name__, _core_of(outline)
        try:
            return replace(self._write(matter, match, failed, moment), cause=cause)
        except Exception:  # noqa: BLE001 - the core fails too: nothing goes
            return replace(self._write(matter, match, _nothing_of(failed), moment), cause=cause)

    def _outline(
        self,
        matter: Matter,
        match: Match,
        answers: Mapping[QuestionHash, Answer],
        undecidable: frozenset[QuestionHash],
        revision: PolicyRevision,
    ) -> Outline:
        agreement = self._means.agreements.get(match.subscription.agreement)
        named = frozenset() if agreement is None else agreement.fields.get(matter.event.spec.event_type)
        clear = may_have_number(agreement, match.desk_kind)
        clear = clear and not (matter.tainted and _by_emergency(match, answers))
        tainted = {} if clear else matter.tainted
        if tainted or undecidable:
            return combine(match, answers, named or frozenset(), undecidable, tainted)
        key = (match.likeness, revision)
        known = self._outlines.get(key)
        if known is None:
            known = self._outlines.keep(key, combine(match, answers, named or frozenset()))
        return known

    def _write(self, matter: Matter, match: Match, outline: Outline, moment: Moment) -> Settled:
        event, subscription = matter.event, match.subscription
        goes = outline.extent is not Extent.NONE
        name = delivery_id(
            self._means.keyring.delivery_id,
            "event",
            event.publisher,
            event.event_id,
            subscription.desk,
            subscription.purpose,
        )
        decision = Decision(
            event_id=event.event_id,
            event_type=event.spec.event_type,
            publisher=event.publisher,
            subscription=subscription.subscription_id,
            desk=subscription.desk,
            agreement=subscription.agreement,
            answer=outline.answer,
            outcome=outline.outcome,
            extent=outline.extent,
            fields=outline.fields,
            withheld=outline.withheld,
            reasons=outline.reasons,
            basis=outline.basis,
            purpose=subscription.purpose,
            policy_revision=moment.revision,
            decided_at_us=moment.now_us,
            questions=outline.questions,
            obligations=outline.obligations,
            event_commitment=matter.commitment,
            delivery_id=name if goes else None,
        )
        leaf = self._leaf(match, outline, decision)
        delivery = self._delivery(matter, match, outline, moment, name, leaf) if goes else None
        return Settled(decision, leaf, delivery)

    def _leaf(self, match: Match, outline: Outline, decision: Decision) -> bytes:
        key = (match.likeness, decision.policy_revision)
        if self._outlines.get(key) is not outline:
            return canonical(decision.record())
        writer = self._leaves.get(key)
        if writer is None:
            writer = self._leaves.keep(key, LeafWriter(decision))
        return writer.write(decision)

    def _delivery(
        self, matter: Matter, match: Match, outline: Outline, moment: Moment, name: str, leaf: bytes
    ) -> Delivery:
        event, subscription = matter.event, match.subscription
        agreement = self._cited(match, outline)
        schema = CORE_SCHEMA if outline.extent is Extent.CORE else str(event.spec.event_type)
        record = minimise(
            event,
            match,
            outline,
            agreement,
            self._means.naming,
            Header(
                name,
                moment.revision,
                record_hash(leaf),
                self._means.clinician_line(event.place),
                moment.lane,
            ),
            self._means.blanks[schema],
        )
        fingerprint, body = self._means.catalogue.write_delivery(schema, record)
        check_egress(
            record,
            body,
            event.publisher,
            event.spec.event_type,
            subscription.desk,
            match.desk_kind,
            subscription.purpose,
            agreement,
            moment.today,
            _emergency_fields(match, event) if agreement is None else frozenset(),
        )
        return Delivery(subscription.desk, name, event.subject, fingerprint, body)

    def _cited(self, match: Match, outline: Outline) -> Agreement | None:
        """The agreement a delivery goes under; a core may go without (R42), and what saves a life (3.2)."""
        if outline.extent is Extent.CORE and "no_agreement" in outline.reasons:
            return None
        if EMERGENCY_NO_AGREEMENT in outline.reasons:
            return None
        return self._means.agreements.get(match.subscription.agreement)


def _by_emergency(match: Match, answers: Mapping[QuestionHash, Answer]) -> bool:
    """Whether it goes for a life at risk, so that no agreement's terms hold (3.2 step 3)."""
    given = (answers.get(question.hash) for question in match.questions)
    return any(answer is not None and EMERGENCY_NO_AGREEMENT in answer.reasons for answer in given)


def _emergency_fields(match: Match, event: Event) -> frozenset[str]:
    """What may go to a responder without an agreement while a life is at risk; else nothing (3.2 step 3)."""
    at_risk = Threshold.LIFE_RISK in (threshold_asserted(event), threshold_confirmed(event))
    if (
        event.setting is not Setting.EMERGENCY_LIVE
        or not at_risk
        or match.desk_kind not in _EMERGENCY_RESPONDERS
    ):
        return frozenset()
    return frozenset(
        spec.name
        for spec in event.spec.fields
        if spec.field_class in _EMERGENCY_CLASSES
        and not spec.nhs_number
        and not is_consumed(event.spec.event_type, spec.name)
    )


def _core_of(outline: Outline) -> Outline:
    core = tuple(pair for pair in outline.released if pair[0].field_class is FieldClass.CORE)
    fields: dict[FieldName, Handling] = {spec.name: handling for spec, handling in core}
    lost = {spec.name: (STAGE_FAILED,) for spec, _ in outline.released if spec.name not in fields}
    return Outline.releasing(
        core,
        answer=AnswerKind.DENY,
        outcome=Outcome.QUARANTINED,
        extent=Extent.CORE if core else Extent.NONE,
        fields=fields,
        withheld={**outline.withheld, **lost},
        reasons=tuple(sorted({*outline.reasons, STAGE_FAILED})),
        basis=outline.basis,
        obligations=outline.obligations,
        questions=outline.questions,
    )


def _nothing_of(outline: Outline) -> Outline:
    lost: dict[FieldName, tuple[str, ...]] = dict.fromkeys(outline.fields, (STAGE_FAILED,))
    return replace(
        outline,
        extent=Extent.NONE,
        fields={},
        withheld={**outline.withheld, **lost},
        released=(),
        whole=(),
        treated=(),
    )
