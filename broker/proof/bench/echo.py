"""Two plain echoes: what a stock Faust agent, and librdkafka alone, make of the same events on this Kafka."""

import argparse
import logging
from collections.abc import Sequence
from typing import Any, NoReturn

import faust
from confluent_kafka import Consumer, Producer

from broker import kafka
from broker.proof.bench.child import READY, say

IN, OUT = "bench.echo.in", "bench.echo.out"
PARTITIONS = 4
_BATCH = 500


def faust_echo(bootstrap: str, group: str, folder: str) -> None:
    """As a Faust user would write it; raw bytes, so that it does not even decode.

    Everything that is not named here is Faust's default. It has the same event loop as our workers.
    """
    kafka.use_fast_loop()
    # What it says of its own rebalances would stand between our lines of progress.
    logging.disable(logging.WARNING)
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        web_enabled=False,
    )
    source, target = app.topic(IN), app.topic(OUT)

    async def echo(stream: Any) -> None:
        async for value in stream:
            await target.send(value=value)

    async def ready(_app: Any, _assigned: Any, **_: Any) -> None:
        say(READY)

    app.agent(source, name="echo")(echo)
    app.on_partitions_assigned.connect(ready)  # type: ignore[arg-type]
    faust.Worker(
        app, loglevel="error", quiet=True, override_logging=False, redirect_stdouts=False
    ).execute_from_commandline()


def plain_echo(bootstrap: str, group: str, _folder: str) -> NoReturn:
    """A consumer and a producer of librdkafka, 500 messages at a time; at least once."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
    consumer.subscribe([IN], on_assign=lambda _consumer, _places: say(READY))
    while True:
        messages = [one for one in consumer.consume(_BATCH, timeout=0.05) if one.error() is None]
        for message in messages:
            producer.produce(OUT, message.value(), partition=int(message.partition() or 0))
        if messages:
            producer.flush()
            consumer.commit(asynchronous=True)


_KINDS = {"faust": faust_echo, "librdkafka": plain_echo}


def main(words: Sequence[str] | None = None) -> None:
    """`python -m broker.proof.bench.echo --kind faust --bootstrap HOST:PORT --group G`; runs until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", required=True, choices=_KINDS)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--folder", required=True, help="where Faust may keep files")
    given = parser.parse_args(words)
    _KINDS[given.kind](given.bootstrap, given.group, given.folder)


if __name__ == "__main__":
    main()
