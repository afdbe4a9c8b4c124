"""Legal: what a reported fact shows that the law does not allow. The fact itself is never refused."""

from collections.abc import Callable, Mapping

from broker.domain.event import Event
from broker.domain.incident import HOUR_US
from broker.domain.vocabulary import LegalAlert, Marker
from broker.release.fold import (
    CUSTODY_EVENT,
    EXTENSION,
    EXTENSION_GROUNDS,
    MOST_EXTENDED_HOURS,
    part,
)
from broker.release.subject import SubjectState

DETAINED, CONVEYED = "police.s136.detained", "police.s136.conveyance"
ENDED = "pos.s136.ended"

LIMIT_HOURS = 24
"""R17, L15: from the arrival at the first place of safety, whatever transfers there are"""
_POLICE_STATION = "police_station"
_CONDITIONS_MET = "regulations_met"
_CHILDREN = frozenset({"under_16", "age_16_17"})
# R16: that nobody was asked needs its reason; that somebody was asked needs none.
_NOBODY, _UNKNOWN = "none", "unknown"
_NO_REASON = frozenset({"unknown", "not_applicable"})

Alerts = tuple[LegalAlert, ...]


def alerts_of(event: Event, state: SubjectState) -> Alerts:
    """What the law asks and this event says is not so; empty for nearly every event.

    Args:
        state: of its subject after the event.
    """
    read = _READ.get(str(event.spec.event_type))
    return () if read is None else read(event, state)


def held_us(event: Event, state: SubjectState) -> int | None:
    """How long a detention lasted that this event ends: from the first arrival to its end, microseconds.

    None where the event ends none, or no arrival was recorded.
    """
    custody = state.custody
    if event.spec.event_type != ENDED or custody is None or custody.ended_at_us is None:
        return None
    return max(custody.ended_at_us - custody.since_us, 0)


def _detained(event: Event) -> Alerts:
    person = part(event, "person")
    found: Alerts = ()
    if (person.get("found_at") or {}).get("place_type") == "private_dwelling":
        found += (LegalAlert.DWELLING,)
    consulted = person.get("consulted")
    if consulted == _UNKNOWN or (consulted == _NOBODY and person.get("why_not_consulted") in _NO_REASON):
        found += (LegalAlert.NOT_CONSULTED,)
    return found


def _conveyed(event: Event, state: SubjectState) -> Alerts:
    return _at_a_station(event, state, part(event, "person").get("destination"))


def _arrived(event: Event, state: SubjectState) -> Alerts:
    return _at_a_station(event, state, part(event, "person").get("pos_type"))


def _at_a_station(event: Event, state: SubjectState, kind: object) -> Alerts:
    """R19: never for a child; for an adult where the conditions of the regulations are recorded."""
    if kind != _POLICE_STATION:
        return ()
    if _is_child(event, state):
        return (LegalAlert.STATION_UNDER_18,)
    met = part(event, "person").get("police_station_conditions") == _CONDITIONS_MET
    return () if met else (LegalAlert.STATION_CRITERIA,)


def _extended(event: Event) -> Alerts:
    person = part(event, "person")
    found: Alerts = ()
    if person.get("extension_reason") not in {*EXTENSION_GROUNDS, _UNKNOWN}:
        found += (LegalAlert.EXTENSION_GROUND,)
    if (person.get("extension_hours") or 0) > MOST_EXTENDED_HOURS:
        found += (LegalAlert.EXTENSION_LENGTH,)
    return found


def _ended(event: Event, state: SubjectState) -> Alerts:
    found: Alerts = ()
    lasted_us = held_us(event, state)
    extended = 0 if state.custody is None else state.custody.extended_hours
    if lasted_us is not None and lasted_us > (LIMIT_HOURS + extended) * HOUR_US:
        found += (LegalAlert.OVER_LIMIT,)
    if part(event, "person").get("end_reason") == "expired":
        found += (LegalAlert.EXPIRED,)
    return found


def _is_child(event: Event, state: SubjectState) -> bool:
    if event.record.get("age_band") in _CHILDREN or Marker.CHILD in (event.record.get("restrictions") or ()):
        return True
    return Marker.CHILD in state.markers_at(event.occurred_at_us)


_READ: Mapping[str, Callable[[Event, SubjectState], Alerts]] = {
    DETAINED: lambda event, _: _detained(event),
    CONVEYED: _conveyed,
    CUSTODY_EVENT: _arrived,
    EXTENSION: lambda event, _: _extended(event),
    ENDED: _ended,
}
