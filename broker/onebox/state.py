"""run/state.json: what the supervisor says of itself and of each process it started."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from broker.registry.signed import write_private

STATE_FILE = "state.json"


class Phase(StrEnum):
    """How far the exchange is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class PartState(StrEnum):
    """How one process is."""

    RUNNING = "running"
    BACKING_OFF = "backing_off"
    FAILING = "failing"
    """Ended again and again; still tried, every few seconds"""
    REFUSED = "refused"
    """Ended with a code that is never restarted: 2, 3 or 71"""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartReport:
    """One process as the supervisor sees it."""

    state: PartState
    pid: int | None = None
    restarts: int = 0
    exit_code: int | None = None
    """of the last end; negative for a signal"""
    since_s: float = 0.0
    """When this state began, seconds since 1970-01-01T00:00Z"""


@dataclass(frozen=True, slots=True)
class ExchangeState:
    """The whole of run/state.json."""

    phase: Phase
    pid: int
    message: str = ""
    """What went wrong, when the phase is `failed`"""
    exit_code: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, PartReport] = field(default_factory=dict)


def write_state(run_folder: Path, state: ExchangeState) -> None:
    """Replaces the file in one step."""
    write_private(run_folder / STATE_FILE, json.dumps(asdict(state), indent=1).encode() + b"\n")


def read_state(run_folder: Path) -> ExchangeState | None:
    """What the file says; None when there is none or it cannot be read."""
    try:
        document = json.loads((run_folder / STATE_FILE).read_text(encoding="utf-8"))
        parts = {
            name: PartReport(**{**part, "state": PartState(part["state"])})
            for name, part in document.pop("parts").items()
        }
        return ExchangeState(**{**document, "phase": Phase(document["phase"]), "parts": parts})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
