"""A record of one version is read as one of another: nothing is lost on the way, nothing is made up."""

from typing import Any

import pytest

from broker.errors import ConfigurationError
from broker.wire.avro import Codec
from broker.wire.resolve import LossError, compile_lower, compile_raise
from broker.wire.versions import Recorded, Version, kept, parse_version

TEXT = {"type": "string", "maxLength": 20}
CODES = {"type": "enum", "name": "Codes", "symbols": ["a", "unknown"], "default": "unknown"}
MORE_CODES = {**CODES, "symbols": ["a", "unknown", "b"]}


def codec(*fields: dict[str, Any]) -> Codec:
    return Codec({"type": "record", "name": "event", "namespace": "t", "fields": list(fields)})


def field(name: str, type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **more}


def inner(*fields: dict[str, Any], name: str = "Inner") -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields)}


ONE = field("one", TEXT)
OLD = codec(
    ONE,
    field("part", inner(ONE)),
    field("maybe", ["null", inner(ONE, name="Maybe")], default=None),
    field("list", {"type": "array", "items": inner(ONE, name="Item"), "maxItems": 4}),
    field("map", {"type": "map", "values": CODES, "maxItems": 4}),
)
ADDED = field("two", {"type": "array", "items": TEXT, "maxItems": 4}, default=[])
NEW = codec(
    field("zero", ["null", inner(field("deep", "boolean", default=True), name="Zero")], default=None),
    field("must", inner(field("deep", "boolean", default=True), name="Must"), default={}),
    field("maybe", ["null", inner(ONE, ADDED, name="Maybe")], default=None),
    field("part", inner(ADDED, ONE)),
    ONE,
    field("list", {"type": "array", "items": inner(ONE, ADDED, name="Item"), "maxItems": 4}),
    field("map", {"type": "map", "values": MORE_CODES, "maxItems": 4}),
)
OLD_RECORD = {
    "one": "1",
    "part": {"one": "p"},
    "maybe": {"one": "m"},
    "list": [{"one": "l"}],
    "map": {"k": "a"},
}
RAISED = {
    "zero": None,
    "must": {"deep": True},
    "maybe": {"one": "m", "two": []},
    "part": {"one": "p", "two": []},
    "one": "1",
    "list": [{"one": "l", "two": []}],
    "map": {"k": "a"},
}


def raised(record: dict[str, Any]) -> Any:
    carry = compile_raise(OLD.shape, NEW.shape)
    assert carry is not None
    return carry(OLD.decode(OLD.encode(record)))


def lowered(record: dict[str, Any]) -> Any:
    carry = compile_lower(NEW.shape, OLD.shape)
    assert carry is not None
    return carry(NEW.decode(NEW.encode(record)))


def test_what_an_older_version_has_no_field_for_gets_its_default() -> None:
    assert raised(OLD_RECORD) == RAISED
    assert raised({**OLD_RECORD, "maybe": None})["maybe"] is None
    NEW.encode(raised(OLD_RECORD))


def test_two_records_never_share_a_default() -> None:
    first = raised(OLD_RECORD)
    first["part"]["two"].append("x")
    assert raised(OLD_RECORD) == RAISED


def test_a_record_goes_down_whole() -> None:
    record = {**RAISED, "must": {"deep": None}} | {"zero": None}
    with pytest.raises(LossError):
        lowered(RAISED)  # `must.deep` says true, and the older version has no place for it
    carry = compile_lower(NEW.shape, OLD.shape)
    assert carry is not None
    assert carry(record) == OLD_RECORD


@pytest.mark.parametrize(
    "more",
    [
        {"zero": {"deep": False}},
        {"part": {"one": "p", "two": ["x"]}},
        {"maybe": {"one": "m", "two": ["x"]}},
        {"list": [{"one": "l", "two": ["x"]}]},
    ],
)
def test_what_would_be_lost_on_the_way_down_is_not_sent_down(more: dict[str, Any]) -> None:
    carry = compile_lower(NEW.shape, OLD.shape)
    assert carry is not None
    with pytest.raises(LossError):
        carry({**RAISED, "must": {"deep": None}, **more})


def test_a_code_that_is_not_known_there_becomes_the_one_that_stands_for_it() -> None:
    carry = compile_lower(NEW.shape, OLD.shape)
    assert carry is not None
    record = {**RAISED, "must": {"deep": None}, "map": {"k": "b", "l": "a"}}
    assert carry(record)["map"] == {"k": "unknown", "l": "a"}
    without = {"type": "enum", "name": "Codes", "symbols": ["a"]}
    strict = compile_lower(
        codec(field("code", {**without, "symbols": ["a", "b"]})).shape, codec(field("code", without)).shape
    )
    assert strict is not None
    assert strict({"code": "a"}) == {"code": "a"}
    with pytest.raises(LossError):
        strict({"code": "b"})


def test_versions_that_differ_in_words_and_order_need_no_carrying() -> None:
    other = codec(field("two", TEXT, doc="x"), ONE).shape
    same = codec(ONE, field("two", TEXT)).shape
    assert compile_raise(same, other) is None
    assert compile_lower(other, same) is None


@pytest.mark.parametrize(
    "older",
    [
        field("one", ["null", TEXT]),
        field("one", "boolean"),
        field("one", {"type": "long", "logicalType": "timestamp-micros"}),
        field("gone", TEXT),
    ],
)
def test_versions_that_do_not_fit_are_refused(older: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="candour schema check"):
        compile_raise(codec(older).shape, codec(ONE).shape)


def test_a_new_field_without_a_default_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two is new"):
        compile_raise(codec(ONE).shape, codec(ONE, field("two", TEXT)).shape)


def test_a_version_is_three_numbers() -> None:
    assert parse_version("1.20.3") == Version(1, 20, 3)
    assert str(Version(1, 20, 3)) == "1.20.3"
    for text in ("1.0", "1.0.0.0", "01.0.0", "1.0.x", "", "1.0.0 "):
        assert parse_version(text) is None


def test_two_minor_versions_back_are_kept_and_every_patch_of_them() -> None:
    schemas = {number: {"name": str(number)} for number in range(6)}
    numbers = [(1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 2, 0), (1, 3, 0)]
    recorded = [Recorded(Version(*one), schemas[at]) for at, one in enumerate(numbers)]
    last = recorded[-1].fingerprint
    assert [str(one.version) for one in kept(recorded, last)] == ["1.1.0", "1.1.1", "1.2.0", "1.3.0"]
    # What is not recorded yet is one more.
    assert [str(one.version) for one in kept(recorded, b"")] == ["1.2.0", "1.3.0"]
    assert kept([], last) == ()
