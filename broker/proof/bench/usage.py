"""CPU time of processes: user and system, their ended children included."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used so far; 0 when it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


class Meter:
    """CPU of the parts of an exchange from now on, workers of a stage added up."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._began = {name: (pid, cpu_s(pid)) for name, pid in pids.items()}

    def read(self) -> dict[str, float]:
        """stage -> seconds of CPU since the meter was made."""
        found: dict[str, float] = {}
        for name, (pid, began_s) in self._began.items():
            stage = name.partition("-")[0]
            found[stage] = found.get(stage, 0.0) + max(0.0, cpu_s(pid) - began_s)
        return found


def machine() -> dict[str, str | int]:
    """What kind of machine this is; not which one."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "processor": _processor(),
        "load_before": round(os.getloadavg()[0]),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    names = (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name"))
    return next(names, "unknown")
