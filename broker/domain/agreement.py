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
    after_incident: bool = False
    """goes on after that incident has ended: for the plain end of custody only (R21)"""
    places: frozenset[str] = frozenset()
    """whose events it is for; empty: every place's"""
    anywhere: bool = True
    """also for events of a place that the registry does not know"""

    def is_for(self, place: str, known_places: frozenset[str]) -> bool:
        """Whether it asks for events of this place."""
        if place not in known_places:
            return self.anywhere
        return not self.places or place in self.places

    @property
    def subscription_id(self) -> SubscriptionId:
        """Its name in decisions."""
        return SubscriptionId(f"{self.desk}|{self.event_type}|{self.purpose}")


@dataclass(frozen=True, slots=True)
class ReferralClock:
    """How soon a crisis referral must be taken on in one place, and who is rung when nobody did (R42)."""

    minutes: int
    duty_contact: str
