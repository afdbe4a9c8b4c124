"""Reads the files of a made-up area; what is not of one is named by file and line."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from broker.errors import UsageError

Read = TypeVar("Read")


def rows_of(path: Path, read: Callable[[Mapping[str, str]], Read]) -> list[Read]:
    """What `read` makes of each row of a table.

    Raises:
        UsageError: it is not there, or a row is not one that can be read so.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [read(row) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError):
        raise UsageError(f"{path} cannot be read. `candour simulate` writes the area again.") from None


def lines_of(path: Path, only: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """What one agency tells, line by line.

    Args:
        only: reads the lines only that hold one of these words; all where there are none.

    Raises:
        UsageError: a line is not one of an agency.
    """
    with path.open(encoding="utf-8") as texts:
        for number, text in enumerate(texts, 1):
            if not only or any(word in text for word in only):
                yield _line(path, number, text)


def _line(path: Path, number: int, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if not (isinstance(line, dict) and {"event_type", "event_id", "recorded_at", "person"} <= line.keys()):
        raise UsageError(
            f"{path}, line {number} is no event of an agency. `candour simulate` writes the area again."
        )
    return line
