"""A flow of events and wishes by seed: the same seed publishes the same events, ids and people."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests import builders
from tests.builders import Person
from tests.faults.checker import Due, Published

POLICE, POS, CRISIS, PERSON = "moor-police", "moor-pos", "northmoor-crisis", "moor-person"
# Every class that the agreement with the peer supporters names, so that a yes is a yes to all of it.
PEER_CLASSES = ["CT", "OP", "SF", "CL", "AU", "ST"]

# What is due for an event, by hand from policies/subscriptions.yaml. Police ask inside an open incident only.
TO_HEALTH: frozenset[Due] = frozenset({("moor-pos/s136-suite", "P1"), ("northmoor-crisis/peer", "P1")})
TO_POLICE: frozenset[Due] = frozenset(
    {("moor-police/control-room", "P5"), ("moor-police/missing-persons", "P7")}
)
ARRIVED: frozenset[Due] = frozenset(
    {("northmoor-crisis/crisis-line", "P1"), ("northmoor-crisis/home-treatment", "P2")}
)
DETAINED: frozenset[Due] = frozenset(
    {
        ("moor-pos/s136-suite", "P1"),
        ("northmoor-crisis/crisis-line", "P1"),
        ("northmoor-crisis/home-treatment", "P1"),
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line to publish, and what the checker must know of it."""

    published: Published
    line: str = field(repr=False)

    @property
    def agency(self) -> str:
        """Whose topic it goes through."""
        return self.published.publisher


def nhs_number(number: int) -> str:
    """The `number`th sound NHS number that is never issued (999...); the check digit is modulo 11."""
    for nine in range(999_000_000 + number * 2, 999_999_999):
        digits = f"{nine:09d}"
        check = 11 - sum(int(digit) * (10 - at) for at, digit in enumerate(digits)) % 11
        if check != 10:
            return digits + str(check % 11)
    raise ValueError(number)


def person(number: int) -> Person:
    """An invented person; another for each number."""
    return Person(
        nhs_number(number), f"NICHE-{number}", f"I-{number}", "Example", f"Alex {number}", "1988-04-02"
    )


class Flow:
    """Makes items: each gets the next id, and an `occurred_at` one microsecond after the last."""

    def __init__(self, first_number: int = 1) -> None:
        self._number = first_number - 1
        self._base_us = (int(time.time()) - 3_600) * 1_000_000

    def triaged(self, who: Person, *, linked: bool = False, **changes: object) -> Item:
        """The crisis team has assessed somebody; with `linked`, in a police incident that it confirms."""
        if not linked:
            changes["person.police_link"] = None
        due = TO_HEALTH | (TO_POLICE if linked else frozenset())
        return self._item("crisis.triage.completed", CRISIS, who, f"nhs:{who.nhs_number}", due, "", changes)

    def arrived(self, who: Person, **changes: object) -> Item:
        """Somebody has arrived at the place of safety, in no incident."""
        changes["person.police_link"] = None
        return self._item("pos.s136.arrived", POS, who, f"nhs:{who.nhs_number}", ARRIVED, "", changes)

    def detained(self, who: Person, **changes: object) -> Item:
        """Police detain somebody whom they know by a reference of their own."""
        subject = f"ref:{who.police_ref}"
        return self._item("police.s136.detained", POLICE, who, subject, DETAINED, "", changes)

    def wish(self, who: Person, kind: str) -> Item:
        """The person's own word about the peer supporters: `permission`, `withdrawal` or `objection`."""
        event_type = {
            "permission": "person.permission.given",
            "withdrawal": "person.permission.withdrawn",
            "objection": "person.objection.raised",
        }[kind]
        classes = PEER_CLASSES if kind == "permission" else []
        changes: dict[str, object] = {"person.scope_classes": classes}
        subject = f"nhs:{who.nhs_number}"
        return self._item(event_type, PERSON, who, subject, frozenset(), kind, changes)

    def _item(
        self,
        event_type: str,
        agency: str,
        who: Person,
        subject: str,
        due: frozenset[Due],
        wish: str,
        changes: dict[str, object],
    ) -> Item:
        self._number += 1
        at_us = self._base_us + self._number
        record = builders.BUILDERS[event_type](who, number=self._number, at_us=at_us, changes=changes)
        published = Published(record["event_id"], agency, subject, self._number, due, wish, at_us)
        return Item(published, builders.line(event_type, record))


FIRST_NUMBER = 10_000_001
FIRST_PERSON = 5_000
"""Ids and people of flows are apart from those that other tests use in a shared exchange"""


def night(seed: int, events: int = 5_000, wishes: int = 200, people: int = 240) -> list[Item]:
    """A night's flow: three in five events are assessments, the rest arrivals and detentions.

    Each of some hundred people first permits the peer supporters; most of them withdraw or object in the
    middle of their events, some permit again. In one in four people's events police are linked.
    """
    chance = random.Random(seed)
    flow = Flow(FIRST_NUMBER)
    who = [person(FIRST_PERSON + number) for number in range(people)]
    order = [_kind(chance) for _ in range(events)]
    due = _wish_places(chance, events, wishes, people)
    items: list[Item] = []
    for at, kind in enumerate(order):
        items += [flow.wish(who[number], wish) for number, wish in due.get(at, ())]
        number = chance.randrange(people)
        if kind == "triaged":
            # Whoever is linked is linked by each of their events, so what is due hangs on no other agency.
            items.append(flow.triaged(who[number], linked=number % 4 == 0))
        elif kind == "arrived":
            number += number % 4 == 0
            items.append(flow.arrived(who[number % people]))
        else:
            items.append(flow.detained(who[number]))
    return items


def without_withdrawals(items: list[Item]) -> list[Item]:
    """The same flow, had nobody taken anything back."""
    return [item for item in items if item.published.wish not in {"withdrawal", "objection"}]


def _kind(chance: random.Random) -> str:
    return chance.choices(("triaged", "arrived", "detained"), (3, 1, 1))[0]


def _wish_places(
    chance: random.Random, events: int, wishes: int, people: int
) -> dict[int, list[tuple[int, str]]]:
    """event number -> wishes published just before it."""
    permitting = chance.sample(range(people), wishes // 2)
    rest = wishes - len(permitting)
    objecting, again = rest // 10, rest // 5
    stopping = rest - again
    places: dict[int, list[tuple[int, str]]] = {}

    def put(share: float, number: int, wish: str) -> None:
        places.setdefault(int(share * events), []).append((number, wish))

    for turn, number in enumerate(permitting):
        put(0.02 + 0.1 * chance.random(), number, "permission")
        if turn < stopping:
            put(0.2 + 0.5 * chance.random(), number, "objection" if turn < objecting else "withdrawal")
        if stopping - again <= turn < stopping:
            put(0.75 + 0.2 * chance.random(), number, "permission")
    return places


def by_agency(items: list[Item]) -> Iterator[tuple[str, list[Item]]]:
    """The items of each agency, in order."""
    for agency in (POLICE, POS, CRISIS, PERSON):
        found = [item for item in items if item.agency == agency]
        if found:
            yield agency, found
