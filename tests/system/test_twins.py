"""Twins: people with 1 and with 10 earlier contacts, else alike, are told of alike (R5, R6; issue 4, line 3).

Fifty pairs. The histories are of earlier days: detentions with their ends, calls, triages, arrivals at the
emergency department. Then the same evening happens to both. What police, ambulance, emergency department and
place of safety were sent of it must be the same: which event, for which purpose, how much, each field with
its value, in the same order and of the same size. Only what identifies person, incident, event or decision
may differ, and not in its length. How long it took is not compared.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests import builders
from tests.builders import MINUTE_US, Person
from tests.exchange import RunningExchange
from tests.faults.evidence import gather_leaves
from tests.property.canaries import nhs_number
from tests.system.publishing import publish_and_wait
from tests.system.rules import Desks, Letter, now_us

pytestmark = pytest.mark.exchange

PAIRS, FEW, MANY = 50, 1, 10
DAY_US = 24 * 60 * MINUTE_US
FIRST_HAND = 4
"""One pair in so many is never linked to a police incident that evening: of them police must hear nothing"""
POLICE = ("moor-police/control-room", "moor-police/street-triage", "moor-police/missing-persons")
WATCHED = (
    *POLICE,
    *("moor-ambulance/control", "moor-ambulance/crew", "moor-ed/nurse-in-charge", "moor-ed/liaison"),
    "moor-pos/s136-suite",
)
IDENTIFIES = frozenset(
    {"delivery_id", "event_id", "decision", "subject", "incident_ref", "nhs_number", "local_ref"}
)
SMALLEST_BUCKET, FRONT, ITEM = 9, 66, 52
"""Of an envelope: 512 bytes at least, of which 66 go before all payloads and 52 before each"""

Change = Callable[[Person], Mapping[str, Any]]
Told = tuple[Person, int, Mapping[str, Any]]


def linked(person: Person) -> Mapping[str, Any]:
    return {"person.police_link": builders.police_link(person)}


def unlinked(_: Person) -> Mapping[str, Any]:
    return {"person.police_link": None}


def plain(_: Person) -> Mapping[str, Any]:
    return {}


CONTACTS: tuple[tuple[tuple[str, Change], ...], ...] = (
    (
        ("police.s136.detained", plain),
        ("pos.s136.arrived", linked),
        ("pos.s136.handover", plain),
        ("pos.s136.ended", plain),
        ("police.incident.closed", plain),
    ),
    (("police.mh_call.triaged", plain),),
    (("crisis.triage.completed", linked),),
    (("ed.mh.arrived", linked), ("amb.mh_response.outcome", plain)),
    (("pos.s136.arrived", linked),),  # its end was never recorded
)
"""What an earlier contact was, each as the events it left"""

EVENING: tuple[tuple[str, Change], ...] = (
    ("police.mh_call.triaged", plain),
    ("amb.mh_response.outcome", plain),
    ("police.s136.detained", plain),
    ("police.s136.conveyance", plain),
    ("crisis.triage.completed", unlinked),
    ("ed.mh.arrived", unlinked),
    ("pos.s136.arrived", linked),
    ("crisis.triage.completed", unlinked),
    ("amb.mh_response.outcome", plain),
    ("pos.s136.handover", plain),
    ("police.s136.handover_replied", plain),
    ("sc.amhp.assessment_requested", plain),
    ("sc.safeguarding.concern_raised", plain),
    ("police.incident.closed", plain),
    ("crisis.home_treatment.started", unlinked),
    ("pos.s136.ended", plain),
    ("cmht.crisis_plan.updated", plain),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One payload that a desk received, without what identifies."""

    desk: str
    kind: str
    size: int
    """bytes of its body"""
    record: str

    @property
    def bucket(self) -> int:
        """Bytes of an envelope that holds it alone."""
        return 1 << max(SMALLEST_BUCKET, (FRONT + ITEM + self.size - 1).bit_length())


class Town:
    """Publishes one event of everybody's at a time, and waits until all are taken in."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.exchange = exchange
        self.evening: dict[str, str] = {}
        """event id of the evening -> NHS number of its person"""
        self.earlier_events = 0
        self._made = 0x6A00_0000

    def tell(self, event_type: str, told: Sequence[Told]) -> dict[str, str]:
        """Everybody's event; event id -> NHS number."""
        ids, events = {}, []
        for person, at_us, changes in told:
            self._made += 1
            record = builders.BUILDERS[event_type](person, number=self._made, at_us=at_us, changes=changes)
            ids[record["event_id"]] = person.nhs_number
            events.append((event_type, record))
        replies = publish_and_wait(self.exchange, builders.PUBLISHERS[event_type], events)
        assert {one.status for one in replies.values()} == {"accepted"}, event_type
        return ids


def twins() -> list[tuple[Person, Person]]:
    """Pairs who differ in what identifies them only, and not in how long that is."""
    return [
        tuple(  # type: ignore[misc]
            replace(
                builders.PEOPLE[0],
                nhs_number=nhs_number(50_000 + 20 * number + 10 * which),
                police_ref=f"NICHE-T{which}{number:03d}",
                incident_ref=f"I-T{which}{number:03d}",
            )
            for which in (0, 1)
        )
        for number in range(PAIRS)
    ]


def live_earlier_days(town: Town, pairs: Sequence[tuple[Person, Person]], tonight_us: int) -> None:
    """One of each pair has every contact, the other one of them: the first pair its first, and so on."""
    for number in range(MANY):
        who = [one for at, (one, _) in enumerate(pairs) if at % MANY == number] + [
            other for _, other in pairs
        ]
        at_us = tonight_us - (3 * (MANY - number) + 2) * DAY_US
        for hours, (event_type, change) in enumerate(CONTACTS[number % len(CONTACTS)]):
            then = [replace(one, incident_ref=f"{one.incident_ref}-{number}") for one in who]
            told = [(one, at_us + hours * 60 * MINUTE_US, change(one)) for one in then]
            town.earlier_events += len(town.tell(event_type, told))


def live_the_evening(town: Town, pairs: Sequence[tuple[Person, Person]], tonight_us: int) -> None:
    for number, (event_type, change) in enumerate(EVENING):
        at_us = tonight_us + 10 * MINUTE_US * (number - len(EVENING))
        told = [
            (person, at_us, unlinked(person) if change is linked and not is_linked(at) else change(person))
            for at, pair in enumerate(pairs)
            for person in pair
        ]
        town.evening |= town.tell(event_type, told)


def is_linked(pair: int) -> bool:
    return pair % FIRST_HAND != 0


def sent_to(town: Town) -> dict[str, list[Sent]]:
    """NHS number -> what every watched desk received of their evening, in order."""
    desks = Desks(town.exchange.folder)
    received = {desk: sorted(desks.letters(desk), key=_order) for desk in WATCHED}
    # After the letters: an exchange that others use too goes on telling, and the decision is there before
    # the letter is.
    events = {
        leaf.record["delivery_id"]: leaf.record["event_id"]
        for leaf in gather_leaves(town.exchange.folder)
        if leaf.kind == "decision"
    }
    found: dict[str, list[Sent]] = {number: [] for number in town.evening.values()}
    for desk, letters in received.items():
        for letter in letters:
            for kind, size, record in letter.payloads:
                if kind == "returned":  # what others on this exchange published and had back
                    continue
                event_id = record["event_id"] if kind == "reply" else events[record["delivery_id"]]
                if event_id in town.evening:
                    found[town.evening[event_id]].append(Sent(desk, kind, size, repr(anonymous(record))))
    return found


def _order(letter: Letter) -> tuple[int, int, int]:
    return letter.header.time_us, letter.partition, letter.offset


def anonymous(value: Any, key: str = "") -> Any:
    """The value with the length of what identifies in its place."""
    if key in IDENTIFIES and isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return {name: anonymous(inner, name) for name, inner in value.items()}
    return value


@pytest.fixture(scope="module")
def town(exchange: RunningExchange) -> Town:
    town, tonight_us = Town(exchange), now_us()
    live_earlier_days(town, twins(), tonight_us)
    live_the_evening(town, twins(), tonight_us)
    return town


@pytest.fixture(scope="module")
def sent(town: Town) -> dict[str, list[Sent]]:
    return sent_to(town)


def test_of_people_with_1_and_10_earlier_contacts_the_same_is_told_in_the_same_order(
    town: Town, sent: dict[str, list[Sent]]
) -> None:
    alike = 0
    for at, (one, other) in enumerate(twins()):
        for mine, theirs in zip(sent[one.nhs_number], sent[other.nhs_number], strict=True):
            assert mine == theirs, f"pair {at}, {mine.desk}"
            alike += 1
    told = [each for evening in sent.values() for each in evening]
    kinds = Counter((each.desk, "reply" if each.kind == "reply" else "delivery") for each in told)
    print(f"\n{PAIRS} pairs, {town.earlier_events} earlier events, {len(town.evening)} events of the evening")
    print(f"{alike} payloads to {len(WATCHED)} desks alike, by twin, field by field")
    for (desk, kind), count in sorted(kinds.items()):
        buckets = Counter(each.bucket for each in told if each.desk == desk)
        print(f"  {desk:26} {kind:9} {count:5}   envelopes of {dict(sorted(buckets.items()))} bytes")
    # Enough was told for this to show something.
    assert town.earlier_events > PAIRS * MANY
    assert alike > PAIRS * 20


def test_how_often_somebody_was_met_before_stands_nowhere(sent: dict[str, list[Sent]]) -> None:
    """The sizes are the same too, so that no hidden field can count."""
    for one, other in twins():
        sizes = [[each.size for each in sent[who.nhs_number]] for who in (one, other)]
        assert sizes[0] == sizes[1]


def test_police_hear_of_tonights_incident_only_whatever_was_before(sent: dict[str, list[Sent]]) -> None:
    for at, pair in enumerate(twins()):
        for person in pair:
            heard = [each for each in sent[person.nhs_number] if each.desk in POLICE and each.kind != "reply"]
            # A history of linked detentions opens nothing where tonight nobody linked the person.
            assert bool(heard) == is_linked(at), (at, len(heard))
