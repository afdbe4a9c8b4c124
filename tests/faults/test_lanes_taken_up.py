"""What a worker finds when it takes up a lane: waiting entries, lost offsets, aborted entries, lost state."""

import os
import signal
from dataclasses import dataclass, field

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from broker.lanes.block import Entry, EntryKind, pack, seal_entries
from broker.lanes.placement import lane_of
from broker.onebox.topics import topics_of
from broker.registry.catalogue import load_catalogue
from broker.registry.keyring import KeyRing
from broker.registry.registry import read_registry
from broker.wire.keys import VerifyKey
from tests import builders
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, wait_until
from tests.faults import checker
from tests.faults.evidence import Record, gather, gather_leaves, read_topic
from tests.faults.feeder import publish_all
from tests.faults.figures import figure
from tests.faults.flow import Flow, Item, person

pytestmark = pytest.mark.faults

LANE_STATE = "lane-state"


@dataclass
class World:
    """One exchange with one release worker, and everything that was published to it in this module."""

    exchange: RunningExchange
    flow: Flow = field(default_factory=Flow)
    items: list[Item] = field(default_factory=list, repr=False)

    def publish(self, *items: Item) -> None:
        """Publish, and remember for the checker."""
        publish_all(self.exchange, items)
        self.items += items

    def decided(self) -> int:
        """How many decisions there are."""
        return sum(leaf.kind == "decision" for leaf in gather_leaves(self.exchange.folder))

    def settle(self, within_s: float = 120.0) -> None:
        """Wait until all is decided, then let the checker look at all there is."""
        due = sum(len(item.published.due) for item in self.items)
        wait_until(lambda: self.decided() >= due, within_s, f"{due} decisions")
        found = checker.faults_in(gather(self.exchange.folder), [item.published for item in self.items])
        assert found == []


@pytest.fixture(scope="module")
def world(module_exchange: MakeExchange) -> World:
    return World(module_exchange(lanes=4, workers=1))


def test_lanes_with_only_waiting_entries_are_taken_up_and_decided_after_a_restart(world: World) -> None:
    exchange = world.exchange
    pid = exchange.pid("opa")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    # Nothing but cores is in the cache yet, so each of these waits, the second of a person behind the first.
    people = [person(number) for number in range(20)]
    before = world.decided()
    world.publish(*(world.flow.triaged(who) for who in people), *(world.flow.arrived(who) for who in people))
    wait_until(lambda: _waiting(exchange) == 40, 120.0, "40 entries wait")
    exchange.down()
    exchange.up("--without-workers")
    assert world.decided() == before
    exchange.down()
    exchange.up()
    world.settle()
    wait_until(lambda: _waiting(exchange) == 0, 60.0, "no entry waits")
    print("\n40 entries waited in otherwise empty lanes; all decided after the restart")


def test_deleted_group_offsets_repeat_nothing_and_skip_nothing(world: World) -> None:
    exchange = world.exchange
    world.publish(*(world.flow.triaged(person(number)) for number in range(50, 90)))
    world.settle()
    exchange.down()
    exchange.up("--without-workers")
    world.publish(*(world.flow.detained(person(number)) for number in range(50, 90)))
    for group in ("candour-release", "candour-intake"):
        wait_until(lambda group=group: _is_deleted(exchange, group), 120.0, f"{group} is empty and deleted")
    exchange.down()
    exchange.up()
    world.settle()
    copies_s = wait_until(lambda: _copies(exchange) >= 80, 120.0, "copies are dropped")
    print(f"\n{_copies(exchange):.0f} copies dropped within {copies_s:.1f} s")
    world.settle()


def test_an_aborted_entry_is_never_processed_and_a_good_one_after_it_is(world: World) -> None:
    exchange = world.exchange
    keyring = KeyRing.load(exchange.folder / "broker" / "keys")
    aborted, good = world.flow.triaged(person(200)), world.flow.triaged(person(200))
    lane = lane_of(keyring.placement, aborted.published.subject, exchange.lanes)
    block = seal_entries(keyring.lane_key(lane), lane, [pack(_entry(aborted))])
    producer = Producer({"bootstrap.servers": exchange.bootstrap, "transactional.id": "somebody-else"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("lane-log", value=block, partition=lane)
    producer.flush(20)
    producer.abort_transaction(20)
    assert block in {one.value for one in read_topic(exchange.bootstrap, "lane-log", "read_uncommitted")}
    restarts = exchange.part("release-0")["restarts"]
    world.publish(good)
    world.settle()
    told = {leaf.record["event_id"] for leaf in gather_leaves(exchange.folder)}
    assert good.published.event_id in told
    assert aborted.published.event_id not in told
    assert exchange.part("release-0")["restarts"] == restarts


def test_a_lane_without_its_state_is_refused_until_the_state_is_restored(world: World) -> None:
    """Last in this module: it leaves the exchange without its state."""
    exchange = world.exchange
    older = read_topic(exchange.bootstrap, LANE_STATE)
    world.publish(*(world.flow.triaged(person(number)) for number in range(300, 320)))
    world.settle()
    whole = read_topic(exchange.bootstrap, LANE_STATE)

    _lose_state(exchange, older)
    _assert_worker_refuses(exchange, "lane-state has lost rows")

    _replace_state(exchange, whole)
    exchange.down()
    exchange.up()
    world.publish(world.flow.triaged(person(300)))
    world.settle()
    wait_until(lambda: exchange.status()["well"], 30, "it is well")

    _lose_state(exchange, [])
    _assert_worker_refuses(exchange, "has no position row in lane-state")
    exchange.down()
    assert "has no position row in lane-state" in exchange.command("up", expect=71) + _log(
        exchange, "prepare"
    )
    assert not exchange.status()["well"]


def _waiting(exchange: RunningExchange) -> float:
    return exchange.total("candour_lane_waiting_entries")


def _copies(exchange: RunningExchange) -> float:
    return figure(exchange, "release-0", "candour_duplicates_total")


def _is_deleted(exchange: RunningExchange, group: str) -> bool:
    """Delete a group, if it is empty: a worker that was killed as it stopped is a member for a while yet."""
    admin = AdminClient({"bootstrap.servers": exchange.bootstrap, "log_level": 0})
    try:
        admin.delete_consumer_groups([group])[group].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.NON_EMPTY_GROUP:
            raise
        return False
    return True


def _entry(item: Item) -> Entry:
    """The entry that Intake would have made of this item."""
    catalogue = load_catalogue(builders.SCHEMAS)
    codec = next(codec for name, codec in catalogue.codecs.items() if name == "crisis.triage.completed")
    record = builders.triaged(person(200), changes={"event_id": item.published.event_id})
    return Entry(
        EntryKind.EVENT,
        item.agency,
        f"from.{item.agency}",
        1_000_000,
        0,
        item.published.occurred_at_us,
        subject=item.published.subject,
        event_id=item.published.event_id,
        fingerprint=codec.fingerprint,
        body=codec.encode(record),
    )


def _replace_state(exchange: RunningExchange, rows: list[Record]) -> None:
    """Delete `lane-state` and make it anew, with these rows: what losing or restoring a disk looks like."""
    root = VerifyKey.from_bytes((exchange.folder / "broker" / "root.pub").read_bytes())
    registry = read_registry(exchange.folder, root)
    (topic,) = [one for one in topics_of(registry, exchange.lanes) if one.name == LANE_STATE]
    admin = AdminClient({"bootstrap.servers": exchange.bootstrap, "log_level": 0})
    admin.delete_topics([LANE_STATE])[LANE_STATE].result(timeout=60)
    wait_until(lambda: LANE_STATE not in admin.list_topics(timeout=10).topics, 60.0, "lane-state is gone")
    new = NewTopic(LANE_STATE, topic.partitions, config=topic.config())
    admin.create_topics([new])[LANE_STATE].result(timeout=60)
    producer = Producer({"bootstrap.servers": exchange.bootstrap, "enable.idempotence": True})
    for row in rows:
        producer.produce(LANE_STATE, value=row.value, key=row.key, partition=row.partition)
    assert producer.flush(60) == 0


def _lose_state(exchange: RunningExchange, rows: list[Record]) -> None:
    """Replace `lane-state` under a running worker, which is then killed and started again.

    Meanwhile it is paused: awake, it may notice by itself that the topic has gone, and start again, and
    refuse, before the rows are there.
    """
    pid = exchange.pid("release-0")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    _replace_state(exchange, rows)
    os.kill(pid, signal.SIGKILL)


def _assert_worker_refuses(exchange: RunningExchange, message: str) -> None:
    wait_until(lambda: exchange.part("release-0")["state"] == "refused", 120.0, "release-0 refuses to start")
    assert exchange.part("release-0")["exit_code"] == 71
    assert message in _log(exchange, "release-0")
    status = exchange.status()
    assert not status["well"]
    assert any("release-0 is refused (exit 71)" in fault for fault in status["faults"])


def _log(exchange: RunningExchange, part: str) -> str:
    return (exchange.folder / "logs" / f"{part}.log").read_text(encoding="utf-8")
