"""The script of the night: who says what and when, from `night.jsonl` beside this file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broker.domain.identifiers import AgencyId

NIGHT = Path(__file__).with_name("night.jsonl")

_SINCE_DUSK = re.compile(r"\+([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an agency publishes. Exactly one of `event` and `repeats` is set."""

    label: str
    """names the step in `expected.csv` and in what is shown"""
    agency: AgencyId
    says: str
    """what happened, for whoever watches"""
    event: Mapping[str, Any] | None = field(default=None, repr=False)
    """as a line to publish (design 4); instants as `+HH:MM` after the night began"""
    repeats: str | None = None
    """label of an earlier step whose very event is sent once more"""
    event_id_of: str | None = None
    """label of an earlier step whose event id this one takes"""

    @property
    def clock(self) -> str:
        """`+HH:MM` after the night began; empty for a copy."""
        return "" if self.event is None else str(self.event["occurred_at"])


def read_script(path: Path = NIGHT) -> tuple[Step, ...]:
    """The steps, in order."""
    return tuple(Step(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def line_of(event: Mapping[str, Any], began: datetime, event_id: str | None = None) -> str:
    """The line to publish: every `+HH:MM` becomes that instant of a night that began at `began`."""
    timed = _timed(event, began)
    return json.dumps(timed if event_id is None else {**timed, "event_id": event_id})


def _timed(value: Any, began: datetime) -> Any:
    match value:
        case str() if found := _SINCE_DUSK.fullmatch(value):
            hours, minutes = map(int, found.groups())
            return (began + timedelta(hours=hours, minutes=minutes)).isoformat()
        case dict():
            return {key: _timed(inner, began) for key, inner in value.items()}
        case list():
            return [_timed(inner, began) for inner in value]
        case _:
            return value
