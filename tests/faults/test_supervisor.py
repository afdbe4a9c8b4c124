"""The supervisor is killed: nothing it started runs on, and `candour up` recovers with nothing lost."""

import os
import signal
import time
from dataclasses import replace

import pytest

from broker.errors import DependencyError
from consumers.kit.line import read_line
from consumers.kit.outbox import Outbox
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, language_in, wait_until
from tests.faults import checker
from tests.faults.evidence import gather, gather_leaves
from tests.faults.feeder import publish_all
from tests.faults.flow import Flow, Item, person

pytestmark = pytest.mark.faults


def test_nothing_outlives_a_killed_supervisor_and_up_recovers(new_exchange: MakeExchange) -> None:
    exchange = new_exchange(lanes=2, workers=2)
    flow = Flow()
    calm = [flow.detained(person(number)) for number in range(100)]
    publish_all(exchange, calm)
    _wait_decided(exchange, calm)

    # These are on their way when it happens.
    rushed = [flow.triaged(person(number)) for number in range(500)]
    publish_all(exchange, rushed)
    running = exchange.processes()
    supervisor = exchange.pid("supervisor")
    assert supervisor is not None
    assert len(running) >= 7  # supervisor, Kafka, OPA, two intake and two release workers
    os.kill(supervisor, signal.SIGKILL)
    began_s = time.monotonic()
    gone_s = wait_until(lambda: not exchange.processes(), 10.0, "all it started has ended", every_s=0.05)
    assert not exchange.status()["well"]

    meanwhile = [flow.arrived(person(number)) for number in range(100)]
    _publish_in_vain(exchange, meanwhile)
    time.sleep(max(0.0, began_s + 10.0 - time.monotonic()))
    assert not any(process.is_running() for process in running)
    assert not exchange.processes()

    exchange.up()
    with Outbox(exchange.profile("moor-pos")) as outbox:
        left_over = outbox.left_over
    items = [*calm, *rushed, *meanwhile]
    decided_s = _wait_decided(exchange, items)
    print(
        f"\nall gone {gone_s:.2f} s after SIGKILL; {left_over} envelopes kept by the outbox; "
        f"all decided {decided_s:.1f} s after `candour up`"
    )
    assert left_over > 0
    assert checker.faults_in(gather(exchange.folder), [item.published for item in items]) == []
    wait_until(lambda: exchange.status()["well"], 30, "it is well")


def _publish_in_vain(exchange: RunningExchange, items: list[Item]) -> None:
    """Publish while there is no Kafka: the kit keeps what it could not send."""
    profile = exchange.profile("moor-pos")
    profile = replace(profile, kafka={**profile.kafka, "delivery.timeout.ms": "2000"})
    language = language_in(profile.schemas)
    with Outbox(profile) as outbox, pytest.raises(DependencyError):
        outbox.publish(read_line(item.line, 1, language, profile.kind) for item in items)


def _wait_decided(exchange: RunningExchange, items: list[Item]) -> float:
    due = {(one.published.event_id, *place) for one in items for place in one.published.due}
    return wait_until(
        lambda: due <= checker.outcomes(gather_leaves(exchange.folder)).keys(), 180.0, f"{len(due)} decisions"
    )
