"""B-01 to B-16 and B-50 to B-56: envelopes, schemas, and what Kafka carries besides."""

import io
import json
import os
from copy import deepcopy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import fastavro

from broker.domain.identifiers import AgencyId
from broker.intake.agent import IntakeWorker
from broker.registry.registry import DatedKey
from broker.wire.avro import Codec
from broker.wire.envelope import Payload, leaf
from broker.wire.header import split_envelope, write_header
from broker.wire.keys import SigningKey, VerifyKey
from tests import builders
from tests.corpus.gate import (
    ARRIVED,
    DETAINED,
    NOW_US,
    Answers,
    Gate,
    case,
    refused_at_start,
    with_keys,
)
from tests.property.canaries import MARK
from tests.system.envelopes import _SEAL, _SIGNATURE, Forge

HOUR_US = 3_600_000_000
SMALL_ORDER = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"


@case("B-01")
def b01(gate: Gate) -> Answers:
    return {"code": gate.taken(gate.forge().seal([gate.good()], signing_key=SigningKey.generate()))}


@case("B-02")
def b02(gate: Gate) -> Answers:
    police = gate.stages.signing["moor-police"]
    sealed = gate.forge().seal([gate.good()], signing_key=police, signing_key_id=police.key_id)
    return {"code": gate.taken(sealed)}


@case("B-03")
def b03(gate: Gate) -> Answers:
    body = Payload(builders.codec(DETAINED).fingerprint, gate.encoded(DETAINED))
    return {"code": gate.taken(gate.forge("moor-police").seal([body]))}


def _dated(gate: Gate, from_us: int, until_us: int | None) -> Answers:
    key = SigningKey.generate()
    stages = with_keys(gate.stages, "moor-pos", (DatedKey(key.verify_key, from_us, until_us),))
    sealed = gate.forge().seal([gate.good()], signing_key=key, signing_key_id=key.key_id)
    in_force = with_keys(gate.stages, "moor-pos", (DatedKey(key.verify_key),))
    assert gate.taken(sealed, stages=in_force).code == "accepted"
    return {"code": gate.taken(sealed, stages=stages)}


@case("B-04a")
def b04a(gate: Gate) -> Answers:
    return _dated(gate, 0, NOW_US - 1_000 * HOUR_US)


@case("B-04b")
def b04b(gate: Gate) -> Answers:
    # To revoke a key is to end it: what the log takes in at that instant is too late.
    return _dated(gate, 0, NOW_US)


@case("B-04c")
def b04c(gate: Gate) -> Answers:
    return _dated(gate, NOW_US + 1, None)


@case("B-04d")
def b04d(gate: Gate) -> Answers:
    key = SigningKey.generate()
    sealed = gate.forge().seal([gate.good()], signing_key=key, signing_key_id=key.key_id)
    return {"code": gate.taken(sealed)}


@case("B-05a")
def b05a(gate: Gate) -> Answers:
    return {"code": gate.taken(gate.forge().seal([gate.good()], topic="from.moor-police"))}


@case("B-05b")
def b05b(gate: Gate) -> Answers:
    forge, payload = gate.forge(), gate.good()
    header, _, _, bucket = split_envelope(forge.seal([payload]))
    same: dict[str, Any] = {"sequence": header.sequence, "time_us": header.time_us}
    ours, theirs = (
        gate.stages.signing["moor-pos"].sign(_SIGNATURE + write_header(one, bucket) + leaf(payload))
        for one in (header, replace(header, topic="from.moor-police"))
    )
    assert gate.taken(forge.seal([payload], signature=ours, **same)).code == "accepted"
    return {"code": gate.taken(forge.seal([payload], signature=theirs, **same))}


@case("B-06a")
def b06a(gate: Gate) -> Answers:
    return {"code": gate.taken(gate.forge().seal([gate.good()], signature=bytes(64)))}


@case("B-06b")
def b06b(gate: Gate) -> Answers:
    forge = gate.forge()
    text = f"{MARK}".encode() * 80
    head = write_header(forge.header(), 9)
    plaintext = b"\0\x01" + text[: 512 - 2]
    return {"code": gate.taken(head + forge.profile.sealing_key.seal(plaintext, _SEAL + head))}


@case("B-07")
def b07(gate: Gate) -> Answers:
    return {"code": refused_at_start(lambda: DatedKey(VerifyKey.from_bytes(bytes.fromhex(SMALL_ORDER))))}


@case("B-08")
def b08(gate: Gate) -> Answers:
    sealed = gate.forge().seal([gate.good()])
    return {"code": gate.taken(sealed + sealed)}


@case("B-10")
def b10(gate: Gate) -> Answers:
    return {"code": gate.payload(bytes(32), gate.encoded())}


@case("B-11")
def b11(gate: Gate) -> Answers:
    told = gate.written(ARRIVED, "event_type", f"{MARK}.no.such")
    return {"code": gate.payload(os.urandom(32), gate.encoded()), "at the kit": told}


@case("B-12a")
def b12a(gate: Gate) -> Answers:
    told = gate.written(ARRIVED, "person", json.loads(_detained_line(gate))["person"])
    return {"code": gate.body(gate.encoded(DETAINED)), "at the kit": told}


@case("B-12b")
def b12b(gate: Gate) -> Answers:
    told = gate.line(_detained_line(gate), ARRIVED)
    return {"code": gate.record(DETAINED, "moor-pos"), "at the kit": told}


def _detained_line(gate: Gate) -> str:
    return builders.line(DETAINED, gate.event(DETAINED, person__presenting_safety_facts=f"{MARK} facts"))


@case("B-12c")
def b12c(gate: Gate) -> Answers:
    (delivery,) = [codec for name, codec in gate.stages.means.catalogue.deliveries.items() if name == ARRIVED]
    return {"code": gate.payload(delivery.fingerprint, gate.encoded())}


def _other_version(gate: Gate, change: Any) -> Answers:
    schema = deepcopy(dict(builders.codec(ARRIVED).schema))
    record = gate.event()
    change(schema["fields"], record)
    codec = Codec(schema)
    return {"code": gate.payload(codec.fingerprint, codec.encode(record))}


@case("B-13")
def b13(gate: Gate) -> Answers:
    return _other_version(gate, lambda fields, _: fields[0].update({"doc": "Another one."}))


@case("B-14")
def b14(gate: Gate) -> Answers:
    written = io.BytesIO()
    fastavro.writer(written, fastavro.parse_schema(dict(builders.codec(ARRIVED).schema)), [gate.event()])
    assert MARK.encode() in written.getvalue()
    return {"code": gate.body(written.getvalue())}


@case("B-15a")
def b15a(gate: Gate) -> Answers:
    def older(fields: Any, record: Any) -> None:
        fields[:] = [one for one in fields if one["name"] != "episode_ref"]
        del record["episode_ref"]

    return _other_version(gate, older)


@case("B-15b")
def b15b(gate: Gate) -> Answers:
    def newer(fields: Any, record: Any) -> None:
        fields.append(
            {"name": "mood", "type": ["null", {"type": "string", "maxLength": 40}], "default": None}
        )
        record["mood"] = f"{MARK} mood"

    return {**_other_version(gate, newer), "at the kit": gate.written(ARRIVED, "mood", f"{MARK} mood")}


@case("B-15c")
def b15c(gate: Gate) -> Answers:
    def other(fields: Any, record: Any) -> None:
        (found,) = [one for one in fields if one["name"] == "shareable_summary"]
        found["type"] = ["null", {"type": "array", "items": "string", "maxItems": 3}]
        record["shareable_summary"] = [f"{MARK} summary"]

    told = gate.written(ARRIVED, "shareable_summary", [f"{MARK} summary"])
    return {**_other_version(gate, other), "at the kit": told}


@case("B-16a")
def b16a(gate: Gate) -> Answers:
    return {"code": gate.body(json.dumps({"event_id": MARK}).encode())}


@case("B-16b")
def b16b(gate: Gate) -> Answers:
    return {"code": gate.taken(builders.line(ARRIVED, gate.event()).encode())}


@case("B-50")
def b50(gate: Gate) -> Answers:
    return {"code": gate.taken(b""), "at the kit": gate.line("")}


@case("B-51")
def b51(gate: Gate) -> Answers:
    return {"code": gate.taken(None)}


@case("B-52")
def b52(gate: Gate) -> Answers:
    return {"code": gate.taken(b"\xff"), "at the kit": gate.line("7")}


@case("B-53a")
def b53a(gate: Gate) -> Answers:
    text = MARK * 2_000_000
    return {"code": gate.taken(text.encode()), "at the kit": gate.line(text)}


@case("B-53b")
def b53b(gate: Gate) -> Answers:
    return claimed(gate, (MARK * 14_000).encode())


def claimed(gate: Gate, body: bytes) -> Answers:
    """A payload of any size in an envelope that is sound but for that."""
    items = Forge.item(builders.codec(ARRIVED).fingerprint, body, len(body))
    return {"code": gate.taken(gate.forge().seal([], items=items, count=1))}


def _carried(gate: Gate, **besides: Any) -> Answers:
    """A good record with these Kafka headers or this key, as the worker of Intake receives it."""
    sealed = gate.forge().seal([gate.good()])
    message = SimpleNamespace(
        topic="from.moor-pos", timestamp=NOW_US / 1e6, offset=7, value=sealed, **besides
    )
    worker = cast("IntakeWorker", SimpleNamespace(_owners={"from.moor-pos": AgencyId("moor-pos")}))
    received = IntakeWorker._received(worker, message)
    assert MARK not in repr(all_but_its_bytes(received))
    return {"code": gate.taken(received.value)}


def all_but_its_bytes(received: Any) -> dict[str, Any]:
    """Everything of a received record but its bytes."""
    return {name: getattr(received, name) for name in received.__slots__ if name != "value"}


@case("B-54")
def b54(gate: Gate) -> Answers:
    return _carried(gate, key=None, headers=[(f"{MARK}{number}", MARK.encode()) for number in range(100)])


@case("B-55a")
def b55a(gate: Gate) -> Answers:
    return _carried(gate, key=None, headers=[(f"{MARK}\x1b[2J\r\n\0", b"\0\x07\n" + MARK.encode())])


@case("B-55b")
def b55b(gate: Gate) -> Answers:
    sealed = gate.forge().seal([gate.good()])
    assert sealed.count(b"moor-pos") == 2
    return {"code": gate.taken(sealed.replace(b"moor-pos", b"moor\npos", 1))}


@case("B-56")
def b56(gate: Gate) -> Answers:
    missing = _carried(gate, key=None, headers=[])["code"]
    assert missing.code == "accepted"
    return _carried(gate, key=f"{MARK} somebody else".encode(), headers=[])
