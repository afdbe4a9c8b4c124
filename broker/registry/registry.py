"""Who takes part: agencies, their desks and public keys, places; signed by the exchange's root key."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.domain.identifiers import AgencyId, DeskId, agency_of, is_phone_number, role_of
from broker.domain.vocabulary import AgencyKind
from broker.errors import ConfigurationError, IntegrityError
from broker.registry.signed import read_signed, write_signed
from broker.registry.topics import BROKER
from broker.wire.keys import SealingKey, SigningKey, VerifyKey
from broker.wire.two_keys import FEWEST_HOLDERS, MOST_HOLDERS

REGISTRY_FORMAT = "candour.registry.v1"
DOCUMENT = "registry"

# Names become parts of topics, files and pseudonym routes, so nothing but these characters.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KINDS = frozenset(AgencyKind) - {AgencyKind.BROKER}


@dataclass(frozen=True, slots=True)
class DatedKey:
    """A verify key and when it counts: from `from_us` on, and before `until_us` where there is an end."""

    key: VerifyKey
    from_us: int = 0
    until_us: int | None = None
    """microseconds since 1970-01-01T00:00Z"""

    def in_force(self, at_us: int) -> bool:
        """Whether the key counts at this instant."""
        return self.from_us <= at_us and (self.until_us is None or at_us < self.until_us)


@dataclass(frozen=True, slots=True)
class AgencyEntry:
    """One agency as the exchange knows it."""

    kind: AgencyKind
    reply_desk: DeskId
    verify_keys: tuple[DatedKey, ...]
    desks: Mapping[str, SealingKey]
    """role -> key that deliveries to this desk are sealed to"""
    places: frozenset[str] = frozenset()
    """whose events its desks may ask for, and where it must act when somebody is in danger"""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the area."""

    clinician_line: str
    """telephone number a professional can ring now (R43)"""


@dataclass(frozen=True, slots=True)
class Holder:
    """One of those of whom any two together may act on what is in quarantine."""

    verify_key: VerifyKey
    sealing_key: SealingKey


@dataclass(frozen=True)
class Registry:
    """Everybody who takes part. Holds public keys only."""

    agencies: Mapping[AgencyId, AgencyEntry]
    places: Mapping[str, Place]
    holders: Mapping[str, Holder] = field(default_factory=dict)
    """role of the quarantine's key holders -> their keys"""

    def verify_key(self, agency: AgencyId, key_id: bytes, at_us: int) -> VerifyKey | None:
        """The agency's key of this id, if the agency has it and it counts at `at_us`; else None.

        No other key is tried: an unknown id is a rejection (reliability 4.5).
        """
        entry = self.agencies.get(agency)
        if entry is None:
            return None
        for dated in entry.verify_keys:
            if dated.key.key_id == key_id and dated.in_force(at_us):
                return dated.key
        return None

    def kind(self, agency: AgencyId) -> AgencyKind:
        """What the agency is; the exchange itself publishes too.

        Raises:
            ConfigurationError: nobody of this name takes part.
        """
        return AgencyKind.BROKER if agency == BROKER else self._agency(agency).kind

    def desk_kind(self, desk: DeskId) -> AgencyKind:
        """Desks have the kind of their agency (design 2.7).

        Raises:
            ConfigurationError: there is no such desk.
        """
        self.sealing_key(desk)
        return self._agency(agency_of(desk)).kind

    def sealing_key(self, desk: DeskId) -> SealingKey:
        """The key that deliveries to this desk are sealed to.

        Raises:
            ConfigurationError: there is no such desk.
        """
        try:
            return self._agency(agency_of(desk)).desks[role_of(desk)]
        except KeyError:
            raise ConfigurationError(f"no desk {desk} in the registry") from None

    def takes_part(self, name: str) -> bool:
        """Whether this names an agency (`northmoor-crisis`) or one of its desks (`northmoor-crisis/peer`)."""
        agency, slash, role = name.partition("/")
        entry = self.agencies.get(AgencyId(agency))
        return entry is not None and (not slash or role in entry.desks)

    def reply_desk(self, agency: AgencyId) -> DeskId:
        """Where replies to this agency go (design 2.6).

        Raises:
            ConfigurationError: nobody of this name takes part.
        """
        return self._agency(agency).reply_desk

    def clinician_line(self, place: str) -> str | None:
        """The number a professional in this place can ring; None for a place that is not ours."""
        known = self.places.get(place)
        return None if known is None else known.clinician_line

    def desks(self) -> tuple[DeskId, ...]:
        """Every desk, sorted."""
        return tuple(
            sorted(DeskId(f"{name}/{role}") for name, a in self.agencies.items() for role in a.desks)
        )

    def _agency(self, agency: AgencyId) -> AgencyEntry:
        try:
            return self.agencies[agency]
        except KeyError:
            raise ConfigurationError(f"no agency {agency} in the registry") from None


def make_registry(
    area: Mapping[str, Any],
    verify_keys: Mapping[AgencyId, Sequence[DatedKey]],
    sealing_keys: Mapping[DeskId, SealingKey],
    holders: Mapping[str, Holder] | None = None,
) -> Registry:
    """The registry of a new exchange.

    Args:
        area: `policies/area.yaml` as read: `places: {name: {clinician_line}}` and
            `agencies: {id: {kind, desks: [role], reply_desk: role or desk, places: [place]}}`.
        verify_keys: at least one for each agency.
        sealing_keys: one for each desk.
        holders: one for each name under `quarantine_holders` of the area; without, no bytes are kept.

    Raises:
        ConfigurationError: lists everything that is wrong with the area or missing from the keys.
    """
    faults = area_faults(area)
    if faults:
        raise ConfigurationError("policies/area.yaml: " + "; ".join(faults))
    wanted = {DeskId(f"{name}/{role}") for name, entry in area["agencies"].items() for role in entry["desks"]}
    faults = [
        f"no key that agency {name} signs with" for name in area["agencies"] if not verify_keys.get(name)
    ]
    faults += [f"no key that seals to desk {desk}" for desk in sorted(wanted - set(sealing_keys))]
    if faults:
        raise ConfigurationError("registry: " + "; ".join(faults))
    agencies = {
        AgencyId(name): AgencyEntry(
            kind=AgencyKind(entry["kind"]),
            reply_desk=_whole_desk(name, entry["reply_desk"]),
            verify_keys=tuple(verify_keys[AgencyId(name)]),
            desks={role: sealing_keys[DeskId(f"{name}/{role}")] for role in entry["desks"]},
            places=served_places(area, name),
        )
        for name, entry in area["agencies"].items()
    }
    places = {name: Place(entry["clinician_line"]) for name, entry in area["places"].items()}
    return Registry(agencies, places, dict(holders or {}))


def served_places(area: Mapping[str, Any], agency: str) -> frozenset[str]:
    """The places an agency serves: those it names, else every place of the area."""
    return frozenset(area["agencies"][agency].get("places") or area["places"])


def area_faults(area: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with an area file, one sentence each."""
    faults = [
        f"place {name} needs a name in lower case and a clinician_line"
        for name, entry in _items(area, "places")
        if not _is_name(name) or not _is_line(entry)
    ]
    for name, entry in _items(area, "agencies"):
        faults += _agency_faults(name, entry, {place for place, _ in _items(area, "places")})
    faults += _holder_faults(area.get("quarantine_holders"))
    return faults + [f"{part} names nobody" for part in ("places", "agencies") if not _items(area, part)]


def _agency_faults(name: object, entry: object, places: set[object]) -> Iterable[str]:
    if not _is_name(name) or not isinstance(entry, Mapping):
        yield f"agency {name}: needs a name in lower case, kind, desks and reply_desk"
        return
    if name == BROKER:
        yield f"agency {name}: this is the exchange's own name; nobody else may publish under it"
    if entry.get("kind") not in _KINDS:
        yield f"agency {name}: kind is none of {', '.join(sorted(_KINDS))}"
    served = entry.get("places", [])
    if not isinstance(served, list) or not set(map(str, served)) <= places or len(set(served)) < len(served):
        yield f"agency {name}: places is a list of different places of the area"
    desks = entry.get("desks")
    if (
        not isinstance(desks, list)
        or not desks
        or not all(map(_is_name, desks))
        or len(set(desks)) < len(desks)
    ):
        yield f"agency {name}: desks is a list of different names in lower case"
    elif _whole_desk(str(name), entry.get("reply_desk")) not in {f"{name}/{role}" for role in desks}:
        yield f"agency {name}: reply_desk is none of its desks"


def _holder_faults(holders: object) -> list[str]:
    if holders is None:
        return []
    different = {name for name in holders if _is_name(name)} if isinstance(holders, list) else set()
    if isinstance(holders, list) and FEWEST_HOLDERS <= len(different) == len(holders) <= MOST_HOLDERS:
        return []
    return ["quarantine_holders is a list of two to sixteen different roles in lower case"]


def _items(area: Mapping[str, Any], part: str) -> list[tuple[object, object]]:
    entries = area.get(part)
    return list(entries.items()) if isinstance(entries, Mapping) else []


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _is_line(entry: object) -> bool:
    line = entry.get("clinician_line") if isinstance(entry, Mapping) else None
    return isinstance(line, str) and is_phone_number(line)


def _whole_desk(agency: str, desk: object) -> DeskId:
    return DeskId(desk if isinstance(desk, str) and "/" in desk else f"{agency}/{desk}")


def write_registry(folder: Path, registry: Registry, root_signing_key: SigningKey) -> None:
    """Write `registry.json` and `registry.sig` into the exchange's folder."""
    document = {
        "format": REGISTRY_FORMAT,
        "agencies": {
            name: {
                "kind": entry.kind,
                "reply_desk": entry.reply_desk,
                "places": sorted(entry.places),
                "verify_keys": [
                    {"key": dated.key.to_bytes().hex(), "from_us": dated.from_us, "until_us": dated.until_us}
                    for dated in entry.verify_keys
                ],
                "desks": {role: {"sealing_key": key.to_bytes().hex()} for role, key in entry.desks.items()},
            }
            for name, entry in registry.agencies.items()
        },
        "places": {name: {"clinician_line": place.clinician_line} for name, place in registry.places.items()},
        "quarantine_holders": {
            name: {
                "verify_key": holder.verify_key.to_bytes().hex(),
                "sealing_key": holder.sealing_key.to_bytes().hex(),
            }
            for name, holder in registry.holders.items()
        },
    }
    write_signed(folder, DOCUMENT, document, root_signing_key)


def read_registry(folder: Path, root_verify_key: VerifyKey) -> Registry:
    """Read the registry back.

    Raises:
        IntegrityError: it is missing, was changed after it was signed, or was signed by another key.
    """
    document = read_signed(folder, DOCUMENT, root_verify_key)
    if document.get("format") != REGISTRY_FORMAT:
        raise IntegrityError("registry.json is signed but of another format")
    try:
        return _registry(document)
    except (KeyError, TypeError, ValueError, AttributeError, ConfigurationError):
        raise IntegrityError("registry.json is signed but cannot be read") from None


def _registry(document: Mapping[str, Any]) -> Registry:
    agencies = {
        AgencyId(name): AgencyEntry(
            kind=AgencyKind(entry["kind"]),
            reply_desk=DeskId(entry["reply_desk"]),
            verify_keys=tuple(
                DatedKey(
                    VerifyKey.from_bytes(bytes.fromhex(key["key"])), int(key["from_us"]), key["until_us"]
                )
                for key in entry["verify_keys"]
            ),
            desks={
                role: SealingKey.from_bytes(bytes.fromhex(desk["sealing_key"]))
                for role, desk in entry["desks"].items()
            },
            places=frozenset(entry.get("places", document["places"])),
        )
        for name, entry in document["agencies"].items()
    }
    places = {name: Place(entry["clinician_line"]) for name, entry in document["places"].items()}
    holders = {
        name: Holder(
            VerifyKey.from_bytes(bytes.fromhex(entry["verify_key"])),
            SealingKey.from_bytes(bytes.fromhex(entry["sealing_key"])),
        )
        # An exchange that was made before there were holders has none, and keeps no bytes.
        for name, entry in document.get("quarantine_holders", {}).items()
    }
    return Registry(agencies, places, holders)
