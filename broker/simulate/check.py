"""The acceptance table of domain.md 6.4: what a made-up area comes to, beside what was published. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from broker.simulate.figures import (
    AWOL,
    CONVERSION,
    DEPLOYED,
    DETENTIONS,
    LINE_CONTACTS,
    REFERRALS,
    WALKOUTS,
)
from broker.simulate.tally import Tally, under_18

ENOUGH: Final = 200
"""Of fewer cases a share says nothing: such a row is shown and not judged"""
_ENOUGH_MISSING: Final = 100
_ENOUGH_IN_TOWNS: Final = 400
_ENOUGH_IN_TOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: in percent, where it is a share."""

    name: str
    source: str
    """its number in domain.md 6.1"""
    published: str
    low: float
    high: float
    found: float | None
    cases: int
    """how many it is a figure of"""
    national: bool = True
    """in the table of 6.4; the others are shown beside it, and judged as well"""
    enough: int = ENOUGH

    @property
    def verdict(self) -> str:
        """`ok`, `outside`, or `too few` cases to be judged."""
        if self.found is None or self.cases < self.enough:
            return "too few"
        return "ok" if self.low <= self.found <= self.high else "outside"

    def to_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {**asdict(self), "verdict": self.verdict}


def rows(tally: Tally) -> tuple[Row, ...]:
    """Every row of the table."""
    return (*_detentions(tally), *_people(tally), *_others(tally), *_beside(tally))


def is_outside(table: tuple[Row, ...]) -> bool:
    """Whether any figure is outside its tolerance."""
    return any(row.verdict == "outside" for row in table)


def _detentions(tally: Tally) -> Iterator[Row]:
    place, mode = tally.first_place, tally.conveyance
    yield _share("first place: emergency department", "C6", 48, 2, place, "emergency_department")
    yield _share("first place: mental health", "C6", 44, 2, place, "health_based")
    yield _share("first place: police station", "C6", 1.1, 2, place, "police_station")
    yield _share("first place: missing", "C6", 6.9, 2, place, "unknown")
    yield _share("conveyance: ambulance", "C9", 39, 2, mode, "ambulance")
    yield _share("conveyance: police vehicle", "C9", 49, 2, mode, "police_vehicle")
    yield _share("conveyance: missing", "C9", 7.5, 2, mode, "unknown")
    yield _share("conveyance: other", "C9", 4.9, 2, mode, "other")
    yield _rate("s136 in 100,000 people a year", "C1", DETENTIONS, tally.detentions, tally)


def _people(tally: Tally) -> Iterator[Row]:
    usual = tally.manifest["scenario"]["repeats"] == "usual"
    if usual:
        share, cases = _share_of_repeated(tally.detained + tally.before, 3)
        yield Row("detentions of people with 3 or more in 5 years", "C35", "17.7 %", 15, 21, share, cases)
    else:
        share, cases = _share_of_repeated(tally.detained, 5)
        yield Row("detentions of people with 5 or more in a year", "C36", "33.3 %", 30, 37, share, cases)
    unequal = tally.manifest["scenario"]["disparity"]
    low, high, said = (3.5, 4.5, "4.0") if unequal else (0.7, 1.4, "1.0, for it is switched off")
    yield Row("Black to White detention rates", "C27", said, low, high, _ratio(tally), tally.detentions)
    ages = tally.age_band
    young = _percent(under_18(ages), ages.total())
    yield Row("under 18, of s136", "C13, C16", "3 to 5 %", 2.5, 6, young, ages.total())


def _others(tally: Tally) -> Iterator[Row]:
    yield _share("crisis referrals without priority", "C30", 5.4, 0, tally.priority, "unknown", (4.5, 6.5))
    opened = len(tally.enquiries & tally.concerns)
    converted = _percent(opened, len(tally.concerns)) if tally.enquiries else None
    low, high = CONVERSION * 100 - 2, CONVERSION * 100 + 2
    yield Row(
        "concerns that become s42 enquiries", "C34", "28.7 %", low, high, converted, len(tally.concerns)
    )
    scenario = tally.manifest["scenario"]["police_calls"]
    deployed = DEPLOYED[scenario] * 100
    yield _share(f"police deploy ({scenario})", "C22, C23", deployed, 5, tally.decision, "deploy")
    yield _share("calls from partners", "C23", 36, 5, tally.source, "partner")
    yield _share("calls from the public", "C23", 64, 5, tally.source, "public")


def _beside(tally: Tally) -> Iterator[Row]:
    """Figures that the table of 6.4 leaves out and 6.3 asks for."""
    cases = tally.detentions
    seen = _percent(len(tally.seen_by_health), cases)
    yield Row("s136 that health has a record of", "C19", "60 to 65 %", 60, 65, seen, cases, national=False)
    home = _percent(tally.ends["discharged"], tally.ends.total())
    yield Row("home after s136", "C37", "50 to 60 %", 50, 60, home, tally.ends.total(), national=False)
    drunk = sum(tally.intoxicated[one] for one in ("alcohol", "drugs", "both"))
    yield Row("intoxicated", "C37", "40 to 50 %", 40, 50, _percent(drunk, cases), cases, national=False)
    unknown = _percent(tally.ethnicity["not_known"], cases)
    yield Row("ethnicity not known", "C18", "3 %", 2, 4, unknown, cases, national=False)
    yield _rate("crisis referrals in 100,000 people a year", "C30", REFERRALS, tally.priority.total(), tally)
    calls = tally.line_contacts
    yield _rate("helpline calls in 100,000 people a year", "C32", LINE_CONTACTS, calls, tally)
    yield _rate("missing from mental-health settings", "C26", AWOL, tally.awol, tally, _ENOUGH_MISSING)
    yield _rate("left an emergency department", "C26", WALKOUTS, tally.walkouts, tally, _ENOUGH_MISSING)
    low, high = _spread(tally)
    yield Row(
        "least police vehicle of a town",
        "C12",
        "10 % or less",
        0,
        10,
        low,
        cases,
        national=False,
        enough=_ENOUGH_IN_TOWNS,
    )
    yield Row(
        "most police vehicle of a town",
        "C14",
        "60 % or more",
        60,
        100,
        high,
        cases,
        national=False,
        enough=_ENOUGH_IN_TOWNS,
    )


def _share(
    name: str,
    source: str,
    published: float,
    points: float,
    counted: Counter[str],
    value: str,
    between: tuple[float, float] | None = None,
) -> Row:
    """How much of what was counted has this value, in percent, within so many points."""
    low, high = between or (max(0.0, published - points), published + points)
    found = _percent(counted[value], counted.total())
    return Row(name, source, f"{published:g} %", low, high, found, counted.total())


def _rate(name: str, source: str, published: float, count: int, tally: Tally, enough: int = ENOUGH) -> Row:
    """So many in 100,000 people a year, within 10 %."""
    found = count / tally.years / int(tally.manifest["population"]) * 100_000
    low, high, of_table = published * 0.9, published * 1.1, "s136" in name
    return Row(name, source, f"{published:,.6g}", low, high, found, count, of_table, enough)


def _share_of_repeated(times: Counter[str], least: int) -> tuple[float | None, int]:
    often = sum(count for count in times.values() if count >= least)
    return _percent(often, times.total()), times.total()


def _ratio(tally: Tally) -> float | None:
    shares = tally.manifest["shares_of_population"]
    white = tally.ethnicity["white"] / shares["white"]
    return tally.ethnicity["black"] / shares["black"] / white if white else None


def _spread(tally: Tally) -> tuple[float | None, float | None]:
    enough = [modes for modes in tally.by_town.values() if modes.total() >= _ENOUGH_IN_TOWN]
    shares = [modes["police_vehicle"] * 100 / modes.total() for modes in enough]
    return (min(shares), max(shares)) if shares else (None, None)


def _percent(part: int, whole: int) -> float | None:
    return part * 100 / whole if whole else None
