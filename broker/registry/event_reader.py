"""Reads a payload as an event: bytes and what Intake found out about them become a typed value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.event import Event, EventTypeSpec
from broker.domain.identifiers import AgencyId, EventId
from broker.domain.vocabulary import Purpose, Regime, Setting
from broker.errors import PayloadError
from broker.registry.catalogue import Catalogue
from broker.registry.registry import Registry

ELSEWHERE = "elsewhere"
"""Stands in questions for a place the registry does not know: questions hold closed vocabularies only"""


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads payloads of the published language."""

    catalogue: Catalogue
    registry: Registry

    def spec_of(self, fingerprint: bytes) -> EventTypeSpec:
        """The event type a payload's fingerprint names.

        Raises:
            PayloadError: `schema_unknown`.
        """
        event_type = self.catalogue.by_fingerprint.get(fingerprint)
        if event_type is None:
            raise PayloadError("schema_unknown")
        return self.catalogue.specs[event_type]

    def record(self, spec: EventTypeSpec, body: bytes) -> dict[str, Any]:
        """The decoded payload, strictly: bytes that its schema would not write are refused.

        Raises:
            PayloadError: `bytes_do_not_round_trip` or `payload_too_large`.
        """
        return self.catalogue.codecs[spec.event_type].decode(body)

    def record_again(self, spec: EventTypeSpec, body: bytes) -> dict[str, Any]:
        """The record of a payload that Intake decoded strictly and sealed to its lane."""
        return self.catalogue.codecs[spec.event_type].read_again(body)

    def event(
        self,
        spec: EventTypeSpec,
        publisher: AgencyId,
        subject: str,
        record: Mapping[str, Any],
        *,
        sound: bool,
    ) -> Event:
        """The event of a decoded record that Intake has checked.

        A place that the registry does not know goes as `elsewhere`: the core names nobody, and text
        that anybody can write might (4.7 item 1).
        """
        core = record["core"]
        area = core["area"] if core["area"] in self.registry.places else ELSEWHERE
        return Event(
            event_id=EventId(record["event_id"]),
            spec=spec,
            publisher=publisher,
            publisher_kind=self.registry.kind(publisher),
            occurred_at_us=record["occurred_at"],
            setting=Setting(record["setting"]),
            purpose=Purpose(record["purpose"]),
            regime=Regime(record["regime"]),
            place=area,
            subject=subject,
            wishes_known=sound,
            record=record if area == core["area"] else {**record, "core": {**core, "area": area}},
        )


def without(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """A copy of `record` with these dotted names null; the name of a part empties the part."""
    changed = dict(record)
    for name in names:
        part, _, key = name.partition(".")
        if not key:
            changed[part] = {} if isinstance(changed.get(part), dict) else None
        elif isinstance(changed.get(part), dict):
            changed[part] = {**changed[part], key: None}
    return changed
