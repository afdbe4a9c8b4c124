"""Fold: what an event changes in what the lane knows of its subject, whatever it releases."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from broker.domain.event import Event
from broker.domain.identifiers import AgencyId
from broker.domain.incident import Incident
from broker.domain.vocabulary import AgencyKind, FieldClass, Purpose, Threshold
from broker.domain.wish import Wish
from broker.release.subject import SubjectState

# R53: s136 custody counts when the place of safety or the ambulance recorded it, a threshold when a
# health author confirmed it; never on police's word.
CUSTODY_EVENT = "pos.s136.arrived"
CUSTODY_RECORDERS = frozenset({AgencyKind.PLACE_OF_SAFETY, AgencyKind.AMBULANCE})
LINK_CONFIRMERS = frozenset({AgencyKind.PLACE_OF_SAFETY, AgencyKind.CRISIS})
_THRESHOLDS = {threshold.value: threshold for threshold in Threshold}
OPENING_THRESHOLDS = frozenset({Threshold.LIFE_RISK, Threshold.SERIOUS_HARM})


def fold(state: SubjectState, event: Event, logged_at_us: int) -> SubjectState:
    """The subject's state after `event`.

    A wish is appended; a link to a police incident, confirmed by health in custody or with a confirmed
    threshold, opens that incident for its force (R3, R36, R53). An event whose identifier is unsound
    changes nothing: it cannot be known whose state it would be.

    Args:
        logged_at_us: when the log took the event in, microseconds since 1970-01-01T00:00Z. An incident
            opens then at the latest: a time that is yet to come would keep it open past its window.
    """
    if not event.wishes_known:
        return state
    if event.spec.wish_kind is not None:
        return replace(state, wishes=(*state.wishes, wish_of(event)))
    incident = incident_of(event, logged_at_us)
    if incident is None:
        return state
    others, same = [], None
    for one in state.incidents:
        if (one.force, one.incident_ref) == (incident.force, incident.incident_ref):
            same = one
        else:
            others.append(one)
    return replace(state, incidents=(*others, incident if same is None else _confirmed(same, incident)))


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


def _confirmed(known: Incident, again: Incident) -> Incident:
    """One incident that health confirms again: its window does not start anew (R3, R17)."""
    return replace(
        known,
        local_ref=known.local_ref if again.local_ref is None else again.local_ref,
        opened_at_us=min(known.opened_at_us, again.opened_at_us),
        s136_custody=known.s136_custody or again.s136_custody,
    )


def incident_of(event: Event, logged_at_us: int) -> Incident | None:
    """The incident that this event opens, if health confirms link and need in it."""
    person = part(event, "person")
    link = person.get("police_link")
    if link is None or event.publisher_kind not in LINK_CONFIRMERS:
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
    )


def threshold_confirmed(event: Event) -> Threshold:
    """The threshold that a health author confirms on this very event (R53)."""
    if event.publisher_kind not in LINK_CONFIRMERS | CUSTODY_RECORDERS:
        return Threshold.NONE
    return _threshold(part(event, "person").get("threshold_confirmed"))


def threshold_asserted(event: Event) -> Threshold:
    """The threshold as its publisher asserts it; opens nothing (R53)."""
    return _threshold(part(event, "person").get("threshold"))


def part(event: Event, name: str) -> Mapping[str, Any]:
    """One part of an event's record; empty where it was left out."""
    found = event.record.get(name)
    return {} if found is None else found


def _threshold(value: str | None) -> Threshold:
    return _THRESHOLDS.get(value or "", Threshold.NONE)
