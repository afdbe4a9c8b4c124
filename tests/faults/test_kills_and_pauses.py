"""Two release workers are killed and paused while a night's events flow; the checker then finds nothing."""

import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, wait_until
from tests.faults import checker
from tests.faults.chaos import KILL, PAUSE, Chaos, Fault, faults_inside
from tests.faults.checker_duty import alerts_of, closed_calls
from tests.faults.checker_links import under_a_marker
from tests.faults.evidence import Evidence, gather, gather_leaves
from tests.faults.feeder import Feeder, publish_all
from tests.faults.flow import Item
from tests.faults.lane_log import CARRY, ENDED, EVENT, LINK, TAKEN
from tests.faults.night import night, without_withdrawals
from tests.faults.published import Published, Trail

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("CANDOUR_SEED", "20261123"))
KILLS, PAUSES = 20, 6
INTAKE_EVERY = 6
"""after so many faults an intake worker is killed too, so that copies arrive; these are not counted"""
SESSION_S = 6
"""Kafka takes no shorter session"""
HOLD_MS = 250
AGREED_MINUTE_MS = 3_000
"""so that clocks of referrals, of fifteen agreed minutes, run out among the faults"""
STRIKING_LIMIT_S = 900.0
CLOCKS, LOOKS_APART_S = "candour_referrals_open", 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run."""

    exchange: RunningExchange
    items: list[Item] = field(repr=False)
    faults: list[Fault] = field(repr=False)
    beside: list[str]
    """intake workers that were killed besides"""
    evidence: Evidence = field(repr=False)

    @property
    def known(self) -> dict[str, Published]:
        """What was published, by event id."""
        return {item.published.event_id: item.published for item in self.items}


@pytest.fixture(scope="module")
def struck(module_exchange: MakeExchange) -> Run:
    """5,000 events and 200 wishes flow while two workers are killed 20 times and paused 6 times."""
    exchange = module_exchange(
        lanes=4,
        workers=2,
        environment={
            "CANDOUR_HOLD_BEFORE_COMMIT_MS": str(HOLD_MS),
            "CANDOUR_SESSION_TIMEOUT_S": str(SESSION_S),
            "CANDOUR_AGREED_MINUTE_MS": str(AGREED_MINUTE_MS),
        },
    )
    items = night(SEED)
    chaos = Chaos(exchange, random.Random(SEED), (SESSION_S + 1.5, SESSION_S + 3.0))
    began_s = time.monotonic()
    with Feeder(exchange, items, most_a_second=200) as feeder:
        feeder.allow(1 / (KILLS + PAUSES + 1))

        def go_on(done: int, of: int) -> None:
            feeder.allow((done + 1) / (of + 1))
            if done % INTAKE_EVERY == 0:
                chaos.kill_beside(f"intake-{done // INTAKE_EVERY % 2}")

        chaos.strike_all(KILLS, PAUSES, STRIKING_LIMIT_S, go_on)
        struck_s = time.monotonic() - began_s
        feeder.finish()
    drained_s = wait_until(lambda: _all_decided(exchange, items), 240.0, "every event decided", every_s=1.0)
    wait_until(lambda: _quiet(exchange), 240.0, "every clock ended, every lane at its end", every_s=1.0)
    print(f"\nseed {SEED}: {len(items)} items, {struck_s:.0f} s of faults, decided {drained_s:.0f} s later")
    return Run(exchange, items, chaos.faults, chaos.beside, gather(exchange.folder))


def test_no_kill_and_no_pause_loses_repeats_reorders_or_overrules_anything(struck: Run) -> None:
    """Issue line 2: the checker reads Kafka itself and finds nothing."""
    evidence = struck.evidence
    inside = faults_inside(struck.faults, evidence.aborted, HOLD_MS)
    kinds = [fault.kind for fault in struck.faults]
    print(
        f"\nseed {SEED}: {kinds.count(KILL)} SIGKILL, {kinds.count(PAUSE)} SIGSTOP, "
        f"{len(evidence.aborted)} aborted transactions, {len(inside)} faults inside an open one, "
        f"{len(list(evidence.decisions()))} decisions, {len(evidence.deliveries)} deliveries, "
        f"{len(evidence.replies)} replies, {_copies(evidence)} of them to copies from {len(struck.beside)} "
        "killed intake workers"
    )
    found = checker.faults_in(evidence, struck.known.values())
    assert found == [], f"{len(found)} faults, the first: {found[:10]}"
    assert (kinds.count(KILL), kinds.count(PAUSE)) == (KILLS, PAUSES)
    assert all(fault.paused_s > SESSION_S for fault in struck.faults if fault.kind is PAUSE)
    assert {fault.part for fault in struck.faults} == set(struck.exchange.release_workers())
    assert len(inside) >= 5


def test_kills_strike_links_ends_clocks_and_markers_too(struck: Run) -> None:
    """What the checker found nothing wrong with was there: the figures beside those of the faults."""
    evidence, known = struck.evidence, struck.known
    kinds = Counter(one.kind for one in evidence.log)
    trail = Trail(evidence, known)
    gone = sum(trail.decided_under(one) != one.subject for one in known.values())
    handled, gaps = closed_calls(evidence)
    stayed = sum(one.while_open > frozenset() and not trail.is_open_for(one) for one in known.values())
    marked = len(list(under_a_marker(evidence, known)))
    print(
        f"\nseed {SEED}: {kinds[EVENT]} events in lane-log with copies and forwards, {kinds[LINK]} links, "
        f"{kinds[CARRY]} carried, {kinds[ENDED]} ends told, {kinds[TAKEN]} taken told; "
        f"{gone} police events decided in a person's lane; {stayed} events not for police after closing; "
        f"{handled} referrals taken on, {gaps} safety gaps; {marked} decisions under a location marker"
    )
    alerts = len(alerts_of(evidence))
    print(f"{alerts} alerts of what the law does not allow")
    assert min(kinds[LINK], gone, stayed, gaps, marked, alerts) >= 20
    assert min(kinds[CARRY], kinds[ENDED], kinds[TAKEN], handled) >= 5


def test_withdrawals_stopped_events_that_would_have_gone(struck: Run, exchange: RunningExchange) -> None:
    """The same flow without withdrawals and objections, and without faults, delivers what they stopped."""
    stopped = checker.stopped_by_a_wish(struck.evidence.leaves, struck.known)
    items = without_withdrawals(struck.items)
    publish_all(exchange, items)
    # Each look reads and opens every decision there is, on the processors that make them.
    wait_until(lambda: _all_decided(exchange, items), 300.0, "every event decided", every_s=5.0)
    would_have_gone = stopped & checker.gone_to_peer(gather_leaves(exchange.folder))
    print(f"\nseed {SEED}: {len(stopped)} after a confirmation, {len(would_have_gone)} would have gone")
    assert not stopped & checker.gone_to_peer(struck.evidence.leaves)
    assert len(would_have_gone) >= 50


def _copies(evidence: Evidence) -> int:
    return len(evidence.replies) - len({reply.record["delivery_id"] for reply in evidence.replies})


def _quiet(exchange: RunningExchange) -> bool:
    """Every clock has ended, and every lane has handled what is in `lane-log`, copies too.

    Two looks: an intake worker that is starting again may bring copies in between.
    """
    if not exchange.is_quiet(CLOCKS):
        return False
    time.sleep(LOOKS_APART_S)
    return exchange.is_quiet(CLOCKS)


def _all_decided(exchange: RunningExchange, items: list[Item]) -> bool:
    events = {item.published.event_id for item in items if item.published.due}
    due = sum(len(item.published.due) for item in items)
    made = [
        leaf
        for leaf in gather_leaves(exchange.folder)
        if leaf.kind == "decision" and leaf.record["event_id"] in events
    ]
    return len(made) >= due
