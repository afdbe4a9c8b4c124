"""Decode: a payload as a checked record, and what had to be left out of an urgent one for its core to go."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from broker.domain.event import EventTypeSpec
from broker.domain.identifiers import EventId, event_id_bytes, is_nhs_number
from broker.domain.vocabulary import HEALTH_AND_CARE, AgencyKind, MarkerAct, Setting, WishKind
from broker.errors import PayloadError
from broker.registry.event_reader import EventReader
from broker.registry.registry import Registry

IDENTIFIER_DROPPED = "identifier_dropped"
FIELD_DROPPED = "field_dropped"

# Printable ASCII without space at the ends: a reference in two spellings would be two subjects, and the
# second would escape the person's wishes (reliability 4.4).
_REFERENCE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# As far as it is known: a year, a month of a year, or a day.
_ISO_DATE = re.compile(r"([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?")
_SCOPE = ("scope_purposes", "scope_recipients", "scope_classes")
# A wish names desks and agencies one by one: `*` is the name of none, so it would cover nobody and look
# like everybody.
_WILD = frozenset("*?%")
_NEVER_LEFT_OUT = frozenset({"event_id", "setting", "purpose", "regime", "occurred_at"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """One payload that can be accepted."""

    spec: EventTypeSpec
    event_id: EventId
    record: Mapping[str, Any] = field(repr=False)
    dropped: tuple[str, ...] = ()
    """dotted names of units that are outside their limits and are left out"""
    sound: bool = True
    """false: the identifier is not sound, so only the core may go (design 2.6)"""

    @property
    def notice(self) -> str:
        """Code that tells the publisher what was left out; empty where nothing was."""
        if not self.sound:
            return IDENTIFIER_DROPPED
        return FIELD_DROPPED if self.dropped else ""


class UnreadableError(PayloadError):
    """A refusal that knows the event id, so that the reply can name it."""

    def __init__(self, error: PayloadError, event_id: str) -> None:
        super().__init__(error.code, error.fields)
        self.event_id = event_id


def decode(fingerprint: bytes, body: bytes, kind: AgencyKind, reader: EventReader) -> Decoded:
    """Read and check one payload.

    In emergency_live and urgent, a bad identifier or optional field never stops the core: the part is
    left out and the publisher told (R43). A wish is never taken in part: leaving out a piece of its
    scope would change what the person said.

    Raises:
        PayloadError: with a code of `REJECTIONS` and the names of the fields at fault.
    """
    spec = reader.spec_of(fingerprint)
    record = reader.record(fingerprint, body)
    event_id = EventId(record["event_id"])
    event_id_bytes(event_id)
    try:
        if kind not in spec.publishers:
            raise PayloadError("publisher_not_entitled")
        return _checked(spec, event_id, record, kind, reader)
    except PayloadError as error:
        raise UnreadableError(error, event_id) from None


def _checked(
    spec: EventTypeSpec, event_id: EventId, record: Mapping[str, Any], kind: AgencyKind, reader: EventReader
) -> Decoded:
    if record["occurred_at"] is None:
        raise PayloadError("occurred_at_missing", ("occurred_at",))
    bad = {_unit(name) for name in reader.catalogue.codecs[spec.event_type].limits(record)}
    unsound = bad_identifiers(record, kind)
    faults = tuple(sorted(bad | bad_optional(record, kind) | unsound))
    if not faults:
        if spec.applies is not None:
            _check_applies(record, spec.wish_kind)
            _check_recipients(record, reader.registry)
            _check_end(record, spec)
        return Decoded(spec, event_id, record)
    urgent = record["setting"] != Setting.PLANNED
    if not urgent or spec.applies is not None or any(map(_cannot_be_left_out, faults)):
        raise PayloadError("field_invalid", faults)
    dropped = tuple(sorted({*faults, "subject"})) if unsound else faults
    return Decoded(spec, event_id, record, dropped, sound=not unsound)


def bad_identifiers(record: Mapping[str, Any], kind: AgencyKind) -> set[str]:
    """Names of identifiers that would have named the subject and are not sound."""
    subject = record.get("subject") or {}
    bad = set()
    number, reference = subject.get("nhs_number"), subject.get("local_ref")
    if number is not None and kind in HEALTH_AND_CARE and not is_nhs_number(number):
        bad.add("subject.nhs_number")
    if reference is not None and not _REFERENCE.fullmatch(reference):
        bad.add("subject.local_ref")
    return bad


def bad_optional(record: Mapping[str, Any], kind: AgencyKind) -> set[str]:
    """Names of optional identifiers and dates that are not well formed; they name no subject."""
    subject = record.get("subject") or {}
    bad = set()
    number, born = subject.get("nhs_number"), subject.get("date_of_birth")
    if number is not None and kind not in HEALTH_AND_CARE and not is_nhs_number(number):
        bad.add("subject.nhs_number")
    if born is not None and not _is_date(born):
        bad.add("subject.date_of_birth")
    for name in ("incident_ref", "episode_ref"):
        if record.get(name) is not None and not _REFERENCE.fullmatch(record[name]):
            bad.add(name)
    link = (record.get("person") or {}).get("police_link")
    if link is not None and not all(_REFERENCE.fullmatch(one) for one in link.values() if one is not None):
        bad.add("person.police_link")
    return bad


def _check_applies(record: Mapping[str, Any], kind: WishKind | None) -> None:
    # A wish or marker in nobody's name would be confirmed and protect nobody.
    if not _names_somebody(record):
        raise PayloadError("field_invalid", ("subject",))
    person = record["person"]
    wild = any(_WILD.intersection(name) for name in person.get("scope_recipients") or ())
    if kind is not WishKind.PERMISSION:
        if wild:
            raise PayloadError("field_invalid", ("person.scope_recipients",))
        return
    if person.get("capacity_ok") == "no":
        raise PayloadError("permission_without_capacity", ("person.capacity_ok",))
    open_parts = tuple(
        name for name in _SCOPE if not person.get(name) or (wild and name == "scope_recipients")
    )
    if open_parts:
        raise PayloadError("scope_open", tuple(f"person.{name}" for name in open_parts))


def _check_recipients(record: Mapping[str, Any], registry: Registry) -> None:
    # A wish about a desk that nobody is would be confirmed and cover nobody: a mistyped "no" is no "no".
    names = record["person"].get("scope_recipients") or ()
    if any(not registry.takes_part(name) for name in names):
        raise PayloadError("field_invalid", ("person.scope_recipients",))


def _check_end(record: Mapping[str, Any], spec: EventTypeSpec) -> None:
    # It would be confirmed and hold at no instant. An objection or a withdrawal has no end that counts:
    # refusing it for one would lose a "no".
    if spec.wish_kind is not WishKind.PERMISSION and spec.marks is not MarkerAct.SET:
        return
    ends_us = record["person"].get("valid_until")
    if ends_us is not None and ends_us <= record["occurred_at"]:
        raise PayloadError("field_invalid", ("person.valid_until",))


def _names_somebody(record: Mapping[str, Any]) -> bool:
    subject = record.get("subject") or {}
    return subject.get("nhs_number") is not None or subject.get("local_ref") is not None


def _unit(name: str) -> str:
    # A leaf inside a sub-record is released, and left out, with the unit it belongs to.
    return ".".join(name.split(".")[:2]) if name.split(".")[0] in {"subject", "core", "person"} else name


def _cannot_be_left_out(name: str) -> bool:
    return name in _NEVER_LEFT_OUT or name.startswith("core.")


def _is_date(text: str) -> bool:
    found = _ISO_DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = found.groups()
    try:
        date.fromisoformat(f"{year}{month or '-01'}{day or '-01'}")
    except ValueError:
        return False
    return True
