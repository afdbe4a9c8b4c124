"""One line of JSON, as an agency's own systems write it, becomes one record of the event's schema."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from broker.domain.identifiers import EventId, EventType, event_id_bytes, is_nhs_number
from broker.domain.vocabulary import URGENT, AgencyKind, Regime
from broker.errors import PayloadError, UsageError
from broker.wire.avro import Codec
from broker.wire.envelope import Payload
from consumers.kit.event_ids import new_event_id
from consumers.kit.language import Language
from consumers.kit.reading import Fault, read_record

MAX_LINE_CHARACTERS: Final = 256 * 1024
# A line without `regime` is not law enforcement; whoever acts under Part 3 must say so (L12).
_WHERE_NOT_GIVEN: Final = {"regime": Regime.UKGDPR.value}


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """One event, checked, ready for the outbox. Does not print what it holds."""

    event_id: EventId
    event_type: EventType
    fingerprint: bytes
    body: bytes = field(repr=False)
    """Avro"""
    line: int = 0
    """1 for the first"""
    notices: tuple[str, ...] = ()
    """what the exchange will leave out of an urgent event, in words"""
    carries: tuple[Payload, ...] = field(default=(), repr=False)
    """payloads that go right after it, in one envelope with it: of an act of governance, what comes again"""

    @property
    def payloads(self) -> tuple[Payload, ...]:
        """Everything that goes into an envelope for it."""
        return (Payload(self.fingerprint, self.body), *self.carries)


class LineError(UsageError):
    """A line that cannot be published. Says line, field and what to do; never a value."""

    def __init__(self, line: int, code: str, faults: tuple[Fault, ...], event_id: str | None = None) -> None:
        told = "; ".join(f"{name}: {advice}" if name else advice for name, advice in faults)
        super().__init__(f"Line {line}: {told}")
        self.line = line
        self.code = code
        self.event_id = event_id
        self.fields = tuple(name for name, _ in faults if name)


def read_line(text: str, line: int, language: Language, kind: AgencyKind) -> OutgoingEvent:
    """Read and check one line; makes an event id when there is none.

    Limits and identifiers of an urgent event do not stop it: the exchange drops the bad part and lets the
    core go (hazard: help delayed by a form), so they become notices here.

    Raises:
        LineError: the line is no event that this kind of agency may publish.
    """
    given = _read_object(text, line)
    event_type = EventType(str(given.pop("event_type", "")))
    event_id, made = _event_id(given, line)
    codec = _codec(event_type, line, language, kind)
    record, faults = read_record(codec.shape, {**_WHERE_NOT_GIVEN, **given, "event_id": event_id})
    shown = None if made else event_id
    if faults:
        raise LineError(line, "field_invalid", faults, shown)
    if record["occurred_at"] is None:
        advice = "is missing. Say when it happened, with offset: 2026-11-20T23:41:00+00:00"
        raise LineError(line, "occurred_at_missing", (("occurred_at", advice),), shown)
    notices = _beyond_limits(codec, record)
    droppable = record.get("setting") in URGENT and not any(map(_bears_the_core, notices))
    if notices and not droppable:
        raise LineError(line, "field_invalid", notices, shown)
    try:
        body = codec.encode(record)
    except PayloadError as error:
        raise LineError(line, error.code, _advice(error), shown) from None
    told = tuple(f"Line {line}: {name}: {advice}; the exchange will leave it out" for name, advice in notices)
    return OutgoingEvent(event_id, event_type, codec.fingerprint, body, line, told)


def _read_object(text: str, line: int) -> dict[str, Any]:
    advice = "is not one JSON object on one line. Write each event on a line of its own"
    if len(text) > MAX_LINE_CHARACTERS:
        raise LineError(line, "payload_too_large", (("", "is longer than 256 KiB"),))
    try:
        given = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except _TwiceError:
        raise LineError(
            line, "field_invalid", (("", "names a field twice. Leave one of them out"),)
        ) from None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise LineError(line, "field_invalid", (("", advice),))
    return given


class _TwiceError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise _TwiceError
    return values


def _refuse(_: str) -> None:
    raise ValueError


def _event_id(given: Mapping[str, Any], line: int) -> tuple[EventId, bool]:
    told = given.get("event_id")
    if told is None:
        return new_event_id(), True
    try:
        event_id_bytes(EventId(str(told)))
    except PayloadError as error:
        advice = "must be a UUID in lower case with hyphens. Leave it out and one is made"
        raise LineError(line, error.code, (("event_id", advice),)) from None
    return EventId(str(told)), False


def _codec(event_type: EventType, line: int, language: Language, kind: AgencyKind) -> Codec:
    codec = language.events.get(event_type)
    if codec is None:
        known = ", ".join(sorted(language.events))
        raise LineError(line, "schema_unknown", (("event_type", f"must be one of {known}"),))
    if kind not in language.publishers[event_type]:
        allowed = ", ".join(sorted(language.publishers[event_type]))
        advice = f"may be published by {allowed}, not by {kind}"
        raise LineError(line, "publisher_not_entitled", (("event_type", advice),))
    return codec


def _beyond_limits(codec: Codec, record: Mapping[str, Any]) -> tuple[Fault, ...]:
    faults: list[Fault] = [
        (name, "is beyond its limit; `schemas/` gives the limits") for name in codec.limits(record)
    ]
    number = (record.get("subject") or {}).get("nhs_number")
    if number is not None and not is_nhs_number(number):
        faults.append(
            ("subject.nhs_number", "is no NHS number: ten digits, of which the last checks the others")
        )
    return tuple(faults)


def _bears_the_core(fault: Fault) -> bool:
    return fault[0].startswith("core.") or fault[0] in {"event_id", "occurred_at"}


def _advice(error: PayloadError) -> tuple[Fault, ...]:
    advice = "is more than 64 KiB" if error.code == "payload_too_large" else "cannot be written"
    return tuple((name, advice) for name in error.fields) or (("", advice),)
