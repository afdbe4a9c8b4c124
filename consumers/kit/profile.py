"""Who this agency is, what it may open, and where its Kafka is: read from the agency's folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind
from broker.errors import ConfigurationError, UsageError
from broker.wire.keys import OpeningKey, SealingKey, SigningKey, VerifyKey

AGENCY_FILE = "agency.json"


@dataclass(frozen=True, slots=True)
class DeskProfile:
    """One desk of the agency: its topic and the key that opens what comes there."""

    desk: DeskId
    topic: str
    partitions: int
    opening_key: OpeningKey


@dataclass(frozen=True, slots=True)
class Profile:
    """The agency as its own programs see it. `kafka` may hold passwords and does not print."""

    folder: Path
    agency: AgencyId
    kind: AgencyKind
    bootstrap: str
    topic: str
    """the one topic this agency may write"""
    exchange: str
    """the exchange's name in headers: `candour`"""
    sealing_key: SealingKey
    """what the exchange opens"""
    verify_keys: Mapping[bytes, VerifyKey]
    """the exchange's signing keys, by key id"""
    desks: Mapping[DeskId, DeskProfile]
    reply_desk: DeskId
    signing_key: SigningKey
    schemas: Path
    kafka: Mapping[str, str] = field(default_factory=dict, repr=False)
    """further librdkafka settings, such as TLS"""

    def desk(self, desk: DeskId) -> DeskProfile:
        """Raises UsageError naming the desks there are."""
        if desk not in self.desks:
            known = ", ".join(sorted(self.desks))
            raise UsageError(f"{self.agency} has no desk {desk}. Its desks: {known}.")
        return self.desks[desk]


def read_profile(folder: Path) -> Profile:
    """Read `agency.json` and the keys beside it.

    Raises:
        ConfigurationError: everything that is missing or does not fit, at once.
    """
    path = folder / AGENCY_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationError(
            f"{path} cannot be read. The exchange hands this file out with the agency's keys."
        ) from None
    except ValueError:
        raise ConfigurationError(f"{path} is not JSON. Restore it from the exchange.") from None
    reader = _Reader(folder, document if isinstance(document, dict) else {})
    profile = reader.profile()
    if reader.faults or profile is None:
        raise ConfigurationError(f"{path}: " + "; ".join(reader.faults))
    return profile


class _Reader:
    """Reads one value after the other and keeps what is wrong, so that it can all be said at once."""

    def __init__(self, folder: Path, document: Mapping[str, Any]) -> None:
        self._folder = folder
        self._document = document
        self.faults: list[str] = []

    def profile(self) -> Profile | None:
        text, keys = self._text, self._keys()
        desks = self._desks()
        kind = self._kind()
        names = [
            text(name) for name in ("agency", "bootstrap", "topic", "recipient", "reply_desk", "schemas")
        ]
        kafka = self._document.get("kafka", {})
        if not isinstance(kafka, dict):
            self.faults.append("kafka must be an object of librdkafka settings")
        if names[4] and names[4] not in desks:
            self.faults.append("reply_desk is not among desks")
        if self.faults or keys is None or kind is None:
            return None
        signing_key, sealing_key, verify_keys = keys
        return Profile(
            folder=self._folder,
            agency=AgencyId(names[0]),
            kind=kind,
            bootstrap=names[1],
            topic=names[2],
            exchange=names[3],
            sealing_key=sealing_key,
            verify_keys={key.key_id: key for key in verify_keys},
            desks=desks,
            reply_desk=DeskId(names[4]),
            signing_key=signing_key,
            schemas=(self._folder / names[5]).resolve(),
            kafka={str(name): str(value) for name, value in kafka.items()},
        )

    def _text(self, name: str) -> str:
        value = self._document.get(name)
        if isinstance(value, str) and value:
            return value
        self.faults.append(f"{name} must be a text")
        return ""

    def _kind(self) -> AgencyKind | None:
        try:
            return AgencyKind(str(self._document.get("kind")))
        except ValueError:
            self.faults.append("kind must be one of " + ", ".join(AgencyKind))
            return None

    def _keys(self) -> tuple[SigningKey, SealingKey, list[VerifyKey]] | None:
        given = self._document.get("broker_verify_keys")
        try:
            signing_key = SigningKey.from_bytes(self._file(self._text("signing_key")))
            sealing_key = SealingKey.from_bytes(bytes.fromhex(self._text("broker_sealing_key")))
            verify_keys = [VerifyKey.from_bytes(bytes.fromhex(key)) for key in given or []]
        except (ConfigurationError, ValueError, TypeError):
            self.faults.append("signing_key, broker_sealing_key and broker_verify_keys must all be keys")
            return None
        if not verify_keys:
            self.faults.append("broker_verify_keys must name at least one key")
        return signing_key, sealing_key, verify_keys

    def _desks(self) -> dict[DeskId, DeskProfile]:
        given = self._document.get("desks")
        desks: dict[DeskId, DeskProfile] = {}
        for name, desk in (given if isinstance(given, dict) else {}).items():
            try:
                key = OpeningKey.from_bytes(self._file(desk["opening_key"]))
                desks[DeskId(name)] = DeskProfile(
                    DeskId(name), str(desk["topic"]), int(desk["partitions"]), key
                )
            except (ConfigurationError, KeyError, TypeError, ValueError):
                self.faults.append(
                    f"desk {name} must have topic, partitions and an opening_key that can be read"
                )
        return desks

    def _file(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            raise ConfigurationError(f"{name} cannot be read") from None
