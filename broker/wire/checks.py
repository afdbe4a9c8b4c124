"""Checks of records against their shape, compiled once a schema: types and limits."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from broker.wire.shape import Shape

Predicate = Callable[[Any], bool]
"""whether a value that is not null is at fault"""
Rule = Callable[[Shape], Predicate | None]
"""the predicate for one leaf, None when nothing can be at fault"""

EARLIEST_US: Final = -2_208_988_800_000_000
"""1900-01-01T00:00Z"""
LATEST_US: Final = 7_258_118_400_000_000
"""2200-01-01T00:00Z, no longer allowed"""

_Branch = tuple[str, str, Predicate | None, "tuple[_Branch, ...]"]


class Walk:
    """Applies one rule to a record that has the shape's types. Null is never at fault."""

    __slots__ = ("_branches",)

    def __init__(self, shape: Shape, rule: Rule) -> None:
        self._branches = _branches(shape, rule)

    def faults(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Dotted names of the leaves at fault."""
        found: list[str] = []
        if self._branches:
            _walk(self._branches, record, found)
        return tuple(found)


def _branches(shape: Shape, rule: Rule) -> tuple[_Branch, ...]:
    branches: list[_Branch] = []
    for key, part in shape.fields.items():
        inner = _branches(part, rule)
        predicate = None if part.kind == "record" else _predicate(part, rule)
        if inner or predicate is not None:
            branches.append((key, part.name, predicate, inner))
    return tuple(branches)


def _walk(branches: tuple[_Branch, ...], record: Mapping[str, Any], found: list[str]) -> None:
    for key, name, predicate, inner in branches:
        value = record[key]
        if value is None:
            continue
        if predicate is None:
            _walk(inner, value, found)
        elif predicate(value):
            found.append(name)


def _predicate(shape: Shape, rule: Rule) -> Predicate | None:
    own = rule(shape)
    if shape.item is None:
        return own
    if shape.item.kind == "record":
        walk = Walk(shape.item, rule)
        of_item: Predicate | None = (lambda item: bool(walk.faults(item))) if walk._branches else None
    else:
        of_item = _predicate(shape.item, rule)
    if of_item is None:
        return own
    return _of_items(own, of_item)


def _of_items(own: Predicate | None, of_item: Predicate) -> Predicate:
    def check(value: Any) -> bool:
        if own is not None and own(value):
            return True
        items = value.values() if isinstance(value, dict) else value
        return any(item is not None and of_item(item) for item in items)

    return check


def limit_rule(shape: Shape) -> Predicate | None:
    """Beyond `maxLength`, `maxItems`, `minimum`, `maximum` or the range of instants, or not finite."""
    if shape.timestamp:
        return lambda value: not EARLIEST_US <= value < LATEST_US
    if shape.kind in {"int", "long"}:
        return _range_rule(shape.minimum, shape.maximum)
    if shape.kind in {"float", "double"}:
        return lambda value: not math.isfinite(value)
    limit = shape.max_items if shape.item is not None else shape.max_length
    if limit is None:
        return None
    return lambda value: len(value) > limit


def _range_rule(minimum: int | None, maximum: int | None) -> Predicate | None:
    if minimum is None and maximum is None:
        return None
    least = -(2**63) if minimum is None else minimum
    most = 2**63 - 1 if maximum is None else maximum
    return lambda value: not least <= value <= most


def type_faults(shape: Shape, value: Any) -> tuple[str, ...]:
    """Dotted names of what is missing, unknown or of another type in a record to be written."""
    found: list[str] = []
    _type_faults(shape, value, found)
    return tuple(found)


def _type_faults(shape: Shape, value: Any, found: list[str]) -> None:
    if value is None:
        if not shape.nullable:
            found.append(shape.name)
    elif shape.kind == "record":
        _record_faults(shape, value, found)
    elif shape.item is not None:
        _item_faults(shape, shape.item, value, found)
    elif not _OF_TYPE[shape.kind](value, shape):
        found.append(shape.name)


def _record_faults(shape: Shape, value: Any, found: list[str]) -> None:
    if not isinstance(value, dict):
        found.append(shape.name)
        return
    fields = shape.fields
    if value.keys() != fields.keys():
        found.extend(part.name for key, part in fields.items() if key not in value)
        found.extend(_unknown(shape.name, key) for key in value if key not in fields)
    for key, part in fields.items():
        if key in value:
            _type_faults(part, value[key], found)


def _item_faults(shape: Shape, item: Shape, value: Any, found: list[str]) -> None:
    if not isinstance(value, dict if shape.kind == "map" else list):
        found.append(shape.name)
        return
    inside: list[str] = []
    for part in value.values() if isinstance(value, dict) else value:
        _type_faults(item, part, inside)
    if inside or (isinstance(value, dict) and not all(_text(key, shape) for key in value)):
        found.append(shape.name)


def _unknown(parent: str, key: object) -> str:
    # A key may be anything a caller typed; only what looks like a name is repeated.
    shown = key if isinstance(key, str) and key.isascii() and key.isidentifier() and len(key) <= 64 else "?"
    return f"{parent}.{shown}" if parent else shown


def _text(value: Any, _: Shape) -> bool:
    if not isinstance(value, str):
        return False
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_OF_TYPE: Final[Mapping[str, Callable[[Any, Shape], bool]]] = {
    "boolean": lambda value, _: type(value) is bool,
    "int": lambda value, _: type(value) is int and -(2**31) <= value < 2**31,
    "long": lambda value, _: type(value) is int and -(2**63) <= value < 2**63,
    "float": lambda value, _: type(value) is float and math.isfinite(value) and abs(value) < 3.4e38,
    "double": lambda value, _: type(value) is float and math.isfinite(value),
    "bytes": lambda value, _: type(value) is bytes,
    "string": _text,
    "fixed": lambda value, shape: type(value) is bytes and len(value) == shape.size,
    "enum": lambda value, shape: isinstance(value, str) and value in shape.symbols,
}
