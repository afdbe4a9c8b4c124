"""Writes lines as agencies' own systems would: who says what of whom, when it was, when it was written."""

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from broker.simulate.calendar import HOUR, MINUTE, day_of, instant
from broker.simulate.figures import CLOCK_MISSING
from broker.simulate.people import Somebody, goes_by_number

_URGENCY: Final = {"emergency_live": "emergency", "urgent": "urgent", "planned": "routine"}
_WRITTEN_AFTER: Final = (1 * MINUTE, 2 * MINUTE, 2 * MINUTE, 4 * MINUTE, 7 * MINUTE, 15 * MINUTE)
AUTHORS: Final[Mapping[str, tuple[str, ...]]] = {
    "police": ("response officer", "control room", "street triage officer"),
    "crisis": ("mental health nurse", "shift lead", "call handler"),
    "pos": ("nurse in charge", "mental health nurse"),
    "cmht": ("care coordinator", "psychiatrist", "occupational therapist"),
    "asc": ("social worker", "approved mental health professional"),
    "ambulance": ("paramedic", "clinical desk"),
    "ed": ("nurse in charge", "liaison nurse", "emergency doctor"),
    "vcs": ("volunteer coordinator", "peer worker"),
}


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of one agency."""

    at: int
    """when it is written down, and published"""
    order: int
    agency: str = field(compare=False)
    event_type: str = field(compare=False)
    text: str = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Story:
    """What several agencies tell of one person. `who` None: a caller with no name."""

    who: Somebody | None
    area: str
    episode: str
    incident: str

    @property
    def crisis(self) -> str:
        """The crisis team of the place."""
        return f"{self.area}-crisis"

    @property
    def council(self) -> str:
        """Adult social care of the place."""
        return f"{self.area}-asc"

    @property
    def police_link(self) -> dict[str, Any]:
        """The link by which health names police's incident."""
        assert self.who is not None
        return {
            "force": "moor-police",
            "incident_ref": self.incident,
            "local_ref": self.who.reference("moor-police"),
        }


class Scribe:
    """Makes lines and hands them out in the order in which they are written down."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"{seed}/scribe")
        self._lines: list[Line] = []
        self._made = 0
        self._stories = 0
        self.met: set[int] = set()
        """numbers of the people of whom something was told"""

    def story(self, who: Somebody | None, area: str | None = None) -> Story:
        """A new story of somebody."""
        self._stories += 1
        place = area or (who.town.area if who is not None else "northmoor")
        number = self._stories * 7_919 % 10_000_019
        return Story(who, place, f"EP-{number}", f"I-{number}")

    def tell(
        self,
        story: Story,
        agency: str,
        event_type: str,
        at: int,
        person: Mapping[str, Any],
        *,
        setting: str = "urgent",
        purpose: str = "P1",
        need: str = "update",
        **more: Any,
    ) -> str:
        """One line; returns its event id.

        Args:
            at: when it happened.
            person: the type's own fields. Those that are None are not known, and are left out.
            more: common fields that differ from the usual, and `written_at`.
        """
        written = more.pop("written_at", None) or at + self._chance.choice(_WRITTEN_AFTER)
        event_id = more.pop("event_id", None) or self._event_id(written)
        said: dict[str, Any] = {
            "event_type": event_type,
            "event_id": event_id,
            "occurred_at": instant(at),
            "recorded_at": instant(written),
            "setting": setting,
            "purpose": purpose,
            **self._common(story, agency, at),
        }
        said["core"] = {"area": story.area, "urgency": _URGENCY[setting], "need": need}
        said["person"] = {name: value for name, value in person.items() if value is not None}
        said |= more
        self.put(written, agency, event_type, json.dumps(said, ensure_ascii=False))
        if story.who is not None:
            self.met.add(story.who.number)
        return str(event_id)

    def _common(self, story: Story, agency: str, at: int) -> dict[str, Any]:
        kind = agency.rpartition("-")[2]
        found: dict[str, Any] = {}
        if kind in AUTHORS:
            found["author_role"] = self._chance.choice(AUTHORS[kind])
        found["incident_ref" if kind == "police" else "episode_ref"] = (
            story.incident if kind == "police" else story.episode
        )
        if story.who is not None:
            found["age_band"] = story.who.age_band(day_of(at))
            found["confidentiality_position"] = "implied"
            found["subject"] = story.who.subject(agency, by_number=goes_by_number(agency))
        return found

    def put(self, at: int, agency: str, event_type: str, text: str) -> None:
        """Keep a line until its time."""
        self._made += 1
        heapq.heappush(self._lines, Line(at, self._made, agency, event_type, text))

    def until(self, at: int) -> Iterator[Line]:
        """Every line that is written down before `at`, in that order."""
        while self._lines and self._lines[0].at < at:
            yield heapq.heappop(self._lines)

    def _event_id(self, at: int) -> str:
        """A UUID of version 7 of that time; the rest by the seed (RFC 9562 5.7)."""
        bits = self._chance.getrandbits(74)
        value = (
            (at * 1_000 + bits % 1_000) << 80
            | 0x7 << 76
            | (bits >> 62) << 64
            | 0x2 << 62
            | bits & (2**62 - 1)
        )
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def clock(at: int, chance: Random) -> str | None:
    """A time as it is written down, or left out: some always are (6.3 item 3)."""
    return None if chance.random() < CLOCK_MISSING else instant(at)


def in_hours(at: int, hours: float) -> int:
    """So many hours after `at`."""
    return at + int(hours * HOUR)


def in_minutes(at: int, minutes: float) -> int:
    """So many minutes after `at`."""
    return at + int(minutes * MINUTE)
