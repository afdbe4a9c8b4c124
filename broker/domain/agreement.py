"""Agreements and subscriptions: who asks for what, and what a signed agreement lets them have."""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.domain.identifiers import (
    NO_AGREEMENT,
    AgencyId,
    AgreementId,
    DeskId,
    EventType,
    FieldName,
    SubscriptionId,
)
from broker.domain.vocabulary import Purpose


@dataclass(frozen=True, slots=True)
class Agreement:
    """A data-sharing agreement as far as matching and the egress check need it; OPA holds the whole."""

    agreement_id: AgreementId
    publishers: frozenset[AgencyId]
    desks: frozenset[DeskId]
    purposes: frozenset[Purpose]
    places: frozenset[str]
    starts: str
    """ISO date, first day in force"""
    ends: str
    """ISO date, first day no longer in force"""
    basis: str
    fields: Mapping[EventType, frozenset[FieldName]]
    """a field that is not named here reaches nobody"""
    nhs_number_in_clear: bool = False
    """direct care only: the subject is named by NHS number, not by this desk's pseudonym (2.3)"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One desk asks for one event type for one purpose, whether or not an agreement is in force."""

    desk: DeskId
    event_type: EventType
    purpose: Purpose
    agreement: AgreementId = NO_AGREEMENT
    incident_scoped: bool = False
    """exists only while the desk's agency is in an open incident of this person (R3)"""

    @property
    def subscription_id(self) -> SubscriptionId:
        """Its name in decisions."""
        return SubscriptionId(f"{self.desk}|{self.event_type}|{self.purpose}")
