"""Each alert fires when it should and is silent when it should be; all are about figures that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from broker import metrics
from broker.domain.codes import REJECTIONS
from broker.onebox.record import StartOptions, new_record
from broker.onebox.status import OLDEST_UNDECIDED_S
from broker.onebox.targets import write_targets
from tests.unit.deploy.promtool import PROMETHEUS, RULES, TESTS, alerts, promtool, rules

OF_PROMETHEUS = {"up"}
WANTED = {
    "CandourBooksOutOfBalance",
    "CandourLaneNotMoving",
    "CandourEntriesWaiting",
    "CandourOpaAway",
    "CandourWorkerRestarting",
    "CandourQuarantineGrowing",
    "CandourSafetyGapOpen",
    "CandourStreamOutOfPlace",
}
SUFFIXES = {
    "counter": ("_total",),
    "info": ("_info",),
    "histogram": ("_bucket", "_sum", "_count"),
}
METRIC = re.compile(r"\b([a-z_]+)(?=\{|\[| [=><!]|\))")


def cases() -> list[tuple[str, dict[str, Any], bool]]:
    """Of each case under promtool: its alert, its severities, whether anything fires."""
    return [
        (check["alertname"], alert.get("exp_labels", {}), bool(check["exp_alerts"]))
        for path in TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for check in test["alert_rule_test"]
        for alert in (check["exp_alerts"] or [{}])
    ]


def exported() -> set[str]:
    """Every name that a worker's page can show."""
    return {
        family.name + suffix for family in REGISTRY.collect() for suffix in SUFFIXES.get(family.type, ("",))
    }


def test_promtool_takes_the_rules() -> None:
    ran = promtool("check", "rules", RULES)
    assert ran.returncode == 0, ran.stdout
    assert f"SUCCESS: {len(rules())} rules found" in ran.stdout


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_every_case_comes_out_under_promtool_as_written(path: Path) -> None:
    ran = promtool("test", "rules", path)
    assert ran.returncode == 0, ran.stdout
    assert "SUCCESS" in ran.stdout


def test_a_case_that_is_wrong_fails(tmp_path: Path) -> None:
    text = (PROMETHEUS / "tests" / "CandourBooksOutOfBalance.yml").read_text()
    wrong = text.replace("../alerts.yml", str(RULES)).replace("values: '0 0 1x20'", "values: '0 0 0x20'")
    (tmp_path / "wrong.yml").write_text(wrong)
    assert promtool("test", "rules", tmp_path / "wrong.yml").returncode != 0


def test_everything_that_somebody_must_be_woken_for_has_an_alert() -> None:
    assert set(alerts()) >= WANTED


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_every_rule_has_a_case_that_fires_and_one_that_is_silent(rule: dict[str, Any]) -> None:
    name, severity = rule["alert"], rule["labels"]["severity"]
    assert any(
        case == name and labels.get("severity") == severity for case, labels, fires in cases() if fires
    )
    assert any(case == name for case, _, fires in cases() if not fires)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_every_rule_says_whom_to_wake_why_and_what_to_read(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["runbook"] == f"deploy/runbooks/{rule['alert']}.md"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_every_figure_in_a_rule_is_one_that_workers_show(rule: dict[str, Any]) -> None:
    text = re.sub(r'"[^"]*"', '""', rule["expr"])
    named = {name for name in METRIC.findall(text) if "_" in name or name in OF_PROMETHEUS}
    assert named
    assert named <= exported() | OF_PROMETHEUS


def test_the_cases_feed_figures_that_workers_show() -> None:
    named = {
        series["series"].partition("{")[0]
        for path in TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for series in test["input_series"]
    }
    assert named <= exported() | OF_PROMETHEUS


def test_every_quarantine_code_in_a_rule_is_on_the_list() -> None:
    named = {
        code
        for rule in rules()
        for codes in re.findall(r'code[=!]~"([^"]*)"', rule["expr"])
        for code in codes.split("|")
    }
    assert named
    assert named <= {*REJECTIONS, metrics.OTHER}


def test_status_and_the_alert_agree_how_long_is_too_long() -> None:
    (waiting,) = [rule for rule in rules() if rule["alert"] == "CandourEntriesWaiting"]
    assert waiting["expr"].endswith(f"> {OLDEST_UNDECIDED_S:.0f}")
    assert "for" not in waiting


def test_prometheus_would_take_the_example_with_the_ports_of_a_real_exchange(tmp_path: Path) -> None:
    write_targets(tmp_path, new_record(StartOptions(workers=2)))
    example = (PROMETHEUS / "prometheus.yml").read_text()
    (place,) = re.findall(r"\S+/run/targets\.json", re.sub(r"#.*", "", example))
    ours = example.replace(place, str(tmp_path / "targets.json")).replace("- alerts.yml", f"- {RULES}")
    (tmp_path / "prometheus.yml").write_text(ours)
    ran = promtool("check", "config", tmp_path / "prometheus.yml")
    assert ran.returncode == 0, ran.stdout
    assert "WARNING" not in ran.stdout
    (job,) = yaml.safe_load(example)["scrape_configs"]
    jobs = {one for rule in rules() for one in re.findall(r'job="([^"]*)"', rule["expr"])}
    assert jobs == {job["job_name"]}
