"""JSON values become the values of a schema, and back; every fault is named, none is quoted."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

from broker.wire.shape import Shape
from consumers.kit.instants import to_micros, to_text

Fault = tuple[str, str]
"""dotted name of a field, and what to do about it"""

_INSTANT: Final = "must be a date and time with its offset, such as 2026-11-20T23:41:00+00:00"
_EXPECTED: Final[Mapping[str, str]] = {
    "boolean": "must be true or false",
    "int": "must be a whole number",
    "long": "must be a whole number",
    "float": "must be a number",
    "double": "must be a number",
    "string": "must be a text",
    "bytes": "must be a text of hexadecimal digits",
    "fixed": "must be a text of hexadecimal digits",
    "array": "must be a list",
    "map": "must be an object",
    "record": "must be an object",
}


def read_record(shape: Shape, given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """A record with every field of `shape`, defaults filled in, and all that is wrong with what was given.

    The record may be written only where there is no fault.
    """
    faults: list[Fault] = []
    return _record(shape, given, faults), tuple(faults)


def _record(shape: Shape, given: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    faults.extend(_unknown(shape, key) for key in given if key not in shape.fields)
    return {key: _field(part, key, given, faults) for key, part in shape.fields.items()}


def _field(shape: Shape, key: str, given: Mapping[str, Any], faults: list[Fault]) -> Any:
    if key in given:
        return _value(shape, given[key], faults)
    if shape.has_default:
        return shape.default
    if shape.nullable:
        return None
    if shape.kind == "record":
        return _record(shape, {}, faults)
    faults.append((shape.name, f"is missing; it {_expected(shape)}"))
    return None


def _value(shape: Shape, value: Any, faults: list[Fault]) -> Any:
    if value is None and shape.nullable:
        return None
    if shape.kind == "record" and isinstance(value, dict):
        return _record(shape, value, faults)
    if shape.item is not None:
        return _items(shape, shape.item, value, faults)
    read = _READ.get(shape.kind, _no_value)(value, shape)
    if read is None:
        faults.append((shape.name, _expected(shape)))
    return read


def _items(shape: Shape, item: Shape, value: Any, faults: list[Fault]) -> Any:
    if shape.kind == "array" and isinstance(value, list):
        return [_value(item, part, faults) for part in value]
    if shape.kind == "map" and isinstance(value, dict):
        return {key: _value(item, part, faults) for key, part in value.items()}
    faults.append((shape.name, _expected(shape)))
    return None


def _unknown(shape: Shape, key: str) -> Fault:
    inside = f"{shape.name}." if shape.name else ""
    # What is no plain name may be anything, a value in the wrong place included; it is not repeated.
    if not (key.isascii() and key.isidentifier() and len(key) <= 64):
        return f"{inside}?", "holds a name that is no field of this event"
    near = difflib.get_close_matches(key, shape.fields, n=1)
    return f"{inside}{key}", "is no field of this event" + (
        f"; did you mean {inside}{near[0]}?" if near else ""
    )


def _expected(shape: Shape) -> str:
    if shape.kind == "enum":
        return "must be one of " + ", ".join(shape.symbols)
    return _INSTANT if shape.timestamp else _EXPECTED[shape.kind]


def _no_value(_: Any, __: Shape) -> Any:
    return None


def _whole_number(value: Any, shape: Shape) -> int | None:
    if shape.timestamp:
        return to_micros(value) if isinstance(value, str) else None
    bits = 31 if shape.kind == "int" else 63
    return value if type(value) is int and -(2**bits) <= value < 2**bits else None


def _text(value: Any, _: Shape) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return value


def _number(value: Any, _: Shape) -> float | None:
    return float(value) if type(value) in {int, float} and abs(value) < 1e300 else None


def _hexadecimal(value: Any, shape: Shape) -> bytes | None:
    try:
        read = bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if read is None or (shape.kind == "fixed" and len(read) != shape.size) else read


_READ: Final[Mapping[str, Callable[[Any, Shape], Any]]] = {
    "boolean": lambda value, _: value if type(value) is bool else None,
    "int": _whole_number,
    "long": _whole_number,
    "float": _number,
    "double": _number,
    "string": _text,
    "bytes": _hexadecimal,
    "fixed": _hexadecimal,
    "enum": lambda value, shape: value if isinstance(value, str) and value in shape.symbols else None,
}


def to_json(shape: Shape, value: Any) -> Any:
    """A decoded value as JSON: instants as text in UTC, bytes as hexadecimal digits."""
    if value is None:
        return None
    if shape.timestamp:
        return to_text(value)
    if shape.kind in {"bytes", "fixed"}:
        return value.hex()
    if shape.kind == "record":
        return {key: to_json(part, value[key]) for key, part in shape.fields.items()}
    if shape.item is not None:
        if shape.kind == "map":
            return {key: to_json(shape.item, part) for key, part in value.items()}
        return [to_json(shape.item, part) for part in value]
    return value
