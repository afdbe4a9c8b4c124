"""Payloads written out on the command line are their reader's only, and the file is found fit beforehand."""

import stat
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broker.cli import quarantine, rejected, two_people
from broker.cli.main import main
from broker.domain.delivery import PayloadName
from broker.domain.quarantine import ActReason, QuarantineAct, Request
from broker.domain.vocabulary import DeliveryKind, ReplyStatus
from broker.errors import EXIT_RESTART, EXIT_USAGE
from broker.registry.registry import Registry
from broker.wire.kept import Kept, KeptKind
from consumers.kit.delivery import Reply
from consumers.kit.language import Language
from consumers.kit.rejected import Rejected

BYTES = b"a payload in clear"
NAME = "q-" + "a" * 52


def one_rejected() -> Rejected:
    return Rejected(PayloadName(0, 0, "00" * 32, NAME), None, "schema_unknown", "", (), "00" * 32, BYTES)


def test_a_payload_given_back_is_nobody_elses_to_read_whatever_stood_there(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.avro"
    path.write_bytes(b"before")
    path.chmod(0o644)
    assert rejected.write([one_rejected()], tmp_path, Language({}, {}, {})) == 1
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (BYTES, 0o600)


def test_a_payload_given_back_does_not_follow_a_link(tmp_path: Path) -> None:
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.write_bytes(b"before")
    out.mkdir()
    (out / f"{NAME}.avro").symlink_to(elsewhere)
    rejected.write([one_rejected()], out, Language({}, {}, {}))
    assert elsewhere.read_bytes() == b"before"
    assert (out / f"{NAME}.avro").read_bytes() == BYTES


def not_reached(*_: Any, **__: Any) -> Any:
    raise AssertionError("something was asked of the exchange first")


def a_folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def under_a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(b"")
    return tmp_path / "file" / "bytes"


def in_a_locked_folder(tmp_path: Path) -> Path:
    (tmp_path / "locked").mkdir(mode=0o500)
    return tmp_path / "locked" / "bytes"


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write in every folder: what anybody else is told is told by the folder's mode."""
    monkeypatch.setattr("os.access", lambda path, _: bool(Path(path).stat().st_mode & stat.S_IWUSR))


@pytest.mark.usefixtures("not_root")
@pytest.mark.parametrize("option", ["--bytes", "--out"])
@pytest.mark.parametrize("place", [a_folder, under_a_file, in_a_locked_folder])
def test_a_file_that_cannot_be_written_is_told_of_before_anything_is_on_record(
    place: Callable[[Path], Path],
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(quarantine, "_items", not_reached)
    path = place(tmp_path)
    others = ["--with", "operations-lead"] if option == "--bytes" else []
    words = ["show", NAME, "--as", "ig-lead", *others, option, str(path), "--dir", str(tmp_path)]
    assert main(["quarantine", *words]) == EXIT_USAGE
    told = capsys.readouterr().err
    assert str(path) in told
    assert f"another with {option}" in told


@pytest.mark.parametrize("option", ["--bytes", "--out"])
def test_a_file_that_is_there_stays_as_it_is_until_it_is_replaced(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "_items", lambda _: None)
    (tmp_path / "file").write_bytes(b"before")
    others = ["--with", "operations-lead"] if option == "--bytes" else []
    for path in (tmp_path / "file", tmp_path / "new" / "folder" / "file"):
        words = ["show", NAME, "--as", "ig-lead", *others, option, str(path), "--dir", str(tmp_path)]
        assert main(["quarantine", *words]) == EXIT_RESTART
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"before")]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up while a file is written."""

    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)


def request() -> Request:
    act, reason = QuarantineAct.OPENED, ActReason.FIND_FAULT
    return Request("e-1", 0, act, NAME, bytes(32), reason, "ig-lead")


@pytest.mark.usefixtures("full")
def test_bytes_that_cannot_be_written_after_all_are_told_of_and_do_not_stay_in_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = two_people.Asked(request(), b"", "moor-pos", "schema_unknown", b"", {})
    reply = Reply("r-1", DeliveryKind.REPLY, "e-1", ReplyStatus.APPLIED, None, "", None, ())
    kept = Kept(KeptKind.BYTES, raw=BYTES)
    monkeypatch.setattr(two_people, "agree", lambda *_: (b"", kept))
    monkeypatch.setattr(quarantine, "_keys", lambda *_: Namespace())
    monkeypatch.setattr(quarantine, "_publish", lambda *_: reply)
    monkeypatch.setattr(quarantine, "_pages", lambda *_: [])
    arguments = Namespace(dir=tmp_path, json=True, bytes=tmp_path / "bytes", keys=None)
    assert quarantine._agree(arguments, Registry({}, {}), asked, "operations-lead") == EXIT_RESTART
    told = capsys.readouterr().err
    assert "on record" in told
    assert "--bytes" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full")
def test_a_request_that_cannot_be_written_after_all_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = two_people.Asked(request(), b"", "moor-pos", "schema_unknown", b"", {})
    monkeypatch.setattr(quarantine, "_items", lambda _: ())
    for name in ("_the_one", "_registry"):
        monkeypatch.setattr(quarantine, name, lambda *_: None)
    monkeypatch.setattr(quarantine, "_ask", lambda *_: asked)
    words = ["show", NAME, "--as", "ig-lead", "--out", str(tmp_path / "request"), "--dir", str(tmp_path)]
    assert main(["quarantine", *words]) == EXIT_USAGE
    assert "another with --out" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
