"""The questions worth asking ahead: every core of an emergency, so that no outage stops one."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from broker.ask.canary import CANARY
from broker.domain.agreement import Subscription
from broker.domain.identifiers import DeskId, EventType
from broker.domain.question import Question
from broker.domain.vocabulary import (
    HEALTH_AND_CARE,
    URGENT,
    AgeBand,
    AgencyKind,
    Capacity,
    FieldClass,
    PermissionSource,
    Purpose,
    Regime,
    Setting,
    Threshold,
    WishState,
)
from broker.registry.event_reader import ELSEWHERE

CORE_EVENT_PURPOSES = (Purpose.P1, Purpose.P2, Purpose.P5, Purpose.P7)
"""What publishers put on events of an emergency"""

RESPONSE_PURPOSES = frozenset({Purpose.P1, Purpose.P4, Purpose.P5})


def core_prototypes(
    subscriptions: Iterable[Subscription],
    publishers: Mapping[EventType, Iterable[AgencyKind]],
    desk_kind: Callable[[DeskId], AgencyKind],
    interval: str,
    places: frozenset[str],
) -> Iterator[Question]:
    """One core question for each subscription, kind of agency that may publish its type, and place.

    Args:
        places: every place that the registry knows; `elsewhere` stands for any other.
    """
    for subscription in subscriptions:
        asks_for = [place for place in (*sorted(places), ELSEWHERE) if subscription.is_for(place, places)]
        for kind, place in product(publishers.get(subscription.event_type, ()), asks_for):
            yield replace(
                CANARY,
                event_type=subscription.event_type,
                field_class=FieldClass.CORE,
                setting=Setting.EMERGENCY_LIVE,
                publisher_kind=kind,
                agreement=subscription.agreement,
                desk=subscription.desk,
                desk_kind=desk_kind(subscription.desk),
                purpose=subscription.purpose,
                place=place,
                interval=interval,
            )


def core_questions(
    prototypes: Iterable[Question],
    responders: Container[DeskId],
    event_purposes: Iterable[Purpose] = CORE_EVENT_PURPOSES,
) -> Iterator[Question]:
    """Every emergency_live core question that an event of these kinds can raise, as it is asked.

    To a desk that must act there is one of a flow and place. To others what only some publishers assert
    (regime, thresholds) and only police desks can be in (an incident, with or without custody) is varied
    for those only; whatever is about the person is neutral, as `without_person` makes it.

    Args:
        responders: as of `core_as_asked`.
    """
    event_purposes = tuple(event_purposes)
    for prototype in prototypes:
        if _must_act(prototype, responders):
            yield without_case(prototype)
            continue
        police = prototype.publisher_kind is AgencyKind.POLICE
        health = prototype.publisher_kind in HEALTH_AND_CARE
        for purpose, regime, asserted, confirmed, (incident, custody, ended) in product(
            event_purposes,
            tuple(Regime) if police else (Regime.UKGDPR,),
            (Threshold.NONE,) if health else tuple(Threshold),
            tuple(Threshold) if health else (Threshold.NONE,),
            _incidents(prototype.desk_kind),
        ):
            yield replace(
                without_person(prototype),
                event_purpose=purpose,
                regime=regime,
                threshold_asserted=asserted,
                threshold_confirmed=confirmed,
                in_incident=incident,
                custody_confirmed=custody,
                incident_ended=ended,
            )


def core_as_asked(question: Question, responders: Container[DeskId]) -> Question:
    """How the core is asked: without person and case where it goes to a responder in an urgent event.

    Such a core names nobody and nothing about the person or the case may stop it (R42, R43), so all of a
    flow are one question, warm before it is needed. To any other desk the core goes as the rest goes: wishes
    count, and the question is asked as it is.

    Args:
        responders: desks that must act when somebody is in danger, as the policies name them.
    """
    return without_case(question) if _must_act(question, responders) else question


def _must_act(question: Question, responders: Container[DeskId]) -> bool:
    return (
        question.field_class is FieldClass.CORE
        and question.setting in URGENT
        and question.purpose in RESPONSE_PURPOSES
        and question.desk in responders
    )


def without_case(question: Question) -> Question:
    """The same question with everything about the person, and about what happened, neutral."""
    return replace(
        without_person(question),
        event_purpose=Purpose.P1,
        regime=Regime.UKGDPR,
        threshold_asserted=Threshold.NONE,
        threshold_confirmed=Threshold.NONE,
        custody_confirmed=False,
        in_incident=False,
        incident_ended=False,
    )


def without_person(question: Question) -> Question:
    """The same question with everything about the person neutral. For asking, use `core_as_asked`."""
    return replace(
        question,
        wish=WishState.NONE,
        permission_source=PermissionSource.NONE,
        capacity=Capacity.UNKNOWN,
        age_band=AgeBand.UNKNOWN,
        markers=(),
        override_open=False,
        wishes_known=True,
        deceased=False,
    )


def _incidents(desk_kind: AgencyKind) -> tuple[tuple[bool, bool, bool], ...]:
    """In no incident, in one, in custody there, after one. Only police desks are."""
    if desk_kind is AgencyKind.POLICE:
        return ((False, False, False), (True, False, False), (True, True, False), (False, False, True))
    return ((False, False, False),)
