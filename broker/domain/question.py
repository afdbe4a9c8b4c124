"""A question to the policy engine: a row of closed vocabularies, never about a person."""

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cached_property

from broker.domain.identifiers import AgreementId, DeskId, EventType, QuestionHash
from broker.domain.vocabulary import (
    AgeBand,
    AgencyKind,
    Capacity,
    FieldClass,
    Marker,
    PermissionSource,
    Purpose,
    Regime,
    Setting,
    Threshold,
    WishState,
)


@dataclass(frozen=True)
class Question:
    """May this class of this event type go to this desk for this purpose, as things stand? (design 2.4)

    Everything here is from a closed list, so that answers can be cached by question and policy
    revision, prohibitions can be checked over every case, and nothing OPA logs can name anybody.
    """

    event_type: EventType
    field_class: FieldClass
    setting: Setting
    """as the publisher asserted it"""
    event_purpose: Purpose
    """the event's own; it only triggers refused purposes (R4)"""
    regime: Regime
    publisher_kind: AgencyKind
    agreement: AgreementId
    """`none` where the subscription has no agreement"""
    desk: DeskId
    desk_kind: AgencyKind
    purpose: Purpose
    """the subscription's"""
    place: str
    interval: str
    """ISO date: the first day of the interval between effective dates that today (Europe/London) falls in"""
    threshold_asserted: Threshold
    threshold_confirmed: Threshold
    """asserted by a health author on this very event (R53)"""
    custody_confirmed: bool
    """the place of safety or the ambulance recorded s136 custody, and not its end (R53); for a police desk
    in its own incident, for any other of this person"""
    in_incident: bool
    """the desk's agency is in an open incident of this person, linked by health (R3, R53)"""
    incident_ended: bool
    """the desk's agency was in an incident of this person that has ended (R3, R21)"""
    wish: WishState
    permission_source: PermissionSource
    capacity: Capacity
    age_band: AgeBand
    markers: tuple[Marker, ...]
    override_open: bool
    wishes_known: bool
    """false when the identifier is unsound, so that the person's wishes cannot be looked up (design 2.6)"""
    deceased: bool = False
    """health or social care told that the person died, and has not taken it back (R51)"""

    def row(self) -> dict[str, object]:
        """The question as OPA gets it: JSON values only, one key a field."""
        row: dict[str, object] = {field.name: getattr(self, field.name) for field in fields(self)}
        row["markers"] = [str(marker) for marker in sorted(self.markers)]
        return row

    @cached_property
    def hash(self) -> QuestionHash:
        """Names the question; answers come back under it."""
        canonical = json.dumps(self.row(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return QuestionHash(hashlib.sha256(canonical.encode("ascii")).hexdigest()[:32])
