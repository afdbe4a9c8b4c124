"""What a lane knows of one subject, folded in log order; and its packed row."""

import json
from dataclasses import astuple, dataclass, field
from typing import Any

from broker.domain.identifiers import AgencyId
from broker.domain.incident import HOUR_US, OPEN_FOR_HOURS_S136, Incident
from broker.domain.vocabulary import AgencyKind, FieldClass, Marker, Purpose, Threshold, WishKind
from broker.domain.wish import Wish
from broker.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class Marked:
    """A marker that protects the person, until it is lifted or its time is over (R24)."""

    marker: Marker
    valid_until_us: int | None = None

    def in_force(self, at_us: int) -> bool:
        """Whether it protects at this instant, microseconds since 1970-01-01T00:00Z."""
        return self.valid_until_us is None or at_us < self.valid_until_us


@dataclass(frozen=True, slots=True)
class Custody:
    """Custody under section 136 as the place of safety recorded it. Microseconds since 1970-01-01T00:00Z."""

    since_us: int
    ended_at_us: int | None = None
    extended_hours: int = 0
    """by a doctor, for the person's condition (R17); 12 at most"""

    def holds(self, at_us: int) -> bool:
        """Whether the person was in custody then; no record of its end does not make it endless (R17)."""
        ends_at_us = self.since_us + OPEN_FOR_HOURS_S136 * HOUR_US
        return at_us < (ends_at_us if self.ended_at_us is None else min(ends_at_us, self.ended_at_us))


@dataclass(frozen=True, slots=True)
class Identity:
    """What health told of who it is, enough to notice that a number was given for another person (R36)."""

    family_name: str = field(default="", repr=False)
    """first 16 hex digits of a hash of its letters, in lower case"""
    date_of_birth: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SubjectState:
    """Frozen: a fold returns a new one, so that the state at an entry's place can be kept with it."""

    wishes: tuple[Wish, ...] = ()
    """oldest first"""
    incidents: tuple[Incident, ...] = ()
    markers: tuple[Marked, ...] = ()
    custody: Custody | None = None
    identity: Identity = Identity()
    forward_to: str = field(default="", repr=False)
    """the person that health linked this police reference to: every entry goes on to their lane (2.3)"""
    linked: tuple[str, ...] = field(default=(), repr=False)
    """of an incident: the persons that health linked it to"""
    closed_at_us: int | None = None
    """of an incident: when its force closed it"""
    deceased: bool = False
    """health or social care told that the person died, and has not taken it back (R51)"""

    def incident_of(self, force: AgencyId, occurred_at_us: int, logged_at_us: int) -> Incident | None:
        """The latest incident of this force that is open for an event of these times, if any (R3)."""
        for incident in reversed(self.incidents):
            if incident.force == force and incident.open_for(occurred_at_us, logged_at_us):
                return incident
        return None

    def latest_incident_of(self, force: AgencyId) -> Incident | None:
        """The latest incident of this force, open or ended, if any (R21)."""
        return next((one for one in reversed(self.incidents) if one.force == force), None)

    def markers_at(self, at_us: int) -> frozenset[Marker]:
        """The markers in force at this instant."""
        return frozenset(one.marker for one in self.markers if one.in_force(at_us))

    def pack(self) -> bytes:
        """Canonical JSON of everything."""
        row = [
            [_wish_row(wish) for wish in self.wishes],
            [list(astuple(one)) for one in self.incidents],
            [list(astuple(one)) for one in self.markers],
            None if self.custody is None else list(astuple(self.custody)),
            list(astuple(self.identity)),
            self.forward_to,
            list(self.linked),
            self.closed_at_us,
            self.deceased,
        ]
        return json.dumps(row, separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, data: bytes) -> "SubjectState":
        """The state that `pack` made these bytes from.

        Raises:
            IntegrityError: they are no such row.
        """
        try:
            wishes, incidents, markers, custody, identity, forward_to, linked, closed_at_us, deceased = (
                json.loads(data)
            )
            return cls(
                tuple(_wish(row) for row in wishes),
                tuple(_incident(row) for row in incidents),
                tuple(Marked(Marker(marker), until_us) for marker, until_us in markers),
                None if custody is None else Custody(*custody),
                Identity(*identity),
                forward_to,
                tuple(linked),
                closed_at_us,
                deceased,
            )
        except (TypeError, ValueError) as error:
            raise IntegrityError("a subject row cannot be read") from error


NOTHING_KNOWN = SubjectState()


def _wish_row(wish: Wish) -> list[object]:
    return [
        wish.kind,
        wish.recorded_by,
        wish.recorded_by_kind,
        sorted(wish.purposes),
        sorted(wish.recipients),
        sorted(wish.classes),
        wish.valid_until_us,
    ]


def _wish(row: list[Any]) -> Wish:
    kind, by, by_kind, purposes, recipients, classes, valid_until_us = row
    return Wish(
        WishKind(kind),
        AgencyId(by),
        AgencyKind(by_kind),
        frozenset(Purpose(one) for one in purposes),
        frozenset(str(one) for one in recipients),
        frozenset(FieldClass(one) for one in classes),
        valid_until_us,
    )


def _incident(row: list[Any]) -> Incident:
    force, incident_ref, local_ref, opened_at_us, s136, handed_over_us, closed_us, ended_us, threshold = row
    return Incident(
        AgencyId(force),
        incident_ref,
        local_ref,
        opened_at_us,
        s136,
        handed_over_us,
        closed_us,
        ended_us,
        Threshold(threshold),
    )
