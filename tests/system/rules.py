"""What became of one event for each desk: its decision, and what the desk received, opened with its key."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from broker.wire.avro import Codec
from broker.wire.envelope import Header, open_envelope
from broker.wire.keys import OpeningKey, VerifyKey
from consumers.kit.delivery import Reply
from consumers.kit.replies import ReplyWatch
from tests import builders
from tests.builders import Person, Record
from tests.exchange import RunningExchange, language_in
from tests.faults.evidence import delivery_codecs, gather_leaves, read_topic
from tests.property.canaries import nhs_number

CORE = frozenset({"occurred_at", "core.area", "core.urgency", "core.need"})
CONTROL_ROOM, STREET_TRIAGE = "moor-police/control-room", "moor-police/street-triage"
MISSING = "moor-police/missing-persons"
REPLY_S = 60.0
_PARTS = ("subject", "core", "person")


@dataclass(frozen=True, slots=True)
class Letter:
    """One record of a desk's topic as Kafka holds it, and what is in it."""

    desk: str
    partition: int
    offset: int
    size: int
    """bytes of the envelope"""
    header: Header
    payloads: tuple[tuple[str, int, Record], ...] = field(repr=False)
    """name of the delivery schema, bytes of the body, the body decoded"""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one event for one desk and purpose."""

    outcome: str
    extent: str
    reasons: frozenset[str]
    given: frozenset[str]
    """dotted names of the fields that hold something in what the desk received"""
    withheld: Mapping[str, tuple[str, ...]]
    delivery: Record | None = field(repr=False)
    """as the desk opened it"""
    agreement: str = ""

    def value(self, name: str) -> Any:
        """A field as the desk received it; None where it did not."""
        if self.delivery is None:
            return None
        held = self.delivery["fields"]
        for key in name.split("."):
            held = None if held is None else held.get(key)
        return held


NOT_ASKED = Became("", "none", frozenset(), frozenset(), {}, None)
"""The desk asks for no such event, or not of this person: no decision, no trace"""


class Desks:
    """The desks of one exchange, opened one topic at a time."""

    def __init__(self, folder: Path) -> None:
        self._terms: dict[str, tuple[dict[str, Any], OpeningKey, VerifyKey, dict[bytes, Codec]]] = {}
        for path in sorted((folder / "agencies").glob("*/agency.json")):
            agency = json.loads(path.read_text(encoding="utf-8"))
            self._bootstrap: str = agency["bootstrap"]
            codecs = delivery_codecs(path.parent / agency["schemas"])
            (verify_key,) = (VerifyKey.from_bytes(bytes.fromhex(key)) for key in agency["broker_verify_keys"])
            for desk, terms in agency["desks"].items():
                opening_key = OpeningKey.from_bytes((path.parent / terms["opening_key"]).read_bytes())
                self._terms[desk] = (terms, opening_key, verify_key, codecs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def letters(self, desk: str) -> list[Letter]:
        """Everything in the desk's topic, by partition and offset."""
        terms, opening_key, verify_key, codecs = self._terms[desk]
        found = []
        for record in read_topic(self._bootstrap, terms["topic"]):
            value = record.value or b""
            envelope = open_envelope(value, opening_key, verify_key)
            payloads = tuple(
                (str(codec.schema["name"]), len(one.body), codec.decode(one.body))
                for one in envelope.payloads
                for codec in (codecs[one.fingerprint],)
            )
            found.append(Letter(desk, record.partition, record.offset, len(value), envelope.header, payloads))
        return found


MOST_SERIES, MOST_MADE = 15, 1_000
"""Nights on one exchange, and people and events of one: NHS numbers 20,000 to 50,000 are theirs"""


class Night:
    """Publishes for one person after another, and reads what became of each event."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.exchange = exchange
        self.desks = Desks(exchange.folder)
        self._series, self._made = exchange.next_series(), 0
        assert self._series < MOST_SERIES
        self._watches: dict[str, ReplyWatch] = {}

    def somebody(self, **changes: Any) -> Person:
        """Somebody new, known to police and to health."""
        self._made += 1
        assert self._made < MOST_MADE
        name = f"{self._series}-{self._made}"
        person = replace(
            builders.PEOPLE[0],
            nhs_number=nhs_number(20_000 + 2 * (MOST_MADE * self._series + self._made)),
            police_ref=f"NICHE-R{name}",
            incident_ref=f"I-R{name}",
            family_name=f"Rule{self._series:02d}x{self._made:03d}",
        )
        return replace(person, **changes)

    def record(self, event_type: str, person: Person, at_us: int | None = None, **changes: Any) -> Record:
        """A built event; `person__call_now=..` stands for the field `person.call_now`."""
        self._made += 1
        given = {name.replace("__", "."): value for name, value in changes.items()}
        number = (0x70 + self._series) << 24 | self._made
        return builders.BUILDERS[event_type](person, number=number, at_us=at_us or now_us(), changes=given)

    def tell(
        self, event_type: str, person: Person, at_us: int | None = None, by: str = "", **changes: Any
    ) -> Record:
        """Publish one event, now unless told otherwise, and wait until it was taken in."""
        record = self.record(event_type, person, at_us, **changes)
        reply = self.publish(event_type, record, by)
        assert reply.status in {"accepted", "applied"}, (reply.status, reply.code)
        return record

    def publish(self, event_type: str, record: Record, by: str = "") -> Reply:
        """Publish a record through its agency's kit; the exchange's reply."""
        agency = by or builders.PUBLISHERS[event_type]
        watch = self._watch(agency)
        self.exchange.publish(agency, [builders.line(event_type, record)])
        (reply,) = watch.replies({record["event_id"]}, REPLY_S)
        return reply

    def _watch(self, agency: str) -> ReplyWatch:
        if agency not in self._watches:
            profile = self.exchange.profile(agency)
            self._watches[agency] = ReplyWatch(profile, language_in(profile.schemas))
        return self._watches[agency]

    def close(self) -> None:
        """Stop listening for replies."""
        for watch in self._watches.values():
            watch.close()

    def arrive(self, person: Person, back_us: int = 60_000_000, **changes: Any) -> Record:
        """The place of safety takes the person in and links them to the police incident (R53)."""
        return self.tell("pos.s136.arrived", person, now_us() - back_us, **changes)

    def became(self, record: Record, desk: str = "") -> dict[str, Became]:
        """`desk purpose` -> what became of this event, at every desk or at one."""
        # Taken in is not decided yet, should the policy engine have been slow; nor has another lane heard.
        self.exchange.until_quiet()
        leaves = [
            leaf.record
            for leaf in gather_leaves(self.exchange.folder)
            if leaf.kind == "decision"
            and leaf.record["event_id"] == record["event_id"]
            and desk in {"", leaf.record["desk"]}
        ]
        desks = {leaf["desk"] for leaf in leaves if leaf["delivery_id"] is not None}
        delivered = {
            body["delivery_id"]: body
            for desk in desks
            for letter in self.desks.letters(desk)
            for _, _, body in letter.payloads
        }
        return {f"{leaf['desk']} {leaf['purpose']}": _became(leaf, delivered) for leaf in leaves}

    def at(self, record: Record, desk: str) -> Became:
        """What became of this event for one desk, which asks for its type at most once."""
        found = list(self.became(record, desk).values())
        assert len(found) <= 1, desk
        return found[0] if found else NOT_ASKED


def now_us() -> int:
    return time.time_ns() // 1_000


def given_in(fields: Mapping[str, Any]) -> frozenset[str]:
    """Dotted names of the fields of a delivery that hold something."""
    given = {key for key, value in fields.items() if value is not None and key not in _PARTS}
    for part in _PARTS:
        given |= {f"{part}.{key}" for key, value in (fields.get(part) or {}).items() if value is not None}
    return frozenset(given)


def _became(leaf: Mapping[str, Any], delivered: Mapping[str, Record]) -> Became:
    delivery = None if leaf["delivery_id"] is None else delivered[leaf["delivery_id"]]
    given = frozenset[str]() if delivery is None else given_in(delivery["fields"])
    # What was decided is what was sent: no more, no less.
    assert given == set(leaf["fields"]), (leaf["desk"], leaf["event_type"], given ^ set(leaf["fields"]))
    return Became(
        leaf["outcome"],
        leaf["extent"],
        frozenset(leaf["reasons"]),
        given,
        {name: tuple(why) for name, why in leaf["withheld"].items()},
        delivery,
        leaf["agreement"],
    )
