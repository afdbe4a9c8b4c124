"""An incident of a police force that health has linked to a person, and how long it is open (R3, R53)."""

from dataclasses import dataclass, field

from broker.domain.identifiers import AgencyId
from broker.domain.vocabulary import Threshold

HOUR_US = 3_600_000_000

# R3: person-level release to police ends at the earliest of these.
OPEN_FOR_HOURS = 24
OPEN_FOR_HOURS_S136 = 48
AFTER_HANDOVER_HOURS = 12


@dataclass(frozen=True, slots=True)
class Incident:
    """Times are microseconds since 1970-01-01T00:00Z. Created only by health's own event (R53)."""

    force: AgencyId
    incident_ref: str = field(repr=False)
    local_ref: str | None = field(repr=False)
    """the force's own reference to the person, as told at the door"""
    opened_at_us: int
    s136_custody: bool
    handed_over_at_us: int | None = None
    closed_at_us: int | None = None
    custody_ended_at_us: int | None = None
    threshold: Threshold = Threshold.NONE
    """as health confirmed it when it linked or confirmed again; police are told it (R8)"""

    @property
    def ends_at_us(self) -> int:
        """First instant at which the force is no longer in the incident."""
        hours = OPEN_FOR_HOURS_S136 if self.s136_custody else OPEN_FOR_HOURS
        ends = [self.opened_at_us + hours * HOUR_US]
        if self.handed_over_at_us is not None:
            ends.append(self.handed_over_at_us + AFTER_HANDOVER_HOURS * HOUR_US)
        if self.closed_at_us is not None:
            ends.append(self.closed_at_us)
        return min(ends)

    def in_custody(self, at_us: int) -> bool:
        """Whether the person was in recorded s136 custody at that instant (R9)."""
        ended_at_us = self.custody_ended_at_us
        return self.s136_custody and (ended_at_us is None or at_us < ended_at_us)

    def open_for(self, occurred_at_us: int, logged_at_us: int) -> bool:
        """Inside means that both event time and log time are before the end (design 2.6)."""
        return occurred_at_us < self.ends_at_us and logged_at_us < self.ends_at_us
