"""A made-up area is as uneven as life: nights, missing times, long waits, two versions of one detention."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broker.simulate.calendar import Calendar, seconds
from broker.simulate.run import write
from broker.simulate.world import Scenario, World

LOCAL = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("life") / "area"
    write(World.make(11, 400_000, Calendar(date(2026, 1, 1), 200), Scenario()), folder, lambda _: None)
    return folder


def told(folder: Path, *event_types: str) -> Iterator[dict[str, Any]]:
    """Lines of these types that were drawn, not told on purpose."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    seeded = {name for case in manifest["cases"] for name in case["event_ids"]}
    for path in sorted(folder.glob("*.jsonl")):
        for text in path.read_text(encoding="utf-8").splitlines():
            if any(f'"{one}"' in text for one in event_types):
                line = json.loads(text)
                if line["event_type"] in event_types and line["event_id"] not in seeded:
                    yield line


def test_evenings_nights_and_weekends_are_busier() -> None:
    moments = Calendar(date(2026, 1, 1), 364).moments(20_000, Random(1))
    there = [datetime.fromtimestamp(at, LOCAL) for at in moments]
    hours, days = Counter(one.hour for one in there), Counter(one.weekday() for one in there)
    assert sum(hours[hour] for hour in (19, 20, 21, 22, 23)) > 2 * sum(
        hours[hour] for hour in (4, 5, 6, 7, 8)
    )
    assert min(days[day] for day in (4, 5, 6)) > max(days[day] for day in (0, 1, 2))
    assert moments == sorted(moments)


def test_one_to_five_percent_of_the_times_that_clocks_need_are_missing(area: Path) -> None:
    clocks = {
        "crisis.self_referral.received": "received_at",
        "crisis.assessment.face_to_face": "first_attended_contact_at",
        "ed.liaison.referred": "referred_at",
    }
    missing = [clocks[line["event_type"]] not in line["person"] for line in told(area, *clocks)]
    assert len(missing) > 2_000
    assert 0.01 <= sum(missing) / len(missing) <= 0.05


def test_officers_stay_an_hour_where_it_is_well_and_half_a_day_where_it_is_not(area: Path) -> None:
    manifest = json.loads((area / "manifest.json").read_text(encoding="utf-8"))
    found = {town["postcode"]: town["officer_stay_h"] for town in manifest["towns"]}
    assert min(found.values()) < 1.5
    assert max(found.values()) > 14
    town_of, stays = {}, defaultdict(list)
    for line in told(area, "police.s136.detained"):
        town_of[line["incident_ref"]] = line["person"]["found_at"]["postcode"].partition(" ")[0]
    for line in told(area, "police.s136.handover_replied"):
        person = line["person"]
        if line["incident_ref"] in town_of and person.get("released_at"):
            stay = seconds(person["released_at"]) - seconds(person["replied_at"])
            stays[town_of[line["incident_ref"]]].append(stay / 3_600)
    every = [stay for held in stays.values() for stay in held]
    assert mean(every) > 1.3 * median(every), "a long tail"


def test_health_tells_its_own_version_of_a_detention_that_police_told(area: Path) -> None:
    """Two views of one detention, by other names; what joins them is the link that health makes."""
    police = {line["incident_ref"]: line for line in told(area, "police.s136.detained")}
    health = [line for line in told(area, "pos.s136.arrived") if "police_link" in line["person"]]
    assert len(health) > 20
    assert all(line["person"]["police_link"]["incident_ref"] in police for line in health)
    for line in health:
        theirs = police[line["person"]["police_link"]["incident_ref"]]
        assert line["subject"]["local_ref"] != theirs["subject"]["local_ref"]
        assert line["person"]["police_link"]["local_ref"] == theirs["subject"]["local_ref"]


def test_what_is_not_lawful_happens_and_is_told(area: Path) -> None:
    """6.3 item 8: detentions beyond a day, extended and not, beside those that are told on purpose."""
    begun, lasted = {}, {}
    for line in told(area, "pos.s136.arrived", "pos.s136.ended"):
        at = line["person"].get("arrived_at") or line["person"].get("ended_at")
        kept = begun if line["event_type"].endswith("arrived") else lasted
        if at is not None:
            kept[line["episode_ref"]] = seconds(at)
    hours = [(lasted[one] - begun[one]) / 3_600 for one in lasted.keys() & begun.keys()]
    assert len(hours) > 20
    assert max(hours) > 24
