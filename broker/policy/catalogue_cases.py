"""The situations in which the published catalogue tells what goes to whom, and the questions they raise."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from broker.ask.canary import CANARY
from broker.ask.warming import core_as_asked
from broker.domain.agreement import Agreement, Subscription
from broker.domain.event import EventTypeSpec
from broker.domain.fields import is_consumed
from broker.domain.identifiers import DeskId
from broker.domain.question import Question
from broker.domain.vocabulary import (
    HEALTH_AND_CARE,
    AgeBand,
    AgencyKind,
    FieldClass,
    PermissionSource,
    Setting,
    Threshold,
    WishState,
)
from broker.release.match import Match


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand with an adult when an event with a value in every field is published."""

    words: str
    setting: Setting
    wish: WishState = WishState.NONE
    incident: bool = False
    """the desk's agency is in an open incident of the person, which health has linked (R3, R53)"""
    danger: bool = False
    """and a health author confirmed a risk to life on this very event (R53)"""
    ended: bool = False
    """that incident has ended (R21)"""


_EMERGENCY = Setting.EMERGENCY_LIVE
SITUATIONS = (
    Situation("live emergency", _EMERGENCY),
    Situation("live emergency, the person permits it", _EMERGENCY, WishState.PERMITS),
    Situation("live emergency, the person objects", _EMERGENCY, WishState.OBJECTS),
    Situation("planned", Setting.PLANNED),
    Situation("planned, the person permits it", Setting.PLANNED, WishState.PERMITS),
    Situation("planned, the person objects", Setting.PLANNED, WishState.OBJECTS),
)
"""For every desk but those of police"""

POLICE_SITUATIONS = (
    Situation("in no incident that health has linked", _EMERGENCY),
    Situation("in their incident, linked by health", _EMERGENCY, incident=True),
    Situation("in their incident, linked, risk to life confirmed", _EMERGENCY, incident=True, danger=True),
    Situation("the same, and the person objects", _EMERGENCY, WishState.OBJECTS, incident=True, danger=True),
    Situation("after their incident", _EMERGENCY, ended=True),
    Situation("planned", Setting.PLANNED, incident=True),
)
"""For desks of police; outside an incident there is no question at all (R3)"""


@dataclass(frozen=True, slots=True)
class Flow:
    """One subscription as the catalogue shows it."""

    spec: EventTypeSpec
    subscription: Subscription
    desk_kind: AgencyKind
    publisher_kind: AgencyKind
    place: str


def flow_of(
    spec: EventTypeSpec,
    subscription: Subscription,
    agreement: Agreement | None,
    kinds: Mapping[str, AgencyKind],
    places: frozenset[str],
) -> Flow:
    """The subscription at one of its places, from a kind of agency that publishes under its agreement.

    Args:
        kinds: agency -> what it is, the exchange among them.
        places: every place that the registry knows.
    """
    parties = {kinds[agency] for agency in agreement.publishers} if agreement else set(spec.publishers)
    publisher = min(parties & spec.publishers, default=min(spec.publishers))
    agency = subscription.desk.partition("/")[0]
    place = min(subscription.places or places)
    return Flow(spec, subscription, kinds[agency], publisher, place)


def situations_of(flow: Flow) -> tuple[Situation, ...]:
    """The situations worth telling of a flow."""
    if flow.desk_kind is not AgencyKind.POLICE:
        return SITUATIONS
    scoped = flow.subscription.incident_scoped
    return tuple(
        one
        for one in POLICE_SITUATIONS
        if (one.incident or one.ended or not scoped) and (flow.subscription.after_incident or not one.ended)
    )


def match_of(
    flow: Flow, situation: Situation, interval: str, responders: Mapping[DeskId, frozenset[str]]
) -> Match:
    """The flow in a situation, with the question of each class, as Release would raise them.

    Args:
        interval: first day of the interval of effective dates that is shown.
        responders: desks that must act, each with the places it serves.
    """
    present = tuple(one for one in flow.spec.fields if not is_consumed(flow.spec.event_type, one.name))
    classes = sorted({one.field_class for one in present} | {FieldClass.CORE})
    questions = tuple(core_as_asked(_question(flow, situation, one, interval), responders) for one in classes)
    return Match(flow.subscription, flow.desk_kind, None, present, questions, None)


def _question(flow: Flow, situation: Situation, field_class: FieldClass, interval: str) -> Question:
    permits = situation.wish is WishState.PERMITS
    health = flow.publisher_kind in HEALTH_AND_CARE
    danger = Threshold.LIFE_RISK if situation.danger else Threshold.NONE
    return replace(
        CANARY,
        event_type=flow.spec.event_type,
        field_class=field_class,
        setting=situation.setting,
        event_purpose=flow.subscription.purpose,
        publisher_kind=flow.publisher_kind,
        agreement=flow.subscription.agreement,
        desk=flow.subscription.desk,
        desk_kind=flow.desk_kind,
        purpose=flow.subscription.purpose,
        place=flow.place,
        interval=interval,
        threshold_confirmed=danger if health else Threshold.NONE,
        in_incident=situation.incident,
        incident_ended=situation.ended,
        wish=situation.wish,
        permission_source=PermissionSource.SELF if permits else PermissionSource.NONE,
        age_band=AgeBand.ADULT,
    )
