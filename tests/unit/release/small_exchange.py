"""Lanes in memory, with everything of release but Kafka and OPA: what goes in, and which replies come out.

A desk that must act gets the core of everything it asks for; nobody gets more. `opa_away` makes entries wait.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.ask.client import Asked
from broker.domain.agreement import ReferralClock, Subscription
from broker.domain.answer import Answer
from broker.domain.identifiers import NO_AGREEMENT, AgencyId, DeskId, EventType, PolicyRevision
from broker.domain.quarantine import unpack_record
from broker.domain.vocabulary import AnswerKind, FieldClass, Handling, Purpose
from broker.lanes.block import Entry, EntryKind, open_entries
from broker.lanes.state import Outgoing, Position, Taken
from broker.onebox.holders import HolderKeys
from broker.registry.keyring import KeyRing
from broker.registry.registry import DatedKey, Holder, Registry, make_registry
from broker.registry.topics import DECISIONS, LANE_LOG, QUARANTINE, from_topic, to_topic
from broker.release.admit import Admitted, admit, admit_again
from broker.release.book import Book, Place
from broker.release.decide import Decider, questions_of
from broker.release.duty import SAFETY_GAP, Duty, Patience
from broker.release.means import Means, make_means
from broker.release.plan import Planner
from broker.release.settle import Moment, Settler
from broker.wire.block import open_block
from broker.wire.envelope import open_envelope
from broker.wire.keys import OpeningKey, SigningKey
from tests import builders
from tests.unit.release.events import catalogue

REVISION = PolicyRevision("r-1")
MINUTE_US = 60_000_000
PATIENCE = Patience(overdue_us=MINUTE_US, minute_us=MINUTE_US)
CALL, ACCEPTED = "police.mh_call.triaged", "crisis.referral.accepted"
CRISIS_LINE, CONTROL = DeskId("northmoor-crisis/crisis-line"), DeskId("moor-ambulance/control")
LINES = {"northmoor": "01632 960101", "southmoor": "01632 960201"}
CLOCKS = {"northmoor": ReferralClock(15, "01632 960121"), "southmoor": ReferralClock(30, "01632 960221")}
AGENCIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "moor-police": ("police", ("control-room",)),
    "northmoor-crisis": ("crisis", ("crisis-line", "home-treatment")),
    "southmoor-crisis": ("crisis", ("crisis-line",)),
    "moor-ambulance": ("ambulance", ("control",)),
    "moor-cmht": ("cmht", ("coordinator",)),
    "moor-person": ("person", ("self",)),
    "harbour-vcs": ("vcse", ("coordinator",)),
    "moor-governance": ("governance", ("officers",)),
}
HOLDERS = ("ig-lead", "caldicott-guardian", "operations-lead")
RESPONDERS = {
    CRISIS_LINE: frozenset({"northmoor"}),
    DeskId("southmoor-crisis/crisis-line"): frozenset({"southmoor"}),
    CONTROL: frozenset({"northmoor", "southmoor"}),
}
ASKS = (
    (CRISIS_LINE, CALL, "P1", ("northmoor",)),
    (DeskId("southmoor-crisis/crisis-line"), CALL, "P1", ("southmoor",)),
    (CONTROL, CALL, "P1", ()),
    (DeskId("moor-cmht/coordinator"), CALL, "P2", ()),
    (CRISIS_LINE, "crisis.triage.completed", "P2", ()),
    (CRISIS_LINE, SAFETY_GAP, "P1", ()),
    (DeskId("northmoor-crisis/home-treatment"), "crisis.self_referral.received", "P1", ()),
    (DeskId("harbour-vcs/coordinator"), "vcs.referral.sent", "P9", ()),
)
_CORE = ("occurred_at", "core.area", "core.urgency", "core.need")


@dataclass(repr=False)
class Lane:
    """One lane's rows, as Kafka would keep them, and its book."""

    rows: dict[bytes, bytes] = field(default_factory=dict)
    position: Position = field(default_factory=lambda: Position(0, REVISION))
    log: list[list[Entry]] = field(default_factory=list)
    """blocks that other lanes sent, not handled yet"""


class SmallExchange:
    """Two places, seven agencies. `replies` and `cores` are what was sent, in order."""

    def __init__(self, folder: Path, lanes: int = 2) -> None:
        self._opening = {
            DeskId(f"{name}/{role}"): OpeningKey.generate()
            for name, (_, roles) in AGENCIES.items()
            for role in roles
        }
        self.signing = {AgencyId(name): SigningKey.generate() for name in AGENCIES}
        self.holders = {
            name: HolderKeys(name, SigningKey.generate(), OpeningKey.generate()) for name in HOLDERS
        }
        self.keyring = KeyRing.generate(folder / "keys")
        self.means = _means(self.keyring, self._registry(), lanes)
        self.lanes = [Lane() for _ in range(lanes)]
        self.books = [self._open(number) for number in range(lanes)]
        self.opa_away = False
        self.replies: list[tuple[str, dict[str, Any]]] = []
        self.cores: list[tuple[str, dict[str, Any]]] = []
        self.returned: list[tuple[str, dict[str, Any]]] = []
        self.quarantine: list[tuple[dict[str, Any], bytes]] = []
        """what was written to the topic, in order"""
        self.leaves: list[dict[str, Any]] = []
        self.written: list[Outgoing] = []
        """every record of every topic, as Kafka would hold it"""
        self.paged: list[str] = []
        self.sent: list[Entry] = []
        """what lanes wrote to lanes"""

    def publish(self, event_type: str, record: Mapping[str, Any], at_us: int, publisher: str = "") -> int:
        """Take one event in at `at_us`, log time and now. Returns its lane."""
        entry = self.entry(event_type, record, at_us, publisher or builders.PUBLISHERS[event_type])
        lane = self.means.lane_of(entry.subject)
        self.work(lane, [entry], at_us)
        return lane

    def entry(self, event_type: str, record: Mapping[str, Any], at_us: int, publisher: str) -> Entry:
        """What Intake makes of an event."""
        codec = self.means.catalogue.codecs[EventType(event_type)]
        body = codec.encode(dict(record))
        number = record["subject"]["nhs_number"]
        subject = f"nhs:{number}" if number else f"ref:{publisher}:{record['subject']['local_ref']}"
        topic = from_topic(AgencyId(publisher))
        return Entry(
            EntryKind.EVENT,
            publisher,
            topic,
            0,
            0,
            at_us,
            subject=subject,
            event_id=record["event_id"],
            size=len(body),
            fingerprint=codec.fingerprint,
            body=body,
        )

    def work(self, lane: int, entries: Sequence[Entry], now_us: int, log_until_us: int | None = None) -> None:
        """One batch of one lane, and then whatever it sent to lanes."""
        self._batch(lane, entries, now_us, now_us if log_until_us is None else log_until_us)
        while any(one.log for one in self.lanes):
            for number, one in enumerate(self.lanes):
                while one.log:
                    self._batch(number, one.log.pop(0), now_us, 0)

    def look(self, now_us: int, log_until_us: int | None = None) -> None:
        """Every lane looks at its clocks."""
        for lane in range(len(self.lanes)):
            self.work(lane, [], now_us, log_until_us)

    def restart(self) -> None:
        """Every lane is taken up anew from its rows."""
        self.books = [self._open(number) for number in range(len(self.lanes))]

    def told(self, event_id: str) -> list[dict[str, Any]]:
        """The replies to one event that its publisher reads, each delivery id once."""
        found: dict[str, dict[str, Any]] = {}
        for _, one in self.replies:
            if one["event_id"] == event_id:
                found.setdefault(one["delivery_id"], one)
        return list(found.values())

    def books_balance(self) -> bool:
        """Asked is decided and waiting, in every lane."""
        places = [book.position for book in self.books]
        return all(one.asked == one.decided + one.waiting for one in places)

    def _batch(self, lane: int, entries: Sequence[Entry], now_us: int, log_until_us: int) -> None:
        book, moment = self.books[lane], Moment(now_us, "2026-11-20", REVISION, lane)
        offset = book.position.offset
        admitted: list[Admitted] = []
        if not self.opa_away:
            admitted += [admit_again(self.means, book, one, "2026-01-01") for one in list(book.waiting())]
        for index, entry in enumerate(entries):
            found = admit(self.means, book, Place(offset, index), entry, "2026-01-01")
            admitted += [] if found is None else [found]
        planner = Planner(self.means, book, moment)
        duty = Duty(self.means, book, planner, moment, PATIENCE)
        Decider(book, Settler(self.means), planner, duty, moment, self._answers(admitted)).decide(admitted)
        duty.look(log_until_us)
        plan = planner.finish(offset + bool(entries))
        self.paged += duty.causes
        kept = self.lanes[lane]
        for key, value in plan.rows.items():
            kept.rows.pop(key, None) if value is None else kept.rows.__setitem__(key, value)
        kept.position = plan.position
        for out in plan.outgoing:
            self._send(out)

    def _answers(self, admitted: Sequence[Admitted]) -> Asked:
        questions = questions_of(admitted)
        if self.opa_away:
            return Asked({}, missing=frozenset(question.hash for question in questions))
        return Asked({question.hash: self._answer(question) for question in questions})

    def _answer(self, question: Any) -> Answer:
        core = question.field_class is FieldClass.CORE
        if not core or not self.means.must_act(question.desk, question.place):
            return Answer(AnswerKind.DENY, reasons=("no_agreement",))
        return Answer(AnswerKind.PERMIT, dict.fromkeys(_CORE, Handling.WHOLE), reasons=("no_agreement",))

    def _send(self, out: Outgoing) -> None:
        self.written.append(out)
        if out.topic == LANE_LOG:
            opened = open_entries(self.keyring.lane_key(out.partition), out.partition, out.value)
            self.lanes[out.partition].log.append(list(opened))
            self.sent += opened
        if out.topic in {DECISIONS, QUARANTINE}:
            context = f"candour/{out.topic}/v1/{out.partition}".encode()
            for item in open_block(self.keyring.ledger_key(), context, out.value):
                if out.topic == QUARANTINE:
                    self.quarantine.append(unpack_record(item))
                else:
                    self.leaves.append(json.loads(item))
        for desk, key in self._opening.items():
            if out.topic == to_topic(desk):
                envelope = open_envelope(out.value, key, self.keyring.delivery.verify_key)
                for payload in envelope.payloads:
                    self._receive(desk, payload.fingerprint, payload.body)

    def _receive(self, desk: DeskId, fingerprint: bytes, body: bytes) -> None:
        codec = self.means.catalogue.delivery_codecs()[fingerprint]
        kept = {
            "delivery.reply": self.replies,
            "delivery.core": self.cores,
            "delivery.returned": self.returned,
        }
        name = f"{codec.schema['namespace']}.{codec.schema['name']}"
        if name in kept:
            kept[name].append((desk, codec.decode(body)))

    def _open(self, number: int) -> Book:
        kept = self.lanes[number]
        return Book(Taken(kept.position, dict(kept.rows)), self.keyring.placement)

    def _registry(self) -> Registry:
        area = {
            "places": {place: {"clinician_line": line} for place, line in LINES.items()},
            "agencies": {
                name: {"kind": kind, "desks": list(roles), "reply_desk": roles[0]}
                for name, (kind, roles) in AGENCIES.items()
            },
        }
        signing = {name: [DatedKey(key.verify_key)] for name, key in self.signing.items()}
        holders = {
            name: Holder(keys.signing.verify_key, keys.opening.sealing_key)
            for name, keys in self.holders.items()
        }
        desks = {desk: key.sealing_key for desk, key in self._opening.items()}
        return make_registry(area, signing, desks, holders)


def _means(keyring: KeyRing, registry: Registry, lanes: int) -> Means:
    subscriptions = tuple(
        Subscription(
            desk,
            EventType(event_type),
            Purpose(purpose),
            NO_AGREEMENT,
            places=frozenset(places),
            anywhere=not places,
        )
        for desk, event_type, purpose, places in ASKS
    )
    return make_means(
        catalogue(), registry, keyring, {}, subscriptions, lambda _: "2026-01-01", RESPONDERS, CLOCKS, lanes
    )
