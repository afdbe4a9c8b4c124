"""The decision on one event for one subscription, as it is kept for ever."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.domain.answer import Obligations
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
from broker.domain.vocabulary import (
    AnswerKind,
    Extent,
    Handling,
    MarkerAct,
    Outcome,
    Purpose,
    WishKind,
)

DECISION_FORMAT = "candour.decision.v1"
WISH_APPLIED_FORMAT = "candour.wish_applied.v1"
APPLIED_KINDS = frozenset({*WishKind, *(f"restriction_{act}" for act in MarkerAct)})
"""What a record of that format may say was applied: a wish, or a marker set or lifted"""
QUARANTINE_DECISION_FORMAT = "candour.quarantined.v1"
STREAM_NOTICED_FORMAT = "candour.stream_noticed.v1"
"""What is wrong with the place of an envelope in its publisher's stream"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one desk, why, and under what. Holds names of fields, never their values."""

    event_id: EventId
    event_type: EventType
    publisher: AgencyId
    subscription: SubscriptionId
    desk: DeskId
    agreement: AgreementId
    answer: AnswerKind
    outcome: Outcome
    extent: Extent
    fields: Mapping[FieldName, Handling]
    withheld: Mapping[FieldName, tuple[str, ...]]
    """field present in the event -> why it did not go"""
    reasons: tuple[str, ...]
    basis: str | None
    purpose: Purpose
    policy_revision: PolicyRevision
    decided_at_us: int
    questions: tuple[str, ...] = ()
    event_commitment: str = ""
    """HMAC of the payload: ties the decision to the very bytes"""
    delivery_id: str | None = None
    """set exactly when `extent` is not none"""
    replaces: str | None = None
    """decision id of a held decision that this one closes"""
    obligations: Obligations = field(default_factory=Obligations)
    """what must be done with what went"""

    def record(self) -> dict[str, object]:
        """The decision as JSON values; `canonical` of it is the leaf."""
        return {
            "format": DECISION_FORMAT,
            "event_id": self.event_id,
            "event_type": self.event_type,
            "publisher": self.publisher,
            "subscription": self.subscription,
            "desk": self.desk,
            "agreement": self.agreement,
            "answer": self.answer,
            "outcome": self.outcome,
            "extent": self.extent,
            "fields": dict(self.fields),
            "withheld": {name: list(reasons) for name, reasons in self.withheld.items()},
            "reasons": list(self.reasons),
            "basis": self.basis,
            "purpose": self.purpose,
            "policy_revision": self.policy_revision,
            "decided_at_us": self.decided_at_us,
            "questions": list(self.questions),
            "event_commitment": self.event_commitment,
            "delivery_id": self.delivery_id,
            "replaces": self.replaces,
            "obligations": {
                "expires_after_hours": self.obligations.expires_after_hours,
                "marking": self.obligations.marking,
                "incident_only": self.obligations.incident_only,
            },
        }


def canonical(record: Mapping[str, object]) -> bytes:
    """The one spelling of a record: sorted keys, no spaces, ASCII."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def record_hash(leaf: bytes) -> bytes:
    """SHA-256 of a leaf's canonical bytes; 32 bytes; deliveries carry it."""
    return hashlib.sha256(leaf).digest()
