"""The release worker: Faust brings blocks of `lane-log`, each lane decides its own, in order (design 2.2)."""

import asyncio
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NoReturn

from confluent_kafka import KafkaException

from broker import kafka, metrics
from broker.ask.client import Asker
from broker.ask.warming import core_prototypes, core_questions
from broker.domain.identifiers import PolicyRevision
from broker.errors import EXIT_RESTART, CandourError, RestartError
from broker.lanes.lane import LaneFencedError
from broker.logs import get_log, places_of
from broker.registry import start
from broker.registry.exchange import Exchange
from broker.registry.topics import LANE_LOG
from broker.release.lane import LONDON, Block, LaneWork
from broker.release.means import Means, make_means
from broker.release.settle import Settler

_BACKLOG_EVERY_S = 2.0
_log = get_log("release")


class ReleaseWorker:
    """All lanes of one process. A surprise in any of them ends the process (design 2.2.4)."""

    def __init__(self, exchange: Exchange, worker: int) -> None:
        self._exchange = exchange
        self._settings = exchange.settings
        self._means = _means(exchange)
        self._settler = Settler(self._means)
        self._asker = Asker.of(self._settings.opa_urls)
        self._threads = ThreadPoolExecutor(max_workers=2 * self._settings.lanes, thread_name_prefix="lane")
        # One consumer serves all lanes' group metadata; it never subscribes (design 2.2.8).
        self._group = kafka.committed_reader(self._settings, self._settings.release_group)
        self._lanes: dict[int, LaneWork] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._empty_until: dict[int, int] = {}
        """lane -> offset before which its log is known to hold nothing that is not handled"""
        self._assigned = False
        self.app = kafka.release_app(self._settings, worker)
        self.app.on_partitions_assigned.connect(self._take)  # type: ignore[arg-type]
        self.app.on_partitions_revoked.connect(self._give)  # type: ignore[arg-type]
        self.app.agent(kafka.raw_topic(self.app, [LANE_LOG]), concurrency=1, name="release")(self._release)
        self.app.task(self._start)

    def ready(self) -> bool:
        """Whether every lane given to this worker has been taken up."""
        return self._assigned and all(lane.ready for lane in list(self._lanes.values()))

    async def _start(self, _app: Any = None) -> None:
        asyncio.get_running_loop().create_task(self._watch_backlog())
        today = datetime.now(LONDON).date().isoformat()
        prototypes = core_prototypes(
            self._exchange.policy.subscriptions,
            {name: spec.publishers for name, spec in self._exchange.catalogue.specs.items()},
            self._means.desk_kind,
            self._means.interval_for(today),
            frozenset(self._exchange.registry.places),
        )
        questions = list(core_questions(prototypes, self._exchange.policy.responders))
        asked = await self._asker.warm(questions, PolicyRevision(self._exchange.revision))
        _log.info("core questions warmed", questions=len(questions), count=len(asked.answers))

    async def _take(self, _app: Any, assigned: Iterable[Any], **_: Any) -> None:
        # On assignment, not on a lane's first message: a lane with only waiting entries has none.
        for lane in [place.partition for place in assigned if place.topic == LANE_LOG]:
            self._take_up(lane, self.app.consumer_generation_id)
        self._assigned = True

    async def _give(self, _app: Any, revoked: Iterable[Any], **_: Any) -> None:
        for lane in [place.partition for place in revoked if place.topic == LANE_LOG]:
            if lane in self._lanes:
                self._lanes.pop(lane).retire()
                metrics.forget_lane(lane)

    async def _release(self, stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            lane = self._lanes.get(message.partition)
            if lane is None or lane.generation < message.generation_id:
                lane = self._take_up(message.partition, message.generation_id)
            if lane.generation == message.generation_id:
                await lane.offer(Block(message.offset, message.value, int(message.timestamp * 1e6)))

    def _take_up(self, number: int, generation: int) -> LaneWork:
        known = self._lanes.get(number)
        if known is not None and known.generation == generation:
            return known
        if known is not None:
            known.retire()
        lane = LaneWork(
            number,
            generation,
            self._settings,
            self._means,
            self._asker,
            self._settler,
            self._threads,
            self._group,
        )
        self._lanes[number] = lane
        earlier = self._tasks.get(number)
        self._tasks[number] = asyncio.get_running_loop().create_task(self._run(lane, earlier))
        return lane

    async def _run(self, lane: LaneWork, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            # Our own earlier generation ends its batch first, rather than being fenced by us.
            await earlier
        try:
            if not lane.retired:
                await lane.run()
        except LaneFencedError:
            if self._lanes.get(lane.number) is lane and not lane.retired:
                _end(EXIT_RESTART, "lane fenced", lane.number)
            _log.info("lane of an earlier generation ended", lane=lane.number)
        except CandourError as error:
            _end(error.exit_code, "lane stopped", lane.number, error)
        except BaseException as error:  # noqa: BLE001 - any surprise ends the process
            _end(EXIT_RESTART, "surprise in a lane", lane.number, error)

    async def _watch_backlog(self) -> None:
        while True:
            await asyncio.sleep(_BACKLOG_EVERY_S)
            for number, lane in list(self._lanes.items()):
                if lane.ready:
                    await self._observe_backlog(number, lane)

    async def _observe_backlog(self, number: int, lane: LaneWork) -> None:
        loop = asyncio.get_running_loop()
        lag_entries = await loop.run_in_executor(self._threads, self._lag, number, lane)
        if lane.retired:
            return  # given away while we looked: its age would grow for ever
        metrics.observe_backlog(
            number, lag_entries=lag_entries, oldest_undecided_at_us=lane.oldest_undecided_us()
        )

    def _lag(self, number: int, lane: LaneWork) -> int:
        """Offsets of `lane-log` that the lane is behind; 0 where nothing but ends of transactions is left.

        Lanes write to each other in transactions, whose markers take offsets that no reader is ever given.
        """
        end, position = self._log_end(number), lane.position
        if end is None or end <= max(position, self._empty_until.get(number, 0)):
            return 0
        try:
            if lane.oldest_undecided_us() is not None or lane.has_more():
                return end - position
        except (KafkaException, RestartError):
            return end - position
        self._empty_until[number] = end
        return 0

    def _log_end(self, lane: int) -> int | None:
        try:
            _, high = self._group.get_watermark_offsets(kafka.at(LANE_LOG, lane), timeout=2.0)
        except KafkaException:
            return None
        return int(high)


def _means(exchange: Exchange) -> Means:
    return make_means(
        exchange.catalogue,
        exchange.registry,
        exchange.keyring,
        exchange.policy.agreements,
        exchange.policy.subscriptions,
        exchange.policy.interval_for,
        exchange.policy.responders,
        exchange.policy.clocks,
        exchange.settings.lanes,
    )


def _end(code: int, what: str, lane: int, error: BaseException | None = None) -> NoReturn:
    place = places_of(error.__traceback__) if error is not None else None
    kind = type(error).__name__ if error is not None else None
    _log.error(what, lane=lane, exit_code=code, error=kind)
    if isinstance(error, CandourError):
        # Our own texts hold no values; an operator reads this one at night.
        print(f"lane {lane}: {error}", flush=True)  # noqa: T201
    elif place:
        print(f"lane {lane}: {kind} at {place}", flush=True)  # noqa: T201
    os._exit(code)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one release worker until it is told to stop."""
    start.run("broker.release.agent", __doc__, ReleaseWorker, arguments)


if __name__ == "__main__":
    main()
