"""The demo as anybody runs it: as written down, or the cell that differs is named; nothing stays behind."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from broker.proof.demo.expected import EXPECTED

pytestmark = pytest.mark.exchange

DEMO_S = 180


def run_demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("candour")), "demo", *arguments]
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=DEMO_S, env=environment, check=False
    )


def running_in(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in word for word in process.info["cmdline"] or ()):
            found.append(" ".join(process.info["cmdline"]))
    return found


def test_the_night_comes_to_what_was_written_down_and_nothing_of_it_stays(tmp_path: Path) -> None:
    ended = run_demo(tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "rows of the expectation hold" in ended.stdout
    assert ended.stdout.isascii()
    assert list(tmp_path.iterdir()) == []
    assert running_in(tmp_path) == []


def test_a_cell_that_differs_is_named_alone_and_a_kept_folder_stays(tmp_path: Path) -> None:
    right, wrong = "billie-visited,northmoor-crisis/peer,delivered,minimised,", "delivered,full,"
    text = EXPECTED.read_text(encoding="utf-8")
    assert text.count(right) == 1
    changed, kept = tmp_path / "changed.csv", tmp_path / "kept"
    changed.write_text(text.replace(right, right.replace("delivered,minimised,", wrong)))
    ended = run_demo(tmp_path, "--expected", str(changed), "--keep", str(kept))
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "1 difference(s)" in ended.stdout
    assert "billie-visited, northmoor-crisis/peer: extent: expected full, found minimised" in ended.stdout
    assert f"candour up --dir {kept}" in ended.stdout
    assert (kept / "exchange.json").is_file()
    assert running_in(tmp_path) == []


def test_an_expectation_that_cannot_be_read_is_wrong_use_before_anything_is_started(tmp_path: Path) -> None:
    changed = tmp_path / "changed.csv"
    changed.write_text("not,an,expectation\n")
    ended = run_demo(tmp_path, "--expected", str(changed))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "the first line must be" in ended.stderr


def test_a_folder_that_holds_something_is_not_taken_for_the_demo(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "letter.txt").write_text("mine")
    ended = run_demo(tmp_path, "--keep", str(kept))
    assert ended.returncode == 2
    assert "is not empty" in ended.stderr
    assert [path.name for path in kept.iterdir()] == ["letter.txt"]
