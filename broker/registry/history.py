"""Older versions of the published language: who may still write them, and who is still written to in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.domain.identifiers import EventType
from broker.errors import ConfigurationError, PayloadError
from broker.wire.avro import Codec
from broker.wire.resolve import Carry, compile_lower, compile_raise
from broker.wire.versions import DELIVERY_VERSIONS, VERSIONS, Recorded, kept, read_versions


@dataclass(frozen=True, slots=True)
class Writer:
    """One version of one event type: its bytes are read strictly under it, then carried up to today's."""

    event_type: EventType
    codec: Codec
    raised: Carry | None = None
    """None for today's, and for what differs from it in words only"""
    taken: bool = True
    """false: too old to come in anew; what came in before is still read"""

    def record(self, body: bytes) -> dict[str, Any]:
        """The record of today's schema. Bytes that the writer's own schema would not write are refused.

        Raises:
            PayloadError: `schema_retired`; `bytes_do_not_round_trip` or `payload_too_large`.
        """
        if not self.taken:
            raise PayloadError("schema_retired")
        return self._today(self.codec.decode(body))

    def record_again(self, body: bytes) -> dict[str, Any]:
        """The record of bytes that were taken in before, however old their version is by now."""
        return self._today(self.codec.read_again(body))

    def _today(self, record: dict[str, Any]) -> dict[str, Any]:
        if self.raised is None:
            return record
        raised: dict[str, Any] = self.raised(record)
        return raised


@dataclass(frozen=True, slots=True)
class Reader:
    """One older version of a delivery schema."""

    codec: Codec
    lower: Carry | None
    """raises `LossError` where the record says what this version cannot"""


@dataclass(frozen=True, slots=True)
class History:
    """Reads recorded versions and notes what is wrong with them."""

    folder: Path
    faults: list[tuple[str, str]] = field(default_factory=list)
    """file name, what is wrong and what to do"""

    def writers(self, today: Mapping[EventType, Codec]) -> dict[bytes, Writer]:
        """Every version of every event type, by fingerprint."""
        found: dict[bytes, Writer] = {}
        for name, recorded in self._versions(VERSIONS).items():
            codec = today.get(EventType(name))
            if codec is None:
                continue
            taken = {one.fingerprint for one in kept(recorded, codec.fingerprint)}
            for one in recorded:
                if one.fingerprint == codec.fingerprint:
                    continue
                writer = self._writer(EventType(name), one, codec, taken=one.fingerprint in taken)
                found |= {} if writer is None else {one.fingerprint: writer}
        return found | {codec.fingerprint: Writer(name, codec) for name, codec in today.items()}

    def readers(self, today: Mapping[str, Codec]) -> dict[str, tuple[Reader, ...]]:
        """For each delivery schema the first version of each minor that is still served, oldest first."""
        found: dict[str, tuple[Reader, ...]] = {}
        for name, recorded in self._versions(DELIVERY_VERSIONS).items():
            if name not in today:
                continue
            firsts: dict[int, Recorded] = {}
            for one in kept(recorded, today[name].fingerprint):
                firsts.setdefault(one.version.minor, one)
            older = [one for one in firsts.values() if one.fingerprint != today[name].fingerprint]
            readers = [self._reader(name, one, today[name]) for one in older]
            if readers:
                found[name] = tuple(reader for reader in readers if reader is not None)
        return found

    def _versions(self, folder: str) -> dict[str, tuple[Recorded, ...]]:
        try:
            return read_versions(self.folder / folder)
        except ConfigurationError as error:
            self.faults.append((folder, str(error)))
            return {}

    def _writer(self, name: EventType, one: Recorded, today: Codec, *, taken: bool) -> Writer | None:
        try:
            codec = Codec(one.schema)
            return Writer(name, codec, compile_raise(codec.shape, today.shape), taken)
        except ConfigurationError as error:
            self.faults.append((f"{name} {one.version}", str(error)))
            return None

    def _reader(self, name: str, one: Recorded, today: Codec) -> Reader | None:
        try:
            codec = Codec(one.schema)
            return Reader(codec, compile_lower(today.shape, codec.shape))
        except ConfigurationError as error:
            self.faults.append((f"{name} {one.version}", str(error)))
            return None
