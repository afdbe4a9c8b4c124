"""Reads a payload as an event: bytes and what Intake found out about them become a typed value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.event import Event, EventTypeSpec
from broker.domain.identifiers import AgencyId, EventId
from broker.domain.vocabulary import Purpose, Regime, Setting
from broker.errors import PayloadError
from broker.registry.catalogue import Catalogue
from broker.registry.history import Writer
from broker.registry.registry import Registry

ELSEWHERE = "elsewhere"
"""Stands in questions for a place the registry does not know: questions hold closed vocabularies only"""


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads payloads of the published language."""

    catalogue: Catalogue
    registry: Registry

    def spec_of(self, fingerprint: bytes) -> EventTypeSpec:
        """The event type a payload's fingerprint names; its spec is today's, whatever the version.

        Raises:
            PayloadError: `schema_unknown`.
        """
        return self.catalogue.specs[self._writer(fingerprint).event_type]

    def record(self, fingerprint: bytes, body: bytes) -> dict[str, Any]:
        """The decoded payload as a record of today's schema.

        Strictly: bytes that the schema of its fingerprint would not write are refused.

        Raises:
            PayloadError: `schema_unknown`; `schema_retired` for one too old to come in;
                `bytes_do_not_round_trip` or `payload_too_large`.
        """
        return self._writer(fingerprint).record(body)

    def record_again(self, fingerprint: bytes, body: bytes) -> dict[str, Any]:
        """The record of today's schema, of a payload that Intake decoded strictly and sealed to its lane."""
        return self._writer(fingerprint).record_again(body)

    def _writer(self, fingerprint: bytes) -> Writer:
        writer = self.catalogue.writers.get(fingerprint)
        if writer is None:
            raise PayloadError("schema_unknown")
        return writer

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
