"""Every Kafka client and Faust setting of the exchange, made only here."""

import asyncio
import logging
import os
import ssl
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import faust
import faust.streams
import uvloop
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Transport
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer

from broker.errors import EXIT_DONE, EXIT_RESTART, ConfigurationError
from broker.settings import Settings

PATIENCE_S = 30.0
"""How long one call to Kafka may take before it counts as a surprise"""
INTAKE_BATCH = 64
"""Envelopes that Intake handles at a time; each may hold 256 payloads"""
_FETCH_WAIT_MS = 50
_LOOK_S, _LOOKS = 0.001, 1_000


def lane_producer(settings: Settings, lane: int) -> Producer:
    """The transactional producer of one lane; its first `init_transactions` fences every earlier owner."""
    return Producer(
        {
            **_client(settings),
            "transactional.id": f"{settings.release_group}-lane-{lane}",
            "transaction.timeout.ms": 5_000,
            "linger.ms": 0,
            # librdkafka's default costs some 80 ms in each transaction that sends offsets (design 2.2.3).
            "retry.backoff.ms": 2,
            "retry.backoff.max.ms": 50,
            "queue.buffering.max.kbytes": 65_536,
        }
    )


def intake_producer(settings: Settings) -> Producer:
    """Plain and idempotent: Intake is at least once."""
    return Producer(
        {**_client(settings), "enable.idempotence": True, "linger.ms": 0, "delivery.timeout.ms": 20_000}
    )


def committed_reader(settings: Settings, group: str = "candour-reader") -> Consumer:
    """A consumer that is assigned by hand, never joins, never commits, and hides aborted transactions."""
    return Consumer(
        {
            **_client(settings),
            "group.id": group,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 50,
        }
    )


def admin(settings: Settings) -> AdminClient:
    """For topics, watermarks and group offsets."""
    return AdminClient(_client(settings))


def intake_app(settings: Settings, worker: int) -> faust.App:
    """Faust for Intake: it acknowledges by hand, in order, and commits every half second."""
    app = _app(
        settings,
        settings.intake_group,
        worker,
        broker_commit_interval=0.5,
        broker_max_poll_records=INTAKE_BATCH,
    )
    app.transport = _FairTransport(app.conf.broker, app=app, loop=None)
    return app


def release_app(settings: Settings, worker: int) -> faust.App:
    """Faust for Release: it never commits, and reads committed records only (design 2.2.6)."""
    app = _app(
        settings,
        settings.release_group,
        worker,
        broker_commit_interval=10**9,
        broker_commit_every=10**12,
        broker_commit_livelock_soft_timeout=10**9,
    )
    app.transport = _CommittedTransport(app.conf.broker, app=app, loop=None)
    return app


def use_fast_loop() -> None:
    """uvloop for this process; call before anything of asyncio."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def run_worker(app: faust.App) -> NoReturn:
    """Run a Faust app until SIGTERM (exit 0) or a crash (exit 70). Logging stays ours."""
    worker = _Worker(app, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


class _Worker(faust.Worker):
    def _shutdown_loop(self) -> None:
        # Faust would now wait a second for tasks that are of no more use: we have left the group.
        os._exit(EXIT_RESTART if self.crash_reason else EXIT_DONE)


def raw_topic(app: faust.App, names: Iterable[str]) -> Any:
    """A channel over existing topics that hands out bytes: Faust decodes nothing of ours."""
    return app.topic(*names, key_serializer="raw", value_serializer="raw")


class _CommittedThread(AIOKafkaConsumerThread):
    # fetch_max_wait_ms is 1,500 in Faust: an idle worker would only see new topics' data that late.
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        if getattr(consumer, "_isolation_level", None) != "read_uncommitted":
            raise ConfigurationError(
                "This release of faust-streaming or aiokafka sets the isolation level elsewhere. "
                "Use the pinned releases, or prove tests/faults/test_library_facts.py anew."
            )
        consumer._isolation_level = "read_committed"
        return consumer


class _CommittedConsumer(FaustConsumer):
    def _new_consumer_thread(self) -> Any:
        return _CommittedThread(self, loop=self.loop, beacon=self.beacon)


class _CommittedTransport(Transport):
    Consumer = _CommittedConsumer


class _FairThread(AIOKafkaConsumerThread):
    """Serves first the topic that was served longest ago: one that is flooded holds up no other (0037)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._round = 0
        self._served: dict[Any, tuple[int, int]] = {}

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        if not hasattr(consumer, "_fetch_max_wait_ms"):
            raise ConfigurationError(
                "This release of faust-streaming or aiokafka waits elsewhere. Use the pinned releases."
            )
        # While aiokafka waits for quiet topics it asks for no more of a busy one: 1,500 ms, were it Faust's.
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS
        return consumer

    async def _fetch_records(self, consumer: Any, *arguments: Any, **options: Any) -> Any:
        fetcher = consumer._fetcher
        # What lies here unread of one topic would keep aiokafka from asking for the others for 100 ms.
        fetcher._prefetch_backoff = 0.0
        # aiokafka takes from the front until it has `broker_max_poll_records`, and leaves what is left there.
        buffered = fetcher._records
        for place in sorted(buffered, key=lambda place: self._served.get(place, (0, 0))):
            buffered.move_to_end(place)
        fetched = await super()._fetch_records(consumer, *arguments, **options)
        self._round += 1
        # Of those served together, whoever had less comes first.
        self._served.update({place: (self._round, len(records)) for place, records in fetched.items()})
        return fetched


class _FairConsumer(FaustConsumer):
    """Takes over from Kafka no more than the next batch: in Faust's own queue nobody can be served first."""

    def _new_consumer_thread(self) -> Any:
        return _FairThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's
        # Never for long: should Faust count otherwise one day, Intake is slow and does not stand still.
        for _ in range(_LOOKS):
            if not self._has_any_in_hand():
                break
            await asyncio.sleep(_LOOK_S)
        return await super()._getmany(active_partitions, timeout)

    def _has_any_in_hand(self) -> bool:
        if not self.flow_active or self.should_stop:
            return False
        # Of a batch that is under way at least one envelope is not acknowledged yet.
        return bool(self.unacked) or any(channel.queue.qsize() for channel in self.app.topics)


class _FairTransport(Transport):
    Consumer = _FairConsumer


def _require_compiled_iterator() -> None:
    # The one in plain Python acknowledges what it skips of an earlier generation (reliability 3.1).
    if getattr(faust.streams, "_CStreamIterator", None) is None:
        raise ConfigurationError(
            "faust-streaming was installed without its compiled iterator (or NO_CYTHON is set): entries "
            "could be lost. Install the pinned wheel: make setup"
        )


def _app(settings: Settings, group: str, worker: int, **tuning: Any) -> faust.App:
    _require_compiled_iterator()
    security: dict[str, Any] = {}
    if settings.kafka.get("security.protocol", "PLAINTEXT").upper() != "PLAINTEXT":
        security["broker_credentials"] = _faust_credentials(settings.kafka)
    return faust.App(
        group,
        broker=f"kafka://{settings.bootstrap}",
        broker_client_id=f"{group}-{worker}",
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.heartbeat_s,
        broker_max_poll_interval=86_400,
        broker_request_timeout=max(90.0, settings.session_timeout_s),
        consumer_auto_offset_reset="none",
        datadir=str(settings.folder / "run" / f"faust-{group}-{worker}"),
        key_serializer="raw",
        value_serializer="raw",
        stream_buffer_maxsize=4_096,
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        **security,
        **tuning,
    )


def _client(settings: Settings) -> dict[str, Any]:
    return {
        "bootstrap.servers": settings.bootstrap,
        "client.id": settings.release_group,
        # librdkafka would write to stderr by itself; its text stays out of our logs.
        "logger": logging.getLogger("librdkafka"),
        "reconnect.backoff.max.ms": 2_000,
        **settings.kafka,
    }


def _faust_credentials(kafka: Mapping[str, str]) -> faust.SSLCredentials:
    """TLS with a client certificate; SASL without a context would silently be plaintext (reliability 3.4)."""
    if kafka["security.protocol"].upper() != "SSL":
        raise ConfigurationError(
            "kafka.security.protocol must be PLAINTEXT (loopback only) or SSL with client certificates."
        )
    context = ssl.create_default_context(cafile=kafka.get("ssl.ca.location"))
    if "ssl.certificate.location" in kafka:
        context.load_cert_chain(kafka["ssl.certificate.location"], kafka.get("ssl.key.location"))
    return faust.SSLCredentials(context)


def at(topic: str, partition: int, offset: int = 0) -> TopicPartition:
    """One place in one partition."""
    return TopicPartition(topic, partition, offset)
