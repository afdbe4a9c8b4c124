"""A made-up area played in time through a running exchange: `candour simulate play --speed`."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from broker.simulate.calendar import Calendar
from broker.simulate.order import in_order
from broker.simulate.run import write
from broker.simulate.world import Scenario, World
from tests.exchange import RunningExchange
from tests.faults.evidence import gather_leaves

pytestmark = pytest.mark.exchange

POPULATION, DAYS, SEED, SPEED = 10_000, 2, 3, 20_000


def test_lines_keep_their_distances_at_the_speed_that_was_asked_for(
    exchange: RunningExchange, tmp_path: Path
) -> None:
    area = tmp_path / "area"
    write(World.make(SEED, POPULATION, Calendar(date(2026, 1, 1), DAYS), Scenario()), area, lambda _: None)
    lines = list(in_order(area))
    played = play(exchange, area, "--speed", str(SPEED))
    assert played["published"] == len(lines) > 20
    assert played["rejected_as_seeded"]
    # Never sooner; how much later says how busy the machine is.
    assert played["seconds"] >= (lines[-1].at - lines[0].at) / SPEED - 0.1
    told = {one.event_id for one in lines}
    leaves = gather_leaves(exchange.folder)
    about = [leaf for leaf in leaves if leaf.record.get("event_id") in told]
    assert {leaf.kind for leaf in about} <= {"decision", "wish_applied"}
    assert any(leaf.record.get("delivery_id") is not None for leaf in about)


def play(exchange: RunningExchange, area: Path, *options: str) -> dict[str, Any]:
    """What `candour simulate play --json` says."""
    found: dict[str, Any] = json.loads(exchange.command("simulate", "play", str(area), "--json", *options))
    return found
