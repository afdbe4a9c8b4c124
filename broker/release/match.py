"""Match: which subscriptions an event meets, and the questions each of them raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from broker.ask.warming import core_as_asked
from broker.domain.agreement import Subscription
from broker.domain.event import Event, FieldSpec
from broker.domain.fields import is_consumed
from broker.domain.identifiers import (
    NO_AGREEMENT,
    AgencyId,
    AgreementId,
    DeskId,
    EventType,
)
from broker.domain.incident import Incident
from broker.domain.question import Question
from broker.domain.vocabulary import (
    AgeBand,
    AgencyKind,
    Capacity,
    FieldClass,
    Marker,
    PermissionSource,
    WishState,
)
from broker.domain.wish import WishView, wish_view
from broker.release.fold import threshold_asserted, threshold_confirmed
from broker.release.remembered import Remembered
from broker.release.standing import Standing, markers_of, standing_of
from broker.release.subject import SubjectState

_PARTS = ("subject", "core", "person")
_NO_WISH = WishView(WishState.NONE, PermissionSource.NONE)
# Of two views of the same case the stricter counts: an objection, then no permission, then a permission.
_STRICTNESS = {
    WishState.PERMITS: 0,
    WishState.OVERRIDDEN: 1,
    WishState.NONE: 2,
    WishState.OBJECTS: 3,
}
_SOURCE_STRICTNESS = {
    PermissionSource.SELF: 0,
    PermissionSource.INDEPENDENT: 1,
    PermissionSource.BENEFICIARY: 2,
    PermissionSource.NONE: 3,
}


@dataclass(frozen=True, slots=True)
class Match:
    """One subscription that asks for this event, the questions it raises, one a class."""

    subscription: Subscription
    desk_kind: AgencyKind
    incident: Incident | None
    """the one its desk's agency is in; for what goes on after it has ended (R21), the one it was in"""
    present: tuple[FieldSpec, ...]
    """fields of the event that have a value"""
    questions: tuple[Question, ...]
    likeness: object
    """the same object for matches that nothing but the values of their events tells apart"""


@dataclass(frozen=True, slots=True, eq=False)
class _Present:
    """Fields that have a value, and the classes they are of. Compared by identity: like events share one."""

    fields: tuple[FieldSpec, ...]
    classes: tuple[FieldClass, ...]


class Matcher:
    """Finds the subscriptions of an event. Remembers the questions of like events: they name nobody."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        desk_kinds: Mapping[DeskId, AgencyKind],
        responders: frozenset[DeskId],
        parties: Mapping[AgreementId, frozenset[AgencyId]],
        places: frozenset[str],
    ) -> None:
        """A register of who asks for what.

        Args:
            responders: desks that must act: asked about a core without its person (R42).
            parties: agreement -> agencies that publish under it.
            places: every place that the registry knows.
        """
        self._places = places
        self._responders = responders
        self._parties = parties
        self._agreed: dict[tuple[Subscription, AgencyId], Subscription] = {}
        self._by_type: dict[EventType, tuple[Subscription, ...]] = {}
        for subscription in subscriptions:
            known = self._by_type.get(subscription.event_type, ())
            self._by_type[subscription.event_type] = (*known, subscription)
        self._desk_kinds = desk_kinds
        self._remembered: Remembered[tuple[object, ...], tuple[object, tuple[Question, ...]]] = Remembered()
        self._present: Remembered[tuple[object, ...], _Present] = Remembered()

    def matches(
        self, event: Event, logged_at_us: int, place: SubjectState, now: SubjectState, interval: str
    ) -> tuple[Match, ...]:
        """Every subscription that asks for `event`, in the order of the register.

        Args:
            logged_at_us: when the log took the event in, microseconds since 1970-01-01T00:00Z.
            place: the subject's state at the event's place in the log.
            now: its state now; the stricter of both counts (an event decided after an outage).
            interval: first day of the interval of effective dates that today falls in.
        """
        found = []
        present = self._present_in(event)
        markers = markers_of(event, place, now, logged_at_us)
        deceased = place.deceased or now.deceased
        alike = (present, interval, markers, deceased, *_facts(event))
        for asked in self._by_type.get(event.spec.event_type, ()):
            if not asked.is_for(event.place, self._places):
                continue
            subscription = self._as_agreed(asked, event.publisher)
            standing = standing_of(subscription, event, place, logged_at_us)
            if subscription.incident_scoped and standing.incident is None:
                continue
            kind = self._desk_kinds[subscription.desk]
            views = _views(subscription, kind, present.classes, place, now, logged_at_us)
            key = (subscription.subscription_id, subscription.agreement, views, standing.facts, *alike)
            known = self._remembered.get(key)
            if known is None:
                questions = tuple(
                    self._question(event, subscription, *one, standing, markers, interval, deceased=deceased)
                    for one in zip(present.classes, views, strict=True)
                )
                known = self._remembered.keep(key, (object(), questions))
            likeness, questions = known
            found.append(Match(subscription, kind, standing.incident, present.fields, questions, likeness))
        return tuple(found)

    def _as_agreed(self, subscription: Subscription, publisher: AgencyId) -> Subscription:
        """What the subscription is for this publisher: it has no agreement that the publisher is no party to.

        Questions name kinds of agency only, so an agreement of one crisis team would else release what
        another, which never signed it, publishes.
        """
        known = self._agreed.get((subscription, publisher))
        if known is None:
            party = publisher in self._parties.get(subscription.agreement, frozenset())
            known = subscription if party else replace(subscription, agreement=NO_AGREEMENT)
            self._agreed[subscription, publisher] = known
        return known

    def _present_in(self, event: Event) -> _Present:
        # Events of one type with values in the same fields are alike here; most are.
        key = (event.spec.event_type, *map(_filled, (event.record, *map(event.record.get, _PARTS))))
        known = self._present.get(key)
        if known is None:
            fields = present_fields(event)
            classes = {spec.field_class for spec in fields} | {FieldClass.CORE}
            known = self._present.keep(key, _Present(fields, tuple(sorted(classes))))
        return known

    def _question(
        self,
        event: Event,
        subscription: Subscription,
        field_class: FieldClass,
        view: WishView,
        standing: Standing,
        markers: tuple[Marker, ...],
        interval: str,
        *,
        deceased: bool,
    ) -> Question:
        question = Question(
            event_type=event.spec.event_type,
            field_class=field_class,
            setting=event.setting,
            event_purpose=event.purpose,
            regime=event.regime,
            publisher_kind=event.publisher_kind,
            agreement=subscription.agreement,
            desk=subscription.desk,
            desk_kind=self._desk_kinds[subscription.desk],
            purpose=subscription.purpose,
            place=event.place,
            interval=interval,
            threshold_asserted=threshold_asserted(event),
            threshold_confirmed=threshold_confirmed(event),
            custody_confirmed=standing.custody,
            in_incident=standing.inside,
            incident_ended=standing.ended,
            wish=view.state,
            permission_source=view.permission_source,
            capacity=Capacity(event.record.get("capacity") or Capacity.UNKNOWN),
            age_band=AgeBand(event.record.get("age_band") or AgeBand.UNKNOWN),
            markers=markers,
            override_open=False,
            wishes_known=event.wishes_known,
            deceased=deceased,
        )
        return core_as_asked(question, self._responders)


def _facts(event: Event) -> tuple[object, ...]:
    """Everything of an event that its questions hold."""
    record = event.record
    return (
        event.setting,
        event.purpose,
        event.regime,
        event.publisher_kind,
        event.place,
        event.wishes_known,
        threshold_asserted(event),
        threshold_confirmed(event),
        record.get("capacity"),
        record.get("age_band"),
    )


def present_fields(event: Event) -> tuple[FieldSpec, ...]:
    """The fields of the event that have a value and are not the exchange's own."""
    record = event.record
    parts = {None: record, "subject": record.get("subject"), "core": record.get("core")}
    parts["person"] = record.get("person")
    return tuple(
        spec
        for spec in event.spec.fields
        if not is_consumed(event.spec.event_type, spec.name)
        and (held := parts[spec.part]) is not None
        and held.get(spec.key) is not None
    )


def _filled(values: Mapping[str, object] | None) -> tuple[str, ...]:
    return () if values is None else tuple([key for key, value in values.items() if value is not None])


def _views(
    subscription: Subscription,
    desk_kind: AgencyKind,
    classes: tuple[FieldClass, ...],
    place: SubjectState,
    now: SubjectState,
    at_us: int,
) -> tuple[WishView, ...]:
    if not place.wishes and not now.wishes:
        return (_NO_WISH,) * len(classes)
    at_place = _views_of(place, subscription, desk_kind, classes, at_us)
    if now is place:
        return at_place
    at_present = _views_of(now, subscription, desk_kind, classes, at_us)
    return tuple(_stricter(one, other) for one, other in zip(at_place, at_present, strict=True))


def _views_of(
    state: SubjectState,
    subscription: Subscription,
    desk_kind: AgencyKind,
    classes: tuple[FieldClass, ...],
    at_us: int,
) -> tuple[WishView, ...]:
    purpose, desk = subscription.purpose, subscription.desk
    views = {one: wish_view(state.wishes, purpose, desk, one, at_us) for one in classes}
    if desk_kind is AgencyKind.CARER:
        # That there is a service at all tells a carer something clinical (4.5), whatever class a field is of.
        clinical = wish_view(state.wishes, purpose, desk, FieldClass.CL, at_us)
        views = {one: _stricter(view, clinical) for one, view in views.items()}
    if views[FieldClass.CORE].state is WishState.NONE:
        # It names nobody, so no permission can name it: it goes as the rest goes.
        views[FieldClass.CORE] = min(views.values(), key=_strictness)
    return tuple(views.values())


def _stricter(one: WishView, other: WishView) -> WishView:
    return max(one, other, key=_strictness)


def _strictness(view: WishView) -> tuple[int, int]:
    return _STRICTNESS[view.state], _SOURCE_STRICTNESS[view.permission_source]
