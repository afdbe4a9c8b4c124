"""Locks on files: one supervisor to a folder, one `candour up` at a time; a lock ends with its process."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.errors import UsageError

SUPERVISOR_LOCK = "supervisor.lock"
UP_LOCK = "up.lock"
_TRIES = 10
_BETWEEN_TRIES_S = 0.02


@contextmanager
def held(path: Path, message: str) -> Iterator[None]:
    """Holds the lock for as long as the block runs.

    Raises:
        UsageError: with `message`, when another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken(descriptor):
            raise UsageError(message)
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    # `supervisor_pid` holds the lock for an instant while it looks; that must not turn a supervisor away.
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN_TRIES_S)
        else:
            return True
    return False


def supervisor_pid(run_folder: Path) -> int | None:
    """The process that runs this exchange; None when nobody does."""
    try:
        descriptor = os.open(run_folder / SUPERVISOR_LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(descriptor, 32) or b"0")
    else:
        return None
    finally:
        os.close(descriptor)


def is_running(run_folder: Path) -> bool:
    """Whether a supervisor runs this exchange."""
    return supervisor_pid(run_folder) is not None
