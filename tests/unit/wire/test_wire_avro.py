"""The codec writes one spelling, reads only that, and names what is wrong without quoting it."""

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import ConfigurationError, PayloadError
from broker.wire.avro import Codec
from broker.wire.checks import EARLIEST_US, LATEST_US

INSTANT = {"type": "long", "logicalType": "timestamp-micros"}
FOUND_AT = {
    "type": "record",
    "name": "FoundAt",
    "fields": [
        {"name": "place", "type": ["null", {"type": "string", "maxLength": 5}]},
        {"name": "since", "type": ["null", INSTANT]},
    ],
}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "namespace": "police.s136",
    "name": "detained",
    "fields": [
        {"name": "event_id", "type": {"type": "string", "maxLength": 4}},
        {"name": "occurred_at", "type": ["null", INSTANT]},
        {"name": "setting", "type": {"type": "enum", "name": "Setting", "symbols": ["urgent", "planned"]}},
        {
            "name": "person",
            "type": {
                "type": "record",
                "name": "Person",
                "fields": [
                    {"name": "found_at", "type": ["null", FOUND_AT]},
                    {
                        "name": "tried",
                        "type": {"type": "array", "items": "string"},
                        "maxItems": 2,
                        "maxLength": 3,
                    },
                    {"name": "places", "type": {"type": "array", "items": "FoundAt", "maxItems": 3}},
                    {"name": "count", "type": ["null", "int"]},
                    {"name": "share", "type": ["null", "double"]},
                    {"name": "alone", "type": ["null", "boolean"]},
                    {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
                    {"name": "raw", "type": {"type": "bytes", "maxLength": 2}},
                    {"name": "notes", "type": {"type": "map", "values": "string"}},
                ],
            },
        },
    ],
}
CODEC = Codec(SCHEMA)


def record(**person: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "found_at": {"place": "canal", "since": 1_763_682_060_000_001},
        "tried": ["yes"],
        "places": [],
        "count": 2,
        "share": 0.5,
        "alone": True,
        "hash": b"abcd",
        "raw": b"",
        "notes": {},
    }
    return {
        "event_id": "e-1",
        "occurred_at": 1_763_682_060_000_000,
        "setting": "urgent",
        "person": {**values, **person},
    }


def test_a_record_comes_back_as_it_was_with_instants_as_whole_microseconds() -> None:
    assert CODEC.decode(CODEC.encode(record())) == record()
    bare = record(found_at=None, count=None, share=None, alone=None)
    assert CODEC.decode(CODEC.encode({**bare, "occurred_at": None}))["occurred_at"] is None


def test_the_fingerprint_covers_classes_and_limits() -> None:
    assert Codec(SCHEMA).fingerprint == CODEC.fingerprint
    assert Codec({**SCHEMA, "doc": "changed"}).fingerprint != CODEC.fingerprint
    assert len(CODEC.fingerprint) == 32


class Colour(StrEnum):
    URGENT = "urgent"


def test_a_member_of_our_own_enums_is_written_as_its_text() -> None:
    assert CODEC.decode(CODEC.encode({**record(), "setting": Colour.URGENT}))["setting"] == "urgent"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"count": 2**31}, "person.count"),
        ({"count": True}, "person.count"),
        ({"count": 1.0}, "person.count"),
        ({"count": "secret-7"}, "person.count"),
        ({"share": 1}, "person.share"),
        ({"share": float("nan")}, "person.share"),
        ({"share": float("inf")}, "person.share"),
        ({"alone": 1}, "person.alone"),
        ({"alone": "secret-7"}, "person.alone"),
        ({"hash": b"abc"}, "person.hash"),
        ({"raw": "secret-7"}, "person.raw"),
        ({"tried": "secret-7"}, "person.tried"),
        ({"tried": ("yes",)}, "person.tried"),
        ({"tried": [None]}, "person.tried"),
        ({"tried": ["\ud800"]}, "person.tried"),
        ({"places": [{"place": "canal"}]}, "person.places"),
        ({"notes": {"\udfff": "x"}}, "person.notes"),
        ({"notes": []}, "person.notes"),
        ({"found_at": "secret-7"}, "person.found_at"),
        ({"found_at": {"place": "canal"}}, "person.found_at.since"),
        ({"found_at": {"place": 7, "since": None}}, "person.found_at.place"),
        ({"secret": 1}, "person.secret"),
        ({"secret seven!": 1}, "person.?"),
        ({"hash": None}, "person.hash"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(PayloadError) as caught:
        CODEC.encode(record(**wrong))
    assert (caught.value.code, caught.value.fields) == ("field_invalid", (name,))
    assert "secret-7" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_missing_field_is_named_at_once() -> None:
    with pytest.raises(PayloadError) as caught:
        CODEC.encode({"person": record()["person"]})
    assert caught.value.fields == ("event_id", "occurred_at", "setting")


def test_a_value_outside_an_enum_is_refused() -> None:
    with pytest.raises(PayloadError, match="field_invalid: setting"):
        CODEC.encode({**record(), "setting": "emergency"})


def test_a_record_of_more_than_64_kib_is_refused_both_ways() -> None:
    with pytest.raises(PayloadError, match="payload_too_large"):
        CODEC.encode(record(raw=b"x" * 65_536))
    with pytest.raises(PayloadError, match="payload_too_large"):
        CODEC.decode(b"x" * 65_537)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (record(), ()),
        ({**record(), "event_id": "five!"}, ("event_id",)),
        (record(found_at={"place": "canal!", "since": None}), ("person.found_at.place",)),
        (record(found_at={"place": "a\u0301\u0301\u0301\u0301", "since": None}), ()),
        (record(found_at={"place": "\U0001f600" * 5, "since": None}), ()),
        (record(tried=["a", "b", "c"]), ("person.tried",)),
        (record(tried=["long"]), ("person.tried",)),
        (record(raw=b"abc"), ("person.raw",)),
        (record(places=[{"place": "beyond", "since": None}]), ("person.places",)),
        (record(places=[{"place": None, "since": None}] * 4), ("person.places",)),
        ({**record(), "occurred_at": EARLIEST_US}, ()),
        ({**record(), "occurred_at": EARLIEST_US - 1}, ("occurred_at",)),
        ({**record(), "occurred_at": LATEST_US - 1}, ()),
        ({**record(), "occurred_at": LATEST_US}, ("occurred_at",)),
        ({**record(), "occurred_at": -(2**63)}, ("occurred_at",)),
    ],
)
def test_what_is_beyond_a_limit_is_named_and_still_read(
    values: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert CODEC.limits(CODEC.decode(CODEC.encode(values))) == names


RANGES = Codec(
    {
        "type": "record",
        "name": "ranges",
        "fields": [
            {"name": "in_type", "type": ["null", {"type": "int", "minimum": -1, "maximum": 7}]},
            {"name": "at_field", "type": "long", "minimum": 0, "maximum": 9},
            {"name": "items", "type": {"type": "array", "items": "int", "maxItems": 3}, "maximum": 2},
            {"name": "open", "type": "long"},
            {"name": "text", "type": "string", "maxLength": 3},
        ],
    }
)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ()),
        ({"in_type": -1, "at_field": 0, "items": [2, -(2**31)], "open": -(2**63)}, ()),
        ({"in_type": 7, "at_field": 9, "open": 2**63 - 1}, ()),
        ({"in_type": -2}, ("in_type",)),
        ({"in_type": 8}, ("in_type",)),
        ({"at_field": -1}, ("at_field",)),
        ({"at_field": 10}, ("at_field",)),
        ({"items": [0, 3]}, ("items",)),
    ],
)
def test_a_number_outside_its_range_is_named(values: dict[str, Any], names: tuple[str, ...]) -> None:
    usual = {"in_type": None, "at_field": 1, "items": [], "open": 0, "text": ""}
    assert RANGES.limits(RANGES.decode(RANGES.encode({**usual, **values}))) == names


def test_a_limit_in_code_points_is_one_in_bytes_too() -> None:
    """UTF-8 has four bytes for the largest code point, and a lone surrogate is none."""
    largest = {"in_type": None, "at_field": 1, "items": [], "open": 0, "text": "\U0010ffff" * 3}
    assert RANGES.limits(RANGES.decode(RANGES.encode(largest))) == ()
    assert len(largest["text"].encode()) == 4 * 3
    assert RANGES.limits({**largest, "text": "a" * 4}) == ("text",)


def test_a_range_has_whole_numbers_for_ends() -> None:
    with pytest.raises(ConfigurationError, match="whole numbers"):
        Codec(schema_with({"type": "int", "minimum": 0.5, "maximum": 7}))


def schema_with(type_: Any) -> dict[str, Any]:
    return {"type": "record", "name": "r", "fields": [{"name": "f", "type": type_}]}


@pytest.mark.parametrize(
    "type_",
    [
        ["null", "string", "int"],
        ["string", "int"],
        ["null", "r"],
        {"type": "array", "items": "r"},
        {"type": "array", "items": {"type": "record", "name": "Empty", "fields": []}},
        {"type": "array", "items": {"type": "fixed", "name": "None", "size": 0}},
        "Elsewhere",
        {"type": "decimal"},
        "null",
    ],
    ids=[
        "three",
        "no null",
        "recursion",
        "list of itself",
        "empty items",
        "size 0",
        "unknown",
        "odd",
        "null",
    ],
)
def test_a_schema_that_could_cost_gigabytes_or_read_two_ways_is_refused(type_: Any) -> None:
    with pytest.raises(ConfigurationError):
        Codec(schema_with(type_))


def test_a_number_too_large_for_32_bits_is_refused_by_name() -> None:
    with pytest.raises(PayloadError, match="field_invalid: f"):
        Codec(schema_with("float")).encode({"f": 1e300})


def test_a_schema_that_is_no_record_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        Codec({"type": "array", "items": "string"})


@given(
    event_id=st.text(max_size=40),
    occurred_at=st.none() | st.integers(-(2**63), 2**63 - 1),
    tried=st.lists(st.text(max_size=9), max_size=9),
    count=st.none() | st.integers(-(2**31), 2**31 - 1),
    share=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    notes=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_whatever_can_be_written_reads_back_the_same(
    event_id: str,
    occurred_at: int | None,
    tried: list[str],
    count: int | None,
    share: float | None,
    notes: Any,
) -> None:
    values = {**record(tried=tried, count=count, share=share, notes=notes), "event_id": event_id}
    values["occurred_at"] = occurred_at
    assert CODEC.decode(CODEC.encode(values)) == values


def read_or_refused(body: bytes) -> bytes:
    """What we would write for what we read, or the code of the refusal."""
    try:
        return CODEC.encode(CODEC.decode(body))
    except PayloadError as error:
        return error.code.encode()


@given(st.binary(max_size=400))
@settings(max_examples=1000, deadline=None)
def test_arbitrary_bytes_are_read_as_what_we_would_write_or_refused(body: bytes) -> None:
    assert read_or_refused(body) in {body, b"bytes_do_not_round_trip"}


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_a_damaged_record_never_raises_anything_else(data: st.DataObject) -> None:
    body = bytearray(CODEC.encode(record(notes={"a": "b"})))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    allowed = {bytes(body), b"bytes_do_not_round_trip"}
    assert read_or_refused(bytes(body)) in allowed
