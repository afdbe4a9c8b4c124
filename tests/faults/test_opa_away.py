"""OPA is killed, paused, answers 500 under load: what is known goes on, the rest waits, all ends the same."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

import pytest

from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, wait_until
from tests.faults import checker
from tests.faults.evidence import Leaf, gather, gather_leaves
from tests.faults.feeder import Feeder, publish_all
from tests.faults.flow import Flow, Item, person
from tests.faults.outages import OpaProxy, Outage, killed, paused

pytestmark = pytest.mark.faults

CACHED, FRESH, BEHIND = 150, 110, 20
BEFORE = 40
"""events under way when OPA goes"""

_AGES = ("under_16", "age_16_17", "unknown")
_CAPACITIES = ("has", "lacks", "unknown")
_MARKERS = ("", "location_withheld", "domestic_abuse", "alias", "staff_or_vip", "child", "legal_hold")
_AREAS = ("northmoor", "southmoor", "elsewhere-on-the-coast")
_FACTS = list(product(_AGES, _CAPACITIES, _MARKERS, _AREAS))


@dataclass(frozen=True, slots=True)
class Load:
    """What is published around one outage."""

    wishes: list[Item]
    warm: list[Item]
    """after the wishes and before the outage: all the questions that `cached` and `behind` raise"""
    cached: list[Item]
    fresh: list[Item]
    """each of facts that nobody has asked about"""
    behind: list[Item]
    """second events of people whose first event is among `fresh`; their own questions are known"""

    @property
    def waiting(self) -> list[Item]:
        """What has to wait for OPA."""
        return [*self.fresh, *self.behind]

    @property
    def flow(self) -> list[Item]:
        """What flows while OPA goes: first known questions only, then known and fresh by turns."""
        known, waiting = self.cached[BEFORE:], self.waiting
        mixed = chain.from_iterable(zip(known, waiting, strict=False))
        most = min(len(known), len(waiting))
        return [*self.cached[:BEFORE], *mixed, *known[most:], *waiting[most:]]

    @property
    def all(self) -> list[Item]:
        """In the order of publication."""
        return [*self.wishes, *self.warm, *self.flow]


def _load(flow: Flow, outage: int) -> Load:
    first = 1_000 * (outage + 1)
    numbers = range(first, first + CACHED)
    permitting = [number for number in numbers if number % 3 == 0][:30]
    wishes = [flow.wish(person(number), "permission") for number in permitting]
    # Each worker has a cache of its own: enough people that each question is asked in either's lanes.
    warm = [_known(flow, number) for number in (*range(first + 900, first + 960), *permitting[:20])]
    cached = [_known(flow, number) for number in numbers]
    some = FRESH // 2
    facts = _FACTS[outage * some : (outage + 1) * some] * 2
    fresh = [
        flow.triaged(
            person(first + 500 + number),
            **{
                "age_band": age,
                "capacity": capacity,
                "restrictions": [marker] if marker else [],
                "core.area": area,
            },
        )
        for number, (age, capacity, marker, area) in enumerate(facts)
    ]
    behind = [flow.triaged(person(first + 500 + number)) for number in range(BEHIND)]
    return Load(wishes, warm, cached, fresh, behind)


def _known(flow: Flow, number: int) -> Item:
    """An event of facts that all of its kind share; an assessment where the number divides by three."""
    who = person(number)
    return (flow.triaged, flow.arrived, flow.detained)[number % 3](who)


@dataclass
class World:
    """The exchange whose OPA goes away, and the loads of the three outages."""

    exchange: RunningExchange
    proxy: OpaProxy
    loads: Sequence[Load] = field(repr=False)


@pytest.fixture(scope="module")
def world(module_exchange: MakeExchange) -> Iterator[World]:
    flow = Flow()
    loads = [_load(flow, outage) for outage in range(3)]
    proxy = OpaProxy()
    yield World(module_exchange(lanes=4, workers=2), proxy, loads)
    proxy.close()


def test_killed_the_known_goes_on_and_the_rest_waits(world: World) -> None:
    _go_through(world, 0, "killed", killed)


def test_paused_the_known_goes_on_and_the_rest_waits(world: World) -> None:
    _go_through(world, 1, "paused", paused)


def test_answering_500_the_known_goes_on_and_the_rest_waits(world: World) -> None:
    exchange, proxy = world.exchange, world.proxy
    exchange.down()
    exchange.environment = {**exchange.environment, "CANDOUR_OPA_URLS": proxy.url}
    proxy.upstream = lambda: f"http://127.0.0.1:{exchange.port('opa')}"
    exchange.up()
    _go_through(world, 2, "answering 500", proxy.answering_500)
    assert proxy.failed > 0


def test_all_outcomes_equal_those_of_an_undisturbed_run(world: World, new_exchange: MakeExchange) -> None:
    undisturbed = new_exchange(lanes=4, workers=1)
    for load in world.loads:
        for items in (load.wishes, load.warm, load.flow):
            publish_all(undisturbed, items)
            _wait_settled(undisturbed, items)
    wanted = checker.outcomes(gather_leaves(undisturbed.folder))
    came = checker.outcomes(gather_leaves(world.exchange.folder))
    print(f"\n{len(wanted)} decisions compared")
    assert len(wanted) > 2_000
    assert came == wanted


def _go_through(world: World, number: int, name: str, outage: Outage) -> None:
    """One outage under load: what is known is decided while it lasts, all else waits until it is over."""
    exchange, load = world.exchange, world.loads[number]
    for items in (load.wishes, load.warm):
        publish_all(exchange, items)
        _wait_settled(exchange, items)
    with Feeder(exchange, load.flow, most_a_second=400) as feeder:
        feeder.allow(BEFORE / len(load.flow))
        wait_until(lambda: feeder.published >= BEFORE // 2, 60.0, "events flow", every_s=0.02)
        with outage(exchange):
            began_us = time.time_ns() // 1_000
            feeder.finish()
            passed_s = _wait_settled(exchange, load.cached)
            wait_until(lambda: _waiting(exchange) == len(load.waiting), 60.0, "the rest waits")
            leaves = gather_leaves(exchange.folder)
    decided_s = _wait_settled(exchange, load.waiting)
    from_cache = _events(leaf for leaf in leaves if leaf.record.get("decided_at_us", 0) >= began_us)
    from_cache &= {item.published.event_id for item in load.cached}
    print(
        f"\nOPA {name}: {len(from_cache)} events decided from the cache, the last {passed_s:.1f} s after its "
        f"publication; {len(load.waiting)} waited, decided {decided_s:.1f} s after OPA was let back"
    )
    assert not _events(leaves) & {item.published.event_id for item in load.waiting}
    assert len(from_cache) >= 100
    assert len(load.waiting) >= 100
    wait_until(lambda: _waiting(exchange) == 0, 60.0, "nothing waits")
    published = [item.published for load in world.loads[: number + 1] for item in load.all]
    assert checker.faults_in(gather(exchange.folder), published) == []


def _wait_settled(exchange: RunningExchange, items: Sequence[Item]) -> float:
    """Wait until each event has its decisions and each wish is applied; returns after how many seconds."""
    due = {(one.published.event_id, *place) for one in items for place in one.published.due}
    wishes = {one.published.event_id for one in items if one.published.wish}

    def settled() -> bool:
        leaves = gather_leaves(exchange.folder)
        applied = {leaf.record["event_id"] for leaf in leaves if leaf.kind == "wish_applied"}
        return due <= checker.outcomes(leaves).keys() and wishes <= applied

    return wait_until(settled, 180.0, f"{len(due)} decisions and {len(wishes)} wishes")


def _events(leaves: Iterable[Leaf]) -> set[str]:
    """Events that these leaves decide."""
    return {str(leaf.record["event_id"]) for leaf in leaves if leaf.kind == "decision"}


def _waiting(exchange: RunningExchange) -> float:
    return exchange.total("candour_lane_waiting_entries")
