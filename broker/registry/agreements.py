"""Reads the compiled policies: who asks for what, what was agreed, and which day of the rules today is."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.domain.agreement import Agreement, ReferralClock, Subscription
from broker.domain.identifiers import NO_AGREEMENT, AgencyId, AgreementId, DeskId, EventType, FieldName
from broker.domain.vocabulary import Purpose
from broker.errors import ConfigurationError

FORMAT = "candour.policy.v1"
BEFORE_ALL = "0001-01-01"
"""Stands for the days before the first effective date"""


@dataclass(frozen=True, slots=True)
class Agreements:
    """The compiled policies of one revision, as far as workers need them. OPA holds the same file."""

    agreements: Mapping[AgreementId, Agreement]
    subscriptions: tuple[Subscription, ...]
    responders: Mapping[DeskId, frozenset[str]]
    """desks that must act when somebody is in danger, each with the places it serves (R42)"""
    clocks: Mapping[str, ReferralClock]
    """place -> how soon a crisis referral must be taken on there, and who is rung when it was not"""
    effective_dates: tuple[str, ...]
    """ISO dates, sorted, each once: the days on which something starts or ends"""

    def interval_for(self, date: str) -> str:
        """The first day of the interval between effective dates that `date` falls in (design 2.4).

        Args:
            date: ISO date in Europe/London.
        """
        before = bisect_right(self.effective_dates, date)
        return self.effective_dates[before - 1] if before else BEFORE_ALL


def load_agreements(data_path: Path) -> Agreements:
    """Read a revision's data.json.

    Raises:
        ConfigurationError: the file cannot be read or was not compiled by `candour policy build`.
    """
    try:
        data = json.loads(data_path.read_bytes())
        if data["format"] != FORMAT:
            raise KeyError("format")
        return Agreements(
            agreements={AgreementId(name): _agreement(terms) for name, terms in data["agreements"].items()},
            subscriptions=tuple(_subscriptions(data["subscriptions"])),
            responders={DeskId(desk): frozenset(places) for desk, places in data["responders"].items()},
            clocks={place: _clock(clock) for place, clock in data["clocks"].items()},
            effective_dates=tuple(data["effective_dates"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigurationError(
            f"{data_path} holds no compiled policies; run candour policy build or take the exchange's own"
        ) from None


def _clock(clock: Mapping[str, Any]) -> ReferralClock:
    return ReferralClock(minutes=clock["minutes"], duty_contact=clock["duty_contact"])


def _agreement(terms: Mapping[str, Any]) -> Agreement:
    return Agreement(
        agreement_id=AgreementId(terms["agreement"]),
        publishers=frozenset(AgencyId(agency) for agency in terms["publishers"]),
        desks=frozenset(DeskId(desk) for desk in terms["desks"]),
        purposes=frozenset(Purpose(purpose) for purpose in terms["purposes"]),
        places=frozenset(terms["places"]),
        starts=terms["starts"],
        ends=terms["ends"],
        basis=terms["basis"],
        fields={
            EventType(event_type): frozenset(FieldName(name) for name in names)
            for event_type, names in terms["event_types"].items()
        },
        nhs_number_in_clear=terms["nhs_number_in_clear"],
    )


def _subscriptions(rows: list[Mapping[str, Any]]) -> list[Subscription]:
    return [
        Subscription(
            desk=DeskId(row["desk"]),
            event_type=EventType(event_type),
            purpose=Purpose(row["purpose"]),
            agreement=AgreementId(row["agreement"] or NO_AGREEMENT),
            incident_scoped=row["incident_scoped"],
            after_incident=row["after_incident"],
            places=frozenset(row["places"]),
            anywhere=row["anywhere"],
        )
        for row in rows
        for event_type in row["event_types"]
    ]
