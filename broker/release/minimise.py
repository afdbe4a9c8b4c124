"""Minimisation: the part of an event that a decision releases to one desk, under that desk's own names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.agreement import Agreement
from broker.domain.event import Event, FieldSpec, Value
from broker.domain.fields import CITATIONS, IDENTIFIERS
from broker.domain.identifiers import AgencyId, agency_of
from broker.domain.incident import HOUR_US
from broker.domain.subjects import NHS
from broker.domain.vocabulary import HEALTH_AND_CARE, AgencyKind, Extent, Handling, Threshold
from broker.errors import IntegrityError
from broker.release.combine import LOCATION_WITHHELD, Outline
from broker.release.fold import threshold_confirmed
from broker.release.match import Match
from broker.release.naming import NamedEvent, Naming

_DATE_FIELDS = frozenset({"subject.date_of_birth"})


@dataclass(frozen=True, slots=True)
class Header:
    """What goes with every delivery besides the fields."""

    delivery_id: str
    policy_revision: str
    decision_hash: bytes
    clinician_line: str | None
    lane: int = 0
    """that decides; part of what the desk's name for the event stands for"""


def minimise(
    event: Event,
    match: Match,
    outline: Outline,
    agreement: Agreement | None,
    naming: Naming,
    header: Header,
    blank: Mapping[str, Any],
) -> dict[str, Value]:
    """The delivery record: an allow-list. A field that the decision does not name is null.

    Args:
        agreement: the one the subscription cites; None where there is none.
        blank: the delivery schema's record with every field null.

    Returns:
        a record of the delivery schema; instants in microseconds since 1970-01-01T00:00Z.

    Raises:
        IntegrityError: a handling does not apply to the value it was given for.

    Source: UK GDPR Art. 5(1)(c); the agreement's list of fields.
    """
    fields = _blank_fields(blank)
    present: list[str] = []
    record = event.record
    for part, keys in outline.whole:
        if part is None:
            fields.update({key: record[key] for key in keys})
        else:
            source = record[part]
            fields[part].update({key: source[key] for key in keys})
    for spec, handling in outline.treated:
        if handling is Handling.PRESENCE:
            present.append(spec.name)
        else:
            _put(fields, spec, _treated(event, match, spec, handling, naming))
    core_only = outline.extent is Extent.CORE
    return {
        "delivery_id": header.delivery_id,
        "event_id": naming.event(*_route(match), NamedEvent(header.lane, event.publisher, event.event_id)),
        "event_type": event.spec.core_type if core_only else event.spec.event_type,
        "extent": str(outline.extent),
        "subject": None if core_only else _subject(event, match, agreement, naming),
        "purpose": str(match.subscription.purpose),
        "basis": outline.basis,
        "agreement": None if agreement is None else agreement.agreement_id,
        "policy_revision": header.policy_revision,
        "incident_ref": _incident_ref(event, match, naming, core_only=core_only),
        "expires_at": _expires_at(event, match, outline),
        "marking": outline.obligations.marking,
        "clinician_line": header.clinician_line,
        "decision": header.decision_hash,
        "present": present,
        "effects": [] if core_only else _effects(outline),
        **({} if core_only else {"threshold": _threshold(event, match)}),
        "fields": fields,
    }


def may_have_number(agreement: Agreement | None, kind: AgencyKind) -> bool:
    """Whether a desk may have NHS numbers in clear: by agreement, and only within health and care (R36)."""
    return agreement is not None and agreement.nhs_number_in_clear and kind in HEALTH_AND_CARE


def _blank_fields(blank: Mapping[str, Any]) -> dict[str, Any]:
    fields = blank["fields"]
    return {key: dict(value) if isinstance(value, dict) else value for key, value in fields.items()}


def _put(fields: dict[str, Any], spec: FieldSpec, value: Value) -> None:
    if spec.part is None:
        fields[spec.key] = value
    else:
        fields[spec.part][spec.key] = value


def _treated(event: Event, match: Match, spec: FieldSpec, handling: Handling, naming: Naming) -> Value:
    value = event.value(spec)
    if spec.name in CITATIONS:
        return naming.event(*_route(match), NamedEvent.parse(value))
    if spec.name in IDENTIFIERS:
        return naming.reference(*_route(match), _issuer(event, match, spec), value)
    match handling:
        case Handling.COARSENED if isinstance(value, int):
            return value - value % HOUR_US
        case Handling.COARSENED if spec.name in _DATE_FIELDS:
            return value[:4]
    raise IntegrityError(f"handling {handling} does not apply to {spec.name}")


def _issuer(event: Event, match: Match, spec: FieldSpec) -> AgencyId:
    if spec.name == "incident_ref" and match.incident is not None:
        return match.incident.force
    return event.publisher


def _route(match: Match) -> tuple[Any, Any, Any]:
    return match.subscription.desk, match.desk_kind, match.subscription.purpose


def _subject(event: Event, match: Match, agreement: Agreement | None, naming: Naming) -> str:
    if may_have_number(agreement, match.desk_kind) and event.subject.startswith(NHS):
        return event.subject.removeprefix(NHS)
    if match.incident is not None and match.incident.local_ref is not None:
        # The force's own reference, as it told the door: it knows the person under no other (R36).
        return naming.reference(*_route(match), match.incident.force, match.incident.local_ref)
    return naming.subject(*_route(match), event.subject, within=_is_within(event, match))


def _incident_ref(event: Event, match: Match, naming: Naming, *, core_only: bool) -> str | None:
    if match.incident is not None:
        return naming.reference(*_route(match), match.incident.force, match.incident.incident_ref)
    reference = event.record.get("incident_ref")
    if reference is None or core_only:
        return None
    return naming.reference(*_route(match), event.publisher, reference, within=_is_within(event, match))


def _effects(outline: Outline) -> list[str]:
    """What a marker did to this delivery, where it alone did: desks see the effect, never the marker (RP)."""
    return [LOCATION_WITHHELD] if (LOCATION_WITHHELD,) in outline.withheld.values() else []


def _threshold(event: Event, match: Match) -> str | None:
    """The threshold that health confirmed, on what police get of a person (R8)."""
    if match.incident is None:
        return None
    confirmed = threshold_confirmed(event)
    return str(match.incident.threshold if confirmed is Threshold.NONE else confirmed)


def _is_within(event: Event, match: Match) -> bool:
    """Whether the event stays in its publisher's agency: there only fields tell, never a name (4.5, R28)."""
    return event.publisher == agency_of(match.subscription.desk)


def _expires_at(event: Event, match: Match, outline: Outline) -> int | None:
    hours = outline.obligations.expires_after_hours
    ends = [] if hours is None else [event.occurred_at_us + hours * HOUR_US]
    if match.incident is not None and outline.obligations.incident_only:
        ends.append(match.incident.ends_at_us)
    return min(ends, default=None)
