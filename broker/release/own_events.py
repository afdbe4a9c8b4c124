"""Own events: what the exchange itself publishes, safety gaps and legal alerts. Makes them, sends none."""

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.domain.event import Event
from broker.domain.identifiers import AgencyId, EventId, EventType
from broker.domain.vocabulary import Gap, LegalAlert, Purpose, Regime, Setting
from broker.lanes.block import Entry, EntryKind
from broker.registry.topics import BROKER, LANE_LOG
from broker.release.naming import NamedEvent
from broker.wire.avro import Codec

SAFETY_GAP = EventType("broker.safety_gap.raised")
LEGAL_ALERT = EventType("broker.legal_alert.raised")
DUTY_ROLE = "duty contact"
_MINUTE_US = 60_000_000
_NAMES = ("family_name", "given_name", "date_of_birth")


@dataclass(frozen=True, slots=True)
class Raised:
    """An event of the exchange's own, before it is sealed. Times are microseconds since 1970-01-01T00:00Z."""

    event_type: EventType
    event_id: EventId
    subject: str = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)
    sound: bool = True
    """as of the event that it is about: false where the person's wishes cannot be looked up"""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing for whom, and since when: all that a safety gap tells."""

    gap: Gap
    cited: NamedEvent
    """the event that shows it"""
    place: str
    subject: str = field(repr=False)
    since_us: int
    due_us: int | None = None
    """by when somebody should have acted, where minutes were agreed"""
    minutes: int | None = None
    duty_contact: str | None = None
    sound: bool = True


def gap_id(key: bytes, publisher: str, event_id: str, gap: Gap = Gap.NOT_ACCEPTED) -> EventId:
    """The id of the safety gap of an event: the same whoever raises it."""
    which = "" if gap is Gap.NOT_ACCEPTED else f"{gap}|"
    return _own_id(key, f"candour/safety-gap/v1|{which}{publisher}|{event_id}")


def alert_id(key: bytes, publisher: str, event_id: str, alert: LegalAlert) -> EventId:
    """The id of an alert on an event: the same whoever raises it."""
    return _own_id(key, f"candour/legal-alert/v1|{alert}|{publisher}|{event_id}")


def raised_gap(schema: Mapping[str, Any], key: bytes, missing: Missing, now_us: int) -> Raised:
    """The event that tells the duty contact that somebody may be left without support.

    Source: R42; 4.6 `broker.safety_gap.raised`.
    """
    cited, contact = missing.cited, missing.duty_contact
    event_id = gap_id(key, cited.publisher, cited.event_id, missing.gap)
    record = _record(schema, event_id, now_us, Setting.EMERGENCY_LIVE, Purpose.P1)
    record["core"] |= {"area": missing.place, "urgency": "emergency", "need": "crisis_response"}
    record["person"] |= {
        "gap": str(missing.gap),
        "opened_at": missing.since_us,
        "due_at": missing.due_us,
        "agreed_minutes": missing.minutes,
        "referral": str(cited),
        "call_now": None if contact is None else {"role": DUTY_ROLE, "number": contact},
    }
    return Raised(SAFETY_GAP, event_id, missing.subject, record, missing.sound)


def raised_alert(
    schema: Mapping[str, Any],
    key: bytes,
    alert: LegalAlert,
    event: Event,
    lane: int,
    logged_at_us: int,
    lasted_us: int | None,
    now_us: int,
) -> Raised:
    """The event that tells those who must act what the law asks and `event` says is not so.

    Of the person it says the name, for those who have no other event of them, and what decides who may
    hear of it: age band, markers, capacity.

    Args:
        lane, logged_at_us: that decides the event, and when the log took it in.
        lasted_us: how long the detention lasted, where it is about that.

    Source: R16-R19; 4.6.
    """
    event_id = alert_id(key, event.publisher, event.event_id, alert)
    record = _record(schema, event_id, now_us, Setting.URGENT, Purpose.P4)
    record |= {name: event.record[name] for name in ("age_band", "capacity", "restrictions")}
    told = event.record.get("subject") or {}
    record["subject"] |= {name: told.get(name) for name in _NAMES}
    record["core"] |= {"area": event.place, "urgency": "urgent", "need": "update"}
    over = alert is LegalAlert.OVER_LIMIT and lasted_us is not None
    record["person"] |= {
        "alert": str(alert),
        "about_event": str(NamedEvent(lane, event.publisher, event.event_id)),
        "told_at": logged_at_us,
        "reported_by": str(event.publisher_kind),
        "held_minutes": (lasted_us or 0) // _MINUTE_US if over else None,
    }
    return Raised(LEGAL_ALERT, event_id, event.subject, record, event.wishes_known)


def own_entry(codec: Codec, raised: Raised, offset: int, now_us: int) -> Entry:
    """The entry under which it stands in its lane; `offset` is where the lane is that raised it."""
    body = codec.encode(dict(raised.record))
    return Entry(
        EntryKind.EVENT,
        BROKER,
        LANE_LOG,
        offset,
        0,
        now_us,
        subject=raised.subject,
        event_id=raised.event_id,
        sound=raised.sound,
        size=len(body),
        fingerprint=codec.fingerprint,
        body=body,
    )


def cited_event(lane: int, publisher: str, event_id: str) -> NamedEvent:
    """An event as the exchange cites it."""
    return NamedEvent(lane, AgencyId(publisher), EventId(event_id))


def _own_id(key: bytes, name: str) -> EventId:
    # UUID version 8, RFC 9562 5.8.
    raw = int.from_bytes(hmac.digest(key, name.encode(), "sha256")[:16], "big")
    raw = raw & ~(0xF << 76) | 0x8 << 76
    raw = raw & ~(0x3 << 62) | 0x2 << 62
    return EventId(str(uuid.UUID(int=raw)))


def _record(
    schema: Mapping[str, Any], event_id: EventId, now_us: int, setting: Setting, purpose: Purpose
) -> dict[str, Any]:
    return _defaults(schema) | {
        "event_id": event_id,
        "occurred_at": now_us,
        "recorded_at": now_us,
        "setting": setting.value,
        "purpose": purpose.value,
        "regime": Regime.UKGDPR.value,
    }


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the default of every field; parts are filled likewise."""
    record: dict[str, Any] = {}
    for one in schema["fields"]:
        if isinstance(one["type"], dict) and one["type"].get("type") == "record":
            record[one["name"]] = _defaults(one["type"])
        else:
            record[one["name"]] = one.get("default")
    return record
