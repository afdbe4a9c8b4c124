"""The adverse cases of domain.md 6.3 items 8 and 9, told on purpose; the manifest lists each."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from broker.simulate import adverse_custody, adverse_requests, adverse_wishes
from broker.simulate.calendar import DAY
from broker.simulate.stage import Stage
from broker.simulate.world import World

EVERY_DAYS: Final = 91
"""Each case is told once in so many days, in the first five of them"""
_FIRST_DAYS: Final = 5

Case = Callable[[Stage, int], list[str]]
CASES: Final[Mapping[str, Case]] = {
    "refusal with capacity": adverse_wishes.refusal_with_capacity,
    "refusal, then loss of capacity": adverse_wishes.refusal_then_loss_of_capacity,
    "somebody who may not be found": adverse_wishes.somebody_who_may_not_be_found,
    "victim and alleged perpetrator both known": adverse_wishes.victim_and_alleged_perpetrator,
    "member of staff as patient": adverse_wishes.member_of_staff,
    "twins": adverse_wishes.twins,
    "anonymous caller": adverse_wishes.anonymous_caller,
    "carer who must stay secret": adverse_wishes.carer_who_must_stay_secret,
    "a permission and an objection at odds": adverse_wishes.two_at_odds,
    "a permission taken back while it is used": adverse_wishes.taken_back_while_used,
    "stale plan": adverse_wishes.stale_plan,
    "17, and 18 in detention": adverse_custody.turns_18,
    "transfer between places of safety": adverse_custody.transfer,
    "23 hours and 50 minutes": adverse_custody.nearly_a_day,
    "30 hours without extension": adverse_custody.thirty_hours,
    "extended for want of a bed": adverse_custody.extended_for_want_of_a_bed,
    "police station, 17 years old": adverse_custody.police_station_under_18,
    "section 136 in a private dwelling": adverse_custody.private_dwelling,
    "handover told hours later, after an outage": adverse_custody.handover_told_late,
    "linked to the wrong person": adverse_custody.wrong_person,
    "an agreement that has ended, at 3 in the morning": adverse_requests.ended_agreement,
    "police ask and quote section 115 alone": adverse_requests.asked_under_section_115,
    "a request under the Serious Violence Duty": adverse_requests.asked_under_serious_violence_duty,
    "a Safeguarding Adults Board asks": adverse_requests.asked_by_safeguarding_board,
    "the exchange refuses: permission without capacity": adverse_requests.without_capacity,
    "the exchange refuses: one event id twice": adverse_requests.id_twice,
    "the exchange refuses: number of somebody else": adverse_requests.number_of_another,
}


class Adverse:
    """The stream of adverse cases."""

    def __init__(self, world: World) -> None:
        self._stage = Stage(world, world.chance("adverse"))
        self._names = list(CASES)
        begins = range(0, world.calendar.days, EVERY_DAYS)
        step = _FIRST_DAYS * DAY // len(CASES)
        self.moments = [
            world.calendar.midnight(day) + step * (number + 1)
            for day in begins
            for number in range(len(CASES))
        ]
        self.told: list[dict[str, Any]] = []
        """each case with the day it began and the ids of its events"""

    def tell(self, number: int, at: int) -> None:
        """One case, of people who are in no other story."""
        name = self._names[number % len(self._names)]
        self.told.append({"case": name, "event_ids": CASES[name](self._stage, at)})

    @property
    def refused(self) -> list[dict[str, str]]:
        """What the exchange must reject: event id and code."""
        return self._stage.refused
