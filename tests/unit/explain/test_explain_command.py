"""`candour explain` answers as promised, and says what to do when it cannot."""

import json
import socket
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.domain.identifiers import DeskId
from broker.explain import store
from broker.registry.keyring import KeyRing
from tests.unit.explain.leaves import BACKGROUND, EVENT, PAGES
from tests.unit.explain.stories import STORIES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an exchange whose Kafka does not run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    KeyRing.generate(tmp_path / "broker" / "keys")
    document = {
        "version": 1,
        "lanes": 2,
        "workers": 1,
        "bootstrap": f"127.0.0.1:{port}",
        "opa_urls": ["http://127.0.0.1:1"],
    }
    (tmp_path / "exchange.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


@pytest.fixture
def on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka holds one event, decided for two desks."""
    leaves = {EVENT: STORIES["several_desks"]}
    monkeypatch.setattr(store, "find_leaves", lambda _settings, event_id: leaves.get(event_id, []))
    monkeypatch.setattr(store, "read_background", lambda _settings, _revisions: BACKGROUND)


@pytest.mark.usefixtures("on_record")
def test_an_event_on_record_is_told_as_its_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", EVENT, "--dir", str(folder)]) == 0
    assert capsys.readouterr().out == (PAGES / "several_desks.txt").read_text(encoding="utf-8")


@pytest.mark.usefixtures("on_record")
def test_json_is_one_object_on_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", EVENT.upper(), "--json", "--dir", str(folder)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert [one["desk"] for one in json.loads(line)["decisions"]] == [
        "moor-police/missing-persons",
        "northmoor-crisis/crisis-line",
        None,
    ]


@pytest.mark.usefixtures("on_record")
def test_one_desk_is_shown_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", EVENT, "--desk", "northmoor-crisis/crisis-line", "--dir", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "northmoor-crisis/crisis-line" in shown
    assert "missing-persons" not in shown


@pytest.mark.usefixtures("on_record")
def test_a_desk_without_a_decision_is_told_which_desks_have_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = DeskId("moor-police/street-triage")
    assert main(["explain", EVENT, "--desk", desk, "--dir", str(folder)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"No decision for {desk}" in told.err
    assert "moor-police/missing-persons, northmoor-crisis/crisis-line" in told.err


@pytest.mark.usefixtures("on_record")
def test_an_event_without_a_record_may_be_unknown_or_waiting_and_the_text_says_both(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "0192f3a4-5b6c-7d8e-9f01-000000000000"
    assert main(["explain", other, "--json", "--dir", str(folder)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"Nothing is on record about the event {other}." in told.err
    assert "was ever published" in told.err
    assert "it waits for its answers" in told.err


@pytest.mark.parametrize("text", ["", "e_3mQk", "0192f3a45b6c7d8e9f0123456789abcd", "../etc/passwd"])
def test_what_is_no_event_id_is_wrong_use(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", text, "--dir", str(folder)]) == 2
    assert "an event id is a UUID" in capsys.readouterr().err


def test_a_folder_without_an_exchange_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", EVENT, "--dir", str(tmp_path)]) == 2
    assert "`candour up` makes an exchange" in capsys.readouterr().err


def test_a_kafka_that_does_not_answer_is_said_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", EVENT, "--dir", str(folder)]) == 70
    assert "does not answer, and the decisions are there" in capsys.readouterr().err
