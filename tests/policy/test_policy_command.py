"""`candour policy` says what it found, and its exit code says it too."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from key_pair import KeyPair

from broker.cli.main import main

Edit = Callable[[str, str, str], None]


def test_check_of_sound_policies_ends_with_0_and_one_line_a_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["policy", "check", "--json"]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [step["step"] for step in steps] == [
        "format",
        "types",
        "conventions",
        "agreements",
        "tests",
        "coverage",
    ]
    assert all(step["passed"] for step in steps)


def test_check_of_a_broken_agreement_ends_with_1_and_names_the_file(
    policies: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("agreements/police-to-crisis-response.yaml", "basis: B6", "basis: B13")
    assert main(["policy", "check", "--policies", str(policies)]) == 1
    told = capsys.readouterr().out
    assert "agreements   FAILED  agreements/police-to-crisis-response.yaml: basis: B13" in told
    assert "tests        passed" in told


def test_check_without_an_engine_ends_with_2_and_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CANDOUR_OPA", str(tmp_path / "opa"))
    assert main(["policy", "check"]) == 2
    assert "set CANDOUR_OPA" in capsys.readouterr().err


def test_build_writes_a_bundle_and_says_its_revision(
    keys: KeyPair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["policy", "build", "--key", str(keys.private), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["revision"].startswith("northmoor-")
    assert Path(told["bundle"]).is_file()
    assert Path(told["data"]).is_file()


def test_build_with_a_key_that_is_none_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.pem"
    key.write_text("not a key")
    assert main(["policy", "build", "--key", str(key), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert "does not build the bundle" in told
    assert "not a key" not in told
