"""Every line of a made-up area is one that its agency may publish; the same seed writes the same files."""

import hashlib
import json
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.errors import UsageError
from broker.simulate.adverse import CASES
from broker.simulate.calendar import Calendar
from broker.simulate.run import write
from broker.simulate.world import Scenario, World
from consumers.kit.language import Language, read_language
from consumers.kit.line import read_line

ROOT = Path(__file__).resolve().parents[3]
AREA = yaml.safe_load((ROOT / "policies/area.yaml").read_text(encoding="utf-8"))["agencies"]
POPULATION, DAYS = 100_000, 60


@cache
def language() -> Language:
    return read_language(ROOT / "schemas")


def written(folder: Path, seed: int = 1, population: int = POPULATION, days: int = DAYS) -> Path:
    world = World.make(seed, population, Calendar(date(2026, 1, 1), days), Scenario())
    write(world, folder, lambda _: None)
    return folder


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("simulated") / "area")


def lines(folder: Path) -> dict[str, list[str]]:
    return {
        path.stem: path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.glob("*.jsonl"))
    }


def test_the_kit_of_its_agency_takes_every_line_as_it_is(area: Path) -> None:
    taken = 0
    for agency, told in lines(area).items():
        for number, text in enumerate(told, 1):
            event = read_line(text, number, language(), AREA[agency]["kind"])
            assert event.notices == (), (agency, number)
            taken += 1
    assert taken == manifest(area)["lines"]
    assert taken > 2_000


def test_everybody_is_made_up(area: Path) -> None:
    for told in lines(area).values():
        for text in told:
            subject = json.loads(text).get("subject", {})
            assert subject.get("nhs_number", "999").startswith("999")
            assert subject.get("phone", "01632 960").startswith("01632 960")


def test_no_event_id_is_given_twice_and_each_file_is_in_the_order_of_its_writing(area: Path) -> None:
    ids: Counter[str] = Counter()
    for told in lines(area).values():
        read = [json.loads(text) for text in told]
        ids.update(one["event_id"] for one in read)
        when = [datetime.fromisoformat(one["recorded_at"]) for one in read]
        assert when == sorted(when)
        assert all(
            datetime.fromisoformat(one["occurred_at"]) <= at for one, at in zip(read, when, strict=True)
        )
    twice = {one["event_id"] for one in manifest(area)["refused"] if one["code"] == "event_id_conflict"}
    assert {name for name, times in ids.items() if times > 1} == twice


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def test_every_adverse_case_is_told_and_the_manifest_lists_its_events(area: Path) -> None:
    told = {one["case"]: one["event_ids"] for one in manifest(area)["cases"]}
    ids = {json.loads(text)["event_id"] for texts in lines(area).values() for text in texts}
    assert set(told) == set(CASES)
    assert all(names and ids >= set(names) for names in told.values())
    assert {one["event_id"] for one in manifest(area)["refused"]} <= ids


def test_an_agency_says_nothing_of_what_only_others_know(area: Path) -> None:
    """Police have no NHS number, and each agency's own reference of a person is another."""
    told = {agency: [json.loads(text) for text in texts] for agency, texts in lines(area).items()}
    assert all("nhs_number" not in one.get("subject", {}) for one in told["moor-police"])
    references = {
        agency: {one["subject"]["local_ref"] for one in texts if "subject" in one}
        for agency, texts in told.items()
    }
    assert not references["moor-police"] & references["northmoor-crisis"]


def test_the_same_seed_writes_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (
        digest(written(tmp_path / str(number), seed, 20_000, 20)) for number, seed in enumerate((7, 7, 8))
    )
    assert first == again
    assert first.keys() == other.keys()
    assert first != other


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_a_folder_that_holds_something_is_left_alone(area: Path) -> None:
    before = digest(area)
    with pytest.raises(UsageError, match="not empty"):
        written(area)
    assert digest(area) == before
