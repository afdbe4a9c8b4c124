"""One desk of the bench: opens what comes through the kit's inbox, and notes when it holds each event."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from broker.domain.identifiers import DeskId
from broker.domain.vocabulary import ReplyStatus
from broker.proof.bench.child import serve
from broker.proof.bench.events import EVENT_TYPE, NUMBER_FIELD, number_of
from consumers.kit.delivery import Delivery, Reply, Returned
from consumers.kit.inbox import Inbox
from consumers.kit.language import read_language
from consumers.kit.profile import read_profile


def main(words: Sequence[str] | None = None) -> None:
    """`python -m broker.proof.bench.receiver --agency FOLDER --desk D --events N --patience-s S`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agency", required=True, type=Path)
    parser.add_argument("--desk", required=True)
    parser.add_argument("--events", required=True, type=int)
    parser.add_argument("--patience-s", required=True, type=float, help="without anything new")
    parser.add_argument("--live", action="store_true", help="nothing is there yet: be there before it comes")
    given = parser.parse_args(words)
    profile = read_profile(given.agency)
    with Inbox(profile, read_language(profile.schemas), DeskId(given.desk)) as inbox:
        while given.live and not inbox.at_end:
            inbox.poll(0.1)
        serve(lambda: _receive(inbox, given.events, given.patience_s))


def _receive(inbox: Inbox, wanted: int, patience_s: float) -> dict[str, Any]:
    began_s = time.process_time()
    held_ns: dict[int, int] = {}
    accepted = others = 0
    first_ns, last_ns = 0, time.monotonic_ns()
    while len(held_ns) + accepted < wanted and time.monotonic_ns() - last_ns < patience_s * 1e9:
        for received in inbox.poll(0.1):
            last_ns = time.monotonic_ns()
            first_ns = first_ns or last_ns
            if isinstance(received, Reply):
                accepted += received.status is ReplyStatus.ACCEPTED
                others += received.status is not ReplyStatus.ACCEPTED
            elif (number := _number(received)) is None or number in held_ns:
                others += 1
            else:
                held_ns[number] = last_ns
        inbox.took()
    return {
        "cpu_s": time.process_time() - began_s,
        "took_s": (last_ns - first_ns) / 1e9 if first_ns else 0.0,
        "held_ns": held_ns,
        "accepted": accepted,
        "others": others + len(inbox.refused),
    }


def _number(received: Delivery | Returned) -> int | None:
    if isinstance(received, Returned) or received.event_type != EVENT_TYPE:
        return None
    return number_of(received.fields[NUMBER_FIELD])


if __name__ == "__main__":
    main()
