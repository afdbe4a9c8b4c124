"""The published language: each event type and delivery as its schema file describes it, read once.

Older versions are read beside them: what publishers may still write, and what desks may still read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.domain.event import EventTypeSpec, FieldSpec
from broker.domain.identifiers import EventType, FieldName
from broker.domain.vocabulary import AgencyKind, FieldClass, MarkerAct, Trait, WishKind
from broker.errors import ConfigurationError
from broker.registry.history import History, Reader, Writer
from broker.wire.avro import Codec
from broker.wire.resolve import LossError

DELIVERIES = "deliveries"
CORE = "core"
REPLY = "reply"
RETURNED = "returned"
PARTS = ("subject", "core", "person")
ENDING = ".avsc"

_PART_CLASS = "part"
_ABOUT_INCIDENT, _ABOUT_SERVICE = "incident", "service"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every type of event that can be published, and of delivery that can go out."""

    specs: Mapping[EventType, EventTypeSpec]
    codecs: Mapping[EventType, Codec]
    """today's version of each"""
    writers: Mapping[bytes, Writer]
    """SHA-256 of a whole event schema, of any version -> how its bytes are read; no delivery is in it"""
    deliveries: Mapping[EventType, Codec]
    """under the event's type, not the core's"""
    core: Codec
    reply: Codec
    returned: Codec
    """a payload that was not taken in, on its way back to its publisher"""
    readers: Mapping[str, tuple[Reader, ...]] = field(default_factory=dict)
    """name of a delivery schema -> its older versions that desks may still have, oldest first"""

    def delivery_codec(self, schema: str) -> Codec:
        """Today's codec of a delivery schema: an event type's, `core`, `reply` or `returned`."""
        own = {CORE: self.core, REPLY: self.reply, RETURNED: self.returned}
        return own[schema] if schema in own else self.deliveries[EventType(schema)]

    def write_delivery(self, schema: str, record: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """A record of today's delivery schema as (fingerprint, bytes), in the oldest version it all fits in.

        So a desk reads on with the schemas it has, until it is told something that they cannot say.

        Raises:
            PayloadError: as `Codec.encode`.
        """
        for reader in self.readers.get(schema, ()):
            try:
                lowered = record if reader.lower is None else reader.lower(record)
            except LossError:
                continue
            return reader.codec.fingerprint, reader.codec.encode(lowered)
        codec = self.delivery_codec(schema)
        return codec.fingerprint, codec.encode(record)

    def delivery_codecs(self) -> dict[bytes, Codec]:
        """Every codec that a delivery or reply may go out under, by fingerprint."""
        older = [reader.codec for readers in self.readers.values() for reader in readers]
        own = (self.core, self.reply, self.returned, *self.deliveries.values())
        return {one.fingerprint: one for one in (*own, *older)}


def load_catalogue(folder: Path) -> Catalogue:
    """The catalogue of a folder of schemas.

    Args:
        folder: holds `<event type>.avsc`, and in `deliveries` one of the same name for each, `core.avsc`,
            `reply.avsc` and `returned.avsc`.

    Raises:
        ConfigurationError: names every file at fault, what is wrong in it and what to do.
    """
    reader = _Reader()
    specs: dict[EventType, EventTypeSpec] = {}
    codecs: dict[EventType, Codec] = {}
    for path, codec in reader.codecs(folder):
        specs[EventType(path.stem)] = reader.spec(path, codec.schema)
        codecs[EventType(path.stem)] = codec
    others = {path.stem: codec for path, codec in reader.codecs(folder / DELIVERIES)}
    reader.compare(folder, set(specs), set(others))
    history = History(folder, reader.faults)
    writers = history.writers(codecs)
    readers = history.readers(others)
    if reader.faults:
        raise ConfigurationError(
            f"The schemas in {folder} cannot be used:" + "".join(map(_line, reader.faults))
        )
    core, reply, returned = (others.pop(name) for name in (CORE, REPLY, RETURNED))
    return Catalogue(
        specs=specs,
        codecs=codecs,
        writers=writers,
        deliveries={EventType(name): codec for name, codec in others.items()},
        core=core,
        reply=reply,
        returned=returned,
        readers=readers,
    )


def _line(fault: tuple[str, str]) -> str:
    return f"\n  {fault[0]}: {fault[1]}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads schema files and notes every fault, so that all of them can be told at once."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    """file name, what is wrong and what to do"""

    def codecs(self, folder: Path) -> list[tuple[Path, Codec]]:
        """One codec for each schema file that can be read, by name."""
        found = []
        for path in sorted(folder.glob(f"*{ENDING}")):
            schema = self._json(path)
            try:
                if schema is not None:
                    found.append((path, Codec(schema)))
            except ConfigurationError as error:
                self._fault(path, str(error))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                self._fault(path, f"is no Avro schema ({type(error).__name__}); see `candour schema lint`")
        return found

    def spec(self, path: Path, schema: Mapping[str, Any]) -> EventTypeSpec:
        """The event type, with a stand-in for whatever is noted as a fault."""
        if path.stem != f"{schema.get('namespace')}.{schema.get('name')}":
            self._fault(
                path, "is not named as its namespace and name spell; rename the file or the event type"
            )
        core_type = schema.get("core_type")
        if not isinstance(core_type, str):
            self._fault(path, "has no `core_type`: add the neutral name its core goes under")
        return EventTypeSpec(
            event_type=EventType(path.stem),
            core_type=EventType(str(core_type)),
            publishers=self._publishers(path, schema.get("publishers")),
            fields=self._fields(path, schema),
            wish_kind=self._wish_kind(path, schema.get("wish_kind")),
            marks=self._marks(path, schema.get("marks")),
            about_incident=self._about_incident(path, schema.get("about")),
        )

    def compare(self, folder: Path, events: set[EventType], deliveries: set[str]) -> None:
        """Each event type has its delivery, and there are no others."""
        if not events:
            self._fault(folder, "holds no event type; is it the folder of schemas?")
        wanted = {*events, CORE, REPLY, RETURNED}
        for name in sorted(wanted - deliveries):
            self._fault(
                folder / f"{DELIVERIES}/{name}{ENDING}", "is missing: run `candour schema deliveries`"
            )
        for name in sorted(deliveries - wanted):
            self._fault(folder / f"{DELIVERIES}/{name}{ENDING}", "has no event type: delete it")

    def _json(self, path: Path) -> dict[str, Any] | None:
        try:
            schema = json.loads(path.read_text(encoding="utf-8"))
        except OSError:
            self._fault(path, "cannot be read")
        except json.JSONDecodeError as error:
            self._fault(path, f"is no JSON from line {error.lineno}, column {error.colno}")
        except ValueError:
            self._fault(path, "is no UTF-8 text")
        else:
            if isinstance(schema, dict):
                return schema
            self._fault(path, "is no JSON object")
        return None

    def _fields(self, path: Path, schema: Mapping[str, Any]) -> tuple[FieldSpec, ...]:
        specs: list[FieldSpec] = []
        parts: list[str] = []
        for one in schema["fields"]:
            if one["name"] in PARTS:
                parts.append(one["name"])
                specs.extend(self._part(path, one))
            else:
                specs.extend(self._field(path, None, one))
        for missing in sorted(set(PARTS) - set(parts)):
            self._fault(path, f"has no part {missing}: every event has subject, core and person")
        return tuple(specs)

    def _part(self, path: Path, part: Mapping[str, Any]) -> list[FieldSpec]:
        name = str(part["name"])
        if part.get("class") != _PART_CLASS:
            self._fault(path, f"{name}: is a part; give it the class `{_PART_CLASS}`")
        type_ = part["type"]
        if not isinstance(type_, dict) or type_.get("type") != "record":
            self._fault(path, f"{name}: is a part; make it a record that is never null")
            return []
        return [spec for one in type_["fields"] for spec in self._field(path, name, one)]

    def _field(self, path: Path, part: str | None, one: Mapping[str, Any]) -> list[FieldSpec]:
        """The field's spec; nothing when its class is at fault."""
        name = one["name"] if part is None else f"{part}.{one['name']}"
        given = one.get("class")
        if given not in list(FieldClass):
            self._fault(path, f"{name}: has no known `class`; give it one of {', '.join(sorted(FieldClass))}")
            return []
        return [
            FieldSpec(
                name=FieldName(name),
                part=part,
                key=one["name"],
                field_class=FieldClass(given),
                traits=self._traits(path, name, one.get("traits", [])),
                summary=one.get("summary") is True,
                nhs_number=one.get("nhs_number") is True,
            )
        ]

    def _traits(self, path: Path, name: str, given: Any) -> frozenset[Trait]:
        if isinstance(given, list) and all(one in list(Trait) for one in given):
            return frozenset(Trait(one) for one in given)
        self._fault(path, f"{name}: has unknown `traits`; list some of {', '.join(sorted(Trait))}")
        return frozenset()

    def _publishers(self, path: Path, given: Any) -> frozenset[AgencyKind]:
        if isinstance(given, list) and given and all(one in list(AgencyKind) for one in given):
            return frozenset(AgencyKind(one) for one in given)
        self._fault(path, f"has no known `publishers`; list some of {', '.join(sorted(AgencyKind))}")
        return frozenset()

    def _wish_kind(self, path: Path, given: Any) -> WishKind | None:
        if given is None or given in list(WishKind):
            return None if given is None else WishKind(given)
        self._fault(path, f"has an unknown `wish_kind`; use one of {', '.join(sorted(WishKind))}")
        return None

    def _marks(self, path: Path, given: Any) -> MarkerAct | None:
        if given is None or given in list(MarkerAct):
            return None if given is None else MarkerAct(given)
        self._fault(path, f"has unknown `marks`; use one of {', '.join(sorted(MarkerAct))}")
        return None

    def _about_incident(self, path: Path, given: Any) -> bool:
        if given not in (None, _ABOUT_INCIDENT, _ABOUT_SERVICE):
            allowed = f"{_ABOUT_INCIDENT} or {_ABOUT_SERVICE}"
            self._fault(path, f"has an unknown `about`; use {allowed}, or leave it out")
        return bool(given == _ABOUT_INCIDENT)

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append((path.name, message))
