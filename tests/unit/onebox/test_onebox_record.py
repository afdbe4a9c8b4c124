"""exchange.json: ports are found and kept, and what would need a migration is refused."""

import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broker.errors import ConfigurationError, UsageError
from broker.onebox.ports import is_free
from broker.onebox.record import (
    Record,
    StartOptions,
    changed_record,
    new_record,
    read_record,
    write_record,
)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_new_exchange_gets_a_free_port_of_its_own_for_every_process() -> None:
    record = new_record(StartOptions(workers=2))

    assert set(record.ports) == {
        "kafka",
        "controller",
        "opa",
        "intake-0",
        "intake-1",
        "release-0",
        "release-1",
    }
    assert len(set(record.ports.values())) == 7
    assert all(is_free(port) for port in record.ports.values())
    assert record.bootstrap == f"127.0.0.1:{record.ports['kafka']}"
    assert record.opa_urls == (f"http://127.0.0.1:{record.ports['opa']}",)
    assert record.lanes == 8


def test_a_kafka_and_an_opa_that_are_there_already_are_used_and_not_started() -> None:
    record = new_record(StartOptions(bootstrap="kafka.example:9092", opa_url="https://opa.example"))

    assert (record.own_kafka, record.own_opa) == (False, False)
    assert (record.bootstrap, record.opa_urls) == ("kafka.example:9092", ("https://opa.example",))
    assert set(record.ports) == {"intake-0", "release-0"}


def test_what_was_written_is_read_back_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    record = replace(new_record(StartOptions(lanes=3)), prepared=True, tuning={"max_batch": 9})
    write_record(tmp_path, record)

    assert read_record(tmp_path) == record
    assert stat.S_IMODE((tmp_path / "exchange.json").stat().st_mode) == 0o600


def test_a_free_port_is_kept_and_a_taken_one_is_replaced(taken_port: int) -> None:
    record = new_record(StartOptions())
    crowded = replace(record, ports={**record.ports, "kafka": taken_port})

    changed = changed_record(crowded, StartOptions())

    assert changed.ports["kafka"] != taken_port
    assert changed.bootstrap == f"127.0.0.1:{changed.ports['kafka']}"
    assert {name: changed.ports[name] for name in ("controller", "opa", "release-0")} == {
        name: record.ports[name] for name in ("controller", "opa", "release-0")
    }


def test_a_chosen_port_that_is_taken_is_refused(taken_port: int) -> None:
    with pytest.raises(UsageError, match=f"port {taken_port} for kafka is taken"):
        new_record(StartOptions(kafka_port=taken_port))


def test_another_number_of_lanes_is_refused_with_the_reason() -> None:
    record = new_record(StartOptions(lanes=8))

    assert changed_record(record, StartOptions(lanes=8)).lanes == 8
    with pytest.raises(UsageError, match=r"8 lanes, fixed at creation.*--workers"):
        changed_record(record, StartOptions(lanes=16))


def test_the_number_of_workers_may_change_at_any_start() -> None:
    record = changed_record(new_record(StartOptions(workers=1)), StartOptions(workers=3))

    assert record.worker_names() == (
        "intake-0",
        "intake-1",
        "intake-2",
        "release-0",
        "release-1",
        "release-2",
    )
    assert set(record.worker_names()) < set(record.ports)


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        (new_record(StartOptions()), StartOptions(bootstrap="x:1")),
        (new_record(StartOptions(bootstrap="x:1")), StartOptions(kafka_port=20_000)),
        (new_record(StartOptions(opa_url="http://x")), StartOptions(opa_port=20_000)),
    ],
)
def test_data_does_not_move_between_kafkas_by_an_option(record: Record, asked: StartOptions) -> None:
    with pytest.raises(UsageError):
        changed_record(record, asked)


def test_options_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="choose"):
        new_record(StartOptions(bootstrap="x:1", kafka_port=20_000))
    with pytest.raises(UsageError, match="choose"):
        new_record(StartOptions(opa_url="http://x", opa_port=20_000))


def test_ports_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    record = replace(new_record(StartOptions()), ports={"kafka": "x"})  # type: ignore[dict-item]
    write_record(tmp_path, record)

    with pytest.raises(ConfigurationError, match="ports"):
        read_record(tmp_path)
