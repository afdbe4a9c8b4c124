"""The demo as anybody runs it: as written down, or the cell that differs is named; nothing stays behind."""

import base64
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import psutil
import pytest

from broker.onebox.roots import BUNDLE_PRIVATE
from broker.proof.demo.expected import EXPECTED
from broker.proof.demo.page.record import SHOWN
from broker.proof.demo.script import read_script

pytestmark = pytest.mark.exchange

DEMO_S = 600
PAGE = "candour-evening.html"


def run_demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs it in `folder`, with its temporary files in `folder/tmp`."""
    command = [str(Path(sys.executable).with_name("candour")), "demo", *arguments]
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=DEMO_S, env=environment, check=False
    )


def running_in(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in word for word in process.info["cmdline"] or ()):
            found.append(" ".join(process.info["cmdline"]))
    return found


def names_and_numbers(*, but: str = "") -> set[str]:
    """What identifies the people of the evening: numbers, telephones, addresses, dates of birth."""
    keys = ("nhs_number", "phone", "address", "date_of_birth", "local_ref")
    return {
        known[key]
        for person in read_script().people.values()
        if person.key != but
        for known in person.known_as.values()
        for key in keys
        if key in known
    }


def secrets_in(folder: Path) -> set[str]:
    """Every private key of an exchange, as hexadecimal digits, as base64 and as it stands in its file."""
    found = set()
    # By name: with a strict umask the mode of what is public says the same.
    for path in [*folder.rglob("*.key"), folder / BUNDLE_PRIVATE]:
        raw = path.read_bytes()
        found |= {raw.hex()[-48:], base64.b64encode(raw).decode()[-40:-4]}
        found |= set(re.findall(r"[0-9A-Za-z+/_-]{40,}", raw.decode("latin-1")))
    return {secret for secret in found if len(secret) >= 24}


def test_the_evening_comes_to_what_was_written_down_and_a_desk_s_page_holds_its_own(tmp_path: Path) -> None:
    ended = run_demo(tmp_path, "--as", "moor-police/control-room", "--page", "police.html")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "rows of the expectation hold" in ended.stdout
    assert ended.stdout.isascii()
    assert list((tmp_path / "tmp").iterdir()) == []
    assert running_in(tmp_path) == []
    page = unescape((tmp_path / "police.html").read_text(encoding="utf-8"))
    # What Jamie marked for police, and when a custody ended. No name, no number, no words of their own.
    assert "Say your first name. Do not stand behind me." in page
    assert "person.ended_at" in page
    assert [text for text in names_and_numbers() if text in page] == []
    others = ("CANARY", "I was only cold.", "Medication as before", "moor-gp", "permission_missing")
    assert [text for text in others if text in page] == []


def test_a_cell_that_differs_is_named_alone_and_the_page_keeps_every_secret(tmp_path: Path) -> None:
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
    page = unescape((tmp_path / PAGE).read_text(encoding="utf-8"))
    assert all(f">{step.label}<" in page for step in read_script().steps)
    shown = next(step.about for step in read_script().steps if step.label == SHOWN)
    assert [text for text in names_and_numbers(but=shown) if text in page] == []
    assert "CANARY" not in page
    secrets = secrets_in(kept)
    assert len(secrets) > 100
    assert [secret for secret in secrets if secret in page] == []


def test_a_desk_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    ended = run_demo(tmp_path, "--as", "moor-police/nobody")
    assert ended.returncode == 2
    assert "moor-police/control-room" in ended.stderr
    assert not (tmp_path / PAGE).exists()


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
