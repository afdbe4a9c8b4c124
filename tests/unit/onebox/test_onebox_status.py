"""What status calls unwell, and what `candour up`, `down` and `status` say to a person."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.cli.exchange import status_lines
from broker.cli.main import main
from broker.onebox import status as looking
from broker.onebox.record import StartOptions, new_record, write_record
from broker.onebox.scrape import Sample
from broker.onebox.state import ExchangeState, PartReport, PartState, Phase, write_state
from broker.onebox.status import Status, status

REVISION = "area-1"
WELL: Mapping[str, float] = {
    "candour_lane_position": 5,
    "candour_lane_lag_entries": 0,
    "candour_lane_oldest_undecided_seconds": 0,
    "candour_lane_waiting_entries": 0,
    "candour_lane_asked": 9,
    "candour_lane_decided": 9,
    "candour_lane_books_difference": 0,
}


class Exchange:
    """An exchange of two lanes as status would find it; change what is to be off, then look."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.running = True
        self.kafka = True
        self.opa: str | None = REVISION
        self.ready = True
        self.lanes = {"0": dict(WELL), "1": dict(WELL)}
        self.parts = {
            "kafka": PartReport(PartState.RUNNING, 1),
            "intake-0": PartReport(PartState.RUNNING, 2),
            "release-0": PartReport(PartState.RUNNING, 3),
        }
        self._folder = folder
        write_record(folder, new_record(StartOptions(lanes=2)))
        (folder / "policy").mkdir()
        (folder / "policy" / "current").write_text(REVISION + "\n")
        (folder / "run").mkdir()
        patch.setattr(looking, "is_running", lambda _: self.running)
        patch.setattr(looking, "_kafka_answers", lambda _: self.kafka)
        patch.setattr("broker.onebox.opa_process.revision_served", lambda _: self.opa)
        patch.setattr(looking, "worker_is_ready", lambda _: self.ready)
        patch.setattr(looking, "scrape", lambda _: self._samples())

    def look(self) -> Status:
        write_state(self._folder / "run", ExchangeState(Phase.RUNNING, 1, parts=self.parts))
        return status(self._folder)

    def _samples(self) -> tuple[Sample, ...]:
        return tuple(
            Sample(name, {"lane": lane}, value)
            for lane, figures in self.lanes.items()
            for name, value in figures.items()
        )


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    return Exchange(tmp_path, monkeypatch)


def test_an_exchange_where_everything_answers_is_well(exchange: Exchange) -> None:
    found = exchange.look()

    assert found.well
    assert found.faults == []
    assert list(found.lanes) == ["0", "1"]
    assert found.lanes["0"]["balance_difference"] == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"running": False}, "not running"),
        ({"kafka": False}, "Kafka at .* does not answer"),
        ({"opa": None}, "OPA at .* does not answer"),
        ({"opa": "area-0"}, "revision area-0, not area-1"),
        ({"ready": False}, "release-0 is not ready"),
    ],
)
def test_each_thing_that_is_off_makes_it_unwell(
    exchange: Exchange, change: dict[str, Any], fault: str
) -> None:
    for name, value in change.items():
        setattr(exchange, name, value)

    found = exchange.look()

    assert not found.well
    assert any(re.search(fault, line) for line in found.faults)


@pytest.mark.parametrize("state", [PartState.REFUSED, PartState.FAILING, PartState.BACKING_OFF])
def test_a_part_that_does_not_run_makes_it_unwell_and_is_named_with_its_log(
    exchange: Exchange, state: PartState
) -> None:
    exchange.parts["release-0"] = replace(exchange.parts["release-0"], state=state, exit_code=71)

    assert f"release-0 is {state} (exit 71): see logs/release-0.log" in exchange.look().faults


def test_a_lane_that_nobody_has_makes_it_unwell(exchange: Exchange) -> None:
    del exchange.lanes["1"]

    assert exchange.look().faults == ["lane 1: nobody has it"]


def test_books_that_differ_by_one_make_it_unwell(exchange: Exchange) -> None:
    exchange.lanes["1"]["candour_lane_books_difference"] = -1

    assert exchange.look().faults == ["lane 1: the books differ by -1"]


def test_an_entry_that_waits_for_over_a_minute_makes_it_unwell(exchange: Exchange) -> None:
    exchange.lanes["0"]["candour_lane_oldest_undecided_seconds"] = 60
    assert exchange.look().well

    exchange.lanes["0"]["candour_lane_oldest_undecided_seconds"] = 61
    assert not exchange.look().well


def test_the_printed_table_has_a_line_for_every_part_lane_and_fault(exchange: Exchange) -> None:
    del exchange.lanes["1"]

    text = "\n".join(status_lines(exchange.look()))

    for word in ("UNWELL", "kafka", "release-0", "position", "! lane 1: nobody has it"):
        assert word in text


def test_status_of_no_exchange_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--dir", str(tmp_path)]) == 2
    assert "candour up" in capsys.readouterr().err


def test_down_of_what_does_not_run_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "--dir", str(tmp_path)]) == 0
    assert "no exchange runs" in capsys.readouterr().out


def test_up_leaves_a_folder_that_holds_something_else_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    assert main(["up", "--dir", str(tmp_path)]) == 2
    assert "not an exchange" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("option", [["--lanes", "0"], ["--lanes", "x"], ["--kafka-port", "65536"]])
def test_an_option_out_of_range_is_wrong_use(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["up", *option])

    assert ended.value.code == 2
    assert "a whole number from" in capsys.readouterr().err
