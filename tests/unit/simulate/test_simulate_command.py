"""`candour simulate`: what it says, what it writes, with which exit code."""

import json
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.errors import EXIT_DONE, EXIT_NO, EXIT_USAGE

SMALL = ("--population", "20000", "--days", "10", "--seed", "3")


def simulate(folder: Path, *options: str) -> int:
    return main(["simulate", *SMALL, "--out", str(folder), *options])


def test_it_writes_a_file_for_each_agency_and_the_table_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(tmp_path / "area", "--check") == EXIT_DONE
    said = capsys.readouterr()
    assert "one file for each agency" in said.err
    assert "first place: emergency department" in said.out
    assert (tmp_path / "area" / "moor-police.jsonl").is_file()


def test_as_json_each_row_of_the_table_is_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(tmp_path / "area")
    capsys.readouterr()
    assert main(["simulate", "check", str(tmp_path / "area"), "--json"]) == EXIT_DONE
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"name", "source", "low", "high", "found", "cases", "verdict"} <= set(rows[0])
    assert {row["verdict"] for row in rows} <= {"ok", "too few"}


def test_outside_its_tolerance_the_answer_is_no(tmp_path: Path) -> None:
    area = tmp_path / "area"
    assert main(["simulate", "--population", "200000", "--days", "30", "--out", str(area)]) == EXIT_DONE
    manifest = json.loads((area / "manifest.json").read_text(encoding="utf-8"))
    (area / "manifest.json").write_text(json.dumps({**manifest, "population": 100_000}), encoding="utf-8")
    assert main(["simulate", "check", str(area)]) == EXIT_NO


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["simulate", "--days", "7"], "--population and --out"),
        (["simulate", "check", "nowhere"], "holds no made-up area"),
    ],
)
def test_what_is_lacking_is_named(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == EXIT_USAGE
    assert told in capsys.readouterr().err


def test_what_is_lacking_of_a_written_area_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    area = tmp_path / "area"
    assert main(["simulate", "--population", "1000", "--days", "1", "--out", str(area)]) == EXIT_DONE
    (area / "before.csv").unlink()
    assert main(["simulate", "check", str(area)]) == EXIT_USAGE
    assert "before.csv" in capsys.readouterr().err


def test_more_people_than_there_are_made_up_numbers_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["simulate", "--population", "10000001", "--days", "1", "--out", str(tmp_path / "area")]
    assert main(words) == EXIT_USAGE
    assert "10000000" in capsys.readouterr().err
    assert not (tmp_path / "area").exists()
