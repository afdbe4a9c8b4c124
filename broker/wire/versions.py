"""Versions of schemas as they are recorded: one file for each, holding the very text of its fingerprint."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from broker.errors import ConfigurationError
from broker.wire.avro import fingerprint, schema_text

VERSIONS: Final = "versions"
"""folder beside the schemas: `versions/<event type>/<version>.json`"""
DELIVERY_VERSIONS: Final = "versions/deliveries"
"""the same for what goes out: `versions/deliveries/<name>/<version>.json`"""
MINORS_KEPT: Final = 2
"""How many minor versions back a writer is still taken, and a reader still served"""

_VERSION = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})")


class Version(NamedTuple):
    """`1.2.0`: another minor version tells more, another patch only words it anew."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True)
class Recorded:
    """One version of one schema."""

    version: Version
    schema: Mapping[str, Any] = field(repr=False)

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 of the whole schema, 32 bytes; of its file as well."""
        return fingerprint(self.schema)


def parse_version(text: str) -> Version | None:
    """`1.2.0` as a version; None when it is none."""
    found = _VERSION.fullmatch(text)
    return None if found is None else Version(*map(int, found.groups()))


def read_versions(folder: Path) -> dict[str, tuple[Recorded, ...]]:
    """Every recorded version, by name of the schema, oldest first; empty where the folder is missing.

    Args:
        folder: holds a folder for each schema; the folder `deliveries` in it is another such folder.

    Raises:
        ConfigurationError: names the first file that was changed since it was recorded, or is no version.
    """
    found: dict[str, tuple[Recorded, ...]] = {}
    for inner in sorted(folder.iterdir()) if folder.is_dir() else ():
        if inner.is_dir() and inner.name != Path(DELIVERY_VERSIONS).name:
            recorded = [_read(path) for path in inner.iterdir()]
            found[inner.name] = tuple(sorted(recorded, key=lambda one: one.version))
    return found


def kept(recorded: Sequence[Recorded], current: bytes) -> tuple[Recorded, ...]:
    """The versions that are still taken and served, oldest first: two minor versions back, and today's.

    Args:
        recorded: every version of one schema, oldest first.
        current: fingerprint of today's. Where it is not recorded yet, it counts as one minor version more.
    """
    if not recorded:
        return ()
    newest = recorded[-1].version
    reach = MINORS_KEPT if recorded[-1].fingerprint == current else MINORS_KEPT - 1
    return tuple(
        one
        for one in recorded
        if one.version.major == newest.major and one.version.minor >= newest.minor - reach
    )


def _read(path: Path) -> Recorded:
    version = parse_version(path.stem)
    if version is None or path.suffix != ".json":
        raise ConfigurationError(f"{path} is no version of a schema (such as 1.0.0.json): take it away.")
    try:
        text = path.read_text(encoding="utf-8")
        schema = json.loads(text)
    except (OSError, ValueError):
        raise ConfigurationError(f"{path} cannot be read: restore it.") from None
    if not isinstance(schema, dict) or schema_text(schema) != text:
        raise ConfigurationError(f"{path} was changed since it was recorded: restore it.")
    return Recorded(version, schema)
