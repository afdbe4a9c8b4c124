"""Processes of an exchange: they die with their parent, come back when they may, and end when asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from broker.onebox.child import Child
from broker.onebox.locks import held, is_running, supervisor_pid
from broker.onebox.state import PartState

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]

PARENT = """
import os, sys, time
from pathlib import Path
from broker.onebox.child import Child
child = Child("part", [sys.executable, "-c", "import time; time.sleep(60)"], Path(sys.argv[1]), os.environ)
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


def child_of(tmp_path: Path, program: str) -> Child:
    return Child("part", [sys.executable, "-c", program], tmp_path / "part.log", os.environ)


def await_change(child: Child, limit_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + limit_s
    while not child.tend():
        assert time.monotonic() < deadline_s, "nothing changed"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        # Not only a missing file: a process that goes while it is read ends in ProcessLookupError.
        return False


def test_a_child_is_gone_a_moment_after_its_parent_was_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "part.log")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_alive(pid)

    parent.kill()
    parent.communicate()

    deadline_s = time.monotonic() + 5
    while is_alive(pid):
        assert time.monotonic() < deadline_s, "the child outlived its parent"
        time.sleep(0.02)


def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    child = Child("part", SLEEP, tmp_path / "part.log", os.environ)
    child.start()
    first = child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await_change(child)
    assert (child.state, child.exit_code) == (PartState.BACKING_OFF, -9)
    await_change(child)

    assert child.state is PartState.RUNNING
    assert child.pid not in (None, first)
    assert child.report().restarts == 1
    child.terminate()
    child.wait_ended(time.monotonic() + 5)
    assert (child.exit_code, child.pid) == (-15, None)


@pytest.mark.parametrize("code", [2, 3, 71])
def test_a_part_that_refuses_stays_down(tmp_path: Path, code: int) -> None:
    child = child_of(tmp_path, f"raise SystemExit({code})")
    child.start()

    await_change(child)

    assert (child.state, child.exit_code) == (PartState.REFUSED, code)
    assert not child.tend()


def test_a_part_that_ignores_the_request_is_killed_at_the_deadline(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = child_of(
        tmp_path,
        f"import signal, time, pathlib; signal.signal(15, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)",
    )
    child.start()
    while not ready.exists():
        time.sleep(0.02)

    child.terminate()
    child.wait_ended(time.monotonic() + 0.3)

    assert (child.state, child.exit_code) == (PartState.STOPPED, -9)


def test_a_paused_part_can_be_stopped_too(tmp_path: Path) -> None:
    child = Child("part", SLEEP, tmp_path / "part.log", os.environ)
    child.start()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGSTOP)

    child.terminate()
    child.wait_ended(time.monotonic() + 5)

    assert child.exit_code == -15


def test_what_a_part_writes_is_in_its_log_and_the_log_is_private(tmp_path: Path) -> None:
    child = child_of(tmp_path, "print('hello')")
    child.start()
    await_change(child)

    assert (tmp_path / "part.log").read_text() == "hello\n"
    assert (tmp_path / "part.log").stat().st_mode & 0o777 == 0o600


def test_the_supervisors_lock_names_it_and_ends_with_it(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with held(tmp_path / "supervisor.lock", "taken"):
        assert supervisor_pid(tmp_path) == os.getpid()
    assert not is_running(tmp_path)
