"""`candour up`: makes the exchange if need be, starts its supervisor, returns when every part is ready."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from broker.errors import (
    EXIT_INTEGRITY,
    EXIT_POSITION,
    EXIT_USAGE,
    CandourError,
    ConfigurationError,
    DependencyError,
    IntegrityError,
    PositionError,
)
from broker.onebox import create, opa_process
from broker.onebox.access import write_access
from broker.onebox.down import down
from broker.onebox.locks import UP_LOCK, held, is_running
from broker.onebox.record import (
    Record,
    StartOptions,
    changed_record,
    new_record,
    read_record,
    refuse_other_lanes,
    write_record,
)
from broker.onebox.roots import root_verify_key
from broker.onebox.scrape import worker_is_ready
from broker.onebox.state import ExchangeState, PartState, Phase, read_state
from broker.onebox.targets import write_targets
from broker.onebox.tools import find_tools
from broker.registry.keyring import KeyRing
from broker.registry.registry import read_registry
from broker.settings import load_settings

START_S = 180.0
_LOOK_S = 0.1

Say = Callable[[str], None]
"""Shows one line of progress"""


def up(folder: Path, asked: StartOptions, say: Say, *, with_workers: bool = True) -> None:
    """Brings the exchange up; one that runs already is left as it is; one that fails is stopped.

    Raises:
        UsageError: the options do not fit this folder or each other.
        ConfigurationError, IntegrityError, PositionError: a part refused to start; names it and its log.
        DependencyError: a part did not start in time; names it and its log.
    """
    started_s = time.monotonic()

    def tell(line: str) -> None:
        say(f"{time.monotonic() - started_s:5.1f} s  {line}")

    os.umask(0o077)
    if not create.exists(folder):
        _create(folder, asked, tell)
    with held(folder / "run" / UP_LOCK, f"another `candour up` is starting {folder}"):
        record = read_record(folder)
        refuse_other_lanes(record, asked)
        if is_running(folder / "run"):
            say(f"the exchange in {folder} is up already")
            return
        record = changed_record(record, asked)
        write_record(folder, record)
        write_targets(folder / "run", record)
        registry = read_registry(folder, root_verify_key(folder))
        write_access(folder, record, registry, KeyRing.load(folder / "broker" / "keys"))
        supervisor = _start_supervisor(folder, with_workers=with_workers)
        try:
            _await_ready(folder, record, supervisor, tell, with_workers=with_workers)
        except BaseException:
            down(folder)
            raise
    tell(f"up in {folder}; Kafka at {record.bootstrap}, OPA at {', '.join(record.opa_urls)}")


def make(folder: Path, asked: StartOptions, say: Say) -> None:
    """Makes the exchange if there is none, starts nothing; one that is there keeps its keys and its data.

    Raises:
        UsageError: the options do not fit this folder or each other.
        ConfigurationError: the policies of this version are not right, or a program is missing.
    """
    os.umask(0o077)
    if create.exists(folder):
        refuse_other_lanes(read_record(folder), asked)
        say(f"{folder} holds an exchange already")
    else:
        _create(folder, asked, say)
    opa_process.write_config(folder, load_settings(folder).current_revision())
    say(f"an OPA of your own needs {folder / 'policy'}, its settings are {folder / opa_process.OPA_SETTINGS}")


def _create(folder: Path, asked: StartOptions, tell: Say) -> None:
    record = new_record(asked)
    tell(f"making an exchange of {record.lanes} lanes in {folder}: keys, registry, signed policy")
    # OPA also compiles and signs the policy.
    create.create(folder, record, find_tools(own_kafka=record.own_kafka))


def _start_supervisor(folder: Path, *, with_workers: bool) -> "subprocess.Popen[bytes]":
    (folder / "run" / "state.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "broker.onebox.supervisor", "--dir", str(folder)]
    if not with_workers:
        command.append("--without-workers")
    descriptor = os.open(folder / "logs" / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        # A session of its own: it outlives this command and its terminal.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
        )


def _await_ready(
    folder: Path,
    record: Record,
    supervisor: "subprocess.Popen[bytes]",
    tell: Say,
    *,
    with_workers: bool,
) -> None:
    waiting = set(record.worker_names()) if with_workers else set()
    shown: set[str] = set()
    deadline_s = time.monotonic() + START_S
    while True:
        ended = supervisor.poll() is not None
        state = read_state(folder / "run")
        if state is not None:
            _show(state, shown, tell)
            _refuse_failed(folder, state)
            if state.phase is Phase.RUNNING:
                for name in sorted(waiting):
                    if worker_is_ready(record.ports[name]):
                        waiting.remove(name)
                        tell(f"{name} ready")
                if not waiting:
                    return
        if ended:
            raise DependencyError(f"the supervisor ended early: see {folder}/logs/supervisor.log")
        if time.monotonic() > deadline_s:
            late = ", ".join(sorted(waiting)) or "the exchange"
            raise DependencyError(f"{late} not ready after {START_S:.0f} s: see {folder}/logs")
        time.sleep(_LOOK_S)


def _show(state: ExchangeState, shown: set[str], tell: Say) -> None:
    for name in state.parts:
        if name not in shown:
            shown.add(name)
            tell(f"{name} started")


def _refuse_failed(folder: Path, state: ExchangeState) -> None:
    """Raises what kept a part from starting, with the last line it said."""
    if state.phase is Phase.FAILED:
        raise error_of(state.exit_code, state.message)
    for name, part in state.parts.items():
        if part.state in (PartState.REFUSED, PartState.FAILING):
            log = folder / "logs" / f"{name}.log"
            word = "refused to start" if part.state is PartState.REFUSED else "ended again and again"
            raise error_of(part.exit_code or 0, f"{name} {word} (exit {part.exit_code}): see {log}")


def error_of(exit_code: int, message: str) -> CandourError:
    """The error whose family has this exit code."""
    kinds = {EXIT_USAGE: ConfigurationError, EXIT_INTEGRITY: IntegrityError, EXIT_POSITION: PositionError}
    return kinds.get(exit_code, DependencyError)(message)
