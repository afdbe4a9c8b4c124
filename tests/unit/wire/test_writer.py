"""Our Avro writer gives the very bytes that fastavro gives, and refuses what does not fit."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import PayloadError
from broker.wire.avro import Codec
from broker.wire.shape import without_logical_types

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "probe",
    "namespace": "test",
    "fields": [
        {"name": "text", "type": {"type": "string", "maxLength": 4000}},
        {"name": "maybe", "type": ["null", {"type": "string", "maxLength": 100}]},
        {"name": "whole", "type": "long"},
        {"name": "small", "type": "int"},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "yes", "type": "boolean"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["a", "b", "c"]}},
        {"name": "raw", "type": {"type": "bytes", "maxLength": 100}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
        {
            "name": "many",
            "maxItems": 9,
            "type": {"type": "array", "items": {"type": "string", "maxLength": 9}},
        },
        {
            "name": "inner",
            "type": ["null", {"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "long"}]}],
        },
    ],
}
CODEC = Codec(SCHEMA)
PARSED = fastavro.parse_schema(without_logical_types(SCHEMA))

longs = st.integers(-(2**63), 2**63 - 1)
records = st.fixed_dictionaries(
    {
        "text": st.text(max_size=3000),
        "maybe": st.none() | st.text(max_size=50),
        "whole": longs,
        "small": st.integers(-(2**31), 2**31 - 1),
        "at": st.none() | longs,
        "yes": st.booleans(),
        "kind": st.sampled_from(["a", "b", "c"]),
        "raw": st.binary(max_size=50),
        "hash": st.binary(min_size=4, max_size=4),
        "many": st.lists(st.text(max_size=5), max_size=5),
        "inner": st.none() | st.fixed_dictionaries({"n": longs}),
    }
)


def fastavro_writes(record: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, PARSED, record, disable_tuple_notation=True)
    return out.getvalue()


@given(records)
def test_it_writes_the_bytes_that_fastavro_writes(record: dict[str, Any]) -> None:
    assert CODEC.encode(record) == fastavro_writes(record)


@given(records)
def test_what_it_writes_is_read_back(record: dict[str, Any]) -> None:
    assert CODEC.decode(CODEC.encode(record)) == record


GOOD: dict[str, Any] = {
    "text": "x",
    "maybe": None,
    "whole": 1,
    "small": 1,
    "at": None,
    "yes": True,
    "kind": "a",
    "raw": b"",
    "hash": b"1234",
    "many": [],
    "inner": None,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", None),
        ("text", 1),
        ("text", "\ud800"),
        ("whole", 2**63),
        ("whole", True),
        ("whole", 1.0),
        ("small", 2**31),
        ("yes", 1),
        ("kind", "d"),
        ("kind", []),
        ("raw", "text"),
        ("hash", b"123"),
        ("many", "abc"),
        ("many", [1]),
        ("inner", {}),
        ("inner", 5),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_field_name(name: str, value: object) -> None:
    with pytest.raises(PayloadError) as refused:
        CODEC.encode({**GOOD, name: value})
    assert refused.value.code == "field_invalid"
    assert refused.value.fields
    assert all(field.split(".")[0] == name for field in refused.value.fields)


def test_a_missing_and_an_unknown_field_are_refused() -> None:
    missing = {key: value for key, value in GOOD.items() if key != "whole"}
    with pytest.raises(PayloadError, match="whole"):
        CODEC.encode(missing)
    with pytest.raises(PayloadError, match="more"):
        CODEC.encode({**GOOD, "more": 1})
    with pytest.raises(PayloadError, match="whole"):
        CODEC.encode({**missing, "more": 1})
