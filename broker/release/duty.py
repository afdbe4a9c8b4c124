"""Duty: who is told that nobody has acted yet. Clocks of referrals, and urgent entries that wait too long."""

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.agreement import ReferralClock
from broker.domain.event import Event
from broker.domain.fields import CITING
from broker.domain.identifiers import AgencyId, EventId, EventType
from broker.domain.subjects import event_subject, incident_subject, reference_subject
from broker.domain.vocabulary import Purpose, Regime, Setting
from broker.lanes.block import Entry, EntryKind
from broker.registry.topics import BROKER, LANE_LOG
from broker.release.admit import Matter
from broker.release.book import Book
from broker.release.fold import part
from broker.release.forward import between_lanes, data_of
from broker.release.means import Means
from broker.release.naming import NamedEvent
from broker.release.plan import Planner
from broker.release.referral import CRISIS_ACCEPTANCE, Referral, opens_referral
from broker.release.reply import Need
from broker.release.settle import Moment
from broker.release.subject import SubjectState

SAFETY_GAP = EventType("broker.safety_gap.raised")
REFERRAL_UNKNOWN = "referral_unknown"
DUTY_ROLE = "duty contact"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long people are left waiting before somebody is told."""

    overdue_us: int
    """of an urgent entry that waits for the policy engine"""
    minute_us: int
    """length of an agreed minute"""


class Duty:
    """The clocks of one lane, in one batch. What it does goes into the plan, as everything else."""

    def __init__(
        self, means: Means, book: Book, planner: Planner, moment: Moment, patience: Patience
    ) -> None:
        self._means, self._book, self._planner = means, book, planner
        self._moment, self._patience = moment, patience
        self.causes: list[str] = []
        """class of each exception that a stage raised here; operations are paged"""

    def follow(self, matter: Matter) -> str:
        """Start or stop the clocks that a new event is about.

        Returns:
            code of what its publisher is to be told of that; empty where there is nothing to tell.
        """
        event = matter.event
        if opens_referral(event):
            self._open(matter)
        if event.spec.event_type not in CITING:
            return ""
        return self._accept(matter)

    def taken(self, entry: Entry) -> None:
        """Another lane says that a referral of this one was taken on."""
        data = data_of(entry)
        need = Need(data["place_of_need"], urgent=True)
        if data["event_id"]:
            if self._book.seen(data["publisher"], data["event_id"]) is not None:
                self._handled(data["publisher"], data["event_id"], need, data["by"])
        else:
            self._handled_all(entry.subject, data["by"])

    def look(self, log_until_us: int) -> None:
        """Tell of every delay that has become too long.

        Args:
            log_until_us: everything that the log took in before is handled; a clock that is due later
                may still be stopped by an entry that is on its way.
        """
        for waiting in self._book.overdue(self._moment.now_us - self._patience.overdue_us):
            entry = waiting.entry
            reply = self._planner.replies.overdue(entry, self._planner.replies.need_again(entry))
            self._planner.tell(entry.publisher, entry.subject, reply)
            self._book.told(waiting)
        for referral in self._book.referrals.due(min(log_until_us, self._moment.now_us)):
            self._raise_gap(referral)

    def _open(self, matter: Matter) -> None:
        event, clock = matter.event, self._means.clock(matter.event.place)
        if clock is None:
            return
        opened_at_us = matter.entry.logged_at_us
        due_at_us = opened_at_us + clock.minutes * self._patience.minute_us
        self._book.open_referral(
            Referral(event.publisher, event.event_id, event.place, event.subject, opened_at_us, due_at_us)
        )

    def _accept(self, matter: Matter) -> str:
        event = matter.event
        name = part(event, "person").get("referral")
        if name is None:
            if event.spec.event_type == CRISIS_ACCEPTANCE and event.wishes_known:
                self._handled_all(event.subject, event.publisher)
                for subject in _also_known_as(matter.state):
                    self._send_taken(matter, self._means.lane_of(subject), subject)
            return ""
        cited = self._cited(event, name)
        if cited is None:
            return REFERRAL_UNKNOWN
        if cited.lane == self._moment.lane:
            need = Need(event.place, urgent=True)
            self._handled(cited.publisher, cited.event_id, need, event.publisher)
        else:
            self._send_taken(matter, cited.lane, "", cited)
        return ""

    def _cited(self, event: Event, name: str) -> NamedEvent | None:
        # An agency knows its own events by the ids that it gave them.
        if self._book.seen(event.publisher, name) is not None and name != event.event_id:
            return NamedEvent(self._moment.lane, event.publisher, EventId(name))
        return self._means.cited(event.publisher, name)

    def _send_taken(self, matter: Matter, lane: int, subject: str, cited: NamedEvent | None = None) -> None:
        taken = between_lanes(
            EntryKind.TAKEN,
            subject,
            matter.place,
            matter.entry,
            publisher="" if cited is None else cited.publisher,
            event_id="" if cited is None else cited.event_id,
            by=matter.event.publisher,
            place_of_need=matter.event.place,
        )
        self._planner.forward(taken, lane)

    def _handled_all(self, subject: str, by: str) -> None:
        for one in self._book.referrals.of_subject(subject):
            self._handled(one.publisher, one.event_id, Need(one.place, urgent=True), by)

    def _handled(self, publisher: str, event_id: str, need: Need, by: str) -> None:
        referral = self._book.referrals.find(publisher, event_id)
        if referral is not None:
            self._book.close_referral(referral)
        reply = self._planner.replies.handled(publisher, event_id, need, by)
        self._planner.tell(publisher, event_subject(publisher, event_id), reply)

    def _raise_gap(self, referral: Referral) -> None:
        self._book.close_referral(referral)
        clock = self._means.clock(referral.place)
        try:
            self._planner.forward(self._gap(referral, clock), self._moment.lane)
        except Exception as error:  # noqa: BLE001 - no clock may keep its lane from going on (design 2.2.5)
            self.causes.append(type(error).__name__)
        contact = None if clock is None else clock.duty_contact
        need = Need(referral.place, urgent=True)
        reply = self._planner.replies.not_handled(referral.publisher, referral.event_id, need, contact)
        self._planner.tell(referral.publisher, referral.subject, reply)
        self._planner.tally.gaps += 1

    def _gap(self, referral: Referral, clock: ReferralClock | None) -> Entry:
        event_id = gap_id(self._means.keyring.delivery_id, referral)
        codec = self._means.catalogue.codecs[SAFETY_GAP]
        cited = NamedEvent(self._moment.lane, AgencyId(referral.publisher), EventId(referral.event_id))
        record = gap_record(codec.schema, referral, clock, cited, event_id, self._moment.now_us)
        body = codec.encode(record)
        return Entry(
            EntryKind.EVENT,
            BROKER,
            LANE_LOG,
            self._book.position.offset,
            0,
            self._moment.now_us,
            subject=referral.subject,
            event_id=event_id,
            size=len(body),
            fingerprint=codec.fingerprint,
            body=body,
        )


def gap_id(key: bytes, referral: Referral) -> EventId:
    """The id of the safety gap of a referral: the same whoever raises it (UUID version 8, RFC 9562 5.8)."""
    name = f"candour/safety-gap/v1|{referral.publisher}|{referral.event_id}".encode()
    raw = int.from_bytes(hmac.digest(key, name, "sha256")[:16], "big")
    raw = raw & ~(0xF << 76) | 0x8 << 76
    raw = raw & ~(0x3 << 62) | 0x2 << 62
    return EventId(str(uuid.UUID(int=raw)))


def gap_record(
    schema: Mapping[str, Any],
    referral: Referral,
    clock: ReferralClock | None,
    cited: NamedEvent,
    event_id: EventId,
    now_us: int,
) -> dict[str, Any]:
    """The event that tells the duty contact: somebody was referred, and nobody has taken them on.

    Source: R42; 4.6 `broker.safety_gap.raised`.
    """
    record = _defaults(schema)
    record |= {
        "event_id": event_id,
        "occurred_at": now_us,
        "recorded_at": now_us,
        "setting": Setting.EMERGENCY_LIVE.value,
        "purpose": Purpose.P1.value,
        "regime": Regime.UKGDPR.value,
    }
    record["core"] |= {"area": referral.place, "urgency": "emergency", "need": "crisis_response"}
    record["person"] |= {
        "opened_at": referral.opened_at_us,
        "due_at": referral.due_at_us,
        "agreed_minutes": None if clock is None else clock.minutes,
        "referral": str(cited),
        "call_now": None if clock is None else {"role": DUTY_ROLE, "number": clock.duty_contact},
    }
    return record


def _also_known_as(state: SubjectState) -> list[str]:
    """Other subjects under which a force may have referred this person before health linked them."""
    names = [
        reference_subject(one.force, one.local_ref) for one in state.incidents if one.local_ref is not None
    ]
    return names + [incident_subject(one.force, one.incident_ref) for one in state.incidents]


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the default of every field; parts are filled likewise."""
    record: dict[str, Any] = {}
    for one in schema["fields"]:
        if isinstance(one["type"], dict) and one["type"].get("type") == "record":
            record[one["name"]] = _defaults(one["type"])
        else:
            record[one["name"]] = one.get("default")
    return record
