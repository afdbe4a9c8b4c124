"""The intake worker: takes envelopes from every agency's topic, appends entries to lanes (design 2.2.6)."""

import asyncio
import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

from confluent_kafka import KafkaError
from confluent_kafka import Message as Delivered

from broker import kafka, metrics
from broker.domain.identifiers import AgencyId
from broker.errors import EXIT_RESTART, CandourError, RestartError
from broker.intake.take_in import Received, TakeIn, blocks
from broker.lanes.block import Entry, EntryKind
from broker.logs import get_log, places_of
from broker.registry import start
from broker.registry.event_reader import EventReader
from broker.registry.exchange import Exchange
from broker.registry.topics import LANE_LOG, from_topic

WITHIN_S = 0.005
"""Faust looks this often whether anything has come: half of it is latency, each look costs some CPU"""

_log = get_log("intake")


class IntakeWorker:
    """At least once: acknowledges in order, and only what Kafka has confirmed. No memory of its own."""

    def __init__(self, exchange: Exchange, worker: int) -> None:
        settings = exchange.settings
        self._take_in = TakeIn(
            EventReader(exchange.catalogue, exchange.registry), exchange.keyring, settings.lanes
        )
        self._keyring = exchange.keyring
        self._producer = kafka.intake_producer(settings)
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="flush")
        self._owners = {from_topic(agency): agency for agency in exchange.registry.agencies}
        self._failed: list[int] = []
        self._assigned = False
        self.app = kafka.intake_app(settings, worker)
        self.app.on_partitions_assigned.connect(self._take)  # type: ignore[arg-type]
        topics = kafka.raw_topic(self.app, sorted(self._owners))
        self.app.agent(topics, concurrency=1, name="intake")(self._intake)

    def ready(self) -> bool:
        """Whether the group has given this worker its topics, be they none."""
        return self._assigned

    async def _take(self, _app: Any, assigned: Any, **_: Any) -> None:
        self._assigned = True
        _log.info("topics taken", count=len(assigned))

    async def _intake(self, stream: Any) -> None:
        async for batch in stream.noack_take(kafka.INTAKE_BATCH, within=WITHIN_S):
            try:
                await self._append(batch)
                for event in batch:
                    await stream.ack(event)
            except BaseException as error:  # noqa: BLE001 - Faust would acknowledge and go on
                _end(error)

    async def _append(self, batch: list[Any]) -> None:
        entries: dict[int, list[Entry]] = defaultdict(list)
        count = 0
        with metrics.timed("verify", len(batch)):
            for event in batch:
                for lane, entry in self._take_in.entries(self._received(event.message)):
                    entries[lane].append(entry)
                    count += 1
                    if entry.kind is EntryKind.REJECTION:
                        metrics.observe_rejection(entry.code)
        with metrics.timed("produce", count):
            for number, block in blocks(entries, self._keyring):
                self._producer.produce(LANE_LOG, value=block, partition=number, on_delivery=self._delivered)
            await asyncio.get_running_loop().run_in_executor(self._threads, self._confirm)

    def _received(self, message: Any) -> Received:
        owner = self._owners[message.topic]
        logged_at_us = int(message.timestamp * 1e6)
        return Received(message.topic, AgencyId(owner), message.offset, logged_at_us, message.value)

    def _confirm(self) -> None:
        left = self._producer.flush(kafka.PATIENCE_S)
        if left or self._failed:
            raise RestartError(f"{left} blocks unconfirmed, {len(self._failed)} refused")

    def _delivered(self, error: KafkaError | None, _: Delivered) -> None:
        if error is not None:
            self._failed.append(error.code())


def _end(error: BaseException) -> NoReturn:
    code = error.exit_code if isinstance(error, CandourError) else EXIT_RESTART
    _log.error("intake stopped", exit_code=code, error=type(error).__name__)
    print(f"{type(error).__name__} at {places_of(error.__traceback__)}", flush=True)  # noqa: T201
    os._exit(code)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one intake worker until it is told to stop."""
    start.run("broker.intake.agent", __doc__, IntakeWorker, arguments)


if __name__ == "__main__":
    main()
