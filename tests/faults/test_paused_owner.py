"""The worker that decides an event is paused before its transaction, and wakes when another has the lane."""

import os
import signal

import pytest

from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, wait_until
from tests.faults import checker
from tests.faults.checker import PEER
from tests.faults.evidence import Leaf, Record, gather, gather_leaves, read_topic
from tests.faults.feeder import publish_all
from tests.faults.figures import figure
from tests.faults.flow import Flow, Item, person
from tests.faults.outages import paused

pytestmark = pytest.mark.faults

SESSION_S = 6
UNKNOWN = "candour_cache_misses_total"
"""Grows just before OPA is asked"""
WARMED = "core questions warmed"
REFUSED = "lane of an earlier generation ended"


def test_a_paused_owner_that_wakes_writes_nothing(new_exchange: MakeExchange) -> None:
    """Reliability 3.6: it would deliver, after the withdrawal, what it decided on before it."""
    exchange = new_exchange(lanes=1, workers=2, environment={"CANDOUR_SESSION_TIMEOUT_S": str(SESSION_S)})
    flow, who = Flow(), person(0)
    items = [flow.wish(who, "permission")]
    _publish(exchange, items, items[-1])
    items.append(flow.triaged(who))
    _publish(exchange, items, items[-1])
    owner, other = sorted(exchange.release_workers(), key=lambda part: -_committed(exchange, part))
    assert _committed(exchange, other) == 0

    pid = exchange.pid(owner)
    assert pid is not None
    # Or that is what OPA leaves unanswered first, and of the event it is not even asked.
    wait_until(lambda: WARMED in _log(exchange, owner), 240.0, f"{owner} has asked what it asks as it starts")
    unknown = figure(exchange, owner, UNKNOWN)
    with paused(exchange):
        items.append(flow.triaged(who, capacity="has"))
        publish_all(exchange, items[-1:])
        # It now has the event in hand and asks OPA, which does not answer; it would give up after 1.5 s.
        wait_until(
            lambda: (exchange.metric(owner, UNKNOWN) or 0.0) > unknown, 60.0, f"{owner} asks", every_s=0.02
        )
        os.kill(pid, signal.SIGSTOP)
    taken_s = wait_until(lambda: _is_told(exchange, items[-1]), 120.0, "the other worker decides it")
    for item in (flow.wish(who, "withdrawal"), flow.triaged(who), flow.triaged(who, capacity="has")):
        items.append(item)
        _publish(exchange, items, item)
    before = _written(exchange)
    said = len(_log(exchange, owner))
    os.kill(pid, signal.SIGCONT)

    def has_been_refused() -> bool:
        """As it tried to write: it then ends the lane, or itself where it does not know of another owner."""
        return exchange.pid(owner) != pid or REFUSED in _log(exchange, owner)[said:]

    wait_until(lambda: has_been_refused() or _written(exchange) != before, 60.0, f"{owner} goes on")
    assert _written(exchange) == before

    items.append(flow.triaged(who))
    _publish(exchange, items, items[-1])
    evidence = gather(exchange.folder)
    assert checker.faults_in(evidence, [item.published for item in items]) == []
    gone = checker.gone_to_peer(evidence.leaves)
    assert gone == {items[1].published.event_id, items[2].published.event_id}
    print(
        f"\ntaken over after {taken_s:.1f} s; {owner} woke and wrote nothing; {PEER} got {len(gone)} events"
    )


def _publish(exchange: RunningExchange, items: list[Item], item: Item) -> None:
    """Publish one item and wait until it is decided or applied."""
    publish_all(exchange, [item])
    wait_until(lambda: _is_told(exchange, item), 120.0, f"item {len(items)} is decided")


def _is_told(exchange: RunningExchange, item: Item) -> bool:
    leaves = gather_leaves(exchange.folder)
    told = sum(leaf.record["event_id"] == item.published.event_id for leaf in leaves)
    return told == max(1, len(item.published.due))


def _committed(exchange: RunningExchange, part: str) -> float:
    return figure(exchange, part, "candour_transactions_total", result="committed")


def _written(exchange: RunningExchange) -> tuple[tuple[Leaf, ...], list[Record]]:
    """What was decided, and the lane's rows: to put off what nobody answers is to write, too."""
    return gather_leaves(exchange.folder), read_topic(exchange.bootstrap, "lane-state")


def _log(exchange: RunningExchange, part: str) -> str:
    return (exchange.folder / "logs" / f"{part}.log").read_text(encoding="utf-8")
