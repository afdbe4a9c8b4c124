"""An answer of the policy engine to one question, checked and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.domain.identifiers import FieldName
from broker.domain.vocabulary import AnswerKind, Handling

BASES = frozenset(f"B{number}" for number in range(1, 13))
"""Legal-basis bundles (domain.md 3.3)"""


@dataclass(frozen=True, slots=True)
class Obligations:
    """What must be done with what goes. Of several, the strictest of each part wins."""

    expires_after_hours: int | None = None
    """hours after the event's `occurred_at`; None: as long as the recipient's own rules say"""
    marking: str | None = None
    """code from `broker.domain.codes.MARKINGS`"""
    incident_only: bool = False
    """use only for this incident (R8)"""


@dataclass(frozen=True, slots=True)
class Answer:
    """PERMIT with a handling per field (a field not named is dropped), DENY, or HOLD for a named person."""

    kind: AnswerKind
    fields: Mapping[FieldName, Handling] = field(default_factory=dict)
    basis: str | None = None
    obligations: Obligations = Obligations()
    reasons: tuple[str, ...] = ()
    """codes from `broker.domain.codes.REASONS`, sorted"""
