"""Reads what the domain says of receivers: `<room>.csv`, one line per event type, case and desk.

    event_type,case,desk,gets,source
    police.s136.detained,as_example,moor-gp/practice,nothing,4.6 GP: outcome from health later

`gets` is `nothing` (no delivery at all), `core` (the neutral core and no more), or names of fields: each must
arrive with what was told, and one after `!` must not arrive.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.builders import Record
from tests.property.comparing import PSEUDONYMOUS
from tests.system.rules import CORE as CORE_FIELDS
from tests.system.rules import given_in

FOLDER = Path(__file__).parent
NOTHING, CORE = "nothing", "core"


@dataclass(frozen=True, slots=True)
class Row:
    """What one desk must get of one event type in one case."""

    where: str
    """file and line"""
    event_type: str
    case: str
    desk: str
    gets: str
    source: str
    """number in the domain reference that says so"""

    @property
    def must(self) -> frozenset[str]:
        """Dotted names that must arrive."""
        words = set() if self.gets in {NOTHING, CORE} else set(self.gets.split())
        return frozenset(word for word in words if not word.startswith("!"))

    @property
    def must_not(self) -> frozenset[str]:
        """Dotted names that must not arrive."""
        return frozenset(word[1:] for word in self.gets.split() if word.startswith("!"))

    def __str__(self) -> str:
        return f"{self.where}: {self.event_type}, {self.case}, {self.desk} ({self.source})"


def read_rows(folder: Path = FOLDER) -> list[Row]:
    """Every row of every room. Raises ValueError for a line that is not one, naming it."""
    return [row for path in sorted(folder.glob("*.csv")) for row in _rows(path)]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file, strict=True)
        found = []
        for line in lines:
            where = f"{path.name}:{lines.line_num}"
            if None in line or None in line.values():
                raise ValueError(f"{where}: five columns, commas in quotes")
            found.append(Row(where, **line))
    return found


def faults(row: Row, record: Record, opened: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Where a desk got something else than its row says: row, source, what was expected, what arrived.

    Args:
        record: as published.
        opened: the fields of each delivery of it that the desk opened.
    """
    given = frozenset[str]().union(*(given_in(one) for one in opened))
    if row.gets == NOTHING:
        wrong = bool(opened)
    elif row.gets == CORE:
        wrong = given != CORE_FIELDS
    else:
        wrong = not row.must <= given or bool(row.must_not & given)
    if wrong:
        lacks, beyond = sorted(row.must - given), sorted(row.must_not & given)
        arrived = " ".join(sorted(given)) if opened else "no delivery"
        yield f"{row}\n    expected: {row.gets}\n    arrived:  {arrived}\n    lacks {lacks}, beyond {beyond}"
    for name in sorted(row.must & given - PSEUDONYMOUS):
        if not all(_as_told(one, record, name) for one in opened):
            yield f"{row}\n    {name} arrived as something else than was told"


def _as_told(fields: Mapping[str, Any], record: Record, name: str) -> bool:
    part, _, key = name.rpartition(".")
    held = (fields[part] or {}).get(key) if part else fields.get(key)
    return held is None or held == (record[part] if part else record)[key]
