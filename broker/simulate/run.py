"""Writes a made-up area: a folder with one JSONL file for each agency, and what is true of it beside them."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TextIO

from broker.errors import UsageError
from broker.simulate.adverse import Adverse
from broker.simulate.care import Care, Wishes
from broker.simulate.custody import Custody
from broker.simulate.figures import MOST_PEOPLE, POPULATION, WINDOW_YEARS
from broker.simulate.missing import Department, Missing
from broker.simulate.police_calls import PoliceCalls
from broker.simulate.referrals import LineContacts, Referrals
from broker.simulate.safeguarding import Safeguarding
from broker.simulate.scribe import Line
from broker.simulate.world import Stream, World

MANIFEST: Final = "manifest.json"
PEOPLE_FILE: Final = "people.csv"
BEFORE_FILE: Final = "before.csv"
FORMAT: Final = "candour.simulation.v1"


def write(world: World, folder: Path, day_done: Callable[[int], None]) -> None:
    """Write every line of every agency, day by day, then the manifest.

    What is told after the last day is left out, as it would be in any period that is cut out of a life.

    Args:
        day_done: called with the number of days that are written.

    Raises:
        UsageError: there are too many people, or the folder holds something.
    """
    if world.population > MOST_PEOPLE:
        raise UsageError(f"--population is {MOST_PEOPLE} at most: made-up NHS numbers do not reach further.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty. Name a folder that is not there yet.")
    folder.mkdir(parents=True, exist_ok=True)
    custody = Custody(world)
    streams: list[Stream] = [custody, Referrals(world), PoliceCalls(world), Safeguarding(world)]
    adverse = Adverse(world)
    streams += [LineContacts(world), Department(world), Missing(world), Care(world), Wishes(world), adverse]
    with ExitStack() as stack:
        pages = _Pages(folder, stack)
        _tell(world, streams, pages, day_done)
    _write_people(world, folder / PEOPLE_FILE)
    _write_before(world, custody.detained.before, folder / BEFORE_FILE)
    _write_manifest(world, pages, adverse, folder / MANIFEST)


class _Pages:
    """One open file for each agency that has said something."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._open: dict[str, TextIO] = {}
        self.agencies: Counter[str] = Counter()
        self.types: Counter[str] = Counter()

    def write(self, line: Line) -> None:
        page = self._open.get(line.agency)
        if page is None:
            path = self._folder / f"{line.agency}.jsonl"
            page = self._open[line.agency] = self._stack.enter_context(path.open("w", encoding="utf-8"))
        page.write(f"{line.text}\n")
        self.agencies[line.agency] += 1
        self.types[line.event_type] += 1


def _tell(world: World, streams: Sequence[Stream], pages: _Pages, day_done: Callable[[int], None]) -> None:
    reached = [0] * len(streams)
    for day in range(1, world.calendar.days + 1):
        until = world.calendar.midnight(day)
        for at, stream in enumerate(streams):
            moments, number = stream.moments, reached[at]
            while number < len(moments) and moments[number] < until:
                stream.tell(number, moments[number])
                number += 1
            reached[at] = number
        for line in world.scribe.until(until):
            pages.write(line)
        day_done(day)


def _write_people(world: World, path: Path) -> None:
    """Who is who, as nobody in the area could know: for tests of matching, and to play the lines in order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ("person", "nhs_number", "police_ref", "voluntary_ref", "town", "ethnicity", "deprivation")
        )
        for number in sorted(world.scribe.met):
            who = world.people.person(number)
            own = (who.reference("moor-police"), who.reference("harbour-vcs"))
            out.writerow((number, who.nhs_number, *own, who.town.name, who.ethnicity, who.deprivation))


def _write_before(world: World, before: Counter[int], path: Path) -> None:
    """Detentions of the years before the first day, which no agency tells again (C35 counts five years)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("police_ref", "detentions"))
        for number in sorted(before):
            out.writerow((world.people.person(number).reference("moor-police"), before[number]))


def _write_manifest(world: World, pages: _Pages, adverse: Adverse, path: Path) -> None:
    scenario = world.scenario
    told: dict[str, Any] = {
        "format": FORMAT,
        "seed": world.seed,
        "population": world.population,
        "begin": world.calendar.begin.isoformat(),
        "days": world.calendar.days,
        "window_years": WINDOW_YEARS,
        "scenario": {
            "disparity": scenario.disparity,
            "repeats": scenario.repeats,
            "police_calls": scenario.police_calls,
        },
        "shares_of_population": dict(POPULATION),
        "lines": sum(pages.agencies.values()),
        "agencies": dict(sorted(pages.agencies.items())),
        "event_types": dict(sorted(pages.types.items())),
        "towns": [
            {
                "name": town.name,
                "area": town.area,
                "postcode": town.postcode,
                "share": town.share,
                "officer_stay_h": round(town.officer_stay_h, 1),
            }
            for town in world.towns
        ],
        "cases": adverse.told,
        "refused": adverse.refused,
    }
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
