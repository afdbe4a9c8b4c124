"""What must hold of clocks.yaml: how soon a crisis referral is taken on, and who is rung when it is not."""

from collections.abc import Iterator, Mapping
from typing import Any

from broker.domain.identifiers import is_phone_number
from broker.policy.sources import CLOCKS

_REFERRAL = "referral_accepted"
_LONGEST_MINUTES = 24 * 60


def clock_problems(clocks: Mapping[str, Any], places: frozenset[str]) -> Iterator[str]:
    """Everything that is wrong with the clocks, one sentence each.

    Args:
        clocks: `referral_accepted: {place: {minutes, duty_contact}}`.
        places: every place of the area.

    Source: R42; RCRP, nobody left without support.
    """
    by_place = clocks.get(_REFERRAL)
    if set(clocks) != {_REFERRAL} or not isinstance(by_place, dict) or set(by_place) != places:
        yield f"{CLOCKS}: needs {_REFERRAL} with one entry for each place: {', '.join(sorted(places))}"
        return
    for place, clock in by_place.items():
        if not isinstance(clock, dict) or set(clock) != {"minutes", "duty_contact"}:
            yield f"{CLOCKS}: {place} needs minutes and duty_contact"
            continue
        minutes, line = clock["minutes"], clock["duty_contact"]
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 < minutes <= _LONGEST_MINUTES:
            yield f"{CLOCKS}: {place}: minutes is a whole number from 1 to {_LONGEST_MINUTES}"
        if not isinstance(line, str) or not is_phone_number(line):
            yield f"{CLOCKS}: {place}: duty_contact is a telephone number in quotes"
