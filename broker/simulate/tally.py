"""Counts what the agencies of a made-up area have said, from their own lines and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from broker.simulate.files import lines_of, rows_of
from broker.simulate.order import read_manifest
from broker.simulate.run import BEFORE_FILE

_UNDER_18: Final = frozenset({"under_16", "age_16_17"})
_TIME_TO_DECIDE: Final = timedelta(days=8)


@dataclass
class Tally:
    """What was counted. Counters are by value of the field that they are named for."""

    manifest: Mapping[str, Any]
    first_place: Counter[str] = field(default_factory=Counter)
    conveyance: Counter[str] = field(default_factory=Counter)
    by_town: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """half of a postcode -> mode of conveyance"""
    ethnicity: Counter[str] = field(default_factory=Counter)
    age_band: Counter[str] = field(default_factory=Counter)
    detained: Counter[str] = field(default_factory=Counter)
    """police's reference of a person -> detentions in the days that were simulated"""
    before: Counter[str] = field(default_factory=Counter)
    """the same, of the years before"""
    intoxicated: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    seen_by_health: set[str] = field(default_factory=set)
    """incidents of custody that health has a record of"""
    priority: Counter[str] = field(default_factory=Counter)
    decision: Counter[str] = field(default_factory=Counter)
    source: Counter[str] = field(default_factory=Counter)
    concerns: set[str] = field(default_factory=set)
    """episodes in which a concern was raised, early enough to be decided before the last day"""
    enquiries: set[str] = field(default_factory=set)
    line_contacts: int = 0
    awol: int = 0
    """reported missing from mental-health settings"""
    walkouts: int = 0
    """gone from emergency departments before they were assessed"""

    @property
    def detentions(self) -> int:
        """Detentions as police tell them."""
        return sum(self.detained.values())

    @property
    def years(self) -> float:
        """Length of the simulated days."""
        return int(self.manifest["days"]) / 365


def read_tally(folder: Path) -> Tally:
    """Read every file of the folder once.

    Raises:
        UsageError: it holds no made-up area, or not the whole of one.
    """
    manifest = read_manifest(folder)
    before = rows_of(folder / BEFORE_FILE, lambda row: (row["police_ref"], int(row["detentions"])))
    tally = _Counting(Tally(manifest, before=Counter(dict(before))))
    for path in sorted(folder.glob("*.jsonl")):
        for line in lines_of(path):
            tally.take(line)
    return tally.counted


class _Counting:
    def __init__(self, tally: Tally) -> None:
        self.counted = tally
        # What was told on purpose is no part of what was drawn.
        self._seeded = {name for case in tally.manifest["cases"] for name in case["event_ids"]}
        self._town_of: dict[str, str] = {}
        self._mode_of: dict[str, str] = {}
        self._last = datetime.fromisoformat(f"{tally.manifest['begin']}T00:00:00+00:00") + timedelta(
            days=int(tally.manifest["days"])
        )
        self._by_type = {
            "police.s136.detained": self._detained,
            "police.s136.conveyance": self._conveyance,
            "police.mh_call.triaged": self._call,
            "pos.s136.ended": self._ended,
            "crisis.triage.completed": self._triaged,
            "crisis.line.contact": self._line_contact,
            "health.awol.reported": self._awol,
            "ed.left_before_assessment": self._walkout,
            "sc.safeguarding.concern_raised": self._concern,
            "sc.safeguarding.s42.opened": self._enquiry,
        }

    def take(self, line: Mapping[str, Any]) -> None:
        count = self._by_type.get(line["event_type"])
        if count is not None and line["event_id"] not in self._seeded:
            count(line, line["person"])

    def _detained(self, line: Mapping[str, Any], person: Mapping[str, Any]) -> None:
        tally = self.counted
        tally.detained[line["subject"]["local_ref"]] += 1
        tally.ethnicity[person.get("ethnicity_officer_perceived", "not_known")] += 1
        tally.age_band[line.get("age_band", "unknown")] += 1
        tally.intoxicated[person.get("intoxicated", "unknown")] += 1
        found = person.get("found_at", {}).get("postcode", "")
        self._join(line["incident_ref"], town=found.partition(" ")[0])

    def _conveyance(self, line: Mapping[str, Any], person: Mapping[str, Any]) -> None:
        self.counted.first_place[person.get("destination", "unknown")] += 1
        self.counted.conveyance[person.get("mode", "unknown")] += 1
        self._join(line["incident_ref"], mode=person.get("mode", "unknown"))

    def _join(self, incident: str, town: str | None = None, mode: str | None = None) -> None:
        """Police say where somebody was found and how they were taken in two lines of one incident."""
        town = town or self._town_of.get(incident)
        mode = mode or self._mode_of.get(incident)
        if town and mode:
            self.counted.by_town[town][mode] += 1
        elif town:
            self._town_of[incident] = town
        elif mode:
            self._mode_of[incident] = mode

    def _call(self, _: Mapping[str, Any], person: Mapping[str, Any]) -> None:
        self.counted.decision[person.get("decision", "unknown")] += 1
        self.counted.source[person.get("call_source", "unknown")] += 1

    def _ended(self, line: Mapping[str, Any], person: Mapping[str, Any]) -> None:
        self.counted.ends[person.get("end_reason", "unknown")] += 1
        self.counted.seen_by_health.add(line["episode_ref"])

    def _triaged(self, _: Mapping[str, Any], person: Mapping[str, Any]) -> None:
        self.counted.priority[person.get("priority", "unknown")] += 1

    def _line_contact(self, _: Mapping[str, Any], __: Mapping[str, Any]) -> None:
        self.counted.line_contacts += 1

    def _awol(self, _: Mapping[str, Any], __: Mapping[str, Any]) -> None:
        self.counted.awol += 1

    def _walkout(self, _: Mapping[str, Any], __: Mapping[str, Any]) -> None:
        self.counted.walkouts += 1

    def _concern(self, line: Mapping[str, Any], _: Mapping[str, Any]) -> None:
        if datetime.fromisoformat(line["occurred_at"]) < self._last - _TIME_TO_DECIDE:
            self.counted.concerns.add(line["episode_ref"])

    def _enquiry(self, line: Mapping[str, Any], _: Mapping[str, Any]) -> None:
        self.counted.enquiries.add(line["episode_ref"])


def under_18(ages: Counter[str]) -> int:
    """How many of those are younger than 18."""
    return sum(ages[band] for band in _UNDER_18)
