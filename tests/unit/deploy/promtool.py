"""Runs promtool, which `make setup` took out of Debian's package `prometheus`, and reads the alert rules."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from broker.settings import cache_folder

ROOT = Path(__file__).resolve().parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = PROMETHEUS / "alerts.yml"
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOKS = ROOT / "deploy" / "runbooks"


def promtool(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Runs it; both outputs in `stdout`."""
    program = cache_folder() / "promtool" / "bin" / "promtool"
    assert program.is_file(), f"{program} is missing; `make setup` says why"
    return subprocess.run(
        [program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def rules() -> list[dict[str, Any]]:
    """Every alert rule; two rules of one name are two severities of one alert."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> list[str]:
    """The names, each once."""
    return sorted({rule["alert"] for rule in rules()})
