"""A question whose rule errors is quarantined alone; the rest of its batch is answered rightly."""

import json
import shutil
from pathlib import Path

import pytest

from broker.onebox.create import create
from broker.onebox.record import StartOptions, new_record
from broker.onebox.roots import BUNDLE_PRIVATE
from broker.onebox.tools import find_tools
from broker.policy.bundle import build_signed_bundle
from broker.settings import shipped
from tests.exchange import RunningExchange, wait_until
from tests.faults import checker
from tests.faults.evidence import gather_leaves, read_topic
from tests.faults.figures import figure
from tests.faults.flow import Flow, Item, person

pytestmark = pytest.mark.faults

DESK = "northmoor-crisis/crisis-line"
# A second answer to one question: OPA refuses the whole batch that holds it.
BROKEN_RULE = f"""\
package candour.decision

answer := {{"answer": "PERMIT"}} if {{
	input.event_type == "pos.s136.arrived"
	input.desk == "{DESK}"
	input.field_class == "SF"
	input.age_band == "age_16_17"
}}
"""
CULPRIT = 31


def test_one_question_whose_rule_errors_is_quarantined_alone(
    exchange: RunningExchange, tmp_path: Path
) -> None:
    items = _batch()
    culprit = items[CULPRIT].published.event_id
    folder = tmp_path / "exchange"
    create(folder, new_record(StartOptions(lanes=1, workers=1)), find_tools())
    _break_policy(folder, tmp_path)
    with RunningExchange(folder, lanes=1) as broken:
        came = _outcomes(broken, items)
        quarantined = sum(1 for _ in read_topic(broken.bootstrap, "quarantine"))
        undecidable = figure(broken, "release-0", "candour_undecidable_total")
        restarts = broken.part("release-0")["restarts"]
    wanted = _outcomes(exchange, items)
    answer, outcome, extent, fields, _, reasons, *_ = came.pop((culprit, DESK, "P1"))
    wanted.pop((culprit, DESK, "P1"))
    print(f"\n1 of {len(items)} events undecidable for one desk; {len(came)} other decisions of its batch")
    assert (answer, outcome, extent) == ("DENY", "quarantined", "core")
    assert set(fields) == {"occurred_at", "core.area", "core.urgency", "core.need"}
    assert "undecidable" in reasons
    assert (quarantined, undecidable, restarts) == (1, 1, 0)
    assert came == wanted


def _batch() -> list[Item]:
    """One envelope of arrivals; each asks what is in no cache, and one of them what cannot be told."""
    flow = Flow(20_000_001)
    facts = [
        {"capacity": capacity, "restrictions": [marker] if marker else [], "age_band": age}
        for capacity in ("has", "lacks", "unknown")
        for marker in ("", "domestic_abuse", "alias", "legal_hold")
        for age in ("adult", "under_16", "unknown")
    ]
    items = [flow.arrived(person(7_000 + number), **one) for number, one in enumerate(facts)]
    return [*items[:CULPRIT], flow.arrived(person(7_900), age_band="age_16_17"), *items[CULPRIT:]]


def _outcomes(exchange: RunningExchange, items: list[Item]) -> dict[tuple[str, str, str], tuple[object, ...]]:
    """Publish the items in one envelope; what was decided on them."""
    exchange.publish("moor-pos", [item.line for item in items])
    due = {(one.published.event_id, *place) for one in items for place in one.published.due}
    wait_until(
        lambda: due <= checker.outcomes(gather_leaves(exchange.folder)).keys(), 120.0, f"{len(due)} decisions"
    )
    made = checker.outcomes(gather_leaves(exchange.folder))
    return {place: decided for place, decided in made.items() if place in due}


def _break_policy(folder: Path, scratch: Path) -> None:
    """Sign a bundle of the shipped policies and the broken rule, before the first start."""
    policies = Path(shutil.copytree(shipped("policies"), scratch / "policies"))
    (policies / "sharing" / "decision" / "broken.rego").write_text(BROKEN_RULE, encoding="utf-8")
    making = folder / "policy" / "making"
    built = build_signed_bundle(
        policies=policies,
        schemas=shipped("schemas"),
        opa=find_tools().opa,
        private_key_pem=folder / BUNDLE_PRIVATE,
        out=making,
    )
    making.rename(folder / "policy" / built.revision)
    (folder / "policy" / "current").write_text(f"{built.revision}\n", encoding="ascii")
    assert json.loads((folder / "policy" / built.revision / "data.json").read_bytes())
