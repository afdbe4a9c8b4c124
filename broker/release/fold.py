"""Fold: what an event changes in what the lane knows of its subject, whatever it releases."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from broker.domain.event import Event
from broker.domain.identifiers import AgencyId
from broker.domain.incident import Incident
from broker.domain.vocabulary import AgencyKind, FieldClass, Marker, MarkerAct, Purpose, Threshold
from broker.domain.wish import Wish
from broker.release.identity import identity_after
from broker.release.subject import Custody, Marked, SubjectState

# R53: s136 custody counts when the place of safety or the ambulance recorded it, a threshold when a
# health author confirmed it; never on police's word.
CUSTODY_EVENT = "pos.s136.arrived"
EXTENSION = "pos.s136.extended"
EXTENSION_GROUNDS = frozenset({"condition_unfit", "assessment_started_not_complete"})
"""R17: the person's condition, and nothing else, lets a doctor extend a detention"""
MOST_EXTENDED_HOURS = 12
DEATH_NOTICE = "person.deceased"
CUSTODY_RECORDERS = frozenset({AgencyKind.PLACE_OF_SAFETY, AgencyKind.AMBULANCE})
LINK_CONFIRMERS = frozenset({AgencyKind.PLACE_OF_SAFETY, AgencyKind.CRISIS})
HEALTH_AUTHORS = LINK_CONFIRMERS | CUSTODY_RECORDERS | {AgencyKind.ED, AgencyKind.CMHT, AgencyKind.GP}
_THRESHOLDS = {threshold.value: threshold for threshold in Threshold}
OPENING_THRESHOLDS = frozenset({Threshold.LIFE_RISK, Threshold.SERIOUS_HARM})


def fold(state: SubjectState, event: Event, logged_at_us: int, forces: Container[AgencyId]) -> SubjectState:
    """The subject's state after `event`.

    A wish is appended, a marker set or lifted; a link to a police incident, confirmed by health in
    custody or with a confirmed threshold, opens that incident for its force (R3, R36, R53); health's
    handover and the end of custody close it again. An event whose identifier is unsound changes
    nothing: it cannot be known whose state it would be.

    Args:
        logged_at_us: when the log took the event in, microseconds since 1970-01-01T00:00Z. Nothing
            starts later than that: a time that is yet to come would keep a window open past its end.
        forces: agencies that are police; a link to any other opens nothing.
    """
    if not event.wishes_known:
        return state
    if event.spec.wish_kind is not None:
        return replace(state, wishes=(*state.wishes, wish_of(event)))
    if event.spec.marks is not None:
        return replace(state, markers=_markers_after(state, event))
    if event.spec.about_incident:
        return _closed(state, _told(event, "closed_at", logged_at_us))
    identity = identity_after(state.identity, event)
    if identity != state.identity:
        state = replace(state, identity=identity)
    if event.spec.event_type == DEATH_NOTICE:
        # Told by those who care for the person alone (its publishers): the last word stands.
        state = replace(state, deceased=part(event, "person").get("notice_withdrawn") is not True)
    state = _custody_after(state, event, logged_at_us)
    incident = incident_of(event, logged_at_us, forces)
    return state if incident is None else _joined(state, incident)


def fold_ended(state: SubjectState, force: AgencyId, incident_ref: str, closed_at_us: int) -> SubjectState:
    """The person's state after the force closed the incident they are in (R3)."""
    incidents = tuple(
        replace(one, closed_at_us=_earlier(one.closed_at_us, closed_at_us))
        if (one.force, one.incident_ref) == (force, incident_ref)
        else one
        for one in state.incidents
    )
    return state if incidents == state.incidents else replace(state, incidents=incidents)


def wish_of(event: Event) -> Wish:
    """The wish that a wish event records."""
    assert event.spec.wish_kind is not None
    person = part(event, "person")
    return Wish(
        kind=event.spec.wish_kind,
        recorded_by=event.publisher,
        recorded_by_kind=event.publisher_kind,
        purposes=frozenset(Purpose(one) for one in person.get("scope_purposes") or ()),
        recipients=frozenset(person.get("scope_recipients") or ()),
        classes=frozenset(FieldClass(one) for one in person.get("scope_classes") or ()),
        valid_until_us=person.get("valid_until"),
    )


def _markers_after(state: SubjectState, event: Event) -> tuple[Marked, ...]:
    person = part(event, "person")
    marker = Marker(person["marker"])
    others = tuple(one for one in state.markers if one.marker is not marker)
    if event.spec.marks is MarkerAct.LIFTED:
        return others
    return (*others, Marked(marker, person.get("valid_until")))


def _closed(state: SubjectState, at_us: int) -> SubjectState:
    return replace(state, closed_at_us=_earlier(state.closed_at_us, at_us))


def _custody_after(state: SubjectState, event: Event, logged_at_us: int) -> SubjectState:
    """Custody begins with the arrival and ends when health says so; a handover lets officers go (R21)."""
    if event.publisher_kind not in HEALTH_AUTHORS:
        return state
    match event.spec.event_type:
        case "pos.s136.arrived" if event.publisher_kind in CUSTODY_RECORDERS:
            since_us = _told(event, "arrived_at", logged_at_us)
            known = state.custody
            if known is not None and known.holds(since_us):
                # A transfer does not start the clock again (R17).
                since_us = min(known.since_us, since_us)
                return replace(state, custody=Custody(since_us, extended_hours=known.extended_hours))
            return replace(state, custody=Custody(since_us))
        case "pos.s136.extended" if state.custody is not None:
            hours = max(state.custody.extended_hours, lawful_hours(event))
            return replace(state, custody=replace(state.custody, extended_hours=hours))
        case "pos.s136.ended":
            return _custody_ended(state, _told(event, "ended_at", logged_at_us))
        case "pos.s136.handover":
            return _handed_over(state, event, logged_at_us)
    return state


def _custody_ended(state: SubjectState, at_us: int) -> SubjectState:
    custody = None if state.custody is None else replace(state.custody, ended_at_us=at_us)
    incidents = tuple(
        replace(one, custody_ended_at_us=_earlier(one.custody_ended_at_us, at_us))
        if one.s136_custody
        else one
        for one in state.incidents
    )
    return replace(state, custody=custody, incidents=incidents)


def _handed_over(state: SubjectState, event: Event, logged_at_us: int) -> SubjectState:
    person = part(event, "person")
    released_at_us = person.get("released_at")
    if released_at_us is None and person.get("police_presence_needed") != "yes":
        released_at_us = person.get("accepted_at")
    if released_at_us is None:
        return state
    at_us = min(released_at_us, logged_at_us)
    incidents = tuple(
        replace(one, handed_over_at_us=_earlier(one.handed_over_at_us, at_us)) if one.s136_custody else one
        for one in state.incidents
    )
    return replace(state, incidents=incidents)


def _joined(state: SubjectState, incident: Incident) -> SubjectState:
    others, same = [], None
    for one in state.incidents:
        if (one.force, one.incident_ref) == (incident.force, incident.incident_ref):
            same = one
        else:
            others.append(one)
    return replace(state, incidents=(*others, incident if same is None else _confirmed(same, incident)))


def _confirmed(known: Incident, again: Incident) -> Incident:
    """One incident that health confirms again: its window does not start anew (R3, R17)."""
    return replace(
        known,
        local_ref=known.local_ref if again.local_ref is None else again.local_ref,
        opened_at_us=min(known.opened_at_us, again.opened_at_us),
        s136_custody=known.s136_custody or again.s136_custody,
        threshold=known.threshold if again.threshold is Threshold.NONE else again.threshold,
    )


def incident_of(event: Event, logged_at_us: int, forces: Container[AgencyId]) -> Incident | None:
    """The incident that this event opens, if health confirms link and need in it."""
    person = part(event, "person")
    link = person.get("police_link")
    if link is None or event.publisher_kind not in LINK_CONFIRMERS or link["force"] not in forces:
        return None
    custody = event.spec.event_type == CUSTODY_EVENT and event.publisher_kind in CUSTODY_RECORDERS
    if not custody and threshold_confirmed(event) not in OPENING_THRESHOLDS:
        return None
    # The window runs from the arrival where the event says when that was, else from the event itself.
    opened_at_us = person.get("arrived_at") if custody else None
    return Incident(
        force=AgencyId(link["force"]),
        incident_ref=link["incident_ref"],
        local_ref=link.get("local_ref"),
        opened_at_us=min(event.occurred_at_us if opened_at_us is None else opened_at_us, logged_at_us),
        s136_custody=custody,
        threshold=threshold_confirmed(event),
    )


def lawful_hours(event: Event) -> int:
    """By how many hours an extension extends lawfully: 12 at most, 0 on any other ground (R17, R18)."""
    person = part(event, "person")
    if person.get("extension_reason") not in EXTENSION_GROUNDS:
        return 0
    hours = person.get("extension_hours")
    return MOST_EXTENDED_HOURS if hours is None else min(int(hours), MOST_EXTENDED_HOURS)


def threshold_confirmed(event: Event) -> Threshold:
    """The threshold that a health author confirms on this very event (R53)."""
    if event.publisher_kind not in HEALTH_AUTHORS:
        return Threshold.NONE
    return _threshold(part(event, "person").get("threshold_confirmed"))


def threshold_asserted(event: Event) -> Threshold:
    """The threshold as its publisher asserts it; opens nothing (R53)."""
    return _threshold(part(event, "person").get("threshold"))


def part(event: Event, name: str) -> Mapping[str, Any]:
    """One part of an event's record; empty where it was left out."""
    found = event.record.get(name)
    return {} if found is None else found


def _told(event: Event, key: str, logged_at_us: int) -> int:
    """An instant as the event tells it, else its own; never later than the log took it in."""
    told_us = part(event, "person").get(key)
    return min(event.occurred_at_us if told_us is None else told_us, logged_at_us)


def _earlier(known_us: int | None, told_us: int) -> int:
    return told_us if known_us is None else min(known_us, told_us)


def _threshold(value: str | None) -> Threshold:
    return _THRESHOLDS.get(value or "", Threshold.NONE)
