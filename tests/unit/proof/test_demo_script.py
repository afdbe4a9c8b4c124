"""The script of the evening can be played at any hour, by people who do not exist, in an order that holds."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from broker.domain.identifiers import is_nhs_number
from broker.domain.vocabulary import AgencyKind
from broker.proof.demo.script import Step, instant_of, line_of, read_script
from broker.proof.demo.waves import waves
from broker.settings import shipped
from consumers.kit.language import read_language
from consumers.kit.line import read_line

BEGAN = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
SCRIPT = read_script()


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def events() -> list[dict[str, Any]]:
    return [dict(step.event) for step in SCRIPT.steps if step.event is not None]


def test_hours_before_and_after_dusk_become_instants_wherever_they_stand() -> None:
    event = {"occurred_at": "+00:05", "person": {"arrived_at": "+25:30", "said": ["-0100:00", "at +01:00"]}}
    assert json.loads(line_of(event, BEGAN)) == {
        "occurred_at": "2026-11-20T21:45:00+00:00",
        "person": {
            "arrived_at": "2026-11-21T23:10:00+00:00",
            "said": ["2026-11-16T17:40:00+00:00", "at +01:00"],
        },
    }


def test_a_time_that_cannot_be_read_is_no_time() -> None:
    with pytest.raises(ValueError, match="no time"):
        instant_of("five past nine", BEGAN)


def test_an_event_id_is_set_only_where_one_is_taken_over() -> None:
    assert "event_id" not in json.loads(line_of({}, BEGAN))
    assert json.loads(line_of({}, BEGAN, "e1")) == {"event_id": "e1"}


def test_a_referral_is_named_as_the_desk_that_takes_it_on_knows_it() -> None:
    line = json.loads(line_of({"person": {"priority": "urgent"}}, BEGAN, referral="e_1"))
    assert line["person"] == {"priority": "urgent", "referral": "e_1"}


def test_every_step_publishes_an_event_or_repeats_an_earlier_one() -> None:
    earlier: set[str] = set()
    for step in SCRIPT.steps:
        assert (step.event is None) != (step.repeats is None)
        assert {step.repeats, step.event_id_of, step.cites} - {None} <= earlier
        assert (step.cites is None) == (step.cited_at is None)
        assert step.label not in earlier
        earlier.add(step.label)


def test_an_evening_is_about_two_hundred_events_of_about_forty_people_in_both_places() -> None:
    assert 190 <= len(SCRIPT.steps) <= 220
    assert 38 <= len({step.about for step in SCRIPT.steps}) <= 42
    places = Counter(event["core"]["area"] for event in events())
    assert places["northmoor"] > places["southmoor"] > 30
    assert set(places) == {"northmoor", "southmoor", "elsewhere"}


def test_no_two_events_happen_at_one_minute_so_that_a_desk_can_find_one_by_its_time() -> None:
    clocks = Counter(event["occurred_at"] for event in events())
    assert [clock for clock, count in clocks.items() if count > 1] == []


def test_every_event_is_one_that_its_agency_may_publish() -> None:
    language = read_language(shipped("schemas"))
    area = yaml.safe_load((shipped("policies") / "area.yaml").read_text(encoding="utf-8"))
    kinds = {name: AgencyKind(agency["kind"]) for name, agency in area["agencies"].items()}
    for step in SCRIPT.steps:
        if step.event is not None:
            referral = None if step.cites is None else "e_1"
            read_line(line_of(step.event, BEGAN, referral=referral), 1, language, kinds[step.agency])


def test_nhs_numbers_of_the_evening_are_of_the_range_that_is_never_issued() -> None:
    numbers = {event["subject"].get("nhs_number") for event in events()} - {None}
    assert {number[:3] for number in numbers} == {"999"}
    assert [number for number in sorted(numbers) if not is_nhs_number(number)] == ["9990000043"]


def test_telephone_numbers_of_the_evening_are_those_kept_for_fiction() -> None:
    digits = [text for event in events() for text in texts(event) if text.replace(" ", "").isdigit()]
    phones = [text for text in digits if text.startswith("0")]
    assert len(phones) > 100
    assert [text for text in phones if not text.startswith("01632 960")] == []


def test_nobody_in_the_evening_is_labelled() -> None:
    labels = ("frequent", "high intensity", "attention", "manipulat", "non-compliant", "risk:", "low risk")
    said = " ".join(text for step in SCRIPT.steps for text in (step.says, *texts(step.event))).lower()
    assert [label for label in labels if label in said] == []


def step(label: str, about: str) -> Step:
    return Step(label, "moor-police", about, "Something happens.", event={})  # type: ignore[arg-type]


def test_what_is_told_of_one_person_keeps_its_order_and_other_people_do_not_wait() -> None:
    steps = [step("a1", "a"), step("a2", "a"), step("b1", "b"), step("a3", "a"), step("b2", "b")]
    found = [[one.label for one in wave] for wave in waves(steps)]
    assert found == [["a1", "b1"], ["a2", "b2"], ["a3"]]
    assert list(waves([])) == []
