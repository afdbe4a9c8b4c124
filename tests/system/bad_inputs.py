"""A list of bad inputs, each with the code it must get. Every text of them is a canary."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from broker.wire.avro import Codec
from broker.wire.envelope import Payload
from broker.wire.keys import OpeningKey, SigningKey
from tests import builders
from tests.builders import Record
from tests.property.canaries import MARK, nhs_number
from tests.system.envelopes import Forge, varint

ARRIVED, GIVEN = "pos.s136.arrived", "person.permission.given"
HUGE = 2**40
BAD_NUMBER = "9990000019"
SOMEBODY = replace(
    builders.PEOPLE[0],
    nhs_number=nhs_number(80_000),
    family_name=f"{MARK}Family",
    given_name=f"{MARK}Given",
    incident_ref=f"{MARK}-I",
    police_ref=f"{MARK}-P",
)


@dataclass(frozen=True)
class BadInput:
    """One Kafka record that must not be accepted, or not in whole."""

    name: str
    value: bytes | None
    code: str
    event_id: str | None = None
    """as the reply names it"""
    fields: tuple[str, ...] = ()
    accepted: bool = False
    """it goes, without its bad part"""
    agency: str = "moor-pos"


class Inputs:
    """Makes them for one exchange; every event has an id of its own."""

    def __init__(self, forges: dict[str, Forge], at_us: int) -> None:
        self.forges = forges
        self.at_us = at_us
        self._made = 0x6000_0000
        self.arrived = builders.codec(ARRIVED)
        self.given = builders.codec(GIVEN)

    def record(self, event_type: str = ARRIVED, **changes: Any) -> Record:
        """A good event about somebody."""
        self._made += 1
        dotted = {name.replace("__", "."): value for name, value in changes.items()}
        usual = {"shareable_summary": f"{MARK} summary"} if event_type == ARRIVED else {}
        made = builders.BUILDERS[event_type]
        return made(SOMEBODY, number=self._made, at_us=self.at_us, changes=usual | dotted)

    def payload(self, codec: Codec, record: Record) -> Payload:
        return Payload(codec.fingerprint, codec.encode(record))

    def good(self, agency: str) -> tuple[Record, bytes]:
        """A good event of this agency, sealed."""
        event_type = {"moor-pos": ARRIVED, "moor-police": "police.s136.detained"}.get(agency, GIVEN)
        changes = {"person.scope_classes": ["OP"]} if event_type == GIVEN else {}
        self._made += 1
        record = builders.BUILDERS[event_type](SOMEBODY, number=self._made, at_us=self.at_us, changes=changes)
        return record, self.forges[agency].seal([self.payload(builders.codec(event_type), record)])

    def all(self) -> Iterator[BadInput]:
        """Every bad input."""
        yield from self._no_envelopes()
        yield from self._not_genuine()
        yield from self._not_readable()
        yield from self._bombs()
        yield from self._not_in_order()
        yield from self._wishes()

    def _no_envelopes(self) -> Iterator[BadInput]:
        line = builders.line(ARRIVED, self.record()).encode()
        yield BadInput("empty value", b"", "envelope_malformed")
        yield BadInput("tombstone", None, "envelope_malformed")
        yield BadInput("garbage", os.urandom(900), "envelope_malformed")
        yield BadInput("garbage of one byte", b"\xff", "envelope_malformed")
        yield BadInput("JSON instead of an envelope", line, "envelope_malformed")
        sealed = self._seal(self.record())
        yield BadInput("cut short", sealed[:-1], "envelope_malformed")
        yield BadInput("two envelopes in one record", sealed + sealed, "envelope_malformed")
        yield BadInput("envelope of 600 KiB", sealed + bytes(600 * 1024), "envelope_too_large")

    def _not_genuine(self) -> Iterator[BadInput]:
        forge, payloads = self.forges["moor-pos"], [self.payload(self.arrived, self.record())]
        stranger = SigningKey.generate()
        yield BadInput("unsigned", forge.seal(payloads, signature=bytes(64)), "signature_invalid")
        yield BadInput("wrongly signed", forge.seal(payloads, signing_key=stranger), "signature_invalid")
        unknown = forge.seal(payloads, signing_key=stranger, signing_key_id=stranger.key_id)
        yield BadInput("unknown key", unknown, "key_unknown")
        other = forge.seal(payloads, topic="from.moor-police")
        yield BadInput("signed for another topic", other, "topic_mismatch")
        elsewhere = forge.seal(payloads, recipient="moor-pos/s136-suite")
        yield BadInput("meant for somebody else", elsewhere, "topic_mismatch")
        police = self.forges["moor-police"]
        foreign = police.seal([self.payload(builders.codec("police.s136.detained"), self._detained())])
        yield BadInput("another agency's envelope", foreign, "sender_not_topic_owner")
        posing = forge.seal(payloads, sender="moor-police")
        yield BadInput("sender is not topic owner", posing, "sender_not_topic_owner")
        nobodys = OpeningKey.generate().sealing_key
        yield BadInput("sealed to another", forge.seal(payloads, sealing_key=nobodys), "envelope_not_opened")
        sealed = bytearray(forge.seal(payloads))
        sealed[-1] ^= 1
        yield BadInput("one bit changed", bytes(sealed), "envelope_not_opened")

    def _not_readable(self) -> Iterator[BadInput]:
        forge = self.forges["moor-pos"]
        body = self.arrived.encode(self.record())
        unknown = forge.seal([Payload(os.urandom(32), body)])
        yield BadInput("unknown schema", unknown, "schema_unknown")
        yield BadInput("a byte too many", self._raw(body + b"\0"), "bytes_do_not_round_trip")
        yield BadInput("a byte too few", self._raw(body[:-1]), "bytes_do_not_round_trip")
        # The same length, written with one byte more than it needs.
        long = bytes((body[0] | 0x80, 0)) + body[1:]
        yield BadInput("bytes that do not round-trip", self._raw(long), "bytes_do_not_round_trip")
        text = json.dumps({"event_id": MARK}).encode()
        yield BadInput("JSON instead of Avro", self._raw(text), "bytes_do_not_round_trip")
        yield BadInput("garbage instead of Avro", self._raw(os.urandom(500)), "bytes_do_not_round_trip")

    def _bombs(self) -> Iterator[BadInput]:
        forge, print_ = self.forges["moor-pos"], self.arrived.fingerprint
        large = 70_000
        items = Forge.item(print_, os.urandom(large), large)
        yield BadInput("payload of 70,000 bytes", forge.seal([], items=items, count=1), "payload_too_large")
        items = Forge.item(print_, b"x", 2**32 - 1)
        yield BadInput("payload that claims 4 GiB", forge.seal([], items=items, count=1), "payload_too_large")
        items = Forge.item(print_, b"x" * 100, 100)
        yield BadInput(
            "65,535 payloads claimed", forge.seal([], items=items, count=65_535), "envelope_malformed"
        )
        yield BadInput("no payload", forge.seal([], items=b"", count=0), "envelope_malformed")
        yield BadInput(
            "text that claims 2^40", self._raw(varint(HUGE) + b"x" * 50), "bytes_do_not_round_trip"
        )
        yield BadInput("text of length -1", self._raw(varint(-1) + b"x" * 50), "bytes_do_not_round_trip")
        for name, count in (
            ("2^40 items claimed", HUGE),
            ("-2^40 items claimed", -HUGE),
            ("-1 items claimed", -1),
        ):
            yield BadInput(name, self._raw(self._with_restrictions(varint(count))), "bytes_do_not_round_trip")
        # A negative count is followed by a size in bytes: another spelling of the same items.
        spelt = varint(-1) + varint(1) + b"\0" + b"\0"
        yield BadInput(
            "negative block count", self._raw(self._with_restrictions(spelt)), "bytes_do_not_round_trip"
        )

    def _not_in_order(self) -> Iterator[BadInput]:
        number = ("subject.nhs_number",)
        planned = {"setting": "planned", "purpose": "P2"}
        yield self._event(
            "bad NHS number, planned", "field_invalid", number, subject__nhs_number=BAD_NUMBER, **planned
        )
        for name, given in (
            ("bad NHS number, emergency", BAD_NUMBER),
            ("NHS number with a space", "999 0000018"),
            ("NHS number in other digits", "".join(chr(0xFF10 + int(one)) for one in "9990000018")),
        ):
            fields = ("subject", *number)
            yield self._event(name, "identifier_dropped", fields, accepted=True, subject__nhs_number=given)
        yield self._event("missing occurred_at", "occurred_at_missing", ("occurred_at",), occurred_at=None)
        summary = ("shareable_summary",)
        yield self._event(
            "bad optional field, planned", "field_invalid", summary, shareable_summary=MARK * 120, **planned
        )
        urgent = {"setting": "urgent", "shareable_summary": MARK * 120}
        yield self._event("bad optional field, urgent", "field_dropped", summary, accepted=True, **urgent)
        yield self._event("a core beyond its limits", "field_invalid", ("core.area",), core__area=MARK * 20)
        record = self.record() | {"event_id": MARK}
        yield BadInput("event id that is none", self._seal(record), "event_id_invalid", None, ("event_id",))

    def _wishes(self) -> Iterator[BadInput]:
        scope = {"person__scope_classes": ["OP"]}
        police = self.record(GIVEN, **scope)
        yield BadInput(
            "police giving permission",
            self._seal(police, self.given, "moor-police"),
            "publisher_not_entitled",
            police["event_id"],
            agency="moor-police",
        )
        open_ = self.record(GIVEN)
        yield BadInput(
            "permission with an open scope",
            self._seal(open_, self.given, "moor-person"),
            "scope_open",
            open_["event_id"],
            ("person.scope_classes",),
            agency="moor-person",
        )
        lacking = self.record(GIVEN, person__capacity_ok="no", **scope)
        yield BadInput(
            "permission without capacity",
            self._seal(lacking, self.given, "moor-person"),
            "permission_without_capacity",
            lacking["event_id"],
            ("person.capacity_ok",),
            agency="moor-person",
        )
        partly = self.record(
            GIVEN, setting="urgent", person__scope_recipients=["northmoor-crisis/peer", MARK * 30], **scope
        )
        yield BadInput(
            "wish with a bad part, urgent",
            self._seal(partly, self.given, "moor-person"),
            "field_invalid",
            partly["event_id"],
            ("person.scope_recipients",),
            agency="moor-person",
        )

    def _event(
        self, name: str, code: str, fields: tuple[str, ...], *, accepted: bool = False, **changes: Any
    ) -> BadInput:
        record = self.record(**changes)
        return BadInput(name, self._seal(record), code, record["event_id"], fields, accepted)

    def _seal(self, record: Record, codec: Codec | None = None, agency: str = "moor-pos") -> bytes:
        return self.forges[agency].seal([self.payload(codec or self.arrived, record)])

    def _raw(self, body: bytes) -> bytes:
        return self.forges["moor-pos"].seal([Payload(self.arrived.fingerprint, body)])

    def _detained(self) -> Record:
        self._made += 1
        return builders.detained(SOMEBODY, number=self._made, at_us=self.at_us)

    def detained_body(self) -> bytes:
        """A good event of police, as Avro."""
        return builders.codec("police.s136.detained").encode(self._detained())

    def _with_restrictions(self, items: bytes) -> bytes:
        """A good body with other bytes where its one restriction stands."""
        one = self.arrived.encode(self.record(restrictions=["child"], shareable_summary=f"{MARK}-"))
        none = varint(1) + varint(4) + b"\0"
        marked = none + b"\x02" + varint(len(f"{MARK}-")) + f"{MARK}-".encode()
        assert one.count(marked) == 1
        return one.replace(marked, items + marked[len(none) :])
