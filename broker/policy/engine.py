"""Runs the Open Policy Agent binary for work on policies. Asking questions is broker.ask's."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from broker.errors import ConfigurationError
from broker.settings import cache_folder

OPA_VERSION = "1.22.2"

# Tests of all rules take seconds; a build less. Longer means that something is stuck.
_LONGEST_RUN_S = 120


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the engine printed and how it ended. Policies hold no personal data."""

    code: int
    output: str
    errors: str


def find_opa() -> Path:
    """The binary: `CANDOUR_OPA`, else the one of the cache of tools, else the one on the path.

    Raises:
        ConfigurationError: there is none; says how to get it.
    """
    named = os.environ.get("CANDOUR_OPA")
    candidates = [Path(named)] if named else [cache_folder() / f"opa-{OPA_VERSION}" / "bin" / "opa"]
    on_path = shutil.which("opa")
    if not named and on_path:
        candidates.append(Path(on_path))
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ConfigurationError(
        f"no opa binary at {candidates[0]}; run make setup or set CANDOUR_OPA (1.21.3 or later)"
    )


def run_opa(opa: Path, arguments: Sequence[str | Path], folder: Path | None = None) -> Run:
    """Run the engine to its end.

    Raises:
        ConfigurationError: it cannot be started, or takes longer than two minutes.
    """
    try:
        done = subprocess.run(
            [str(opa), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=_LONGEST_RUN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ConfigurationError(
            f"{opa} cannot be run or does not end; install version {OPA_VERSION}"
        ) from None
    return Run(done.returncode, done.stdout, done.stderr)
