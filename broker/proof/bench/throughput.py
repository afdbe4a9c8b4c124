"""A backlog through the whole exchange: published at once, decided, sealed to six desks, opened by them."""

import json
from contextlib import ExitStack
from typing import Any

from broker import kafka
from broker.explain.store import open_leaves
from broker.proof.bench.child import Child
from broker.proof.bench.events import DESKS, PUBLISHER, REPLY_DESK
from broker.proof.bench.running import PATIENCE_S, Running, Throughput
from broker.proof.bench.usage import Meter
from broker.proof.bench.watch import Watch
from broker.registry.keyring import KeyRing
from broker.registry.topics import DECISIONS, from_topic


def through_exchange(running: Running, events: int, per_envelope: int, seed: int) -> Throughput:
    """Publish `events` at full speed through the kit's outbox and wait for their decisions.

    The clock runs from the first call of publish until a committed reader has the last decision, which
    Kafka shows together with its deliveries. The desks open theirs afterwards, through the kit's inbox.
    """
    settings = running.settings
    key = KeyRing.load(settings.keys_folder).ledger_key()
    sent: list[bool] = []

    def weigh(lane: int, offset: int, block: bytes) -> int:
        leaves = [leaf.content for leaf in open_leaves(key, lane, offset, block)]
        sent.extend(json.loads(leaf).get("delivery_id") is not None for leaf in leaves)
        return len(leaves)

    envelopes = _end(running)
    with (
        Child("publisher", *_publisher(running, events, per_envelope, seed)) as publisher,
        Watch(settings, DECISIONS, settings.lanes, weigh) as watch,
    ):
        publisher.wait_ready()
        meter = Meter(running.pids())
        publisher.go()
        watch.until(events * len(DESKS), PATIENCE_S)
        cpu_s = meter.read()
        published = publisher.result()
    envelopes = _end(running) - envelopes
    opened = open_all(running, events)
    cpu_s["publisher"] = published["cpu_s"]
    cpu_s["receivers"] = sum(opened[desk]["cpu_s"] for desk in DESKS)
    return Throughput(
        name=f"exchange, envelopes of {per_envelope}",
        events=events,
        seconds=(watch.last_ns - published["due_ns"][0]) / 1e9,
        deliveries=sum(sent),
        cpu_s=cpu_s,
        lost=abs(events * len(DESKS) - watch.seen) + _lost(opened, events),
        facts={
            "payloads_an_envelope": events / max(1, envelopes),
            "published_in_s": published["took_s"],
            "opened_per_s_and_desk": sum(events / opened[desk]["took_s"] for desk in DESKS) / len(DESKS),
            "replies_cpu_s_an_event": opened[REPLY_DESK]["cpu_s"] / events,
        },
    )


def open_all(running: Running, events: int) -> dict[str, dict[str, Any]]:
    """Every desk opens `events` deliveries, the publisher its replies, each in a process of its own."""
    with ExitStack() as stack:
        children = {
            desk: stack.enter_context(receiver(running, desk, events)) for desk in (*DESKS, REPLY_DESK)
        }
        for child in children.values():
            child.wait_ready()
        for child in children.values():
            child.go()
        return {desk: child.result() for desk, child in children.items()}


def receiver(running: Running, desk: str, events: int, *options: str) -> Child:
    """A process that receives for one desk."""
    agency = running.settings.agencies_folder / desk.partition("/")[0]
    words = ["--agency", str(agency), "--desk", desk, "--events", str(events)]
    return Child("receiver", *words, "--patience-s", str(PATIENCE_S), *options)


def _publisher(running: Running, events: int, per_envelope: int, seed: int) -> list[str]:
    agency = running.settings.agencies_folder / PUBLISHER
    words = ["--agency", str(agency), "--events", str(events), "--seed", str(seed)]
    return [*words, "--per-envelope", str(per_envelope)]


def _lost(opened: dict[str, dict[str, Any]], events: int) -> int:
    missing = sum(events - len(opened[desk]["held_ns"]) for desk in DESKS)
    missing += events - opened[REPLY_DESK]["accepted"]
    return int(missing + sum(one["others"] for one in opened.values()))


def _end(running: Running) -> int:
    reader = kafka.committed_reader(running.settings, "candour-bench")
    try:
        place = kafka.at(from_topic(PUBLISHER), 0)
        return int(reader.get_watermark_offsets(place, timeout=kafka.PATIENCE_S)[1])
    finally:
        reader.close()
