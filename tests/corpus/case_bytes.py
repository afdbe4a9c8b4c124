"""B-20 to B-27 and B-40 to B-49: copies, order, instants, and bytes made to hurt."""

import io
from typing import Any

import fastavro

from broker.domain.identifiers import AgencyId
from broker.intake.take_in import Received
from broker.lanes.block import EntryKind, pack, unpack
from broker.policy.schema_lint import lint
from broker.release.admit import admit
from broker.release.book import Place
from broker.wire.avro import Codec
from tests import builders
from tests.corpus.case_envelopes import claimed
from tests.corpus.gate import (
    ARRIVED,
    DETAINED,
    NOW_US,
    PLANNED,
    Answers,
    Gate,
    Told,
    case,
    of_lane,
    read,
    refused_at_start,
)
from tests.property.canaries import MARK
from tests.system.envelopes import varint

MINUTE_US = 60_000_000
DAY_US = 1_440 * MINUTE_US
YEAR_US = 365 * DAY_US
HUGE = 2**40


def _again(gate: Gate, later_us: int) -> Answers:
    record = gate.event()
    assert of_lane(gate.admitted(ARRIVED, record)).code == "accepted"
    return {"code": of_lane(gate.admitted(ARRIVED, record, later_us))}


@case("B-20")
def b20(gate: Gate) -> Answers:
    return _again(gate, 0)


@case("B-21")
def b21(gate: Gate) -> Answers:
    record = gate.event()
    gate.admitted(ARRIVED, record)
    return {"code": of_lane(gate.admitted(ARRIVED, {**record, "shareable_summary": f"{MARK} another"}))}


for _number, _later_us in (("B-22a", MINUTE_US), ("B-22b", DAY_US), ("B-22c", 15 * DAY_US)):
    case(_number)(lambda gate, later_us=_later_us: _again(gate, later_us))  # type: ignore[misc]


def _noticed(gate: Gate, number: str, *headers: dict[str, Any]) -> Answers:
    """Whether the lane makes anything of the last of these headers."""
    stages, forge = gate.stages, gate.forge()
    found: list[Any] = []
    for offset, header in enumerate(headers):
        value = forge.seal(
            [gate.good()],
            stream=f"{MARK}-{number}".encode().ljust(16),
            **{"time_us": NOW_US + offset, **header},
        )
        received = Received("from.moor-pos", AgencyId("moor-pos"), 100 + offset, NOW_US, value)
        entries = [entry for _, entry in stages.take_in.entries(received)]
        (told,) = [unpack(pack(entry)) for entry in entries if entry.kind is EntryKind.HEADER]
        book = stages.books[stages.means.lane_of(told.subject)]
        interval = stages.means.interval_for(stages.today)
        found.append(admit(stages.means, book, Place(10_000 + offset, 0), told, interval))
    last = found[-1]
    return {"code": Told("unnoticed") if last is None else Told("alarm", f"{last.codes}")}


for _number, _sequences in (
    ("B-23a", (1, 3)),
    ("B-23b", (1, 1)),
    ("B-23c", (2, 1)),
    ("B-23d", (1, 2**64 - 1)),
):
    case(_number)(
        lambda gate, number=_number, of=_sequences: _noticed(  # type: ignore[misc]
            gate, number, *({"sequence": one} for one in of)
        )
    )


@case("B-24c")
def b24c(gate: Gate) -> Answers:
    return _noticed(gate, "B-24c", {"time_us": NOW_US + YEAR_US})


_INSTANTS = {
    "B-24a": (NOW_US + 6 * MINUTE_US, "2026-11-20T23:41:00+00:00"),
    "B-24b": (NOW_US + YEAR_US, "2027-11-20T23:41:00+00:00"),
    "B-25a": (1, "1970-01-01T00:00:00+00:00"),
    "B-25b": (253_402_300_799_000_000, "9999-12-31T23:59:59+00:00"),
    "B-26a": (-1, "1969-12-31T23:59:59.999999+00:00"),
    "B-26b": (-62_135_596_800_000_000, "0001-01-01T00:00:00+00:00"),
    "B-27a": (2**63 - 1, "9999-12-31T23:59:59+00:00"),
}
for _number, (_micros, _text) in _INSTANTS.items():
    case(_number)(
        lambda gate, at=_micros, text=_text: gate.everywhere("occurred_at", at, kit=text)  # type: ignore[misc]
    )


@case("B-27b")
def b27b(gate: Gate) -> Answers:
    return _replaced(gate, b"\x02" + varint(NOW_US + 77), b"\x02" + varint(2**70), occurred_at=NOW_US + 77)


@case("B-27c")
def b27c(gate: Gate) -> Answers:
    return {"at the kit": gate.written(ARRIVED, "occurred_at", "12026-11-20T23:41:00+00:00")}


def _schema(type_: Any) -> dict[str, Any]:
    return {"type": "record", "name": "r", "fields": [{"name": "f", "type": type_}]}


_SCHEMAS = {
    "B-40a": {"type": "array", "items": "null"},
    "B-40b": {"type": "array", "items": {"type": "record", "name": "Empty", "fields": []}},
    "B-40c": {"type": "map", "values": "null"},
    "B-42d": ["null", "r"],
}
for _number, _type in _SCHEMAS.items():
    case(_number)(
        lambda gate, of=_type: {"code": refused_at_start(lambda: Codec(_schema(of)))}  # type: ignore[misc]
    )


@case("B-40d")
def b40d(gate: Gate) -> Answers:
    nested: Any = "string"
    for _ in range(8):
        nested = {"type": "array", "items": nested}
    found = {finding.rule for finding in lint(_schema(nested))}
    return {"code": Told("refused_by_lint" if "depth" in found else "accepted")}


def _replaced(
    gate: Gate, stands: bytes, instead: bytes, event_type: str = ARRIVED, **changes: Any
) -> Answers:
    """Good bodies in which other bytes stand in one place."""

    def made(setting: dict[str, str]) -> bytes:
        body = gate.encoded(event_type, **changes, **setting)
        assert body.count(stands) == 1
        return body.replace(stands, instead)

    return gate.bytes_both(made, event_type)


SUMMARY = f"{MARK} summary"
_TEXT = b"\x02" + varint(len(SUMMARY)) + SUMMARY.encode()
# The one restriction and the text after it; nothing else in the body reads so.
_ONE = varint(1) + varint(4) + b"\0"


def _items(gate: Gate, items: bytes) -> Answers:
    return _replaced(gate, _ONE + _TEXT, items + _TEXT, restrictions=["child"])


_LISTS = {"B-40e": varint(HUGE), "B-41c": varint(-1) + varint(1) + varint(4) + b"\0", "B-41d": varint(-HUGE)}
for _number, _bytes in _LISTS.items():
    case(_number)(lambda gate, items=_bytes: _items(gate, items))  # type: ignore[misc]

_TEXTS = {
    "B-41a": b"\x02" + varint(HUGE) + SUMMARY.encode(),
    "B-41b": b"\x02" + varint(-3) + SUMMARY.encode(),
    "B-43": b"\x02" + b"\x80" * 10 + b"\x01" + SUMMARY.encode(),
    "B-48b": b"\x02" + bytes((varint(len(SUMMARY))[0] | 0x80, 0)) + SUMMARY.encode(),
    "B-48c": b"\x04" + _TEXT[1:],
}
for _number, _bytes in _TEXTS.items():
    case(_number)(lambda gate, instead=_bytes: _replaced(gate, _TEXT, instead))  # type: ignore[misc]


def _levels(gate: Gate, levels: int) -> Answers:
    nested = (
        '{"event_type": "' + ARRIVED + '", "person": ' + '{"a":' * levels + f'"{MARK}"' + "}" * (levels + 1)
    )
    kit = {"at the kit": gate.line(nested)}
    if levels > 64 * 1024:
        told = claimed(gate, b"\x02" * levels)["code"]
        return {"code": told, "when urgent": told} | kit
    told = gate.body(gate.encoded()[:60] + b"\x02" * levels + MARK.encode())
    return {"code": told, "when urgent": told} | kit


for _number, _deep in (("B-42a", 500), ("B-42b", 5_000), ("B-42c", 200_000)):
    case(_number)(lambda gate, levels=_deep: _levels(gate, levels))  # type: ignore[misc]


@case("B-44")
def b44(gate: Gate) -> Answers:
    name, stands = "person.restraint_minutes", b"\x02" + varint(1_234)
    told = _replaced(gate, stands, b"\x02" + varint(2**31), DETAINED, person__restraint_minutes=1_234)
    return {**told, "at the kit": gate.written(DETAINED, name, 2**31)}


@case("B-45")
def b45(gate: Gate) -> Answers:
    detail = f"{MARK} at home"
    after = b"\x02" + varint(len(detail)) + detail.encode()
    told = _replaced(
        gate, b"\x02\x01" + after, b"\x02\x07" + after, DETAINED, person__dependants_detail=detail
    )
    return {**told, "at the kit": gate.written(DETAINED, "person.dependants_at_home", 7)}


_NO_NUMBER = {"B-46a": ("NaN", b"\0\0\0\0\0\0\xf8\x7f"), "B-46b": ("Infinity", b"\0\0\0\0\0\0\xf0\x7f")}


def _no_number(gate: Gate, text: str, body: bytes) -> Answers:
    good = builders.line(DETAINED, gate.event(DETAINED, person__restraint_minutes=1_234))
    line = good.replace('"restraint_minutes": 1234', f'"restraint_minutes": {text}')
    assert text in line
    # No field of the language is a fraction; the codec would refuse it all the same.
    return {
        "code": read(lambda: Codec(_schema("double")).decode(body)),
        "at the kit": gate.line(line, DETAINED),
    }


for _number, (_text, _bytes) in _NO_NUMBER.items():
    case(_number)(lambda gate, text=_text, body=_bytes: _no_number(gate, text, body))  # type: ignore[misc]


@case("B-47")
def b47(gate: Gate) -> Answers:
    key = varint(len(MARK)) + MARK.encode()
    twice = varint(2) + (key + varint(1) + b"v") * 2 + b"\0"
    line = builders.line(ARRIVED, gate.event(**PLANNED))[:-1] + f', "shareable_summary": "{MARK} other"}}'
    codec = Codec(_schema({"type": "map", "values": "string"}))
    return {"code": read(lambda: codec.decode(twice)), "at the kit": gate.line(line)}


@case("B-48a")
def b48a(gate: Gate) -> Answers:
    return gate.bytes_both(lambda setting: gate.encoded(**setting) + MARK.encode())


@case("B-49")
def b49(gate: Gate) -> Answers:
    written = io.BytesIO()
    fastavro.writer(written, _schema("bytes"), [{"f": bytes(50_000_000)}], codec="deflate")
    assert len(written.getvalue()) < 64 * 1024
    told = gate.body(written.getvalue())
    return {"code": told, "when urgent": told}
