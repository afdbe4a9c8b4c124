"""Standing: where a desk's agency stands to a person at one instant, and what protects the person then."""

from dataclasses import dataclass

from broker.domain.agreement import Subscription
from broker.domain.event import Event
from broker.domain.identifiers import agency_of
from broker.domain.incident import Incident
from broker.domain.vocabulary import Marker
from broker.release.subject import SubjectState


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a desk's agency stands to the person: in an incident, after one, in none; and custody."""

    incident: Incident | None
    inside: bool
    ended: bool
    custody: bool

    @property
    def facts(self) -> tuple[bool, bool, bool]:
        """All that a question holds of it."""
        return self.inside, self.ended, self.custody


def standing_of(subscription: Subscription, event: Event, place: SubjectState, logged_at_us: int) -> Standing:
    """How the agency of a subscription's desk stands to the event's person, at the event's own place."""
    # Inside means that both event time and log time are before the end (design 2.6).
    agency, at_us = agency_of(subscription.desk), max(event.occurred_at_us, logged_at_us)
    incident = place.incident_of(agency, event.occurred_at_us, logged_at_us)
    if incident is not None:
        return Standing(incident, inside=True, ended=False, custody=incident.in_custody(at_us))
    latest = place.latest_incident_of(agency)
    if latest is not None:
        # Its own incident is over: what it may still have of it is for the policies to say (R3, R21).
        shown = latest if subscription.after_incident and _is_its_custody(place, latest) else None
        return Standing(shown, inside=False, ended=True, custody=False)
    custody = place.custody is not None and place.custody.holds(at_us)
    return Standing(None, inside=False, ended=False, custody=custody)


def _is_its_custody(place: SubjectState, incident: Incident) -> bool:
    """Whether the custody known of the person is that of the incident; a later one is none of its force's."""
    if place.custody is None:
        return False
    since_us, ended_at_us = place.custody.since_us, incident.custody_ended_at_us
    return since_us < incident.ends_at_us and (ended_at_us is None or since_us < ended_at_us)


def markers_of(event: Event, place: SubjectState, now: SubjectState, logged_at_us: int) -> tuple[Marker, ...]:
    """What protects the person: what the event says, and what was set in the lane, then or by now (R24)."""
    said = event.record.get("restrictions")
    if not said and not place.markers and not now.markers:
        return ()
    known = place.markers_at(logged_at_us) | now.markers_at(logged_at_us)
    return tuple(sorted(known | {Marker(one) for one in said or ()}))
