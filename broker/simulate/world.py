"""What every stream of a made-up area shares: size, days, people, towns, the choices of a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from broker.simulate.calendar import Calendar
from broker.simulate.figures import YEAR_DAYS
from broker.simulate.people import People
from broker.simulate.places import Town, draw_towns
from broker.simulate.scribe import Scribe


@dataclass(frozen=True, slots=True)
class Scenario:
    """What can be chosen, beside size and seed."""

    disparity: bool = True
    """detentions differ by ethnicity and deprivation as published (6.3 item 5)"""
    repeats: str = "usual"
    """`usual` (C35) or `third`: a third of the year's detentions are of few people (C36)"""
    police_calls: str = "cheshire-after"
    """how often police deploy: a key of `figures.DEPLOYED`"""


@dataclass(frozen=True, slots=True)
class World:
    """One made-up area."""

    seed: int
    population: int
    calendar: Calendar
    scenario: Scenario
    towns: tuple[Town, ...]
    people: People
    scribe: Scribe

    @classmethod
    def make(cls, seed: int, population: int, calendar: Calendar, scenario: Scenario) -> "World":
        """Towns, people, and nothing told yet."""
        towns = draw_towns(Random(f"{seed}/towns"))
        people = People(seed, population, towns, calendar.begin.year)
        return cls(seed, population, calendar, scenario, towns, people, Scribe(seed))

    def chance(self, stream: str) -> Random:
        """A stream's own dice: another stream that is changed or added does not change this one."""
        return Random(f"{self.seed}/{stream}")

    def count(self, rate: float) -> int:
        """How often something that has this rate in 100,000 people a year happens in these days."""
        return round(rate * self.population / 100_000 * self.calendar.days / YEAR_DAYS)


class Stream(Protocol):
    """One kind of story that is told again and again."""

    @property
    def moments(self) -> Sequence[int]:
        """When each begins, the earliest first."""

    def tell(self, number: int, at: int) -> None:
        """Tell the story of this number, from `at` to its end."""
