"""A night of canaries: hundreds of events of every type, published in an order that the oracle can follow."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from consumers.kit.delivery import Delivery, Reply
from consumers.kit.inbox import Inbox
from tests.exchange import RunningExchange, language_in
from tests.faults.evidence import gather_leaves
from tests.oracle.clerk import Clerk, Facts
from tests.oracle.flow import Case
from tests.oracle.rules import Verdict, verdicts
from tests.property.canaries import (
    AGENCIES,
    CLASSES,
    HOUR_US,
    MARKERS,
    NEEDS_A_YES,
    PUBLISHERS,
    WISHES,
    Canaries,
    Record,
    Somebody,
    linked,
    make_event,
)
from tests.system.publishing import publish_and_wait

ROUNDS, PEOPLE, CUSTODIES = 7, 90, 12
BY_AGENCY: Mapping[str, Sequence[str]] = {
    agency: found
    for agency in AGENCIES
    if (found := [name for name, agencies in PUBLISHERS.items() if agency in agencies])
}
# Many may record a wish or a marker, few do; what an agency has to say itself comes first.
SELDOM = (*WISHES, *MARKERS)
RAISED = frozenset({"broker.legal_alert.raised", "broker.safety_gap.raised"})
"""What the exchange tells by itself"""
COORDINATOR = "moor-cmht/coordinator"
"""Hears of what was offered beside treatment by the person's permission only"""


@dataclass(frozen=True)
class Told:
    """One event that was published, and what the oracle says of it at its place."""

    event_type: str
    record: Record
    publisher: str
    verdicts: Mapping[str, Verdict]
    facts: Facts


@dataclass
class Night:
    """What was published, and what every desk received."""

    exchange: RunningExchange
    canaries: Canaries
    events: dict[str, Told] = field(default_factory=dict)
    received: dict[str, list[Delivery | Reply]] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)


def a_night(exchange: RunningExchange, seed: int) -> Night:
    """In each round a person is one agency's only, so that the order in which the exchange hears is known."""
    night = Night(exchange, Canaries(seed, now_us()))
    clerk, chance = Clerk(), night.canaries.chance
    people = [night.canaries.somebody() for _ in range(PEOPLE)]
    agreed = [
        agreed_to_support(night.canaries, who, *asked) for who in people[::2] for asked in NEEDS_A_YES.items()
    ]
    publish(night, clerk, "moor-person", agreed)
    for event_type in ("pos.s136.arrived", "pos.s136.handover"):
        publish(
            night,
            clerk,
            "moor-pos",
            [in_custody(night.canaries, event_type, who) for who in people[1:CUSTODIES:2]],
        )
        exchange.until_quiet()
    for _ in range(ROUNDS):
        night.canaries.now_us = now_us()
        chance.shuffle(people)
        for number, agency in enumerate(BY_AGENCY):
            mine = people[number :: len(BY_AGENCY)]
            publish(night, clerk, agency, [some_event(night.canaries, chance, agency, who) for who in mine])
        exchange.until_quiet()
    tell_every_type(night, clerk)
    exchange.until_quiet()
    for desk in desks(exchange):
        night.received[desk] = receive(exchange, desk)
    leaves = gather_leaves(exchange.folder)
    night.decisions = [leaf.record for leaf in leaves if leaf.kind == "decision"]
    return night


def tell_every_type(night: Night, clerk: Clerk) -> None:
    """Each type in an emergency and in planned care, of somebody who permits all: by chance some miss."""
    for agency in BY_AGENCY:
        mine = [name for name in BY_AGENCY[agency] if PUBLISHERS[name][0] == agency and name not in SELDOM]
        who = night.canaries.somebody()
        asked = {**NEEDS_A_YES, COORDINATOR: "P2"}
        agreed = [agreed_to_support(night.canaries, who, *one) for one in asked.items()]
        publish(night, clerk, "moor-person", agreed)
        # After a death nothing planned goes (R51).
        mine.sort(key=lambda name: name == "person.deceased")
        for setting in ("planned", "emergency_live"):
            told_so = [plainly(night.canaries, name, agency, who, setting) for name in mine]
            publish(night, clerk, agency, told_so)


def plainly(
    canaries: Canaries, event_type: str, agency: str, who: Somebody, setting: str
) -> tuple[str, Record]:
    """An event that nothing but its type and setting keeps from anybody."""
    record = make_event(canaries, event_type, agency, who)
    purpose = "P2" if setting == "planned" else "P1"
    record |= {"setting": setting, "purpose": purpose, "regime": "ukgdpr", "restrictions": []}
    record |= {"age_band": "adult", "capacity": "has"}
    record["core"]["area"] = "northmoor"
    return event_type, record


def publish(night: Night, clerk: Clerk, agency: str, events: Sequence[tuple[str, Record]]) -> None:
    if not events:
        return
    for event_type, record in events:
        night.events[record["event_id"]] = told(clerk, event_type, record, agency)
    replies = publish_and_wait(night.exchange, agency, events)
    assert {one.status for one in replies.values()} <= {"accepted", "applied"}


def agreed_to_support(canaries: Canaries, who: Somebody, desk: str, purpose: str) -> tuple[str, Record]:
    record = make_event(canaries, "person.permission.given", "moor-person", who)
    record["subject"]["nhs_number"] = who.nhs_number
    record["person"] |= {"scope_recipients": [desk], "scope_purposes": [purpose]}
    record["person"] |= {"scope_classes": list(CLASSES), "valid_until": None}
    return "person.permission.given", record


def in_custody(canaries: Canaries, event_type: str, who: Somebody) -> tuple[str, Record]:
    """Police hear of a handover only in an incident that health linked (R3, R21): chance brings too few."""
    record = make_event(canaries, event_type, "moor-pos", who)
    record |= {"setting": "emergency_live", "purpose": "P1", "regime": "ukgdpr", "restrictions": []}
    record["core"]["area"] = "northmoor"
    record["subject"]["nhs_number"] = who.nhs_number
    if event_type == "pos.s136.arrived":
        record["person"] |= {"police_link": linked(who), "arrived_at": None}
    return event_type, record


def some_event(canaries: Canaries, chance: random.Random, agency: str, who: Somebody) -> tuple[str, Record]:
    weights = [1 if name in SELDOM else 20 for name in BY_AGENCY[agency]]
    (event_type,) = chance.choices(BY_AGENCY[agency], weights)
    record = make_event(canaries, event_type, agency, who)
    if event_type == "pos.s136.arrived" and chance.random() < 0.2:
        record["person"]["arrived_at"] = canaries.instant(canaries.now_us - 50 * HOUR_US)
    return event_type, record


def told(clerk: Clerk, event_type: str, record: Record, agency: str) -> Told:
    at_us = now_us()
    facts = clerk.hears(event_type, record, agency, at_us)
    assert facts is not None, event_type
    today = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    case = Case(event_type, record, agency, facts, today, at_us)
    return Told(event_type, record, agency, verdicts(case), facts)


def desks(exchange: RunningExchange) -> list[str]:
    return [desk for agency in AGENCIES for desk in exchange.profile(agency).desks]


def receive(exchange: RunningExchange, desk: str) -> list[Delivery | Reply]:
    """Everything in a desk's inbox, as its own programs open it."""
    profile = exchange.profile(desk.partition("/")[0])
    with Inbox(profile, language_in(profile.schemas), desk) as inbox:  # type: ignore[arg-type]
        received = list(inbox.deliveries(follow=False))
        assert inbox.refused == []
    return received


def now_us() -> int:
    return time.time_ns() // 1_000
