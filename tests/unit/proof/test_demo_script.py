"""The script of the night can be played at any hour, by people who do not exist."""

import json
from datetime import UTC, datetime
from typing import Any

from broker.domain.identifiers import is_nhs_number
from broker.proof.demo.script import line_of, read_script

BEGAN = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def test_hours_after_dusk_become_instants_wherever_they_stand() -> None:
    event = {"occurred_at": "+00:05", "person": {"arrived_at": "+25:30", "said": ["+00:00", "at +01:00"]}}
    assert json.loads(line_of(event, BEGAN)) == {
        "occurred_at": "2026-11-20T21:45:00+00:00",
        "person": {
            "arrived_at": "2026-11-21T23:10:00+00:00",
            "said": ["2026-11-20T21:40:00+00:00", "at +01:00"],
        },
    }


def test_an_event_id_is_set_only_where_one_is_taken_over() -> None:
    assert "event_id" not in json.loads(line_of({}, BEGAN))
    assert json.loads(line_of({}, BEGAN, "e1")) == {"event_id": "e1"}


def test_every_step_publishes_an_event_or_repeats_an_earlier_one() -> None:
    earlier: set[str] = set()
    for step in read_script():
        assert (step.event is None) != (step.repeats is None)
        assert {step.repeats, step.event_id_of} - {None} <= earlier
        assert step.label not in earlier
        earlier.add(step.label)


def test_nhs_numbers_of_the_night_are_of_the_range_that_is_never_issued() -> None:
    numbers = {
        step.event["subject"]["nhs_number"]
        for step in read_script()
        if step.event is not None and step.event["subject"].get("nhs_number")
    }
    assert {number[:3] for number in numbers} == {"999"}
    assert [number for number in sorted(numbers) if not is_nhs_number(number)] == ["9990000043"]


def test_nobody_in_the_night_is_labelled() -> None:
    labels = ("frequent", "high intensity", "attention", "manipulat", "non-compliant", "risk:", "low risk")
    said = " ".join(text for step in read_script() for text in (step.says, *texts(step.event))).lower()
    assert [label for label in labels if label in said] == []
