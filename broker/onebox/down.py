"""`candour down`: a clean stop in under ten seconds; nothing of the exchange runs afterwards."""

import os
import signal
import time
from pathlib import Path

from broker.onebox.locks import supervisor_pid

STOP_S = 9.5
_LOOK_S = 0.05


def down(folder: Path) -> bool:
    """Stops the exchange; returns whether it was running.

    A supervisor that does not end in time is killed, and Linux kills what it started with it.
    """
    run_folder = folder / "run"
    pid = supervisor_pid(run_folder)
    if pid is None:
        return False
    _send(pid, signal.SIGTERM)
    deadline_s = time.monotonic() + STOP_S
    while (pid := supervisor_pid(run_folder)) is not None:
        if time.monotonic() > deadline_s:
            _send(pid, signal.SIGKILL)
        time.sleep(_LOOK_S)
    return True


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
