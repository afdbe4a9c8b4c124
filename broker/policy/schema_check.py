"""Compares today's schemas with the last recorded version of each: the evolution check."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.policy.delivery_schemas import delivery_schemas
from broker.policy.schema_changes import Schema, breaking, is_minor
from broker.policy.schema_signatures import Signed, read_signed, unsigned
from broker.policy.schema_widening import widening
from broker.policy.sources import Sources, read_sources
from broker.wire.avro import fingerprint
from broker.wire.versions import DELIVERY_VERSIONS, VERSIONS, Recorded, Version, read_versions

NOT_RECORDED = "not_recorded"
"""Today's schema is sound and no version yet: `candour schema version` writes it"""
FIRST = Version(1, 0, 0)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that keeps a schema from being shipped as it is."""

    schema: str
    """event type; of a delivery `deliveries/` and its name"""
    code: str
    path: str
    """dotted name of the field; empty for the schema as a whole"""
    message: str


@dataclass(frozen=True, slots=True)
class Next:
    """A version to be recorded."""

    folder: str
    """`versions` or `versions/deliveries`"""
    name: str
    version: Version
    schema: Schema

    @property
    def shown(self) -> str:
        """What the schema is called in faults and by the commands."""
        return _shown(self.folder, self.name)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of the check."""

    faults: tuple[Fault, ...]
    """sorted; without those that recording mends"""
    missing: tuple[Next, ...]
    """what recording would write, of schemas without a fault"""


def check_schemas(schemas: Path, policies: Path) -> Checked:
    """Today's schemas of a folder against what is recorded in it.

    Args:
        schemas: `<event type>.avsc`, `versions/` and `loosened/`; its linter and `deliveries` are checked
            elsewhere.
        policies: agreements and class table, which say what a change would let go to whom.

    Raises:
        ConfigurationError: a recorded version is not as it was recorded.
    """
    problems: list[str] = []
    sources = read_sources(policies, schemas, problems)
    papers = read_signed(schemas, problems)
    faults = [Fault("", "unreadable", "", problem) for problem in problems]
    check = _Check(sources, papers, faults, [])
    if not problems:
        events = {name: one for name, one in _events(schemas).items() if name in sources.types}
        check.all(VERSIONS, events, read_versions(schemas / VERSIONS))
        check.all(DELIVERY_VERSIONS, delivery_schemas(events), read_versions(schemas / DELIVERY_VERSIONS))
    return Checked(tuple(sorted(check.faults)), tuple(check.missing))


@dataclass(frozen=True, slots=True)
class _Check:
    sources: Sources
    papers: tuple[Signed, ...]
    faults: list[Fault]
    missing: list[Next]

    def all(
        self, folder: str, today: Mapping[str, Schema], recorded: Mapping[str, tuple[Recorded, ...]]
    ) -> None:
        for name in sorted(recorded.keys() - today.keys()):
            told = "Is recorded and gone: older writers and readers rely on it. Restore it."
            self.faults.append(Fault(_shown(folder, name), "type_removed", "", told))
        for name, schema in sorted(today.items()):
            self._one(folder, name, schema, recorded.get(name, ()))

    def _one(self, folder: str, name: str, schema: Schema, recorded: tuple[Recorded, ...]) -> None:
        if not recorded:
            self.missing.append(Next(folder, name, FIRST, schema))
            return
        last = recorded[-1]
        if last.fingerprint == fingerprint(schema):
            return
        found = list(self._faults(folder, name, last.schema, schema))
        if found:
            self.faults.extend(found)
            return
        self.missing.append(Next(folder, name, _after(last, schema), schema))

    def _faults(self, folder: str, name: str, before: Schema, after: Schema) -> Iterator[Fault]:
        shown = _shown(folder, name)
        for change in breaking(before, after):
            yield Fault(shown, change.code, change.path, change.message)
        if folder != VERSIONS:
            return
        print_ = fingerprint(after)
        for found in widening(before, after, self.sources):
            lacking = unsigned(found, name, print_, self.papers)
            if lacking:
                yield Fault(shown, found.code, found.path, f"{found.message} It {lacking}.")


def _after(last: Recorded, schema: Schema) -> Version:
    major, minor, patch = last.version
    if is_minor(last.schema, schema):
        return Version(major, minor + 1, 0)
    return Version(major, minor, patch + 1)


def _shown(folder: str, name: str) -> str:
    return name if folder == VERSIONS else f"deliveries/{name}"


def _events(schemas: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: _load(path) for path in sorted(schemas.glob("*.avsc"))}


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded
