"""A night of events, wishes, links and their ends, by seed: kills in it can strike all that a lane does."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.builders import Person
from tests.faults.flow import CRISIS, PERSON, POLICE, POS, Flow, Item, person

FIRST_NUMBER = 10_000_001
FIRST_PERSON = 5_000
"""Ids and people of flows are apart from those that other tests use in a shared exchange"""

_Make = Callable[[Flow], Item]


def night(seed: int, events: int = 5_000, wishes: int = 200, people: int = 240) -> list[Item]:
    """A night's flow: three in five events are assessments, the rest arrivals, detentions and what follows.

    Each of some hundred people first permits the peer supporters; most of them withdraw or object in the
    middle of their events, some permit again. One in four people is linked to a police incident, by each of
    their assessments; of these one in two also by the place of safety, which hands over and ends the
    detention, and three in four have the incident closed. Of some, nobody may be told where they are.
    """
    chance = random.Random(seed)
    extra = [
        *_wishes(chance, wishes, people),
        *_incidents(chance, people),
        *_clocks_and_markers(chance, people),
    ]
    flow, who = Flow(FIRST_NUMBER), [person(FIRST_PERSON + number) for number in range(people)]
    places: dict[int, list[_Turn]] = {}
    for turn in extra:
        places.setdefault(int(turn.share * events), []).append(turn)
    items: list[Item] = []
    for at in range(events - sum(not turn.is_wish for turn in extra)):
        items += [turn.make(flow, who[turn.number]) for turn in places.pop(at, ())]
        items.append(_event(chance, flow, who))
    # What stands at the end of the flow all the same comes after it.
    items += [turn.make(flow, who[turn.number]) for at in sorted(places) for turn in places[at]]
    return items


def without_withdrawals(items: list[Item]) -> list[Item]:
    """The same flow, had nobody taken anything back."""
    return [item for item in items if item.published.wish not in {"withdrawal", "objection"}]


def by_agency(items: Sequence[Item]) -> Iterator[tuple[str, list[Item]]]:
    """The items of each agency, in order."""
    for agency in (POLICE, POS, CRISIS, PERSON):
        found = [item for item in items if item.agency == agency]
        if found:
            yield agency, found


@dataclass(frozen=True, slots=True)
class _Turn:
    """Something that happens to one person at a share of the night."""

    share: float
    number: int
    make: Callable[[Flow, Person], Item]
    is_wish: bool = False


def _event(chance: random.Random, flow: Flow, who: list[Person]) -> Item:
    kind = chance.choices(("triaged", "arrived", "detained"), (3, 1, 1))[0]
    number = chance.randrange(len(who))
    if kind == "triaged":
        # Whoever is linked is linked by each of their events, so what is due hangs on no other agency.
        return flow.triaged(who[number], linked=number % 4 == 0)
    if kind == "arrived":
        number += number % 4 == 0
        return flow.arrived(who[number % len(who)])
    return flow.detained(who[number], at_home=number % 5 == 0)


def _incidents(chance: random.Random, people: int) -> Iterator[_Turn]:
    """Arrivals that link, handovers, ends of detentions, and closures."""
    for number in range(0, people, 4):
        at = 0.05 + 0.4 * chance.random()
        if number % 8 == 0:
            yield _Turn(at, number, lambda flow, who: flow.arrived(who, linked=True))
            yield _Turn(at + 0.2 * chance.random(), number, Flow.handed_over)
            yield _Turn(at + 0.2 + 0.3 * chance.random(), number, Flow.ended)
        if number % 16 == 0:
            # After the arrival: only so is the end of the detention an end of this incident's custody.
            yield _Turn(at + 0.05 + 0.1 * chance.random(), number, Flow.closed)
        if number % 8 == 4:
            yield _Turn(0.1 + 0.4 * chance.random(), number, Flow.closed)


def _clocks_and_markers(chance: random.Random, people: int) -> Iterator[_Turn]:
    """Calls that nobody attends, some taken on; and people of whom nobody may be told where they are."""
    for number in range(people):
        if number % 2 == 0:
            at = 0.7 * chance.random()
            yield _Turn(at, number, Flow.called)
            if number % 4 == 0:
                yield _Turn(at + 0.02 + 0.05 * chance.random(), number, Flow.taken_on)
        if number % 20 == 14:
            at = 0.1 + 0.4 * chance.random()
            yield _Turn(at, number, Flow.marked)
            yield _Turn(at + 0.4, number, lambda flow, who: flow.marked(who, lifted=True))
        if number % 24 == 4:
            at = 0.1 + 0.4 * chance.random()
            yield _Turn(at, number, Flow.marked)
        if number % 16 == 0:
            # Mostly before the link, so that the reference's lane has something to hand on.
            yield _Turn(0.02 * chance.random(), number, lambda flow, who: flow.marked(who, by_police=True))


def _wishes(chance: random.Random, wishes: int, people: int) -> Iterator[_Turn]:
    permitting = chance.sample(range(people), wishes // 2)
    rest = wishes - len(permitting)
    objecting, again = rest // 10, rest // 5
    stopping = rest - again
    for turn, number in enumerate(permitting):
        yield _wish(0.02 + 0.1 * chance.random(), number, "permission")
        if turn < stopping:
            kind = "objection" if turn < objecting else "withdrawal"
            yield _wish(0.2 + 0.5 * chance.random(), number, kind)
        if stopping - again <= turn < stopping:
            yield _wish(0.75 + 0.2 * chance.random(), number, "permission")


def _wish(share: float, number: int, kind: str) -> _Turn:
    return _Turn(share, number, lambda flow, who: flow.wish(who, kind), is_wish=True)
