"""The table of rules is as the files say, and every rule that is kept in full bears tests of its name."""

import shutil
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.errors import ConfigurationError
from broker.policy.rule_table import RULES, TABLE, rule_table
from broker.settings import shipped

ROOT = shipped("policies").parent
IN_FULL = (1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 21, 24, 29, 36, 53, 54)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("docs/policies", "policies", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(
        ROOT / "tests/system", tmp_path / "tests/system", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def named_after(table: str, number: int) -> dict[str, list[str]]:
    section = table.split(f"\n## R{number}\n")[1].split("\n## ")[0]
    lines = [line.removeprefix("- ").split(": ") for line in section.splitlines() if line.startswith("- ")]
    return {what: names.replace("`", "").split(", ") for what, names in lines}


def test_the_table_in_the_documents_is_up_to_date() -> None:
    assert main(["policy", "rules", "--check"]) == 0


@pytest.mark.parametrize("number", IN_FULL)
def test_each_rule_kept_in_full_has_a_test_in_rego_and_one_through_the_exchange(number: int) -> None:
    named = named_after((ROOT / TABLE).read_text(encoding="utf-8"), number)
    assert named["Rego tests"]
    assert named["Tests through the exchange"]
    assert all(f"_r{number}_" in test for test in named["Rego tests"])


def test_a_table_that_somebody_edited_is_out_of_date(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--policies", str(checkout / "policies"), "--schemas", str(checkout / "schemas")]
    (checkout / TABLE).write_text("| R1 | kept |\n", encoding="utf-8")
    assert main(["policy", "rules", "--check", *folders]) == 1
    assert "is out of date" in capsys.readouterr().out
    assert main(["policy", "rules", *folders]) == 0
    assert main(["policy", "rules", "--check", *folders]) == 0


def test_a_test_of_two_rules_stands_under_both(checkout: Path, opa: Path) -> None:
    added = checkout / "tests/system/test_more.py"
    added.write_text("def test_r16_r17_a_clock_starts() -> None: ...\n\n\ndef test_r18x() -> None: ...\n")
    table = rule_table(checkout, checkout / "policies", checkout / "schemas", opa)
    for number in (16, 17):
        assert "test_r16_r17_a_clock_starts" in named_after(table, number)["Tests through the exchange"]
    assert "test_r18x" not in table


def test_a_rule_that_nobody_describes_is_told(checkout: Path, opa: Path) -> None:
    text = (checkout / RULES).read_text(encoding="utf-8")
    (checkout / RULES).write_text(text.replace("R54:", "R55:"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="for each of R1 to R54"):
        rule_table(checkout, checkout / "policies", checkout / "schemas", opa)
