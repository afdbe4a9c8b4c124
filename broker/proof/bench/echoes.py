"""The same events as single plain Avro messages through an echo, on the same Kafka."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]

from broker import kafka
from broker.proof.bench.child import Child
from broker.proof.bench.echo import IN, OUT, PARTITIONS
from broker.proof.bench.events import PUBLISHER, lines
from broker.proof.bench.running import PATIENCE_S, Running, Throughput
from broker.proof.bench.usage import Meter
from broker.proof.bench.watch import Watch
from consumers.kit.language import read_language
from consumers.kit.line import read_line
from consumers.kit.profile import read_profile


def bodies(running: Running, count: int, seed: int) -> list[bytes]:
    """The events as Avro, without any envelope."""
    profile = read_profile(running.settings.agencies_folder / PUBLISHER)
    language = read_language(profile.schemas)
    texts = lines(count, seed)
    return [read_line(text, at, language, profile.kind).body for at, text in enumerate(texts, 1)]


def through_echo(running: Running, kind: str, workers: int, messages: Sequence[bytes]) -> Throughput:
    """The clock runs from the first message handed to the producer until a reader has the last echo."""
    settings = running.settings
    group = f"bench-{kind}-{workers}"
    words = ["--kind", kind, "--bootstrap", settings.bootstrap, "--group", group]
    words += ["--folder", str(settings.run_folder / group)]
    with _topics(running), ExitStack() as stack:
        children = [stack.enter_context(Child("echo", *words)) for _ in range(workers)]
        for child in children:
            child.wait_ready()
        time.sleep(_SETTLE_S)
        watch = stack.enter_context(Watch(settings, OUT, PARTITIONS, lambda *_: 1))
        producer = kafka.intake_producer(settings)
        pids = {name: pid for name, pid in running.pids().items() if name == "kafka"}
        meter = Meter({**pids, **{f"echo-{number}": child.pid for number, child in enumerate(children)}})
        began_ns = time.monotonic_ns()
        _load(producer, messages)
        watch.until(len(messages), PATIENCE_S)
        cpu_s = meter.read()
    return Throughput(
        name=f"{_NAMES[kind]} echo, {workers} {'process' if workers == 1 else 'processes'}",
        events=len(messages),
        seconds=(watch.last_ns - began_ns) / 1e9,
        deliveries=watch.seen,
        cpu_s=cpu_s,
        lost=abs(len(messages) - watch.seen),
    )


_NAMES = {"faust": "Faust", "librdkafka": "librdkafka"}
_SETTLE_S = 3.0
"""A second member makes the first one join again"""


def _load(producer: Producer, messages: Sequence[bytes]) -> None:
    for number, message in enumerate(messages):
        producer.produce(IN, message, partition=number % PARTITIONS)
        if number % 1_000 == 0:
            producer.poll(0)
    producer.flush(kafka.PATIENCE_S)


@contextmanager
def _topics(running: Running) -> Iterator[None]:
    admin = kafka.admin(running.settings)
    new = [NewTopic(name, PARTITIONS) for name in (IN, OUT)]
    for future in admin.create_topics(new).values():
        future.result(kafka.PATIENCE_S)
    try:
        yield
    finally:
        for future in admin.delete_topics([IN, OUT], operation_timeout=kafka.PATIENCE_S).values():
            future.result(kafka.PATIENCE_S)
