"""The supervisor: starts Kafka, OPA and the workers, restarts what ends, stops all in order (design 2.2)."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from broker.errors import (
    EXIT_DONE,
    EXIT_INTEGRITY,
    EXIT_POSITION,
    EXIT_USAGE,
    CandourError,
    ConfigurationError,
    DependencyError,
    IntegrityError,
    PositionError,
)
from broker.logs import get_log, start_logs
from broker.onebox import kafka_node, opa_process
from broker.onebox.child import Child
from broker.onebox.locks import SUPERVISOR_LOCK, held
from broker.onebox.ports import LOOPBACK, answers
from broker.onebox.record import KAFKA, OPA, STAGES, Record, read_record
from broker.onebox.state import ExchangeState, PartState, Phase, write_state
from broker.onebox.tools import Tools, find_tools
from broker.policy.bundle import SERVER_ENVIRONMENT
from broker.settings import load_settings

PREPARE = "prepare"
KAFKA_START_S = 60.0
OPA_START_S = 30.0
PREPARE_S = 90.0
# What is left of ten seconds for a clean stop, in order.
WORKERS_STOP_S = 4.0
OPA_STOP_S = 1.5
KAFKA_STOP_S = 3.5
_TICK_S = 1.0
_STARTING_TICK_S = 0.1
_NOTHING_MORE: Mapping[str, str] = {}
_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)

_log = get_log("supervisor")


class _StopAskedError(Exception):
    """SIGTERM or SIGINT came while the exchange was starting."""


class Supervisor:
    """Runs one exchange until SIGTERM. Single-threaded, and only its main thread starts processes."""

    def __init__(self, folder: Path, record: Record, tools: Tools, *, with_workers: bool) -> None:
        self._folder = folder
        self._settings = load_settings(folder)
        self._record = record
        self._tools = tools
        self._with_workers = with_workers
        self._parts: dict[str, Child] = {}
        self._phase = Phase.STARTING

    def run(self) -> int:
        """Returns 0 after a stop that was asked for, else the code of what kept it from starting."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        message, code = "", EXIT_DONE
        try:
            self._start()
            self._become(Phase.RUNNING)
            self._watch()
        except _StopAskedError:
            _log.info("stop asked")
        except CandourError as error:
            message, code = str(error), error.exit_code
            _log.error("start failed", exit_code=code)
        self._become(Phase.STOPPING)
        self._stop()
        self._become(Phase.FAILED if code else Phase.STOPPED, message, code)
        return code

    def _start(self) -> None:
        if self._record.own_kafka:
            kafka_node.write_config(self._folder, self._record)
            self._launch(KAFKA, kafka_node.command(self._folder, self._tools))
        if self._record.own_opa:
            opa_process.write_config(self._folder, self._settings.current_revision())
            self._launch(
                OPA, opa_process.command(self._folder, self._tools, self._record), SERVER_ENVIRONMENT
            )
        if self._record.own_kafka:
            self._wait(KAFKA, lambda: answers(LOOPBACK, self._record.ports[KAFKA]), KAFKA_START_S)
        self._prepare()
        if self._record.own_opa:
            self._wait(OPA, lambda: opa_process.is_ready(self._record.opa_urls[0]), OPA_START_S)
        if self._with_workers:
            for stage in STAGES:
                for worker in range(self._record.workers):
                    self._launch(f"{stage}-{worker}", self._worker_command(stage, worker))

    def _prepare(self) -> None:
        """Topics, genesis rows and offsets, in a process of its own: it needs threads, we must have none."""
        child = self._launch(
            PREPARE, [sys.executable, "-m", "broker.onebox.prepare", "--dir", str(self._folder)]
        )
        deadline_s = time.monotonic() + PREPARE_S
        while not child.has_ended():
            if time.monotonic() > deadline_s:
                raise DependencyError(f"topics and offsets were not ready in time: see {child.log}")
            self._pause(_STARTING_TICK_S)
        del self._parts[PREPARE]
        if child.exit_code:
            raise _refusal(child)

    def _worker_command(self, stage: str, worker: int) -> list[str]:
        return [
            sys.executable,
            "-m",
            f"broker.{stage}.agent",
            "--dir",
            str(self._folder),
            "--worker",
            str(worker),
            "--metrics-port",
            str(self._record.ports[f"{stage}-{worker}"]),
        ]

    def _launch(self, name: str, command: Sequence[str], extra: Mapping[str, str] = _NOTHING_MORE) -> Child:
        log = self._settings.logs_folder / f"{name}.log"
        child = Child(name, command, log, {**os.environ, **extra})
        self._parts[name] = child
        child.start()
        _log.info("part started", part=name, pid=child.pid)
        self._write()
        return child

    def _wait(self, name: str, ready: Callable[[], bool], limit_s: float) -> None:
        child = self._parts[name]
        deadline_s = time.monotonic() + limit_s
        while not ready():
            if child.has_ended():
                raise _refusal(child)
            if time.monotonic() > deadline_s:
                raise DependencyError(f"{name} did not answer within {limit_s:.0f} s: see {child.log}")
            self._pause(_STARTING_TICK_S)
        _log.info("part ready", part=name)

    def _watch(self) -> None:
        while True:
            changed = [child for child in self._parts.values() if child.tend()]
            for child in changed:
                _log.warning(
                    "part changed",
                    part=child.name,
                    state=child.state.value,
                    exit_code=child.exit_code,
                    restarts=child.restarts.total,
                    pid=child.pid,
                )
            if changed:
                self._write()
            self._pause(self._next_tick_s())

    def _next_tick_s(self) -> float:
        restless = any(
            child.state in (PartState.BACKING_OFF, PartState.FAILING) for child in self._parts.values()
        )
        return _STARTING_TICK_S if restless else _TICK_S

    def _pause(self, limit_s: float) -> None:
        """Sleeps until a signal or the limit.

        Raises:
            _StopAskedError: somebody wants us to end.
        """
        received = signal.sigtimedwait(_SIGNALS, limit_s)
        if received is not None and received.si_signo != signal.SIGCHLD:
            raise _StopAskedError

    def _stop(self) -> None:
        """Workers, then OPA, then Kafka, so that each still has what it needs to end in order."""
        servers = {KAFKA, OPA}
        workers = [child for name, child in self._parts.items() if name not in servers]
        self._stop_parts(workers, WORKERS_STOP_S)
        self._stop_parts([self._parts[OPA]] if OPA in self._parts else [], OPA_STOP_S)
        self._stop_parts([self._parts[KAFKA]] if KAFKA in self._parts else [], KAFKA_STOP_S)

    def _stop_parts(self, children: Sequence[Child], limit_s: float) -> None:
        deadline_s = time.monotonic() + limit_s
        for child in children:
            child.terminate()
        for child in children:
            child.wait_ended(deadline_s)
            _log.info("part stopped", part=child.name, exit_code=child.exit_code)

    def _become(self, phase: Phase, message: str = "", code: int = EXIT_DONE) -> None:
        self._phase = phase
        self._write(message, code)

    def _write(self, message: str = "", code: int = EXIT_DONE) -> None:
        write_state(
            self._settings.run_folder,
            ExchangeState(
                phase=self._phase,
                pid=os.getpid(),
                message=message,
                exit_code=code,
                ports=dict(self._record.ports),
                parts={name: child.report() for name, child in self._parts.items()},
            ),
        )


def _refusal(child: Child) -> CandourError:
    """The error of a part that ended while the exchange was starting; it keeps the part's own exit code."""
    kinds = {EXIT_USAGE: ConfigurationError, EXIT_INTEGRITY: IntegrityError, EXIT_POSITION: PositionError}
    kind = kinds.get(child.exit_code or 0, DependencyError)
    # Only `prepare` is sure to end with words of ours (broker.errors); others may quote anything.
    words = f" ({child.last_words()})" if child.name == PREPARE else ""
    return kind(f"{child.name} ended with {child.exit_code} while starting{words}: see {child.log}")


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m broker.onebox.supervisor --dir D`; `candour up` starts it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--without-workers", action="store_true")
    arguments = parser.parse_args(argv)
    os.umask(0o077)
    start_logs()
    run_folder = arguments.dir / "run"
    try:
        with held(run_folder / SUPERVISOR_LOCK, "a supervisor runs this exchange already"):
            record = read_record(arguments.dir)
            tools = find_tools(own_kafka=record.own_kafka, own_opa=record.own_opa)
            supervisor = Supervisor(arguments.dir, record, tools, with_workers=not arguments.without_workers)
            return supervisor.run()
    except ConfigurationError as error:
        write_state(run_folder, ExchangeState(Phase.FAILED, os.getpid(), str(error), error.exit_code))
        return error.exit_code
    except CandourError as error:
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
