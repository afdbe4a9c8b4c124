"""How long until a recipient holds the opened fields, at a given mean rate."""

from contextlib import ExitStack

from broker.proof.bench.child import Child
from broker.proof.bench.events import DESKS, PUBLISHER, REPLY_DESK
from broker.proof.bench.running import Latency, Running
from broker.proof.bench.throughput import receiver

WARM_UP_S = 5.0
LEAST_EVENTS = 400
LEAST_S = 12.0


def latency(running: Running, per_second: float, seed: int) -> Latency:
    """Publish at a mean rate with the outbox as agencies use it, while all desks and a reply desk receive.

    A sample is one delivery: from when its event was due to be handed over until the desk's program has
    its fields. What is published in the first 5 s does not count.
    """
    warm_up = int(WARM_UP_S * per_second)
    events = warm_up + max(LEAST_EVENTS, int(LEAST_S * per_second))
    agency = running.settings.agencies_folder / PUBLISHER
    words = ["--agency", str(agency), "--events", str(events), "--seed", str(seed)]
    with ExitStack() as stack:
        children = [
            stack.enter_context(receiver(running, desk, events, "--live")) for desk in (*DESKS, REPLY_DESK)
        ]
        publisher = stack.enter_context(
            Child("publisher", *words, "--per-envelope", "256", "--per-second", str(per_second))
        )
        for child in (*children, publisher):
            child.wait_ready()
            child.go()
        due_ns = publisher.result()["due_ns"]
        found = [child.result() for child in children]
    samples = sorted(
        (held_ns - due_ns[int(number)]) / 1e6
        for one in found
        for number, held_ns in one["held_ns"].items()
        if int(number) >= warm_up
    )
    missing = len(DESKS) * events - sum(len(one["held_ns"]) for one in found)
    missing += events - sum(one["accepted"] for one in found) + sum(one["others"] for one in found)
    return Latency(
        per_second, len(samples), _quantile(samples, 0.5), _quantile(samples, 0.99), samples[-1], missing
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
