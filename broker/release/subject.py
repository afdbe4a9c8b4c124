"""What a lane knows of one subject: wishes and incidents, folded in log order; and their packed row."""

import json
from dataclasses import dataclass

from broker.domain.identifiers import AgencyId
from broker.domain.incident import Incident
from broker.domain.vocabulary import AgencyKind, FieldClass, Purpose, WishKind
from broker.domain.wish import Wish
from broker.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class SubjectState:
    """Frozen: a fold returns a new one, so that the state at an entry's place can be kept with it."""

    wishes: tuple[Wish, ...] = ()
    """oldest first"""
    incidents: tuple[Incident, ...] = ()

    def incident_of(self, force: AgencyId, occurred_at_us: int, logged_at_us: int) -> Incident | None:
        """The latest incident of this force that is open for an event of these times, if any (R3)."""
        for incident in reversed(self.incidents):
            if incident.force == force and incident.open_for(occurred_at_us, logged_at_us):
                return incident
        return None

    def pack(self) -> bytes:
        """Canonical JSON of both lists."""
        return json.dumps(
            [[_wish_row(wish) for wish in self.wishes], [_incident_row(one) for one in self.incidents]],
            separators=(",", ":"),
        ).encode()

    @classmethod
    def unpack(cls, data: bytes) -> "SubjectState":
        """The state that `pack` made these bytes from.

        Raises:
            IntegrityError: they are no such row.
        """
        try:
            wishes, incidents = json.loads(data)
            return cls(
                tuple(_wish(row) for row in wishes),
                tuple(Incident(*row) for row in incidents),
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


def _wish(row: list[object]) -> Wish:
    kind, by, by_kind, purposes, recipients, classes, valid_until_us = row
    return Wish(
        WishKind(str(kind)),
        AgencyId(str(by)),
        AgencyKind(str(by_kind)),
        frozenset(Purpose(str(one)) for one in _list(purposes)),
        frozenset(str(one) for one in _list(recipients)),
        frozenset(FieldClass(str(one)) for one in _list(classes)),
        valid_until_us if isinstance(valid_until_us, int) else None,
    )


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _incident_row(incident: Incident) -> list[object]:
    return [
        incident.force,
        incident.incident_ref,
        incident.local_ref,
        incident.opened_at_us,
        incident.s136_custody,
        incident.handed_over_at_us,
        incident.closed_at_us,
    ]
