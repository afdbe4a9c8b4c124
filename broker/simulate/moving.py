"""Moves the instants of a line, all by the same. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?[+-]\d{2}:\d{2}")


def moved(line: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """The line with every instant later by so much. A date, such as one of birth, stays."""
    return {name: _moved(value, by) for name, value in line.items()}


def _moved(value: Any, by: timedelta) -> Any:
    match value:
        case str() if _INSTANT.fullmatch(value):
            return (datetime.fromisoformat(value) + by).isoformat()
        case dict():
            return moved(value, by)
        case list():
            return [_moved(one, by) for one in value]
        case _:
            return value
