"""With and without events that a desk may not have, all that it can see is the same (issue 4, line 4).

One exchange is made, and copied before it has run: two with the same keys. The same evening is lived in
both; in one of them further events happen that some desks are denied, each for a reason of its own. What
those desks can see is then compared byte for byte where it can be: partitions, offsets and ends of their
topics, sizes, clear headers with sequences and streams, each payload, and replies to their own agencies. Left
out is what differs in any case: the instant of sealing, random bytes, and the hash of a decision, which holds
its instant. How long anything took is not compared: timing is no part of this claim.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests import builders
from tests.builders import MINUTE_US, Person
from tests.exchange import RunningExchange
from tests.faults.evidence import Leaf, gather_leaves
from tests.system.rules import CONTROL_ROOM, MISSING, STREET_TRIAGE, Desks, Letter, Night, now_us

pytestmark = pytest.mark.exchange

TRIAGED, TREATED, ARRIVED = "crisis.triage.completed", "crisis.home_treatment.started", "pos.s136.arrived"
GIVEN, OBJECTED, REFERRED = "person.permission.given", "person.objection.raised", "vcs.referral.sent"
CMHT, PRACTICE, CARER, HOUSING = (
    *("moor-cmht/coordinator", "moor-gp/practice", "moor-carer/self"),
    "moor-housing/options",
)
COORDINATOR, VOLUNTEER = "harbour-vcs/coordinator", "harbour-vcs/volunteer"
PEER = "northmoor-crisis/peer"
CLASSES = ["ID", "CT", "LA", "OP", "SF", "CL", "AU", "SC", "ST"]
UNLINKED: Mapping[str, Any] = {"person__police_link": None}


@dataclass(frozen=True)
class Extra:
    """An event that happens in one of the two evenings only, and who is denied it."""

    person: Person
    event_type: str
    by: str
    changes: Mapping[str, Any]
    denied: Mapping[str, str]
    """desk -> the reason among its reasons; empty where it is not even asked, so that there is no decision"""


IN_CUSTODY, OBJECTS, TRUSTS, ELSEWHERE, NEW = (
    replace(
        builders.PEOPLE[0],
        nhs_number=f"99900{digits}",
        police_ref=f"NICHE-X{at}",
        incident_ref=f"I-X{at}",
        family_name=f"Seen{at}",
    )
    for at, digits in enumerate(("00018", "00026", "00034", "00042", "00050"))
)

EXTRAS: Mapping[str, Extra] = {
    "planned care of somebody in an open incident": Extra(
        IN_CUSTODY,
        TRIAGED,
        "northmoor-crisis",
        {"setting": "planned", "purpose": "P2", **UNLINKED},
        {
            CONTROL_ROOM: "police_planned_care",
            STREET_TRIAGE: "serious_violence_duty",
            MISSING: "no_agreement",
            CMHT: "objection",
            PEER: "permission_missing",
        },
    ),
    "home treatment of somebody who objects to telling them": Extra(
        OBJECTS,
        TREATED,
        "northmoor-crisis",
        UNLINKED,
        {
            **dict.fromkeys((CMHT, PRACTICE), "objection"),
            **dict.fromkeys((CARER, COORDINATOR), "permission_missing"),
            CONTROL_ROOM: "",
        },
    ),
    "an arrival that nobody linked": Extra(
        OBJECTS, ARRIVED, "moor-pos", UNLINKED, {CONTROL_ROOM: "", MISSING: ""}
    ),
    "an ambulance outcome, of which the agreement has expired": Extra(
        NEW,
        "amb.mh_response.outcome",
        "moor-ambulance",
        {},
        {PRACTICE: "no_agreement", CONTROL_ROOM: ""},
    ),
    "a referral in the place that signed nothing with the voluntary body": Extra(
        ELSEWHERE,
        REFERRED,
        "southmoor-crisis",
        {"core__area": "southmoor"},
        dict.fromkeys((COORDINATOR, VOLUNTEER), "no_agreement"),
    ),
}


@dataclass(frozen=True)
class View:
    """All that the reader of a desk's topic can see."""

    letters: tuple[tuple[Any, ...], ...]
    ends: tuple[tuple[int, int], ...]
    """first and last offset of each partition, marks of transactions among them"""


@dataclass(frozen=True)
class Evening:
    """One of the two, when it was over."""

    views: Mapping[str, View]
    leaves: Sequence[Leaf]
    extras: Mapping[str, str]
    """event id -> name of the extra"""


class Teller:
    """Lives the evening: one event after another, each taken in before the next."""

    def __init__(self, exchange: RunningExchange, began_us: int) -> None:
        self.night = Night(exchange)
        self._at_us, self._number = began_us, 0
        self.extras: dict[str, str] = {}

    def tell(self, event_type: str, person: Person, by: str = "", number: int = 0, **changes: Any) -> str:
        """Publish one; its event id. An extra has a number of its own, so that it moves no other."""
        if not number:
            self._number += 1
            self._at_us += MINUTE_US
        given = {name.replace("__", "."): value for name, value in changes.items()}
        record = builders.BUILDERS[event_type](
            person, number=number or self._number, at_us=self._at_us, changes=given
        )
        reply = self.night.publish(event_type, record, by)
        assert reply.status in {"accepted", "applied"}, (event_type, reply.code)
        return str(record["event_id"])

    def wish(self, event_type: str, person: Person, desk: str, purposes: Sequence[str]) -> None:
        scope: dict[str, Any] = {"person__scope_recipients": [desk], "person__scope_purposes": list(purposes)}
        self.tell(event_type, person, person__scope_classes=CLASSES if event_type == GIVEN else [], **scope)

    def extra(self, at: int) -> None:
        name, extra = list(EXTRAS.items())[at]
        event_id = self.tell(extra.event_type, extra.person, extra.by, number=0x900 + at, **extra.changes)
        self.extras[event_id] = name


def live(exchange: RunningExchange, began_us: int, *, with_extras: bool) -> Evening:
    teller = Teller(exchange, began_us)
    extra = teller.extra if with_extras else lambda at: None
    for desk, purposes in ((CMHT, ("P2", "P3")), (PRACTICE, ("P2",))):
        teller.wish(OBJECTED, OBJECTS, desk, purposes)
    teller.wish(OBJECTED, IN_CUSTODY, CMHT, ("P2",))
    yes = ((PEER, "P1"), (CARER, "P10"), (COORDINATOR, "P9"), (VOLUNTEER, "P9"), (HOUSING, "P8"))
    for desk, purpose in yes:
        teller.wish(GIVEN, TRUSTS, desk, (purpose,))
    teller.tell("police.mh_call.triaged", IN_CUSTODY)
    teller.tell("police.s136.detained", IN_CUSTODY)
    teller.tell(ARRIVED, IN_CUSTODY)
    extra(0)
    teller.tell(TRIAGED, IN_CUSTODY, **UNLINKED)
    teller.tell(TREATED, TRUSTS, **UNLINKED)
    extra(1)
    teller.tell(REFERRED, TRUSTS, "northmoor-crisis")
    extra(2)
    teller.tell(TRIAGED, TRUSTS, **UNLINKED)
    extra(3)
    teller.tell(TREATED, NEW, **UNLINKED)
    extra(4)
    teller.tell("cmht.coordinator.allocated", TRUSTS)
    teller.tell("police.s136.conveyance", IN_CUSTODY)
    teller.tell("pos.s136.handover", IN_CUSTODY)
    teller.tell("police.s136.detained", OBJECTS)
    teller.tell("police.incident.closed", IN_CUSTODY)
    teller.tell("pos.s136.ended", IN_CUSTODY)
    teller.tell(REFERRED, TRUSTS, "northmoor-crisis")
    teller.night.close()
    desks = Desks(exchange.folder)
    views = {desk: View(tuple(map(seen, desks.letters(desk))), ends(exchange, desk)) for desk in desks}
    return Evening(views, gather_leaves(exchange.folder), teller.extras)


def seen(letter: Letter) -> tuple[Any, ...]:
    """A record as its reader sees it, without the instant, and without what a seal makes random."""
    payloads = [
        (kind, size, {**record, "decision": None} if "decision" in record else record)
        for kind, size, record in letter.payloads
    ]
    header = replace(letter.header, time_us=0)
    return letter.partition, letter.offset, letter.size, header, repr(payloads)


def ends(exchange: RunningExchange, desk: str) -> tuple[tuple[int, int], ...]:
    topic = "to." + desk.replace("/", ".")
    reader = Consumer({"bootstrap.servers": exchange.bootstrap, "group.id": "candour-checker"})
    try:
        partitions = sorted(reader.list_topics(topic, timeout=20).topics[topic].partitions)
        return tuple(
            reader.get_watermark_offsets(TopicPartition(topic, one), timeout=20) for one in partitions
        )
    finally:
        reader.close()


@pytest.fixture(scope="module")
def evenings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Evening, Evening]:
    """The evening with the extras, and the evening without them."""
    place = tmp_path_factory.mktemp("existence")
    exchange, fresh = RunningExchange(place / "exchange", lanes=4), place / "fresh"
    exchange.command("create", "--lanes", "4")
    shutil.copytree(exchange.folder, fresh)
    began_us = now_us() - 40 * MINUTE_US
    with exchange:
        first = live(exchange, began_us, with_extras=True)
    exchange.folder.rename(place / "over")
    Path(fresh).rename(exchange.folder)
    with exchange:
        return first, live(exchange, began_us, with_extras=False)


def told_of_extras(evening: Evening) -> set[str]:
    """Desks that were told of an extra, and those that hear the replies to one."""
    told = {
        leaf.record["desk"]
        for leaf in evening.leaves
        if leaf.kind == "decision"
        and leaf.record["event_id"] in evening.extras
        and leaf.record["delivery_id"] is not None
    }
    published = {extra.by for extra in EXTRAS.values()}
    return told | {desk for desk in evening.views if desk.split("/")[0] in published}


def test_each_extra_is_denied_as_it_says(evenings: tuple[Evening, Evening]) -> None:
    evening, _ = evenings
    for event_id, name in evening.extras.items():
        decided = {
            leaf.record["desk"]: leaf.record
            for leaf in evening.leaves
            if leaf.kind == "decision" and leaf.record["event_id"] == event_id
        }
        for desk, reason in EXTRAS[name].denied.items():
            if reason:
                assert (decided[desk]["outcome"], decided[desk]["extent"]) == ("denied", "none"), (name, desk)
                assert reason in decided[desk]["reasons"], (name, desk, decided[desk]["reasons"])
            else:
                assert desk not in decided, (name, desk)


def test_what_a_desk_sees_is_the_same_with_and_without_what_it_may_not_have(
    evenings: tuple[Evening, Evening],
) -> None:
    with_extras, without = evenings
    told = told_of_extras(with_extras)
    compared = sorted(set(with_extras.views) - told)
    print(f"\n{len(EXTRAS)} extras; what {len(compared)} desks that were told of none see, with and without:")
    for desk in compared:
        one, other = with_extras.views[desk], without.views[desk]
        size = sum(letter[2] for letter in one.letters)
        print(f"  {desk:28} {len(one.letters):3} envelopes, {size:6} bytes, {one.ends}")
        assert one.letters == other.letters, desk
        assert one.ends == other.ends, desk
    # Those of whom it is claimed were all told something else that evening: there was something to see.
    denied = {desk for extra in EXTRAS.values() for desk in extra.denied}
    assert denied - told <= set(compared)
    heard = {desk for desk in denied if with_extras.views[desk].letters}
    assert heard >= {CONTROL_ROOM, CMHT, PRACTICE, CARER, COORDINATOR, VOLUNTEER, PEER} - told


def test_who_was_told_of_an_extra_does_see_a_difference(evenings: tuple[Evening, Evening]) -> None:
    """Else the comparison would show nothing."""
    with_extras, without = evenings
    for desk in ("northmoor-crisis/crisis-line", "moor-ambulance/control"):
        assert with_extras.views[desk] != without.views[desk]
        assert len(with_extras.views[desk].letters) > len(without.views[desk].letters)
