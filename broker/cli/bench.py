"""`candour bench`: measures the whole exchange on this machine, beside plain echoes on the same Kafka."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from broker.errors import EXIT_DONE, EXIT_NO, DependencyError

if TYPE_CHECKING:
    from broker.proof.bench.running import Running

EVENTS = 12_000
LANES = 4
WORKERS = 2
_STAGES = ("intake-", "release-")
_RENEW_S = 60.0
_LOOK_S = 0.1


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `bench`."""
    bench = subparsers.add_parser(
        "bench",
        help="measure the whole exchange on this machine",
        description="Makes an exchange in a folder of its own, measures throughput, CPU and latency of it "
        "and of plain echoes on the same Kafka, stops everything, leaves nothing. docs/bench.md tells "
        "how to read it. Exit 1 only when something was lost: a bench is no test.",
    )
    bench.add_argument("--events", type=_whole(400), default=EVENTS, help="at full speed (%(default)s)")
    bench.add_argument("--lanes", type=_whole(1), default=LANES, help="(%(default)s)")
    bench.add_argument("--workers", type=_whole(1), default=WORKERS, help="of each stage (%(default)s)")
    bench.add_argument("--json", action="store_true", help="one object instead of the table")
    bench.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measures and prints. 1 when something was lost."""
    from broker.proof.bench.report import document, table
    from broker.proof.bench.run import measure
    from broker.proof.bench.usage import machine

    began_s = time.monotonic()
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "lanes": arguments.lanes,
        "workers": arguments.workers,
    }
    with _exchange(arguments.lanes, arguments.workers, began_s) as running:
        found = measure(running, arguments.events)
    facts["took_s"] = round(time.monotonic() - began_s)
    if arguments.json:
        print(json.dumps(document(found, facts)))
    else:
        print("\n".join(table(found, facts)))
    return EXIT_NO if found.lost else EXIT_DONE


@contextmanager
def _exchange(lanes: int, workers: int, began_s: float) -> "Iterator[Running]":
    """A fresh exchange; stopped at the end whatever happens, and its folder removed."""
    from broker.onebox.passing import passing_exchange
    from broker.onebox.record import StartOptions
    from broker.proof.bench.running import Running
    from broker.settings import load_settings

    def say(line: str) -> None:
        print(f"{time.monotonic() - began_s:5.0f} s  {line}", file=sys.stderr, flush=True)

    say("starting an exchange of its own: Kafka, OPA, the workers")
    options = StartOptions(lanes=lanes, workers=workers)
    with passing_exchange("bench", options, lambda _: None) as folder:
        yield Running(load_settings(folder), lambda: _pids(folder), lambda: _renew(folder), say)


def _pids(folder: Path) -> Mapping[str, int]:
    from broker.onebox.state import read_state

    state = read_state(folder / "run")
    parts = {} if state is None else state.parts
    return {name: part.pid for name, part in parts.items() if part.pid is not None}


def _renew(folder: Path) -> None:
    """Ends every worker in order; the supervisor starts new ones. Returns when those are ready.

    Raises:
        DependencyError: they are not ready within a minute.
    """
    from broker.onebox.record import read_record
    from broker.onebox.scrape import worker_is_ready

    before = {name: pid for name, pid in _pids(folder).items() if name.startswith(_STAGES)}
    ports = read_record(folder).ports
    for pid in before.values():
        os.kill(pid, signal.SIGTERM)
    deadline_s = time.monotonic() + _RENEW_S
    while True:
        now = _pids(folder)
        if all(now.get(name, pid) != pid and worker_is_ready(ports[name]) for name, pid in before.items()):
            return
        if time.monotonic() > deadline_s:
            raise DependencyError("new workers were not ready in time")
        time.sleep(_LOOK_S)


def _whole(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and int(text) >= least):
            raise argparse.ArgumentTypeError(f"a whole number from {least} is wanted")
        return int(text)

    return number
