"""How a made-up area is played: in which order, and how its instants are moved."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.errors import EXIT_USAGE, UsageError
from broker.simulate.calendar import Calendar
from broker.simulate.moving import moved
from broker.simulate.order import Told, in_order, read_manifest
from broker.simulate.run import write
from broker.simulate.tally import read_tally
from broker.simulate.world import Scenario, World


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played") / "area"
    world = World.make(5, 100_000, Calendar(date(2026, 1, 1), 7), Scenario())
    write(world, folder, lambda _: None)
    return folder


def test_lines_come_in_the_order_in_which_they_were_written_down(area: Path) -> None:
    told = list(in_order(area))
    assert [one.at for one in told] == sorted(one.at for one in told)
    assert len(told) == read_manifest(area)["lines"]
    assert {one.agency for one in told} == set(read_manifest(area)["agencies"])


def test_what_different_agencies_tell_of_one_person_is_known_to_be_of_one(area: Path) -> None:
    """Police's reference, health's number and the closing of the incident, which names nobody."""
    told = {one.event_id: one for one in in_order(area)}
    cases = {one["case"]: one["event_ids"] for one in read_manifest(area)["cases"]}
    late = [told[name] for name in cases["handover told hours later, after an outage"] if name in told]
    assert {one.agency for one in late} == {"moor-police", "moor-pos"}
    assert len({one.about for one in late}) == 1
    child = [told[name] for name in cases["17, and 18 in detention"] if name in told]
    assert {one.line["event_type"] for one in child} >= {"police.s136.detained", "police.incident.closed"}
    assert len({one.about for one in child}) == 1


def test_nobody_is_taken_for_somebody_else(area: Path) -> None:
    by_name: dict[str, set[str]] = {}
    for one in in_order(area):
        number = one.line.get("subject", {}).get("nhs_number")
        if number is not None:
            by_name.setdefault(number, set()).add(one.about)
    assert len(by_name) > 100
    assert all(len(people) == 1 for people in by_name.values())
    assert len({next(iter(people)) for people in by_name.values()}) == len(by_name)


def test_every_instant_of_a_line_moves_by_the_same_and_a_birthday_stays() -> None:
    line = {
        "occurred_at": "2026-01-02T03:04:05+00:00",
        "subject": {"date_of_birth": "1990-01-02"},
        "person": {"call_back_times": "After nine", "times": ["2026-01-01T00:00:00+01:00"]},
    }
    found = moved(line, timedelta(days=1, microseconds=7))
    assert datetime.fromisoformat(found["occurred_at"]) == datetime(2026, 1, 3, 3, 4, 5, 7, tzinfo=UTC)
    assert datetime.fromisoformat(found["person"]["times"][0]) == datetime(
        2026, 1, 1, 23, 0, 0, 7, tzinfo=UTC
    )
    assert found["subject"] == line["subject"]
    assert found["person"]["call_back_times"] == "After nine"


def test_a_line_does_not_print_what_it_holds(area: Path) -> None:
    told: Told = next(iter(in_order(area)))
    assert "subject" not in repr(told)


def test_a_folder_without_a_made_up_area_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "another"}), encoding="utf-8")
    with pytest.raises(UsageError, match="holds no made-up area"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("text", ["[]", "", "12"])
def test_a_manifest_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="holds no made-up area"):
        read_manifest(tmp_path)


def test_what_is_not_of_a_made_up_area_is_named_by_file_and_line(area: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(area, tmp_path / "copy"))
    with (copy / "moor-police.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event_type": "police.s136.detained"}\n')
    count = len((copy / "moor-police.jsonl").read_text(encoding="utf-8").splitlines())
    for read in (read_tally, lambda folder: list(in_order(folder))):
        with pytest.raises(UsageError, match=rf"moor-police\.jsonl, line {count} "):
            read(copy)
    (copy / "people.csv").unlink()
    with pytest.raises(UsageError, match=r"people\.csv cannot be read"):
        list(in_order(copy))


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast"])
def test_a_speed_is_a_number_above_nothing_or_max(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "play", "area", "--speed", speed])
    assert ended.value.code == EXIT_USAGE
    assert "or max" in capsys.readouterr().err


def test_the_lines_of_one_detention_end_together_however_far_apart_they_are(area: Path) -> None:
    """So that thirty hours remain thirty hours, however fast they are played."""
    told = {one.event_id: one for one in in_order(area)}
    cases = {one["case"]: one["event_ids"] for one in read_manifest(area)["cases"]}
    held = [told[name] for name in cases["30 hours without extension"]]
    assert {one.line["event_type"] for one in held} >= {"police.s136.detained", "pos.s136.ended"}
    assert {one.until for one in held} == {max(one.at for one in held)}
    planned = [one for one in told.values() if one.line["setting"] == "planned"]
    assert planned
    assert all(one.until == one.at for one in planned)
