"""What the evening must come to: rows of `expected.csv`, and where a run differs from them. Pure."""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from broker.domain.vocabulary import Extent, Outcome, ReplyStatus
from broker.errors import UsageError

EXPECTED = Path(__file__).with_name("expected.csv")

PUBLISHER = "publisher"
"""Stands in the column `desk` for the first reply to whoever published"""
LATER = "publisher-later"
"""Stands in the column `desk` for what the publisher of a referral is told when it is taken on, or is not"""
QUARANTINE = "quarantine"
"""Stands in the column `desk` for a payload that was not accepted"""
UNASKED = "unasked"
"""Stands in the column `outcome` where the desk asks nothing, so that there is no record at all"""
NO_DESKS = frozenset({PUBLISHER, LATER, QUARANTINE})
"""What may stand in the column `desk` and is no desk"""
GAP = "+gap"
"""After a label: the safety gap that the exchange raised about that referral"""

Cell = tuple[str, str]
"""label of a step (and GAP), and a desk or one of NO_DESKS"""

_COLUMNS = ("event", "desk", "outcome", "extent", "reasons", "fields", "note")
_OUTCOMES = {*Outcome, *ReplyStatus, UNASKED}
_EXTENTS = {*Extent, ""}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event for one desk."""

    outcome: str
    extent: str = ""
    reasons: tuple[str, ...] = ()
    """sorted"""
    fields: tuple[str, ...] | None = ()
    """dotted names of what went, sorted; None in an expectation that names none"""
    withheld: int = 0
    """how many fields of the event stayed; of no account to an expectation"""


def read_expected(path: Path, labels: Collection[str]) -> Mapping[Cell, Result]:
    """The rows of an expectation.

    Args:
        labels: of the steps of the evening.

    Raises:
        UsageError: it cannot be read; names file, line and what is wrong.
    """
    try:
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise UsageError(f"{path}: the first line must be {','.join(_COLUMNS)}")
            known = {*labels, *(label + GAP for label in labels)}
            rows = [_row(path, reader.line_num, row, known) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise UsageError(f"{path} cannot be read as CSV in UTF-8.") from None
    cells = dict(rows)
    if len(cells) != len(rows):
        raise UsageError(f"{path}: a pair of event and desk stands there twice")
    return cells


def _row(path: Path, line: int, row: Mapping[str, str], labels: Collection[str]) -> tuple[Cell, Result]:
    if None in row or None in row.values():
        raise UsageError(f"{path}, line {line}: must have {len(_COLUMNS)} columns; quote a note with a comma")
    for column, known in (("event", labels), ("outcome", _OUTCOMES), ("extent", _EXTENTS)):
        if row[column] not in known:
            raise UsageError(f"{path}, line {line}: {column} must be one of {', '.join(sorted(known))}")
    fields = tuple(sorted(row["fields"].split())) or None
    reasons = tuple(sorted(row["reasons"].split()))
    return (row["event"], row["desk"]), Result(row["outcome"], row["extent"], reasons, fields)


def differences(expected: Mapping[Cell, Result], found: Mapping[Cell, Result]) -> Iterator[str]:
    """Each cell of the run that is not as expected, one sentence each, in the order of the file.

    What the file does not name must not be there.
    """
    for cell, wanted in expected.items():
        where = f"{cell[0]}, {cell[1]}"
        got = found.get(cell)
        if wanted.outcome == UNASKED:
            if got is not None:
                yield f"{where}: must not exist, found {got.outcome} {got.extent}".rstrip()
        elif got is None:
            yield f"{where}: expected {wanted.outcome} {wanted.extent}".rstrip() + ", found nothing"
        else:
            yield from (f"{where}: {text}" for text in _unlike(wanted, got))
    for cell in found:
        if cell not in expected:
            yield f"{cell[0]}, {cell[1]}: found {found[cell].outcome}, expected nothing"


def _unlike(wanted: Result, got: Result) -> Iterator[str]:
    for name in ("outcome", "extent"):
        if getattr(wanted, name) != getattr(got, name):
            yield f"{name}: expected {getattr(wanted, name) or '-'}, found {getattr(got, name) or '-'}"
    if wanted.reasons != got.reasons:
        yield f"reasons: expected {' '.join(wanted.reasons) or '-'}, found {' '.join(got.reasons) or '-'}"
    if wanted.fields is not None and wanted.fields != got.fields:
        missing, extra = (
            set(wanted.fields) - set(got.fields or ()),
            set(got.fields or ()) - set(wanted.fields),
        )
        yield "fields: " + "; ".join(
            [f"{name} did not go" for name in sorted(missing)] + [f"{name} went" for name in sorted(extra)]
        )
