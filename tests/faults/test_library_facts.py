"""What we rest on in libraries, in either direction: when one of these fails, an upgrade is a decision.

`reliability.md` 3 tells what each fact is for.
"""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]
from faust import streams
from faust.transport.drivers import aiokafka as driver

from broker import kafka
from broker.errors import ConfigurationError
from tests.exchange import RunningExchange

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
TOPIC = "library-facts"
ABORTED, GOOD = 5, 5


@pytest.mark.parametrize("library", ["faust-streaming", "aiokafka", "mode-streaming", "opa-python-client"])
def test_the_pinned_release_is_installed(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(one.split("==") for one in project["optional-dependencies"]["broker"] if "==" in one)
    assert version(library) == pins[library]


def test_faust_uses_its_compiled_stream_iterator() -> None:
    """The one in Python acknowledges messages of an earlier generation as it skips them."""
    assert streams._CStreamIterator is not None  # type: ignore[attr-defined]
    assert streams._CStreamIterator.__module__.endswith("_cython.streams")  # type: ignore[attr-defined]


async def test_a_consumer_of_aiokafka_keeps_its_isolation_level_where_we_set_it() -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    assert consumer._isolation_level == "read_uncommitted"


def test_a_library_that_keeps_its_isolation_level_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_create_worker_consumer", lambda *_: object())
    thread: Any = object.__new__(kafka._CommittedThread)
    with pytest.raises(ConfigurationError):
        thread._create_worker_consumer(None)


def test_stock_faust_processes_aborted_entries_and_ours_does_not(exchange: RunningExchange) -> None:
    _prepare_topic(exchange, ["facts-stock", "facts-own"])
    workers = {kind: _start(exchange, kind) for kind in ("stock", "own")}
    try:
        seen = {kind: json.loads(worker.communicate(timeout=180)[0]) for kind, worker in workers.items()}
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()
    aborted = {kind: sum(value.startswith("aborted") for value in values) for kind, values in seen.items()}
    print(f"\nof {ABORTED} aborted entries stock Faust processed {aborted['stock']}, ours {aborted['own']}")
    good = [*(f"good {number}" for number in range(GOOD)), "last"]
    assert seen["own"] == good
    assert [value for value in seen["stock"] if not value.startswith("aborted")] == good
    assert aborted["stock"] == ABORTED


def _prepare_topic(exchange: RunningExchange, groups: list[str]) -> None:
    """Aborted entries, good ones behind them, and the groups' offsets at the start."""
    admin = AdminClient({"bootstrap.servers": exchange.bootstrap})
    admin.create_topics([NewTopic(TOPIC, 1)])[TOPIC].result(timeout=20)
    producer = Producer({"bootstrap.servers": exchange.bootstrap, "transactional.id": TOPIC})
    producer.init_transactions(20)
    for values, commit in (
        ([f"aborted {number}" for number in range(ABORTED)], False),
        ([*(f"good {number}" for number in range(GOOD)), "last"], True),
    ):
        producer.begin_transaction()
        for value in values:
            producer.produce(TOPIC, value=value.encode(), partition=0)
        producer.flush(20)
        if commit:
            producer.commit_transaction(20)
        else:
            producer.abort_transaction(20)
    for group in groups:
        offsets = ConsumerGroupTopicPartitions(group, [TopicPartition(TOPIC, 0, 0)])
        admin.alter_consumer_group_offsets([offsets])[group].result(timeout=20)


def _start(exchange: RunningExchange, kind: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.faults.facts_worker", str(exchange.folder), TOPIC]
    return subprocess.Popen(
        [*command, f"facts-{kind}", kind],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
