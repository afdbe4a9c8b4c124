"""Made-up people: who somebody is follows from seed and number, so nobody need be kept in memory."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from random import Random
from typing import Any, Final

from broker.simulate.figures import DEPRIVATION_RATES, IN_CONTACT, POPULATION
from broker.simulate.places import Town

# Words rather than surnames of people there are.
_FAMILY: Final = tuple(
    f"{first}{second}"
    for first in ("Ash", "Birk", "Cor", "Dun", "Elm", "Fen", "Gorse", "Hazel", "Iris", "Jun", "Kes", "Lin")
    for second in (
        "barrow",
        "combe",
        "dell",
        "fold",
        "garth",
        "hythe",
        "lade",
        "mere",
        "rigg",
        "stow",
        "thorne",
        "wick",
    )
)
_GIVEN: Final = (
    *("Alex", "Billie", "Charlie", "Drew", "Eden", "Frankie", "Gray", "Harper", "Indigo", "Jo", "Kit", "Lee"),
    *("Morgan", "Noor", "Ollie", "Pat", "Quinn", "Remi", "Sam", "Tal", "Uma", "Val", "Wren", "Yael"),
)
_STREETS: Final = ("Tannery Row", "Mill Bank", "Ropewalk", "Chapel Steps", "Weir Lane", "Station Parade")
_LANGUAGES: Final = ("Polish", "Punjabi", "Urdu", "British Sign Language", "Romanian", "Arabic")
_KINDS_BY_NUMBER: Final = frozenset(
    {"crisis", "pos", "cmht", "asc", "children", "ambulance", "ed", "gp", "person"}
)
_SCRAMBLE: Final = 7_368_787  # a prime: references in the order of numbers would tell who came when
_REFERENCES: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Traits:
    """What a plan has settled of somebody beforehand."""

    ethnicity: str
    deprivation: int
    """fifth, 1 the most deprived"""
    age: str
    """`under_16`, `age_16_17` or `adult` in the year that is simulated"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One made-up person. Does not print what it holds."""

    number: int
    nhs_number: str = field(repr=False)
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    born: date = field(repr=False)
    town: Town = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    ethnicity: str = field(repr=False)
    deprivation: int = field(repr=False)
    language: str | None = field(repr=False)
    """the interpreter they need, if any"""

    def age_band(self, on: date) -> str:
        """`under_16`, `age_16_17` or `adult`."""
        had = (on.month, on.day) >= (self.born.month, self.born.day)
        years = on.year - self.born.year - (0 if had else 1)
        return "under_16" if years < 16 else "age_16_17" if years < 18 else "adult"

    def reference(self, agency: str) -> str:
        """The agency's own reference of this person; each agency's is another."""
        mixed = (self.number * _SCRAMBLE + sum(agency.encode()) * 104_729) % _REFERENCES
        return f"{''.join(word[0] for word in agency.split('-')).upper()}-{mixed:07}"

    def subject(self, agency: str, *, by_number: bool) -> dict[str, Any]:
        """The subject part as this agency writes it.

        Args:
            by_number: it knows the person by their NHS number.
        """
        known: dict[str, Any] = {
            "local_ref": self.reference(agency),
            "family_name": self.family_name,
            "given_name": self.given_name,
            "date_of_birth": self.born.isoformat(),
        }
        if by_number:
            known |= {"nhs_number": self.nhs_number, "phone": self.phone, "address": self.address}
        return known


def goes_by_number(agency: str) -> bool:
    """Whether the agency knows people by NHS number (R36)."""
    return agency.rpartition("-")[2] in _KINDS_BY_NUMBER


class People:
    """The people of whom anything is told, by number from 0."""

    def __init__(self, seed: int, population: int, towns: tuple[Town, ...], year: int) -> None:
        """`year`: the one that is simulated; ages are of that year."""
        self.count = max(200, int(population * IN_CONTACT))
        self.known: dict[int, Traits] = {}
        """number -> what a plan has settled; fill it before anybody is asked for"""
        self._seed, self._towns, self._year = seed, towns, year
        self._town_shares = [town.share for town in towns]
        self.person = lru_cache(8_192)(self._make)
        """the person of a number; beyond `count` there are more, for who needs somebody to themselves"""

    def anybody(self, chance: Random) -> Somebody:
        """Somebody; some are met more often than others."""
        return self.person(int(self.count * chance.random() ** 1.5))

    def _make(self, number: int) -> Somebody:
        chance = Random((self._seed << 32) ^ number)
        traits = self.known.get(number) or _traits(chance)
        town = chance.choices(self._towns, self._town_shares)[0]
        return Somebody(
            number=number,
            nhs_number=nhs_number(number),
            family_name=chance.choice(_FAMILY).title(),
            given_name=chance.choice(_GIVEN),
            born=_born(traits.age, self._year, chance),
            town=town,
            phone=f"01632 960{chance.randrange(1_000):03}",
            address=_address(town, chance),
            ethnicity=traits.ethnicity,
            deprivation=traits.deprivation,
            language=chance.choice(_LANGUAGES) if chance.random() < 0.03 else None,
        )


def _traits(chance: Random) -> Traits:
    ethnicity = chance.choices(list(POPULATION), list(POPULATION.values()))[0]
    deprivation = chance.choices(range(1, 6), DEPRIVATION_RATES)[0]
    return Traits(ethnicity, deprivation, chance.choices(("adult", "age_16_17", "under_16"), (94, 4, 2))[0])


def _address(town: Town, chance: Random) -> str:
    street = f"{chance.randint(1, 90)} {chance.choice(_STREETS)}"
    return f"{street}, {town.name}, {town.postcode} {chance.randint(1, 9)}ZZ"


def _born(age: str, year: int, chance: Random) -> date:
    """So that they are of that age all through the year."""
    day = chance.randint(1, 28)
    if age == "age_16_17":
        return date(year - 17, 12, day)
    low, high = (13, 15) if age == "under_16" else (21, 85)
    return date(year - chance.randint(low, high), chance.randint(1, 12), day)


def nhs_number(number: int) -> str:
    """A number that begins with 999, which is never issued, and whose last digit checks the others."""
    if not 0 <= number < 900_000:
        raise ValueError("there are 900,000 made-up NHS numbers")
    prefix, which = divmod(number, 9)
    for filler in range(10):
        body = f"999{prefix:05}{filler}"
        check = (11 - sum(int(digit) * (10 - at) for at, digit in enumerate(body)) % 11) % 11
        if check != 10:
            if which == 0:
                return f"{body}{check}"
            which -= 1
    raise AssertionError("nine of ten fillers give a sound number")
