"""Reads the policy files as their authors wrote them; what cannot be read is a problem with a name."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from broker.domain.event import FieldSpec
from broker.domain.identifiers import EventType, FieldName
from broker.domain.vocabulary import AgencyKind, FieldClass, Trait

AREA = "area.yaml"
CLOCKS = "clocks.yaml"
SUBSCRIPTIONS = "subscriptions.yaml"
AGREEMENTS = "agreements"
CLASS_TABLE = "sharing/class_table/data.yaml"

_PARTS = frozenset({"subject", "core", "person"})


@dataclass(frozen=True, slots=True)
class PublishedType:
    """What the policies need to know of an event type: its fields and who may publish it."""

    event_type: EventType
    publishers: frozenset[AgencyKind]
    fields: Mapping[FieldName, FieldSpec]
    names_nobody: bool = False
    """it has no place where anybody could be named: it is about a service, a rule or a signature"""


@dataclass(frozen=True, slots=True)
class Sources:
    """Every policy file as read: plain mappings and lists, dates as ISO strings, not yet checked."""

    area: Mapping[str, Any]
    clocks: Mapping[str, Any]
    subscriptions: list[Any]
    agreements: Mapping[str, Any]
    """file name -> content"""
    class_table: Mapping[str, Any]
    types: Mapping[EventType, PublishedType]


class _StrictLoader(yaml.CSafeLoader):
    """YAML in which a key that stands twice is an error: the second would silently win."""


def _mapping_once(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    # Before merges are unfolded: what a mapping takes from an anchor it may say anew.
    own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    twice = sorted({key for key in own if own.count(key) > 1})
    if twice:
        raise yaml.constructor.ConstructorError(
            None, None, f"{', '.join(twice)} stands twice", node.start_mark
        )
    loader.flatten_mapping(node)
    return dict(loader.construct_pairs(node, deep=True))


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)


def read_sources(policies: Path, schemas: Path, problems: list[str]) -> Sources:
    """Read every policy file and schema; what cannot be read is added to `problems` and stands empty."""
    agreements = {
        path.name: read_yaml(policies, f"{AGREEMENTS}/{path.name}", dict, problems)
        for path in sorted((policies / AGREEMENTS).glob("*.yaml"))
    }
    return Sources(
        area=read_yaml(policies, AREA, dict, problems),
        clocks=read_yaml(policies, CLOCKS, dict, problems),
        subscriptions=read_yaml(policies, SUBSCRIPTIONS, list, problems),
        agreements=agreements,
        class_table=read_yaml(policies, CLASS_TABLE, dict, problems),
        types=_read_types(schemas, problems),
    )


def read_yaml(folder: Path, name: str, shape: type, problems: list[str]) -> Any:
    """A file's content, dates as ISO text; where it is at fault, `problems` says so and it stands empty."""
    try:
        content = yaml.load((folder / name).read_bytes(), _StrictLoader)  # noqa: S506 - built on SafeLoader
    except OSError:
        problems.append(f"{name}: cannot be read; put the file there")
        return shape()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        problems.append(f"{name}: {_where(error)}; correct the YAML")
        return shape()
    if not isinstance(content, shape):
        problems.append(f"{name}: must hold a {'list' if shape is list else 'mapping'} at its top")
        return shape()
    return _plain(content)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or "is no YAML"
    return f"line {mark.line + 1}: {what}" if mark is not None else str(what)


def _plain(value: Any) -> Any:
    # YAML turns 2024-04-01 into a date; the engine compares ISO strings.
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _read_types(schemas: Path, problems: list[str]) -> dict[EventType, PublishedType]:
    types = {}
    for path in sorted(schemas.glob("*.avsc")):
        try:
            published = published_type(json.loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            problems.append(f"schemas/{path.name}: is no event schema; run candour schema lint")
        else:
            types[published.event_type] = published
    if not types:
        problems.append("schemas: no event schema found; point to the folder that holds them")
    return types


def published_type(schema: Mapping[str, Any]) -> PublishedType:
    """The type that a linted event schema describes."""
    fields = [_spec(None, field) for field in schema["fields"] if field["name"] not in _PARTS]
    for part in schema["fields"]:
        if part["name"] in _PARTS:
            fields += [_spec(part["name"], field) for field in _record_fields(part["type"])]
    return PublishedType(
        event_type=EventType(f"{schema['namespace']}.{schema['name']}"),
        publishers=frozenset(AgencyKind(kind) for kind in schema["publishers"]),
        fields={spec.name: spec for spec in fields},
        names_nobody=all(spec.part != "subject" for spec in fields),
    )


def _record_fields(type_: Any) -> list[Any]:
    branches = type_ if isinstance(type_, list) else [type_]
    return next(list(one["fields"]) for one in branches if isinstance(one, dict))


def _spec(part: str | None, field: Mapping[str, Any]) -> FieldSpec:
    key = field["name"]
    return FieldSpec(
        name=FieldName(key if part is None else f"{part}.{key}"),
        part=part,
        key=key,
        field_class=FieldClass(field["class"]),
        traits=frozenset(Trait(trait) for trait in field.get("traits", ())),
        summary=bool(field.get("summary", False)),
        nhs_number=bool(field.get("nhs_number", False)),
    )
