"""The script of the evening: who says what and when, from the chapters in `evening/` beside this file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broker.domain.identifiers import AgencyId

EVENING = Path(__file__).with_name("evening")
PEOPLE_FILE = "people.jsonl"

_SINCE_DUSK = re.compile(r"([+-])([0-9]{2,4}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented, as those who meet them know them. Does not print what it holds."""

    key: str
    name: str = field(repr=False)
    story: str = field(repr=False)
    known_as: Mapping[str, Mapping[str, str]] = field(repr=False)
    """`health`, `police`, `self`: the subject part that each of them publishes"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an agency publishes. Exactly one of `event` and `repeats` is set."""

    label: str
    """names the step in `expected.csv` and in what is shown"""
    agency: AgencyId
    about: str
    """key of the person"""
    says: str
    """what happened, for whoever watches"""
    event: Mapping[str, Any] | None = field(default=None, repr=False)
    """as a line to publish (design 4); instants as `+HH:MM` or `-HHHH:MM` from dusk"""
    repeats: str | None = None
    """label of an earlier step whose very event is sent once more"""
    event_id_of: str | None = None
    """label of an earlier step whose event id this one takes"""
    cites: str | None = None
    """label of the referral that this one takes on; named as the desk `cited_at` received it"""
    cited_at: str | None = None
    scene: bool = False
    """one of those that the evening is told by; the others are a quiet night's work"""
    chapter: str = ""

    @property
    def clock(self) -> str:
        """`+HH:MM` from dusk; empty for a copy."""
        return "" if self.event is None else str(self.event["occurred_at"])


@dataclass(frozen=True, slots=True)
class Look:
    """One cell that tells what a chapter is about: an event, a desk, and what to see there."""

    label: str
    desk: str
    says: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the evening; its steps in the order in which they are played."""

    key: str
    title: str
    about: str
    look: tuple[Look, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """The whole evening."""

    people: Mapping[str, Person]
    chapters: tuple[Chapter, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of all chapters, in order."""
        return tuple(step for chapter in self.chapters for step in chapter.steps)


def read_script(folder: Path = EVENING) -> Script:
    """Every chapter of the folder, by name of file; the first line of each says what it is about."""
    people = {line["key"]: Person(**line) for line in _lines(folder / PEOPLE_FILE)}
    files = sorted(path for path in folder.glob("*.jsonl") if path.name != PEOPLE_FILE)
    return Script(people, tuple(_chapter(path, people) for path in files))


def _chapter(path: Path, people: Mapping[str, Person]) -> Chapter:
    title, *lines = _lines(path)
    steps = tuple(_step(line, path.stem, people) for line in lines)
    look = tuple(Look(**one) for one in title["look"])
    return Chapter(path.stem, title["chapter"], title["about"], look, steps)


def _step(line: Mapping[str, Any], chapter: str, people: Mapping[str, Person]) -> Step:
    event = line.get("event")
    if event is None or not isinstance(event.get("subject"), str):
        return Step(**{**line, "chapter": chapter})
    known = people[line["about"]].known_as[event["subject"]]
    return Step(**{**line, "chapter": chapter, "event": {**event, "subject": known}})


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def line_of(
    event: Mapping[str, Any], began: datetime, event_id: str | None = None, referral: str | None = None
) -> str:
    """The line to publish: every `+HH:MM` becomes that instant of an evening that began at `began`.

    Args:
        referral: the name of the referral that this event takes on.
    """
    timed = _timed(event, began)
    if referral is not None:
        timed["person"] = {**timed["person"], "referral": referral}
    return json.dumps(timed if event_id is None else {**timed, "event_id": event_id})


def instant_of(clock: str, began: datetime) -> datetime:
    """The instant that `+HH:MM` or `-HHHH:MM` stands for."""
    found = _SINCE_DUSK.fullmatch(clock)
    if found is None:
        raise ValueError(f"{clock} is no time from dusk")
    sign, hours, minutes = found.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return began + span if sign == "+" else began - span


def _timed(value: Any, began: datetime) -> Any:
    match value:
        case str() if _SINCE_DUSK.fullmatch(value):
            return instant_of(value, began).isoformat()
        case dict():
            return {key: _timed(inner, began) for key, inner in value.items()}
        case list():
            return [_timed(inner, began) for inner in value]
        case _:
            return value
