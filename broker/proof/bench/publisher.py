"""The bench's publisher: reads lines and hands them to the kit's outbox, at full speed or at a pace."""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from broker.proof.bench.child import serve
from broker.proof.bench.events import lines
from consumers.kit.language import read_language
from consumers.kit.line import OutgoingEvent, read_line
from consumers.kit.outbox import Outbox
from consumers.kit.profile import read_profile


def main(words: Sequence[str] | None = None) -> None:
    """`python -m broker.proof.bench.publisher --agency FOLDER --events N ...`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agency", required=True, type=Path)
    parser.add_argument("--events", required=True, type=int)
    parser.add_argument("--seed", required=True, type=int)
    parser.add_argument("--per-envelope", required=True, type=int)
    parser.add_argument("--per-second", type=float, help="at this mean rate instead of at full speed")
    given = parser.parse_args(words)
    profile = read_profile(given.agency)
    language = read_language(profile.schemas)
    texts = list(lines(given.events, given.seed))
    began_s = time.process_time()
    events = [read_line(text, at, language, profile.kind) for at, text in enumerate(texts, 1)]
    reading_s = time.process_time() - began_s
    with Outbox(profile, payloads_per_envelope=given.per_envelope) as outbox:
        serve(lambda: _publish(outbox, events, given.per_second, given.seed, reading_s))


def _publish(
    outbox: Outbox, events: Sequence[OutgoingEvent], per_second: float | None, seed: int, reading_s: float
) -> dict[str, Any]:
    began_s, began_ns = time.process_time(), time.monotonic_ns()
    if per_second is None:
        due_ns = [began_ns]
        outbox.publish(events)
    else:
        due_ns = _pace(outbox, events, per_second, seed)
    return {
        "cpu_s": reading_s + time.process_time() - began_s,
        "took_s": (time.monotonic_ns() - began_ns) / 1e9,
        "due_ns": due_ns,
    }


def _pace(outbox: Outbox, events: Sequence[OutgoingEvent], per_second: float, seed: int) -> list[int]:
    """Hand over each event at its time. Returns when each was due: a late call is latency too.

    The gaps are exponential, as between people who know nothing of each other.
    """
    chosen = random.Random(seed)
    due_ns: list[int] = []
    at_ns = time.monotonic_ns()
    done = []
    for event in events:
        at_ns += int(chosen.expovariate(per_second) * 1e9)
        time.sleep(max(0, at_ns - time.monotonic_ns()) / 1e9)
        due_ns.append(at_ns)
        done.append(outbox.submit(event))
    for one in done:
        one.result()
    return due_ns


if __name__ == "__main__":
    main()
