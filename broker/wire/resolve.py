"""Reads a record of one version of a schema as a record of another: compiled once for each pair, pure.

Bytes are decoded strictly under the version they were written in; only then is the value carried over.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from broker.errors import ConfigurationError
from broker.wire.shape import Shape

Carry = Callable[[Any], Any]
"""A value of one version -> the same of another"""


class LossError(Exception):
    """A value says something that the older version has no room for."""


def compile_raise(older: Shape, newer: Shape) -> Carry | None:
    """Carries records of an older version up: what it has no field for gets the newer one's default.

    None where every record is already one of the newer version.

    Raises:
        ConfigurationError: names the field that keeps some record of the older from being one of the newer.
    """
    _must_fit(older, newer)
    carry = _raise_inside(older, newer)
    return None if carry is None else _unless_null(carry)


def compile_lower(newer: Shape, older: Shape) -> Carry | None:
    """Carries records of a newer version down; raises `LossError` on one that would not all arrive.

    A field that the older version lacks must say nothing (null, empty). A code that it lacks becomes the
    code its enum names for that. None where every record is already one of the older version.

    Raises:
        ConfigurationError: names a field of the older version that the newer has not.
    """
    _must_fit(older, newer)
    carry = _lower_inside(newer, older)
    return None if carry is None else _unless_null(carry)


def _raise_inside(older: Shape, newer: Shape) -> Carry | None:
    if newer.kind == "record":
        return _raise_record(older, newer)
    if older.item is not None and newer.item is not None:
        return _each(newer.kind, compile_raise(older.item, newer.item))
    return None


def _raise_record(older: Shape, newer: Shape) -> Carry | None:
    shared = {
        key: compile_raise(older.fields[key], part)
        for key, part in newer.fields.items()
        if key in older.fields
    }
    added = {key: _default(part) for key, part in newer.fields.items() if key not in older.fields}
    changed = {key: carry for key, carry in shared.items() if carry is not None}
    if not added and not changed:
        return None

    def carry(value: Any) -> dict[str, Any]:
        raised = {**value, **deepcopy(added)}
        for key, inner in changed.items():
            raised[key] = inner(value[key])
        return raised

    return carry


def _lower_inside(newer: Shape, older: Shape) -> Carry | None:
    if newer.kind == "record":
        return _lower_record(newer, older)
    if older.item is not None and newer.item is not None:
        return _each(newer.kind, compile_lower(newer.item, older.item))
    if newer.kind == "enum" and set(newer.symbols) - set(older.symbols):
        return _symbol(frozenset(older.symbols), older.fallback)
    return None


def _lower_record(newer: Shape, older: Shape) -> Carry | None:
    gone = [key for key in newer.fields if key not in older.fields]
    shared = {key: compile_lower(newer.fields[key], part) for key, part in older.fields.items()}
    if not gone and all(carry is None for carry in shared.values()):
        return None

    def carry(value: Any) -> dict[str, Any]:
        if any(_says_something(value[key]) for key in gone):
            raise LossError
        return {key: value[key] if inner is None else inner(value[key]) for key, inner in shared.items()}

    return carry


def _each(kind: str, carry: Carry | None) -> Carry | None:
    if carry is None:
        return None
    if kind == "map":
        return lambda value: {key: carry(inner) for key, inner in value.items()}
    return lambda value: [carry(inner) for inner in value]


def _symbol(known: frozenset[str], fallback: str | None) -> Carry:
    def carry(value: Any) -> Any:
        if value in known:
            return value
        if fallback is None:
            raise LossError
        return fallback

    return carry


def _unless_null(carry: Carry) -> Carry:
    return lambda value: None if value is None else carry(value)


def _must_fit(older: Shape, newer: Shape) -> None:
    """Whether a value of `older` can stand in `newer`, its inside aside."""
    same = (older.kind, older.timestamp, older.size) == (newer.kind, newer.timestamp, newer.size)
    fits = same and newer.nullable >= older.nullable and set(older.symbols) <= set(newer.symbols)
    if not fits or set(older.fields) - set(newer.fields):
        raise ConfigurationError(
            f"{older.name or 'The whole'} of an older version does not fit today's: `candour schema check`."
        )


def _default(part: Shape) -> Any:
    if part.has_default:
        given: Any = part.default
        if part.kind != "record" or not isinstance(given, Mapping):
            return given
        return {key: given[key] if key in given else _default(inner) for key, inner in part.fields.items()}
    if part.nullable:
        return None
    raise ConfigurationError(f"{part.name} is new and has no default: `candour schema check`.")


def _says_something(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    return value not in (None, "", [])
