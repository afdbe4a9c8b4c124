"""The lines of a made-up area in the order in which they were written down, each with whom it is about."""

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from broker.errors import UsageError
from broker.simulate.calendar import seconds
from broker.simulate.files import lines_of, rows_of
from broker.simulate.run import FORMAT, MANIFEST, PEOPLE_FILE
from broker.simulate.spans import Spans


@dataclass(frozen=True, slots=True)
class Told:
    """One line, still as it was written."""

    at: int
    """when it was written down: seconds since 1970"""
    agency: str
    line: Mapping[str, Any] = field(repr=False)
    about: str
    """whom it is about, so that what is told of one person is played in order"""
    until: int
    """when the last line of its incident is written down; `at` where it is of none"""

    @property
    def event_id(self) -> str:
        """The publisher's own id of it."""
        return str(self.line["event_id"])


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """What the folder says of itself.

    Raises:
        UsageError: it holds no made-up area.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UsageError(f"{folder} holds no made-up area. `candour simulate --out {folder}` writes one.")
    return manifest


def in_order(folder: Path) -> Iterator[Told]:
    """Every line of every agency, the earliest first. Reads as it goes, once the incidents are known.

    Raises:
        UsageError: a file is not there, or holds what is not of a made-up area.
    """
    who, paths = _Who(folder / PEOPLE_FILE), sorted(folder.glob("*.jsonl"))
    spans = Spans(paths)
    for at, agency, line in heapq.merge(*map(_lines, paths), key=lambda one: one[0]):
        yield Told(at, agency, line, who.is_told_of(agency, line), spans.until(agency, line, at))


def _lines(path: Path) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for line in lines_of(path):
        yield seconds(line["recorded_at"]), path.stem, line


class _Who:
    """Knows people by all that agencies call them, and an incident by who was named in it."""

    def __init__(self, path: Path) -> None:
        self._people: dict[str, str] = {}
        self._incidents: dict[str, str] = {}
        names = itemgetter("nhs_number", "police_ref", "voluntary_ref")
        for person, known_as in rows_of(path, lambda row: (row["person"], names(row))):
            self._people |= dict.fromkeys(known_as, person)

    def is_told_of(self, agency: str, line: Mapping[str, Any]) -> str:
        subject = line.get("subject", {})
        names = (subject.get("nhs_number"), subject.get("local_ref"))
        found = next((self._people[name] for name in names if name in self._people), None)
        incident = line.get("incident_ref")
        if found is not None and incident is not None:
            self._incidents.setdefault(f"{agency} {incident}", found)
        by_incident = self._incidents.get(f"{agency} {incident}", str(line["event_id"]))
        return by_incident if found is None else found
