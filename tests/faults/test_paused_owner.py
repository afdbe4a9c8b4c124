"""The worker that decides an event is paused before its transaction, and wakes when another has the lane."""

import os
import signal
import time

import pytest

from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, wait_until
from tests.faults import checker
from tests.faults.checker import PEER
from tests.faults.evidence import gather, gather_leaves
from tests.faults.feeder import publish_all
from tests.faults.flow import Flow, Item, person

pytestmark = pytest.mark.faults

SESSION_S = 6
ASKING_S = 0.5
"""By then the worker has the event and asks OPA, which does not answer; it gives up after 1.5 s"""


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

    opa, pid = exchange.pid("opa"), exchange.pid(owner)
    assert opa is not None
    assert pid is not None
    os.kill(opa, signal.SIGSTOP)
    items.append(flow.triaged(who, capacity="has"))
    publish_all(exchange, items[-1:])
    time.sleep(ASKING_S)
    os.kill(pid, signal.SIGSTOP)
    os.kill(opa, signal.SIGCONT)
    taken_s = wait_until(lambda: _is_told(exchange, items[-1]), 40.0, "the other worker decides it")
    for item in (flow.wish(who, "withdrawal"), flow.triaged(who), flow.triaged(who, capacity="has")):
        items.append(item)
        _publish(exchange, items, item)
    before = gather_leaves(exchange.folder)
    os.kill(pid, signal.SIGCONT)
    time.sleep(4.0)
    assert gather_leaves(exchange.folder) == before

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
    wait_until(lambda: _is_told(exchange, item), 30.0, f"item {len(items)} is decided")


def _is_told(exchange: RunningExchange, item: Item) -> bool:
    leaves = gather_leaves(exchange.folder)
    told = sum(leaf.record["event_id"] == item.published.event_id for leaf in leaves)
    return told == max(1, len(item.published.due))


def _committed(exchange: RunningExchange, part: str) -> float:
    return exchange.metric(part, "candour_transactions_total", result="committed") or 0.0
