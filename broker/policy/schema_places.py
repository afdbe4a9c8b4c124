"""Walks a schema: every field and every type inside it, each with where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# A record, its part, a sub-record, its list and their items; anything deeper costs decoders stack (B-40).
MAX_DEPTH = 6

COMPOSITE = frozenset({"record", "array", "map"})
NAMED = frozenset({"record", "enum", "fixed"})
PRIMITIVE = frozenset({"boolean", "int", "long", "bytes", "string"})
PARTS = ("subject", "core", "person")


@dataclass(frozen=True, slots=True)
class Place:
    """One type in a schema, as written, without the null of a union."""

    path: str
    """dotted; `[]` after the name of a list or map stands for its items"""
    type: Any
    written: Any
    """the type with its union, if it stands in one"""
    depth: int
    """records, lists and maps from the root to here, this one counted"""
    within: tuple[str, ...]
    """names of the records around it, outermost first"""
    field: Mapping[str, Any] | None = None
    """the field whose type this is; None for items and for the root"""
    unit: Mapping[str, Any] | None = None
    """the field released as one around this field, for a field of a sub-record"""
    header: bool = False
    """stands in a delivery's header, which the exchange writes and no agreement names"""

    @property
    def kind(self) -> str:
        """Avro's word for the type; for a type given by its name, that name; empty when it cannot be read."""
        kind = self.type.get("type") if isinstance(self.type, dict) else self.type
        return kind if isinstance(kind, str) else ""

    def attribute(self, name: str) -> Any:
        """A property of the type, or None."""
        return self.type.get(name) if isinstance(self.type, dict) else None

    @property
    def part(self) -> str | None:
        """`subject`, `core` or `person` for what stands inside one of them, else None."""
        first, dot, _ = self.path.partition(".")
        return first if dot and first in PARTS else None


def is_delivery(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is of a delivery or reply: those come from the exchange, not from a publisher."""
    return str(schema.get("namespace", "")).partition(".")[0] == "delivery"


def places(schema: Mapping[str, Any]) -> Iterator[Place]:
    """Every place of the schema, outermost first. In a delivery, paths of the event's fields are the event's.

    Does not go below `MAX_DEPTH`, nor into what cannot be read; the place itself is given.
    """
    root = Place("", schema, schema, 1, ())
    yield root
    yield from _Walk(delivery=is_delivery(schema)).fields(root)


@dataclass(frozen=True, slots=True)
class _Walk:
    delivery: bool
    seen: list[str] = field(default_factory=list)

    def fields(self, record: Place) -> Iterator[Place]:
        within = (*record.within, str(record.attribute("name")))
        for one in _fields_of(record.type):
            path = f"{record.path}.{one['name']}" if record.path else str(one["name"])
            header = self.delivery and record.depth == 1
            if header and one["name"] == "fields":
                path = ""
            unit = record.unit if record.unit is not None else _unit(record)
            yield from self._type(path, one.get("type"), record.depth, within, one, unit, header=header)

    def _type(
        self,
        path: str,
        written: Any,
        depth: int,
        within: tuple[str, ...],
        one: Mapping[str, Any] | None,
        unit: Mapping[str, Any] | None,
        *,
        header: bool = False,
    ) -> Iterator[Place]:
        type_ = _without_null(written)
        kind = type_.get("type") if isinstance(type_, dict) else None
        depth += kind in COMPOSITE if isinstance(kind, str) else 0
        place = Place(path, type_, written, depth, within, one, unit, header)
        yield place
        if depth > MAX_DEPTH:
            return
        if kind == "record":
            yield from self.fields(place)
        elif kind in ("array", "map"):
            items = type_.get("items" if kind == "array" else "values")
            yield from self._type(f"{path}[]", items, depth, within, None, unit)


def _fields_of(record: Any) -> list[Mapping[str, Any]]:
    fields = record.get("fields") if isinstance(record, dict) else None
    return [one for one in fields or () if isinstance(one, dict) and "name" in one]


def _unit(record: Place) -> Mapping[str, Any] | None:
    """The field of `record`, unless it is the root, one of the parts or the frame of a delivery's fields."""
    if record.field is None or record.header or record.path in PARTS:
        return None
    return record.field


def _without_null(written: Any) -> Any:
    """The one type of a union with null; anything else as it is, for the rule on unions to name."""
    if isinstance(written, list):
        others = [branch for branch in written if branch != "null"]
        return others[0] if len(others) == 1 else written
    return written
