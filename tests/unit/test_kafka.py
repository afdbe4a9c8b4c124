"""Faust is refused where it would lose entries."""

from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

import faust.streams
import pytest
from aiokafka.consumer.fetcher import Fetcher
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from broker import kafka
from broker.errors import ConfigurationError
from broker.kafka import INTAKE_BATCH
from broker.settings import Settings, parse_settings


def settings(tmp_path) -> Settings:  # type: ignore[no-untyped-def]
    document = {
        "version": 1,
        "bootstrap": "127.0.0.1:1",
        "opa_urls": ["http://127.0.0.1:1"],
        "lanes": 1,
        "workers": 1,
    }
    return parse_settings(tmp_path, document, {})


def test_faust_without_its_compiled_iterator_is_refused(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faust.streams, "_CStreamIterator", None)
    with pytest.raises(ConfigurationError, match="compiled iterator"):
        kafka.intake_app(settings(tmp_path), 0)


async def _from_the_front(_: Any, consumer: Any, *, max_records: int) -> dict[str, list[int]]:
    """As aiokafka hands over what it has buffered: it takes from the front until it has enough."""
    buffered, found = consumer._fetcher._records, {}
    for place in list(buffered):
        found[place] = buffered[place][:max_records]
        buffered[place] = buffered[place][max_records:]
        max_records -= len(found[place])
        if not buffered[place]:
            del buffered[place]
        if not max_records:
            break
    return found


async def test_a_topic_that_is_flooded_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AIOKafkaConsumerThread, "_fetch_records", _from_the_front)
    thread: Any = object.__new__(kafka._FairThread)
    thread._round, thread._served = 0, {}
    buffered: OrderedDict[str, list[int]] = OrderedDict(flood=list(range(600)))
    fetcher = SimpleNamespace(_records=buffered, _prefetch_backoff=0.1)
    consumer = SimpleNamespace(_fetcher=fetcher)

    async def served() -> dict[str, int]:
        found = await thread._fetch_records(consumer, max_records=INTAKE_BATCH)
        return {place: len(records) for place, records in found.items()}

    assert await served() == {"flood": INTAKE_BATCH}
    assert await served() == {"flood": INTAKE_BATCH}
    buffered["neighbour"] = [1]
    buffered["other"] = [1, 2]
    assert await served() == {"neighbour": 1, "other": 2, "flood": INTAKE_BATCH - 3}
    # Both had their turn in the last batch; the flood had more of it.
    buffered["neighbour"] = [2]
    assert await served() == {"neighbour": 1, "flood": INTAKE_BATCH - 1}
    # Two floods take turns.
    buffered["neighbour"] = list(range(600))
    turns = [await served() for _ in range(4)]
    assert turns == [{"neighbour": INTAKE_BATCH}, {"flood": INTAKE_BATCH}] * 2
    # Nor does what lies here of a flood keep aiokafka from asking for the others.
    assert fetcher._prefetch_backoff == 0.0


@pytest.mark.parametrize(
    ("queued", "unacked", "in_hand"),
    [
        (0, 0, False),
        # Whoever comes after these would have to wait for them and for what is fetched now.
        (1, 0, True),
        (0, 1, True),
        (INTAKE_BATCH, INTAKE_BATCH, True),
    ],
)
def test_intake_takes_over_one_batch_at_a_time(queued: int, unacked: int, in_hand: bool) -> None:
    consumer: Any = SimpleNamespace(
        flow_active=True,
        should_stop=False,
        unacked=set(range(unacked)),
        app=SimpleNamespace(topics=[SimpleNamespace(queue=SimpleNamespace(qsize=lambda: queued))]),
    )
    assert kafka._FairConsumer._has_any_in_hand(consumer) is in_hand
    consumer.should_stop = True
    assert not kafka._FairConsumer._has_any_in_hand(consumer)


def test_the_pinned_aiokafka_still_keeps_its_prefetch_backoff_where_intake_sets_it() -> None:
    """Set under another name it would do nothing, and a flood hold up the others unseen."""
    assert "_prefetch_backoff" in Fetcher._proc_fetch_request.__code__.co_names
