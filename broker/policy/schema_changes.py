"""What differs between two versions of a schema, and what of it an older writer or reader would break on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broker.policy.schema_places import NAMED, Place, places

Schema = Mapping[str, Any]

LIMITS = {"maxLength": "narrow", "maxItems": "narrow", "maximum": "narrow", "minimum": "widen"}
"""Limit -> what a smaller number does"""
FIXED = ("core_type", "wish_kind", "marks", "about")
"""Properties of a schema that say what its event does"""

_HEADER = "header"
_TOPS = ("", _HEADER)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One thing that no minor version may do: it takes another event type, beside this one."""

    code: str
    path: str
    """dotted name of the field; empty for the schema as a whole"""
    message: str


@dataclass(frozen=True, slots=True)
class _Pair:
    path: str
    before: Place
    after: Place


def breaking(before: Schema, after: Schema) -> Iterator[Change]:
    """Everything about `after` that a writer or reader of `before` cannot live with."""
    old, new = _by_path(before), _by_path(after)
    for path in old.keys() - new.keys():
        if _parent(path) in {*new, *_TOPS}:
            yield Change("field_removed", path, "Is gone or renamed: leave it, and add another beside it.")
    for path in new.keys() - old.keys():
        yield from _added(new[path], path, old)
    for path in old.keys() & new.keys():
        yield from _changed(_Pair(path, old[path], new[path]))
    for name in FIXED:
        if before.get(name) != after.get(name):
            yield Change(
                f"{name}_changed", "", f"`{name}` says what the event does: leave it, or add a new type."
            )


def is_minor(before: Schema, after: Schema) -> bool:
    """Whether the two differ in more than words and order."""
    return bool(_meaning(before) != _meaning(after))


def units(schema: Schema) -> dict[str, Place]:
    """The fields of an event that are released as one, by dotted name."""
    return {
        path: place
        for path, place in _by_path(schema).items()
        if place.field is not None and place.unit is None and place.field.get("class") != "part"
    }


def _by_path(schema: Schema) -> dict[str, Place]:
    # A delivery's header and the event's own fields have names in common.
    return {
        f"{_HEADER}.{place.path}" if place.header else place.path: place
        for place in places(schema)
        if place.path
    }


def _parent(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def _added(place: Place, path: str, old: Mapping[str, Place]) -> Iterator[Change]:
    inside_new = _parent(path) not in {*old, *_TOPS}
    if place.field is None or inside_new or "default" in place.field:
        return
    yield Change("field_without_default", path, "Is new: give it a `default`, older writers leave it out.")


def _changed(pair: _Pair) -> Iterator[Change]:
    yield from _type(pair)
    yield from _symbols(pair)
    yield from _limits(pair)
    yield from _default(pair)


def _type(pair: _Pair) -> Iterator[Change]:
    before, after = pair.before, pair.after
    if _kind(before) != _kind(after):
        yield Change("field_retyped", pair.path, "Has another type: leave it, and add a field beside it.")
    elif isinstance(before.written, list) != isinstance(after.written, list):
        yield Change(
            "null_changed", pair.path, "Null was, or was not, allowed: readers and writers rely on it."
        )
    elif before.kind in NAMED and before.attribute("name") != after.attribute("name"):
        yield Change("type_renamed", pair.path, "Its type has another name: registries match types by name.")


def _symbols(pair: _Pair) -> Iterator[Change]:
    before = _listed(pair.before.attribute("symbols"))
    after = _listed(pair.after.attribute("symbols"))
    if set(before) - set(after):
        yield Change("symbol_removed", pair.path, "A code is gone or renamed: older writers still send it.")
    fallback = pair.before.attribute("default")
    if fallback != pair.after.attribute("default"):
        yield Change("fallback_changed", pair.path, "The code for codes not known is another: leave it.")
    elif set(after) - set(before) and fallback is None:
        yield Change(
            "symbol_added",
            pair.path,
            "Has a new code that older readers cannot read, and its type no `default` to read it as: "
            "add a field beside it.",
        )


def _limits(pair: _Pair) -> Iterator[Change]:
    for name, smaller in LIMITS.items():
        old, new = pair.before.attribute(name), pair.after.attribute(name)
        if old == new:
            continue
        less = new is not None and (old is None or new < old)
        if less == (smaller == "narrow"):
            yield Change("limit_narrowed", pair.path, f"`{name}` is tighter: what older writers send is cut.")
        else:
            yield Change(
                "limit_loosened", pair.path, f"`{name}` is wider: readers made room for the old one."
            )


def _default(pair: _Pair) -> Iterator[Change]:
    old, new = pair.before.field, pair.after.field
    if old is None or new is None or "default" not in old:
        return
    if "default" not in new:
        yield Change(
            "default_removed", pair.path, "Must now be told: it would hold up what left it out (R43)."
        )
    elif old["default"] != new["default"]:
        yield Change("default_changed", pair.path, "To leave it out now says something else: leave it.")


def _kind(place: Place) -> tuple[Any, ...]:
    return place.kind, place.attribute("logicalType"), place.attribute("size")


def _listed(symbols: Any) -> list[str]:
    return list(map(str, symbols)) if isinstance(symbols, list) else []


def _meaning(value: Any) -> Any:
    """The schema without its words, in one order."""
    if isinstance(value, Mapping):
        return {key: _meaning(inner) for key, inner in value.items() if key != "doc"}
    if isinstance(value, list):
        inner = [_meaning(one) for one in value]
        named = all(isinstance(one, dict) and "name" in one for one in inner)
        return sorted(inner, key=lambda one: str(one["name"])) if inner and named else inner
    return value
