"""A line becomes a record, or says which line and field is wrong and what to do, without quoting it."""

import json
from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import EventType
from broker.domain.vocabulary import AgencyKind
from broker.errors import EXIT_USAGE
from consumers.kit.language import read_language
from consumers.kit.line import LineError, OutgoingEvent, read_line

LANGUAGE = read_language(Path(__file__).resolve().parents[3] / "schemas")
DETAINED = EventType("police.s136.detained")


def line(**changes: Any) -> dict[str, Any]:
    """The example of design 4, and more on top; None takes a field away."""
    values = {
        "event_type": DETAINED,
        "occurred_at": "2026-11-20T23:41:00+00:00",
        "incident_ref": "I-1042",
        "setting": "emergency_live",
        "purpose": "P1",
        "subject": {"local_ref": "NICHE-77", "family_name": "Example"},
        "core": {"area": "northmoor", "urgency": "emergency"},
        "person": {"detained_at": "2026-11-20T23:41:00+00:00", "found_at": {}},
    }
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


def read(given: dict[str, Any] | str, kind: AgencyKind = AgencyKind.POLICE) -> OutgoingEvent:
    return read_line(given if isinstance(given, str) else json.dumps(given), 7, LANGUAGE, kind)


def record(event: OutgoingEvent) -> dict[str, Any]:
    return LANGUAGE.events[event.event_type].decode(event.body)


def refused(given: dict[str, Any] | str, kind: AgencyKind = AgencyKind.POLICE) -> LineError:
    with pytest.raises(LineError) as caught:
        read(given, kind)
    assert str(caught.value).startswith("Line 7: ")
    assert caught.value.exit_code == EXIT_USAGE
    return caught.value


def test_the_example_of_the_design_can_be_published() -> None:
    event = read(line())
    written = record(event)
    assert written["event_id"] == event.event_id
    assert written["occurred_at"] == 1_795_218_060_000_000
    assert written["person"]["found_at"]["place_type"] == "unknown"
    assert written["core"]["need"] == "unknown"
    assert written["regime"] == "ukgdpr"
    assert written["subject"]["nhs_number"] is None
    assert event.fingerprint == LANGUAGE.events[DETAINED].fingerprint
    assert event.notices == ()


def test_an_event_id_is_kept_and_one_is_made_where_there_is_none() -> None:
    own = "019aa3f2-7c00-7000-8000-000000000001"
    assert read(line(event_id=own)).event_id == own
    made = [read(line()).event_id for _ in range(3)]
    assert len(set(made)) == 3
    assert all(event_id[14] == "7" and event_id[19] in "89ab" for event_id in made)


@pytest.mark.parametrize(
    "text", ["2026-11-21T00:41:00+01:00", "2026-11-20T23:41:00Z", "2026-11-20T23:41:00.000000+00:00"]
)
def test_an_instant_is_the_same_however_its_offset_is_written(text: str) -> None:
    assert record(read(line(occurred_at=text)))["occurred_at"] == 1_795_218_060_000_000


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"occurred_at": "2026-11-20T23:41:00"}, "field_invalid", "occurred_at"),
        ({"occurred_at": "2026-11-20"}, "field_invalid", "occurred_at"),
        ({"occurred_at": 1_763_682_060}, "field_invalid", "occurred_at"),
        ({"occurred_at": None}, "occurred_at_missing", "occurred_at"),
        ({"occurred_at": "1850-01-01T00:00:00+00:00"}, "field_invalid", "occurred_at"),
        ({"setting": None}, "field_invalid", "setting"),
        ({"setting": "secret-7"}, "field_invalid", "setting"),
        ({"core": {"area": "x" * 41, "urgency": "urgent"}}, "field_invalid", "core.area"),
        ({"core": {"urgency": "urgent"}}, "field_invalid", "core.area"),
        ({"core": "secret-7"}, "field_invalid", "core"),
        ({"person": {"found_at": {"secret": 1}}}, "field_invalid", "person.found_at.secret"),
        ({"person": {"detained": "secret-7"}}, "field_invalid", "person.detained"),
        ({"person": {"Jane secret-7": 1}}, "field_invalid", "person.?"),
        ({"subject": {"family_name": 7}}, "field_invalid", "subject.family_name"),
        ({"subject": {"family_name": "\ud800"}}, "field_invalid", "subject.family_name"),
        ({"restrictions": ["secret-7"]}, "field_invalid", "restrictions"),
        ({"risk_score": 7}, "field_invalid", "risk_score"),
        ({"event_id": "SECRET-7"}, "event_id_invalid", "event_id"),
        ({"event_id": 7}, "event_id_invalid", "event_id"),
        ({"event_type": "police.secret"}, "schema_unknown", "event_type"),
        ({"event_type": None}, "schema_unknown", "event_type"),
        ({"event_type": "pos.s136.arrived"}, "publisher_not_entitled", "event_type"),
        (
            {"setting": "planned", "subject": {"nhs_number": "9990000019"}},
            "field_invalid",
            "subject.nhs_number",
        ),
        (
            {"setting": "planned", "subject": {"family_name": "x" * 81}},
            "field_invalid",
            "subject.family_name",
        ),
    ],
)
def test_a_bad_field_is_named_with_its_line_and_never_quoted(
    changes: dict[str, Any], code: str, field: str
) -> None:
    error = refused(line(**changes))
    assert error.code == code
    assert field in error.fields
    assert f"{field}: " in str(error)
    assert "secret-7" not in str(error).lower()


def test_everything_wrong_in_a_line_is_said_at_once() -> None:
    error = refused(line(setting="no", purpose="no", core={"urgency": "urgent"}))
    assert set(error.fields) == {"setting", "purpose", "core.area"}


def test_a_misspelt_field_is_met_with_the_right_one() -> None:
    assert "did you mean person.found_at?" in str(refused(line(person={"fuond_at": {}})))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret-7",
        "[]",
        "7",
        '{"a": NaN}',
        '{"a": 1',
        "[" * 100_000,
        '{"setting": "urgent", "setting": "planned"}',
    ],
)
def test_what_is_not_one_object_is_refused(text: str) -> None:
    assert "secret-7" not in str(refused(text))


def test_an_urgent_event_is_not_held_up_by_an_optional_field() -> None:
    """Help must not wait for a form: the exchange drops the bad part and tells the publisher."""
    subject = {"nhs_number": "9990000019", "family_name": "x" * 81}
    for setting in ("emergency_live", "urgent"):
        event = read(line(setting=setting, subject=subject))
        assert len(event.notices) == 2
        assert all(notice.startswith("Line 7: subject.") for notice in event.notices)
        assert record(event)["subject"]["nhs_number"] == "9990000019"
        assert "9990000019" not in " ".join(event.notices)


def test_an_event_does_not_print_what_it_holds() -> None:
    assert "Example" not in repr(read(line()))


def test_a_line_beyond_its_size_is_refused_unread() -> None:
    assert refused("{" + " " * 300_000).code == "payload_too_large"


def test_an_event_beyond_64_kib_is_refused() -> None:
    error = refused(line(person={"alternatives_tried": ["x" * 70_000]}, setting="urgent"))
    assert error.code in {"payload_too_large", "field_invalid"}
