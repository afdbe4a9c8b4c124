"""`candour up --foreground`: it stays, ends as the exchange ended; a stop that was asked for is no fault."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from broker.errors import EXIT_DONE, EXIT_POSITION, EXIT_RESTART, UsageError
from broker.onebox import foreground
from broker.onebox.record import StartOptions, new_record
from broker.onebox.state import ExchangeState, Phase, write_state
from broker.onebox.targets import write_targets
from broker.onebox.tools import find_tools

NOTHING = StartOptions()


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exchange that ended in the moment after it came up."""

    @contextmanager
    def passing(name: str, options: StartOptions, say: object, keep: Path) -> Iterator[Path]:
        yield keep

    (tmp_path / "run").mkdir()
    monkeypatch.setattr(foreground, "passing_exchange", passing)
    return tmp_path


@pytest.mark.parametrize(
    ("phase", "code", "expected"),
    [
        (Phase.STOPPED, EXIT_DONE, EXIT_DONE),
        (Phase.FAILED, EXIT_POSITION, EXIT_POSITION),
        (Phase.RUNNING, EXIT_DONE, EXIT_RESTART),
    ],
)
def test_it_ends_with_the_code_of_the_exchange_and_a_killed_one_is_to_be_started_again(
    exchange: Path, phase: Phase, code: int, expected: int
) -> None:
    write_state(exchange / "run", ExchangeState(phase, 1, exit_code=code))
    assert foreground.stay_up(exchange, NOTHING, lambda _: None) == expected


def test_sigterm_while_it_runs_is_a_stop_that_was_asked_for(
    exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(foreground, "is_running", lambda _: next(answers))

    def told_to_end(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(foreground.time, "sleep", told_to_end)
    assert foreground.stay_up(exchange, NOTHING, lambda _: None) == EXIT_DONE


def test_an_exchange_that_runs_already_is_left_alone(exchange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreground, "is_running", lambda _: True)
    with pytest.raises(UsageError, match="up already"):
        foreground.stay_up(exchange, NOTHING, lambda _: None)


def test_what_the_exchange_does_not_start_may_be_missing(tmp_path: Path) -> None:
    environment = {"CANDOUR_CACHE": str(tmp_path), "PATH": ""}
    find_tools(environment, own_kafka=False, own_opa=False)


@pytest.mark.parametrize(("missing", "own"), [("Kafka", "own_kafka"), ("OPA", "own_opa")])
def test_what_it_does_start_must_be_there(tmp_path: Path, missing: str, own: str) -> None:
    environment = {"CANDOUR_CACHE": str(tmp_path), "PATH": ""}
    with pytest.raises(Exception, match=missing):
        find_tools(environment, **{"own_kafka": False, "own_opa": False, own: True})


def test_prometheus_is_told_every_workers_port(tmp_path: Path) -> None:
    record = new_record(StartOptions(workers=2))
    write_targets(tmp_path, record)
    written = json.loads((tmp_path / "targets.json").read_text())
    assert {one["labels"]["worker"]: one["targets"] for one in written} == {
        name: [f"127.0.0.1:{record.ports[name]}"] for name in record.worker_names()
    }
