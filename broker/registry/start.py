"""Starts one worker process: its arguments, logs, exchange, metrics and Faust app."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, Protocol

from broker import kafka, metrics
from broker.errors import CandourError
from broker.logs import start_logs
from broker.registry.exchange import Exchange, read_exchange
from broker.settings import load_settings


class Worker(Protocol):
    """What a worker of any stage has."""

    app: Any
    """its Faust app"""

    def ready(self) -> bool:
        """Whether it does its work."""


def run(
    program: str, about: str | None, make: Callable[[Exchange, int], Worker], arguments: list[str] | None
) -> NoReturn:
    """Run one worker until it is told to stop. Never returns; exits with the codes of `broker.errors`."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    parser.add_argument("--dir", required=True, type=Path)
    parser.add_argument("--worker", required=True, type=int)
    parser.add_argument("--metrics-port", required=True, type=int)
    given = parser.parse_args(arguments)
    start_logs()
    kafka.use_fast_loop()
    try:
        exchange = read_exchange(load_settings(given.dir))
        worker = make(exchange, given.worker)
    except CandourError as error:
        # Our own texts hold no values; the supervisor starts none of these again but 70.
        print(error, flush=True)  # noqa: T201
        sys.exit(error.exit_code)
    metrics.serve(given.metrics_port, exchange.settings.metrics_host, worker.ready)
    kafka.run_worker(worker.app)
