"""Events as the stages of release get them, from the builders' records."""

from functools import cache
from typing import Any

from broker.domain.event import Event
from broker.domain.identifiers import AgencyId, EventId, EventType
from broker.domain.vocabulary import AgencyKind, Purpose, Regime, Setting
from broker.registry.catalogue import Catalogue, load_catalogue
from broker.settings import shipped
from tests import builders

KINDS = {
    "moor-police": AgencyKind.POLICE,
    "moor-pos": AgencyKind.PLACE_OF_SAFETY,
    "northmoor-crisis": AgencyKind.CRISIS,
    "moor-person": AgencyKind.PERSON,
    "moor-ambulance": AgencyKind.AMBULANCE,
    "moor-ed": AgencyKind.ED,
    "moor-cmht": AgencyKind.CMHT,
    "northmoor-asc": AgencyKind.SOCIAL_CARE,
    "harbour-vcs": AgencyKind.VCSE,
    "southmoor-crisis": AgencyKind.CRISIS,
    "southmoor-asc": AgencyKind.SOCIAL_CARE,
    "moor-children": AgencyKind.CHILDREN_SOCIAL_CARE,
    "moor-gp": AgencyKind.GP,
    "moor-housing": AgencyKind.HOUSING,
    "moor-carer": AgencyKind.CARER,
    "moor-governance": AgencyKind.GOVERNANCE,
    "candour": AgencyKind.BROKER,
}


@cache
def catalogue() -> Catalogue:
    return load_catalogue(shipped("schemas"))


def event_of(
    event_type: str,
    record: dict[str, Any],
    *,
    publisher: str | None = None,
    subject: str = "nhs:9990000018",
    sound: bool = True,
) -> Event:
    """The event that a decoded record stands for."""
    agency = publisher or builders.PUBLISHERS[event_type]
    return Event(
        event_id=EventId(record["event_id"]),
        spec=catalogue().specs[EventType(event_type)],
        publisher=AgencyId(agency),
        publisher_kind=KINDS[agency],
        occurred_at_us=record["occurred_at"],
        setting=Setting(record["setting"]),
        purpose=Purpose(record["purpose"]),
        regime=Regime(record["regime"]),
        place=record["core"]["area"],
        subject=subject,
        wishes_known=sound,
        record=record,
    )
