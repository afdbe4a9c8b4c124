"""One process of the exchange: started so that it cannot outlive the supervisor, watched, stopped."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from broker.onebox.restarts import Restarts
from broker.onebox.state import PartReport, PartState

LARGE_LOG_BYTES = 32 * 1024 * 1024
_LAST_WORDS_BYTES = 2_000

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with(parent: int) -> Callable[[], None]:
    """What a child runs before its program: Linux then kills it as soon as the thread that started it ends.

    Only the supervisor's main thread may start children, for that reason, and it must have no other
    threads, since this runs between fork and exec.
    """

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


@dataclass(slots=True)
class Child:
    """A process that is started again when it ends, unless its exit code forbids it."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    state: PartState = PartState.STOPPED
    exit_code: int | None = None
    restarts: Restarts = field(default_factory=Restarts)
    _process: subprocess.Popen[bytes] | None = None
    _since_s: float = 0.0
    _started_s: float = 0.0
    _next_start_s: float = 0.0

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Starts the program; its output is appended to its log, and a log grown large is set aside first."""
        if self.log.exists() and self.log.stat().st_size > LARGE_LOG_BYTES:
            self.log.rename(self.log.with_name(self.log.name + ".1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environment),
                preexec_fn=dies_with(os.getpid()),
            )
        self._started_s = time.monotonic()
        self._become(PartState.RUNNING)

    def has_ended(self) -> bool:
        """Whether the program has ended; for one that is not to be started again."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._process = None
            self.exit_code = code
            self._become(PartState.STOPPED)
        return self._process is None

    def tend(self) -> bool:
        """Notices an end, starts the program again when its time has come; whether anything changed."""
        now_s = time.monotonic()
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return self._notice_steady(now_s)
            self._ended(code, now_s)
            return True
        if self.state in (PartState.BACKING_OFF, PartState.FAILING) and now_s >= self._next_start_s:
            was_failing = self.state is PartState.FAILING
            self.start()
            if was_failing:
                self._become(PartState.FAILING)
            return True
        return False

    def terminate(self) -> None:
        """Asks the program to end; it is not started again."""
        if self._process is not None and self._process.poll() is None:
            # A paused process does not see SIGTERM until it goes on.
            self._process.send_signal(signal.SIGTERM)
            self._process.send_signal(signal.SIGCONT)

    def wait_ended(self, deadline_s: float) -> None:
        """Waits for the end, and kills the program at the deadline (of the monotonic clock)."""
        if self._process is None:
            self._become(PartState.STOPPED)
            return
        try:
            self.exit_code = self._process.wait(timeout=max(0.0, deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.exit_code = self._process.wait()
        self._process = None
        self._become(PartState.STOPPED)

    def last_words(self) -> str:
        """What the program last said in plain words, if it did: its own account of why it refused."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LAST_WORDS_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
        words = lines[-1].strip() if lines else ""
        return "" if words.startswith(("{", "\x1b")) else words

    def report(self) -> PartReport:
        """For run/state.json."""
        return PartReport(self.state, self.pid, self.restarts.total, self.exit_code, round(self._since_s, 3))

    def _ended(self, code: int, now_s: float) -> None:
        self._process = None
        self.exit_code = code
        delay_s = self.restarts.ended(code, now_s - self._started_s, now_s)
        if delay_s is None:
            self._become(PartState.REFUSED)
            return
        self._next_start_s = now_s + delay_s
        self._become(PartState.FAILING if self.restarts.failing(now_s) else PartState.BACKING_OFF)

    def _notice_steady(self, now_s: float) -> bool:
        if self.state is PartState.FAILING and not self.restarts.failing(now_s):
            self._become(PartState.RUNNING)
            return True
        return False

    def _become(self, state: PartState) -> None:
        self.state = state
        self._since_s = time.time()
