"""Leaves: records of `decisions` as typed values. A leaf names fields, never their values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.answer import Obligations
from broker.domain.decision import (
    APPLIED_KINDS,
    DECISION_FORMAT,
    QUARANTINE_DECISION_FORMAT,
    WISH_APPLIED_FORMAT,
    Decision,
    record_hash,
)
from broker.domain.identifiers import (
    AgencyId,
    AgreementId,
    DeskId,
    EventId,
    EventType,
    FieldName,
    PolicyRevision,
    SubscriptionId,
)
from broker.domain.quarantine import QUARANTINE_ACT_FORMAT, ActReason, QuarantineAct
from broker.domain.vocabulary import AnswerKind, Extent, Handling, Outcome, Purpose
from broker.errors import IntegrityError


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a leaf stands for ever: partition, offset of its block, index in the block (design 2.1)."""

    lane: int
    offset: int
    index: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf as `decisions` holds it."""

    place: Place
    content: bytes


@dataclass(frozen=True, slots=True)
class DecisionLeaf:
    """A decision for one desk."""

    place: Place
    digest: str
    """SHA-256 of the leaf, 64 hexadecimal digits: its decision id, and what the delivery carries"""
    decision: Decision


@dataclass(frozen=True, slots=True)
class QuarantineLeaf:
    """A payload that could not be accepted: one record, without a desk."""

    place: Place
    publisher: AgencyId
    code: str
    """from `broker.domain.codes.REJECTIONS`"""
    fields: tuple[str, ...]
    """dotted names of the fields at fault"""
    topic: str
    offset: int
    """of its envelope in the publisher's topic"""
    index: int
    """of the payload in its envelope"""
    policy_revision: str
    decided_at_us: int


@dataclass(frozen=True, slots=True)
class WishLeaf:
    """The point in the log at which a person's wish took effect."""

    place: Place
    publisher: AgencyId
    kind: str
    """a kind of wish, or what was done with a marker"""
    applied_at_us: int


@dataclass(frozen=True, slots=True)
class ActLeaf:
    """What two holders did with a payload of this event in quarantine."""

    place: Place
    publisher: AgencyId
    act: QuarantineAct
    reason: ActReason
    code: str
    """why it was in quarantine"""
    holders: tuple[str, ...]
    quarantine_id: str
    acted_at_us: int


KnownLeaf = DecisionLeaf | QuarantineLeaf | WishLeaf | ActLeaf


def read_leaf(leaf: Leaf) -> KnownLeaf | None:
    """The typed value of one leaf; None for a kind of record that this version does not know.

    Raises:
        IntegrityError: it is not what its format says; names its place.
    """
    try:
        record = json.loads(leaf.content)
        match record["format"]:
            case str(name) if name == DECISION_FORMAT:
                return _decision(leaf, record)
            case str(name) if name == QUARANTINE_DECISION_FORMAT:
                return _quarantine(leaf.place, record)
            case str(name) if name == WISH_APPLIED_FORMAT:
                return _wish(leaf.place, record)
            case str(name) if name == QUARANTINE_ACT_FORMAT:
                return _act(leaf.place, record)
    except (KeyError, TypeError, ValueError, AttributeError):
        place = leaf.place
        raise IntegrityError(
            f"decisions, lane {place.lane}, offset {place.offset}: record {place.index} cannot be read"
        ) from None
    return None


def _decision(leaf: Leaf, record: Mapping[str, Any]) -> DecisionLeaf:
    return DecisionLeaf(
        place=leaf.place,
        digest=record_hash(leaf.content).hex(),
        decision=Decision(
            event_id=EventId(record["event_id"]),
            event_type=EventType(record["event_type"]),
            publisher=AgencyId(record["publisher"]),
            subscription=SubscriptionId(record["subscription"]),
            desk=DeskId(record["desk"]),
            agreement=AgreementId(record["agreement"]),
            answer=AnswerKind(record["answer"]),
            outcome=Outcome(record["outcome"]),
            extent=Extent(record["extent"]),
            fields={FieldName(name): Handling(how) for name, how in record["fields"].items()},
            withheld={FieldName(name): tuple(why) for name, why in record["withheld"].items()},
            reasons=tuple(record["reasons"]),
            basis=record["basis"],
            purpose=Purpose(record["purpose"]),
            policy_revision=PolicyRevision(record["policy_revision"]),
            decided_at_us=int(record["decided_at_us"]),
            questions=tuple(record["questions"]),
            event_commitment=record["event_commitment"],
            delivery_id=record["delivery_id"],
            replaces=record["replaces"],
            obligations=Obligations(**record["obligations"]),
        ),
    )


def _quarantine(place: Place, record: Mapping[str, Any]) -> QuarantineLeaf:
    return QuarantineLeaf(
        place=place,
        publisher=AgencyId(record["publisher"]),
        code=str(record["code"]),
        fields=tuple(record["fields"]),
        topic=str(record["topic"]),
        offset=int(record["offset"]),
        index=int(record["index"]),
        policy_revision=str(record["policy_revision"]),
        decided_at_us=int(record["decided_at_us"]),
    )


def _act(place: Place, record: Mapping[str, Any]) -> ActLeaf:
    return ActLeaf(
        place=place,
        publisher=AgencyId(record["publisher"]),
        act=QuarantineAct(record["act"]),
        reason=ActReason(record["reason"]),
        code=str(record["code"]),
        holders=tuple(map(str, record["holders"])),
        quarantine_id=str(record["quarantine_id"]),
        acted_at_us=int(record["acted_at_us"]),
    )


def _wish(place: Place, record: Mapping[str, Any]) -> WishLeaf:
    if record["kind"] not in APPLIED_KINDS:
        raise ValueError("kind")
    return WishLeaf(
        place=place,
        publisher=AgencyId(record["publisher"]),
        kind=str(record["kind"]),
        applied_at_us=int(record["applied_at_us"]),
    )
