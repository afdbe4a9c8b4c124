"""When things happen: local days of the place, busier in evenings, nights and at weekends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400
_PLACE: Final = ZoneInfo("Europe/London")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Weights of the 24 hours of a day, and of the days of a week from Monday. By design: evenings, nights and
# weekends are busier (6.3 item 6), and no figure is published.
CRISIS_HOURS: Final = (9, 8, 7, 6, 4, 3, 3, 3, 4, 5, 6, 6, 6, 6, 7, 7, 8, 9, 10, 11, 12, 12, 12, 11)
OFFICE_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 10, 10, 8, 8, 10, 10, 9, 5, 1, 0, 0, 0, 0, 0)
CRISIS_DAYS: Final = (13, 13, 13, 14, 16, 17, 16)
OFFICE_DAYS: Final = (21, 20, 20, 20, 17, 1, 1)


@dataclass(frozen=True)
class Calendar:
    """The days that are simulated. Times are whole seconds since 1970-01-01T00:00Z."""

    begin: date
    days: int

    def midnight(self, day: int) -> int:
        """When a day begins in the place; day 0 is the first."""
        there = datetime.combine(self.begin + timedelta(days=day), datetime.min.time(), _PLACE)
        return int(there.timestamp())

    @property
    def ends(self) -> int:
        """When the last day is over."""
        return self.midnight(self.days)

    def moments(
        self,
        count: int,
        chance: Random,
        hours: Sequence[int] = CRISIS_HOURS,
        days: Sequence[int] = CRISIS_DAYS,
    ) -> list[int]:
        """`count` moments, the earliest first."""
        first = self.begin.weekday()
        weights = [days[(first + day) % 7] for day in range(self.days)]
        chosen = chance.choices(range(self.days), weights, k=count)
        midnights = [self.midnight(day) for day in range(self.days)]
        at = chance.choices(range(24), hours, k=count)
        return sorted(
            midnights[day] + hour * HOUR + chance.randrange(HOUR)
            for day, hour in zip(chosen, at, strict=True)
        )


def instant(at: int) -> str:
    """As a line writes it: 2026-01-01T23:41:07+00:00."""
    return (_EPOCH + timedelta(seconds=at)).isoformat()


def seconds(written: str) -> int:
    """Seconds since 1970-01-01T00:00Z of an instant as a line writes it."""
    return int(datetime.fromisoformat(written).timestamp())


def day_of(at: int) -> date:
    """The day in UTC."""
    return (_EPOCH + timedelta(seconds=at)).date()
