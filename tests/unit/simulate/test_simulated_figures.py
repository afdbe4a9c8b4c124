"""The table tells when a made-up area is not what was published; choices of a scenario do what they say."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from broker.simulate.calendar import Calendar
from broker.simulate.check import Row, rows
from broker.simulate.figures import POPULATION
from broker.simulate.quota import by_place, deal, labels, sizes
from broker.simulate.repeats import who_is_detained
from broker.simulate.run import write
from broker.simulate.tally import Tally, read_tally
from broker.simulate.world import Scenario, World

PEOPLE = 400_000


def year(folder: Path, seed: int, scenario: Scenario | None = None, population: int = PEOPLE) -> Tally:
    world = World.make(seed, population, Calendar(date(2026, 1, 1), 365), scenario or Scenario())
    write(world, folder, lambda _: None)
    return read_tally(folder)


def named(table: tuple[Row, ...], part: str) -> Row:
    (found,) = [row for row in table if part in row.name]
    return found


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year") / "area"
    year(folder, 1)
    return folder


def test_of_a_week_nothing_is_judged_that_has_too_few_cases(tmp_path: Path) -> None:
    world = World.make(1, 300_000, Calendar(date(2026, 1, 1), 7), Scenario())
    write(world, tmp_path / "week", lambda _: None)
    table = rows(read_tally(tmp_path / "week"))
    assert named(table, "first place: emergency").verdict == "too few"
    assert named(table, "without priority").verdict == "too few"


Change = Callable[[dict[str, Any]], object]
FAULTS: Mapping[str, tuple[str, Change]] = {
    "first place: emergency": (
        "police.s136.conveyance",
        lambda line: line["person"].update(destination="health_based"),
    ),
    "conveyance: ambulance": ("police.s136.conveyance", lambda line: line["person"].update(mode="ambulance")),
    "without priority": ("crisis.triage.completed", lambda line: line["person"].update(priority="urgent")),
    "calls from partners": (
        "police.mh_call.triaged",
        lambda line: line["person"].update(call_source="public"),
    ),
    "police deploy": ("police.mh_call.triaged", lambda line: line["person"].update(decision="deploy")),
    "under 18": ("police.s136.detained", lambda line: line.update(age_band="adult")),
    "Black to White": (
        "police.s136.detained",
        lambda line: line["person"].update(ethnicity_officer_perceived="white"),
    ),
    "3 or more": (
        "police.s136.detained",
        lambda line: line["subject"].update(local_ref=f"alone {line['event_id']}"),
    ),
    "s42 enquiries": ("sc.safeguarding.s42.opened", lambda line: line.update(episode_ref="another")),
    "intoxicated": ("police.s136.detained", lambda line: line["person"].update(intoxicated="none")),
    "health has a record": ("pos.s136.ended", lambda line: line.update(episode_ref="one and the same")),
}


@pytest.mark.parametrize("figure", FAULTS)
def test_lines_that_say_something_else_are_found_outside(usual: Path, tmp_path: Path, figure: str) -> None:
    event_type, change = FAULTS[figure]
    for path in usual.iterdir():
        kept = path.read_text(encoding="utf-8").splitlines()
        if path.suffix == ".jsonl":
            kept = [changed(text, event_type, change) for text in kept]
        (tmp_path / path.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert named(rows(read_tally(tmp_path)), figure).verdict == "outside"


def changed(text: str, event_type: str, change: Change) -> str:
    if f'"{event_type}"' not in text:
        return text
    line = json.loads(text)
    change(line)
    return json.dumps(line)


def detained(scenario: Scenario) -> tuple[World, Counter[int]]:
    """How often who is detained in a year."""
    world = World.make(2, 1_000_000, Calendar(date(2026, 1, 1), 365), scenario)
    return world, Counter(who_is_detained(world, Random(2)).now)


def test_a_third_of_the_detentions_may_be_of_few_people() -> None:
    _, times = detained(Scenario(repeats="third"))
    often = [count for count in times.values() if count >= 5]
    assert 0.30 <= sum(often) / times.total() <= 0.37
    assert len(often) < len(times) / 10
    assert max(often) > 10, "C36: some more than ten times"


@pytest.mark.parametrize(("disparity", "ratio", "fifths"), [(True, 4.0, 3.5), (False, 1.0, 1.0)])
def test_ethnicity_and_deprivation_make_a_difference_unless_it_is_switched_off(
    disparity: bool, ratio: float, fifths: float
) -> None:
    world, times = detained(Scenario(disparity=disparity))
    traits, ethnicity, fifth = world.people.known, Counter[str](), Counter[int]()
    for number, count in times.items():
        ethnicity[traits[number].ethnicity] += count
        fifth[traits[number].deprivation] += count
    found = ethnicity["black"] / POPULATION["black"] / (ethnicity["white"] / POPULATION["white"])
    assert found == pytest.approx(ratio, rel=0.1)
    assert fifth[1] / fifth[5] == pytest.approx(fifths, rel=0.1)


@pytest.mark.parametrize("calls", ["cheshire-before", "met-before", "met-after"])
def test_how_often_police_deploy_is_a_choice(tmp_path: Path, calls: str) -> None:
    tally = year(tmp_path / "area", 4, Scenario(police_calls=calls), population=40_000)
    assert named(rows(tally), "police deploy").verdict == "ok"


def test_places_differ_while_the_whole_keeps_its_shares() -> None:
    chance, shares = Random(1), {"a": 0.5, "b": 0.3, "c": 0.2}
    leaning = [{"a": 0.2}, {"a": 1.0}, {"a": 3.0}]
    found = by_place([100, 200, 100], shares, leaning, chance)
    assert [len(one) for one in found] == [100, 200, 100]
    whole = Counter(label for one in found for label in one)
    assert all(abs(whole[name] - 400 * share) <= 3 for name, share in shares.items()), whole
    assert found[0].count("a") < 30 < 70 < found[2].count("a")


@pytest.mark.parametrize("count", [0, 1, 2, 7, 520, 9_999])
def test_labels_keep_their_shares_but_for_one(count: int) -> None:
    shares = {"a": 0.477, "b": 0.441, "c": 0.011, "d": 0.071}
    for seed in range(20):
        found = Counter(labels(shares, count, Random(seed)))
        assert found.total() == count
        assert all(abs(found[name] - count * share) < 1 + 1e-6 for name, share in shares.items())


def test_heavy_and_light_together_keep_the_shares() -> None:
    weights = [14, 9, 5, 3, 3, *[1] * 300]
    given = deal(weights, {"a": 0.13, "b": 0.80, "c": 0.07}, Random(5))
    held = Counter(dict.fromkeys("abc", 0))
    for name, weight in zip(given, weights, strict=True):
        held[name] += weight
    assert all(
        abs(held[name] - sum(weights) * share) <= 2 for name, share in (("a", 0.13), ("b", 0.80), ("c", 0.07))
    )


def test_sizes_add_up_and_nobody_has_less_than_the_least() -> None:
    found = sizes(81, 3, 400, Random(6))
    assert (len(found), sum(found), min(found)) == (81, 400, 3)
    assert max(found) >= 10
