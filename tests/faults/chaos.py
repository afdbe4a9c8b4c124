"""Kills and pauses release workers, only such as have committed since they were last started or struck."""

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.exchange import RunningExchange
from tests.faults.evidence import Aborted
from tests.faults.outages import send

KILL, PAUSE = signal.SIGKILL, signal.SIGSTOP
COMMITS_BEFORE = (1, 1, 2, 4, 8)
"""How often a victim has committed: first a few events of a backlog, later what they set off elsewhere"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One strike."""

    kind: signal.Signals
    part: str
    pid: int
    time_ms: int
    """just before the signal was sent"""
    paused_s: float = 0.0


@dataclass
class Chaos:
    """Strikes the release workers of one exchange.

    Args:
        pauses_s: least and most seconds of a pause; the least is beyond the session time-out.
    """

    exchange: RunningExchange
    chance: random.Random
    pauses_s: tuple[float, float]
    faults: list[Fault] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    _paused: dict[int, float] = field(default_factory=dict)
    _committed_before: dict[tuple[str, int], float] = field(default_factory=dict)

    def strike_all(
        self, kills: int, pauses: int, limit_s: float, after_each: Callable[[int, int], None]
    ) -> None:
        """Strike that many times, in a random order. `after_each` hears how many of how many are done."""
        plan = [KILL] * kills + [PAUSE] * pauses
        self.chance.shuffle(plan)
        deadline_s = time.monotonic() + limit_s
        try:
            for number, kind in enumerate(plan, 1):
                self._wait_s(self.chance.uniform(0.1, 1.5), deadline_s)
                while not self._strike(kind, *self._victim(deadline_s)):
                    continue
                after_each(number, len(plan))
        finally:
            self.resume_all()

    def resume_all(self) -> None:
        """No worker stays paused: each wakes when its time is over."""
        while self._paused:
            self._resume_due()
            time.sleep(0.05)

    def kill_beside(self, part: str) -> None:
        """SIGKILL another part, if it runs just now."""
        pid = self.exchange.pid(part)
        if pid is not None and _is_alive(pid) and send(pid, KILL):
            self.beside.append(part)

    def _victim(self, deadline_s: float) -> tuple[str, int]:
        names, commits = list(self.exchange.release_workers()), self.chance.choice(COMMITS_BEFORE)
        while True:
            self.chance.shuffle(names)
            for part in names:
                pid = self._pid_if_ripe(part, commits)
                if pid is not None:
                    return part, pid
            self._wait_s(0.05, deadline_s)

    def _pid_if_ripe(self, part: str, commits: int) -> int | None:
        pid = self.exchange.pid(part)
        if pid is None or pid in self._paused or not _is_alive(pid):
            return None
        committed = self.exchange.metric(part, "candour_transactions_total", result="committed")
        if committed is None or committed < self._committed_before.get((part, pid), 0.0) + commits:
            return None
        # What answered must be the process that will be struck.
        if self.exchange.pid(part) != pid:
            return None
        self._committed_before[part, pid] = committed
        return pid

    def _strike(self, kind: signal.Signals, part: str, pid: int) -> bool:
        """Whether there was still somebody to strike: who finds a lane fenced ends by itself."""
        paused_s = self.chance.uniform(*self.pauses_s) if kind is PAUSE else 0.0
        time_ms = int(time.time() * 1000)
        if not send(pid, kind):
            return False
        if kind is PAUSE:
            self._paused[pid] = time.monotonic() + paused_s
        self.faults.append(Fault(kind, part, pid, time_ms, paused_s))
        return True

    def _wait_s(self, pause_s: float, deadline_s: float) -> None:
        until_s = time.monotonic() + pause_s
        while time.monotonic() < until_s:
            assert time.monotonic() < deadline_s, f"only {len(self.faults)} faults in time"
            self._resume_due()
            time.sleep(0.02)

    def _resume_due(self) -> None:
        for pid, until_s in list(self._paused.items()):
            if time.monotonic() >= until_s:
                del self._paused[pid]
                if _is_alive(pid):
                    send(pid, signal.SIGCONT)


def faults_inside(faults: Sequence[Fault], aborted: Sequence[Aborted], hold_ms: int) -> list[Fault]:
    """The faults that fell inside an open transaction.

    Such a transaction was aborted, and wrote its last record, the position row, no longer before the fault
    than it was to be held open. Aborts by a rebalance alone, which follow a fault later, do not count.
    """
    return [
        fault for fault in faults if any(0 <= fault.time_ms - one.time_ms <= hold_ms + 50 for one in aborted)
    ]


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - a file of the kernel
            return stat.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
