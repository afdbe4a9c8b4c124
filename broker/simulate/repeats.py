"""Who is detained, and how often in five years, of which the last days are simulated."""

from collections import Counter
from dataclasses import dataclass
from random import Random

from broker.simulate.figures import (
    AGE_16_17,
    ALL_PEOPLE,
    BLACK_TO_WHITE,
    DEPRIVATION_RATES,
    DETENTIONS,
    OTHER_RATES,
    POPULATION,
    REPEATERS_PEOPLE,
    REPEATERS_SHARE,
    STRESS_SHARE,
    UNDER_16,
    WINDOW_YEARS,
    YEAR_DAYS,
)
from broker.simulate.people import Traits
from broker.simulate.quota import deal, sizes
from broker.simulate.world import World

_STRESS_SIZE = 8


@dataclass(frozen=True, slots=True)
class Detained:
    """The people of five years' detentions, by number."""

    now: tuple[int, ...]
    """whom each detention of the simulated days is of"""
    before: Counter[int]
    """how often each was detained in the years before"""


def who_is_detained(world: World, chance: Random) -> Detained:
    """Draws them, and settles who they are so that the year's shares hold (6.4)."""
    count = world.count(DETENTIONS)
    years = world.population / 100_000 * DETENTIONS
    earlier = round(years * (WINDOW_YEARS - world.calendar.days / YEAR_DAYS))
    stress = round(count * STRESS_SHARE) if world.scenario.repeats == "third" else 0
    often = sizes(max(1, stress // _STRESS_SIZE), min(5, stress), stress, chance) if stress else []
    usual = _usual(count + earlier - stress, chance)
    numbers = chance.sample(range(world.people.count), len(often) + len(usual))
    all_of_them = [one for one, times in zip(numbers[len(often) :], usual, strict=True) for _ in range(times)]
    chance.shuffle(all_of_them)
    few = [one for one, times in zip(numbers, often, strict=False) for _ in range(times)]
    now = [*few, *all_of_them[: count - stress]]
    chance.shuffle(now)
    _settle(world, Counter(now), chance)
    return Detained(tuple(now), Counter(all_of_them[count - stress :]))


def _usual(total: int, chance: Random) -> list[int]:
    """How often each is detained in five years: 4.6 % three times or more, the others 1.1 times (C35)."""
    people = round(total * ALL_PEOPLE)
    heavy = max(1, round(total * REPEATERS_PEOPLE)) if total >= 20 else 0
    theirs = max(3 * heavy, round(total * REPEATERS_SHARE)) if heavy else 0
    others = max(0, people - heavy)
    twice = max(0, total - theirs - others)
    return [*sizes(heavy, 3, theirs, chance), *[2] * twice, *[1] * (total - theirs - 2 * twice)]


def _settle(world: World, times: Counter[int], chance: Random) -> None:
    """Ethnicity, deprivation and age of who is detained in these days, weighted by how often they are."""
    numbers, weights = list(times), list(times.values())
    unequal = world.scenario.disparity
    rates = (
        {"white": 1.0, "black": BLACK_TO_WHITE, **OTHER_RATES} if unequal else dict.fromkeys(POPULATION, 1.0)
    )
    fifths = dict(zip(range(1, 6), DEPRIVATION_RATES if unequal else (1.0,) * 5, strict=True))
    ages = {"under_16": UNDER_16, "age_16_17": AGE_16_17, "adult": 1 - UNDER_16 - AGE_16_17}
    ethnicities = deal(weights, {one: share * rates[one] for one, share in POPULATION.items()}, chance)
    deprivations = deal(weights, fifths, chance)
    bands = deal(weights, ages, chance)
    for number, ethnicity, fifth, age in zip(numbers, ethnicities, deprivations, bands, strict=True):
        world.people.known[number] = Traits(ethnicity, fifth, age)
