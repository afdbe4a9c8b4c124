"""An event type as its schema describes it, and one event of it, decoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.domain.identifiers import AgencyId, EventId, EventType, FieldName
from broker.domain.vocabulary import (
    AgencyKind,
    FieldClass,
    MarkerAct,
    Purpose,
    Regime,
    Setting,
    Trait,
    WishKind,
)

Value = Any
"""A decoded Avro value: null, boolean, int, float, string, bytes, datetime, list or dict of these"""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field that is released, or not, as a unit."""

    name: FieldName
    """dotted: `person.found_at`; common fields have no dot"""
    part: str | None
    """`subject`, `core`, `person`, or None for a common field"""
    key: str
    """the field's name inside its part"""
    field_class: FieldClass
    traits: frozenset[Trait] = frozenset()
    summary: bool = False
    """text written to be shared, of at most 500 characters: S in the catalogue (design 2.4)"""
    nhs_number: bool = False


@dataclass(frozen=True, slots=True)
class EventTypeSpec:
    """What the exchange knows of an event type, read from its schema."""

    event_type: EventType
    core_type: EventType
    """the neutral name under which the core goes: `crisis.response.needed` (4.7 item 1)"""
    publishers: frozenset[AgencyKind]
    """kinds that may publish it; for wishes this is half of R54"""
    fields: tuple[FieldSpec, ...]
    wish_kind: WishKind | None = None
    marks: MarkerAct | None = None
    """it sets or lifts a marker of the person (R24)"""
    about_incident: bool = False
    """it is about an incident, whoever is in it: it stands under the incident and in no person's lane"""

    @property
    def applies(self) -> str | None:
        """What such an event puts in force: a kind of wish, or a marker set or lifted."""
        if self.wish_kind is not None:
            return str(self.wish_kind)
        return None if self.marks is None else f"restriction_{self.marks}"


@dataclass(frozen=True, slots=True)
class Event:
    """One event, verified and decoded. Does not print: it holds what a person said and went through."""

    event_id: EventId
    spec: EventTypeSpec
    publisher: AgencyId
    publisher_kind: AgencyKind
    occurred_at_us: int
    """microseconds since 1970-01-01T00:00Z"""
    setting: Setting
    purpose: Purpose
    regime: Regime
    place: str
    subject: str = field(repr=False)
    """canonical subject: `nhs:9990000018`, `ref:moor-police:NICHE-77`, `incident:...` or `event:...` (2.3)"""
    wishes_known: bool
    record: Mapping[str, Value] = field(repr=False)
    """the decoded payload, without the fields that intake dropped"""

    def __repr__(self) -> str:
        return f"Event({self.spec.event_type})"

    def value(self, spec: FieldSpec) -> Value:
        """The value of one field, or None."""
        if spec.part is None:
            return self.record.get(spec.key)
        part = self.record.get(spec.part)
        return None if part is None else part.get(spec.key)
