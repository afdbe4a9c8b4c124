"""What a schema allows, as a tree of shapes: read once, walked for every record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from broker.errors import ConfigurationError

_PRIMITIVES: Final = frozenset({"boolean", "int", "long", "float", "double", "bytes", "string"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One place in a record."""

    kind: str
    """an Avro type's name: `record`, `string`, `long` ...; never `union` or `null`"""
    name: str
    """dotted path from the record's root; items of arrays and maps have the name of the array or map"""
    nullable: bool = False
    timestamp: bool = False
    """a `long` of microseconds since 1970-01-01T00:00Z"""
    max_length: int | None = None
    """code points of a string, bytes of bytes"""
    max_items: int | None = None
    minimum: int | None = None
    """of an int or a long"""
    maximum: int | None = None
    symbols: tuple[str, ...] = ()
    fallback: str | None = None
    """of an enum: the symbol that stands for one which an older reader does not know (Avro's `default`)"""
    size: int = 0
    """bytes of a fixed"""
    item: "Shape | None" = None
    """of an array or map"""
    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    """of a record, in the schema's order"""
    has_default: bool = False
    default: Any = None
    """what a writer puts where nothing was given; only where `has_default`"""


def read_shape(schema: Mapping[str, Any]) -> Shape:
    """The shape of a record schema.

    Limits (`maxLength`, `maxItems`, `minimum`, `maximum`) may stand at the field or in its type.

    Raises:
        ConfigurationError: a union of anything but null and one type, a recursion, items of no size, an
            unknown type: what could make a few bytes cost gigabytes, or one record have two spellings.
    """
    try:
        shape = _Reader().read(schema, "", {}, ())
    except (KeyError, TypeError, AttributeError):
        raise ConfigurationError("A schema lacks a part that Avro requires.") from None
    if shape.kind != "record":
        raise ConfigurationError("A schema must be a record at its root.")
    return shape


def without_logical_types(schema: Any) -> Any:
    """The same schema whose instants are plain integers."""
    if isinstance(schema, Mapping):
        return {key: without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    if isinstance(schema, list):
        return [without_logical_types(part) for part in schema]
    return schema


class _Reader:
    """Walks one schema, remembering the named types it has met."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[Mapping[str, Any], str]] = {}

    def read(self, avro: Any, name: str, props: Mapping[str, Any], within: tuple[str, ...]) -> Shape:
        """The shape of `avro` at `name`; `props` are the field's own, `within` the open records."""
        if isinstance(avro, list):
            return self._union(avro, name, props, within)
        if isinstance(avro, str):
            return self._reference(avro, name, props, within)
        kind = avro.get("type")
        if not isinstance(kind, str):
            return self.read(kind, name, {**props, **avro}, within)
        limits = {**props, **avro}
        if kind in _PRIMITIVES:
            return _primitive(kind, name, limits)
        if kind in {"array", "map"}:
            item = self.read(avro["items" if kind == "array" else "values"], name, _item_props(props), within)
            if kind == "array" and smallest(item) == 0:
                raise ConfigurationError(
                    f"Items of {name or 'the root'} have no size: a few bytes could claim any."
                )
            return Shape(kind, name, max_items=limits.get("maxItems"), item=item)
        if kind in {"record", "enum", "fixed"}:
            return self._named_type(avro, kind, name, within)
        return self._reference(kind, name, limits, within)

    def _union(self, avro: list[Any], name: str, props: Mapping[str, Any], within: tuple[str, ...]) -> Shape:
        others = [part for part in avro if part != "null"]
        if len(others) != 1 or len(avro) > 2 or isinstance(others[0], list):
            raise ConfigurationError(f"{name or 'The root'} is a union of more than null and one type.")
        if len(avro) == 2 and avro[0] != "null":
            raise ConfigurationError(f"{name or 'The root'} is a union that does not begin with null.")
        return replace(self.read(others[0], name, props, within), nullable=len(avro) == 2)

    def _reference(self, avro: str, name: str, props: Mapping[str, Any], within: tuple[str, ...]) -> Shape:
        if avro in _PRIMITIVES:
            return _primitive(avro, name, props)
        space = within[-1].rpartition(".")[0] if within else ""
        full = avro if "." in avro or not space else f"{space}.{avro}"
        if full in within:
            raise ConfigurationError(
                f"{name} holds the record it stands in: recursion could exhaust the stack."
            )
        if full not in self._named:
            raise ConfigurationError(f"{name or 'The root'} has a type that the schema does not define.")
        known, kind = self._named[full]
        return self._named_type(known, kind, name, within)

    def _named_type(self, avro: Mapping[str, Any], kind: str, name: str, within: tuple[str, ...]) -> Shape:
        full = _full_name(avro, within)
        self._named[full] = ({**avro, "name": full}, kind)
        if kind == "enum":
            return Shape(kind, name, symbols=tuple(avro["symbols"]), fallback=avro.get("default"))
        if kind == "fixed":
            return Shape(kind, name, size=avro["size"])
        inside = (*within, full)
        return Shape(
            kind, name, fields={part["name"]: self._field(part, name, inside) for part in avro["fields"]}
        )

    def _field(self, part: Mapping[str, Any], parent: str, within: tuple[str, ...]) -> Shape:
        name = f"{parent}.{part['name']}" if parent else part["name"]
        shape = self.read(part["type"], name, part, within)
        return replace(shape, has_default="default" in part, default=part.get("default"))


def smallest(shape: Shape) -> int:
    """The fewest bytes a value of this shape can take."""
    if shape.nullable:
        return 1
    if shape.kind == "fixed":
        return shape.size
    if shape.kind == "record":
        return sum(smallest(part) for part in shape.fields.values())
    return {"float": 4, "double": 8}.get(shape.kind, 1)


def _primitive(kind: str, name: str, limits: Mapping[str, Any]) -> Shape:
    timestamp = kind == "long" and limits.get("logicalType") == "timestamp-micros"
    return Shape(
        kind,
        name,
        timestamp=timestamp,
        max_length=limits.get("maxLength"),
        minimum=_whole(limits.get("minimum")),
        maximum=_whole(limits.get("maximum")),
    )


def _whole(limit: Any) -> int | None:
    if limit is None or type(limit) is int:
        return limit
    raise ConfigurationError("A range must have whole numbers for ends.")


def _item_props(props: Mapping[str, Any]) -> Mapping[str, Any]:
    """A field's limits of texts and numbers bound the items of its array; `maxItems` goes no further down."""
    return {key: props[key] for key in ("maxLength", "minimum", "maximum") if key in props}


def _full_name(avro: Mapping[str, Any], within: tuple[str, ...]) -> str:
    name = str(avro["name"])
    if "." in name:
        return name
    space = avro.get("namespace", within[-1].rpartition(".")[0] if within else "")
    return f"{space}.{name}" if space else name
