"""`candour schema` names file, place, rule and what to do, and exits as promised."""

import json
import shutil
from pathlib import Path

import pytest

from broker.cli.main import main
from tests.builders import BUILDERS, SCHEMAS

DETAINED = "police.s136.detained.avsc"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    schema = json.loads((SCHEMAS / DETAINED).read_text(encoding="utf-8"))
    del schema["fields"][0]["class"]
    path = tmp_path / DETAINED
    path.write_text(json.dumps(schema), encoding="utf-8")
    return path


def test_the_shipped_schemas_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "lint"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    schemas = 2 * len(BUILDERS) + 3
    assert f"{schemas} schemas, 0 faults" in printed.err


def test_a_fault_names_file_place_rule_and_what_to_do(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "lint", str(broken)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"{broken}: event_id: Has no class: add `class`")
    assert printed.rstrip().endswith("[class_missing]")


def test_with_json_each_fault_is_one_object(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "lint", "--json", str(broken)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    fault = json.loads(line)
    assert (fault["file"], fault["path"], fault["rule"]) == (str(broken), "event_id", "class_missing")
    assert set(fault) == {"file", "path", "rule", "message"}


@pytest.mark.parametrize("text", [None, "{", "[]", "\xff"])
def test_a_file_that_is_no_schema_is_wrong_use(
    text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.avsc"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    assert main(["schema", "lint", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_deliveries_are_written_where_they_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, folder)
    shutil.rmtree(folder / "deliveries")
    assert main(["schema", "deliveries", "--check", "--folder", str(folder)]) == 1
    assert not (folder / "deliveries").exists()
    assert main(["schema", "deliveries", "--folder", str(folder)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * (len(BUILDERS) + 3)
    assert main(["schema", "deliveries", "--check", "--folder", str(folder)]) == 0
    assert capsys.readouterr().out == ""


def test_a_folder_without_schemas_is_wrong_use(tmp_path: Path) -> None:
    assert main(["schema", "deliveries", "--folder", str(tmp_path)]) == 2
