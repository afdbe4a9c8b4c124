"""`candour down`: a clean stop in under ten seconds; nothing of the exchange runs afterwards."""

import os
import select
import signal
from pathlib import Path

from broker.onebox.locks import supervisor_pid

STOP_S = 9.5
KILL_S = 5.0


def down(folder: Path) -> bool:
    """Stops the exchange; returns whether it was running.

    A supervisor that does not end in time is killed, and Linux kills what it started with it.
    """
    pid = supervisor_pid(folder / "run")
    if pid is None:
        return False
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        for number, patience_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, KILL_S)):
            signal.pidfd_send_signal(process, number)
            # Readable once the process has ended, its parts before it.
            if select.select([process], [], [], patience_s)[0]:
                break
    finally:
        os.close(process)
    _forget(pid)
    return True


def _forget(pid: int) -> None:
    """Takes note of the end of a supervisor that this very process started; else that is init's to do."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
