"""What the event types can say, and what they cannot."""

import json
from collections import defaultdict
from typing import Any

import pytest

from broker.domain.vocabulary import (
    AgeBand,
    AgencyKind,
    Capacity,
    FieldClass,
    Marker,
    Purpose,
    Regime,
    Setting,
    Threshold,
)
from broker.policy.schema_layout import render
from broker.policy.schema_places import Place, places
from consumers.kit.language import read_language
from consumers.kit.line import read_line
from tests import builders

Schema = dict[str, Any]
LANGUAGE = read_language(builders.SCHEMAS)
EVENT_TYPES = sorted(builders.BUILDERS)
WISHES = ["person.objection.raised", "person.permission.given", "person.permission.withdrawn"]
# What must be told besides what every event must tell: left out, it would widen release or protect nobody.
ALSO_NEEDED = {
    "person.permission.given": {"person.scope_purposes", "person.scope_recipients", "person.scope_classes"},
    "person.restriction.set": {"person.marker"},
    "person.restriction.lifted": {"person.marker"},
}
# Neutral words for all of them: more names would tell them apart.
CORE_TYPES = {"crisis.response.needed", "crisis.response.updated", "care.information.updated"}
# The exchange is no agency: it takes no wish down, and is told nothing that others know.
AGENCY_KINDS = {str(kind) for kind in AgencyKind} - {"broker"}
# What stands in every type, as written: only the person part is a type's own.
SHARED = 16


def read(event_type: str) -> Schema:
    loaded: Schema = json.loads((builders.SCHEMAS / f"{event_type}.avsc").read_text(encoding="utf-8"))
    return loaded


def place(event_type: str, path: str) -> Place:
    return next(one for one in places(read(event_type)) if one.path == path and one.field is not None)


def symbols(event_type: str, path: str) -> set[str]:
    return set(next(one for one in places(read(event_type)) if one.path == path).attribute("symbols"))


def test_every_schema_has_its_builder_and_its_publisher() -> None:
    assert sorted(path.stem for path in builders.SCHEMAS.glob("*.avsc")) == EVENT_TYPES
    assert sorted(builders.PUBLISHERS) == EVENT_TYPES


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_schema_file_is_laid_out_in_the_one_way(event_type: str) -> None:
    text = (builders.SCHEMAS / f"{event_type}.avsc").read_text(encoding="utf-8")
    assert text == render(json.loads(text))


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_common_fields_subject_and_core_are_the_same_in_every_type(event_type: str) -> None:
    first = read("police.s136.detained")["fields"][:SHARED]
    assert [one["name"] for one in first][-2:] == ["subject", "core"]
    found = read(event_type)
    if found.get("about") == "service":
        # About nobody: there is no place to name anybody.
        (subject,) = [one for one in found["fields"] if one["name"] == "subject"]
        assert subject["type"].pop("fields") == []
        assert subject["type"].pop("doc").startswith("Nobody: ")
        (named,) = [one for one in first if one["name"] == "subject"]
        del named["type"]["fields"], named["type"]["doc"]
    assert found["fields"][:SHARED] == first
    assert [one["name"] for one in found["fields"][SHARED:]] == ["person"]


def test_a_field_that_two_types_share_is_spelt_and_classed_the_same() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for event_type in EVENT_TYPES:
        if event_type.startswith("person."):
            continue
        for one in places(read(event_type)):
            if one.field is not None and one.path.startswith("person."):
                found[one.path].add(json.dumps(one.field, sort_keys=True))
    assert {path for path, spellings in found.items() if len(spellings) > 1} == set()


def test_wishes_have_the_same_fields_and_only_a_permission_must_tell_its_scope() -> None:
    def spelt(event_type: str) -> list[tuple[Any, ...]]:
        fields = place(event_type, "person").type["fields"]
        return [(one["name"], one["class"], json.dumps(one["type"])) for one in fields]

    assert spelt(WISHES[0]) == spelt(WISHES[1]) == spelt(WISHES[2])
    for event_type in WISHES:
        told = "default" not in place(event_type, "person.scope_recipients").field  # type: ignore[operator]
        assert told == (event_type == "person.permission.given")


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("setting", Setting),
        ("purpose", Purpose),
        ("regime", Regime),
        ("capacity", Capacity),
        ("age_band", AgeBand),
        ("restrictions[]", Marker),
    ],
)
def test_codes_of_a_schema_are_the_codes_of_the_domain(path: str, codes: Any) -> None:
    assert symbols("police.s136.detained", path) == {str(code) for code in codes}


def test_codes_of_thresholds_scopes_and_kinds_are_the_codes_of_the_domain() -> None:
    thresholds = {str(one) for one in Threshold}
    assert symbols("police.s136.detained", "person.threshold") == thresholds
    assert symbols("crisis.triage.completed", "person.threshold_confirmed") == thresholds
    assert symbols("crisis.triage.completed", "person.who_informed[]") == AGENCY_KINDS
    assert symbols("police.mh_call.triaged", "person.threshold") == thresholds
    assert symbols("police.mh_call.triaged", "person.passed_to.agency_kind") == AGENCY_KINDS | {"unknown"}
    for event_type in ("person.restriction.set", "person.restriction.lifted"):
        assert symbols(event_type, "person.marker") == {str(one) for one in Marker}
    for event_type in WISHES:
        assert symbols(event_type, "person.scope_purposes[]") == {str(one) for one in Purpose}
        # The neutral core names nobody: it is in nobody's wish to hold it back or to permit it.
        assert symbols(event_type, "person.scope_classes[]") == {str(one) for one in FieldClass} - {"core"}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_core_says_only_area_urgency_and_a_neutral_need(event_type: str) -> None:
    core = place(event_type, "core").type["fields"]
    assert [one["name"] for one in core] == ["area", "urgency", "need"]
    assert symbols(event_type, "core.need") == {"crisis_response", "place_to_be_seen", "update", "unknown"}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_neutral_name_of_a_core_tells_neither_type_nor_power_nor_wish(event_type: str) -> None:
    assert read(event_type)["core_type"] in CORE_TYPES
    words = {word for name in CORE_TYPES for word in name.split(".")}
    told = {word for name in EVENT_TYPES for word in name.split(".")}
    # Words that some types are made of and that tell none of them (carer.information.given).
    told -= {"crisis", "updated", "information"}
    assert not words & told


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_an_urgent_event_needs_only_what_every_event_needs(event_type: str) -> None:
    needed = {
        one.path
        for one in places(read(event_type))
        if one.field is not None and one.unit is None and "default" not in one.field
    }
    assert needed - ALSO_NEEDED.get(event_type, set()) == {
        "event_id",
        "setting",
        "purpose",
        "regime",
        "subject",
        "core",
        "core.area",
        "core.urgency",
        "person",
    }


def test_a_detention_cannot_be_written_as_an_offence() -> None:
    classes = {one.field["class"] for one in places(read("police.s136.detained")) if one.field is not None}
    assert "CO" not in classes
    assert symbols("police.s136.detained", "person.no_offence") == {"detention_is_no_offence"}
    assert symbols("police.s136.detained", "person.power") == {"s136"}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_no_diagnosis_medication_or_history_can_be_written(event_type: str) -> None:
    names = " ".join(one.path for one in places(read(event_type)))
    for word in ("diagnos", "medication", "history", "trauma", "formulation", "reason_for_referral"):
        assert word not in names


def test_a_permission_is_not_taken_from_who_would_gain_by_it_and_an_objection_is_taken_from_anyone() -> None:
    given = set(read("person.permission.given")["publishers"])
    assert not given & {"police", "housing", "vcse", "carer", "commissioner", "governance"}
    for event_type in ("person.permission.withdrawn", "person.objection.raised"):
        assert set(read(event_type)["publishers"]) == AGENCY_KINDS


@pytest.mark.parametrize(
    ("event_type", "path", "field_class"),
    [
        ("police.s136.detained", "occurred_at", "core"),
        ("police.s136.detained", "subject.nhs_number", "ID"),
        ("police.s136.detained", "subject.address", "CT"),
        ("police.s136.detained", "restrictions", "RP"),
        ("police.s136.detained", "person.power", "LG"),
        ("police.s136.detained", "person.found_at", "LP"),
        ("police.s136.detained", "person.injury_or_ingestion", "SF"),
        ("police.s136.detained", "person.dependants_at_home", "SF"),
        ("police.s136.detained", "person.dependants_detail", "SG"),
        ("police.s136.detained", "person.ethnicity_officer_perceived", "SC"),
        ("pos.s136.arrived", "person.arrived_at", "OP"),
        ("pos.s136.arrived", "person.call_now", "ST"),
        ("crisis.triage.completed", "person.plan_now", "CL"),
        ("crisis.triage.completed", "person.safety_needs", "SF"),
        ("crisis.triage.completed", "person.own_words", "AU"),
        ("crisis.triage.completed", "person.priority", "OP"),
        ("person.permission.given", "person.scope_recipients", "RP"),
    ],
)
def test_a_field_has_the_class_of_the_catalogue(event_type: str, path: str, field_class: str) -> None:
    written = place(event_type, path).field
    assert written is not None
    assert written["class"] == field_class


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_built_event_is_within_its_schema_and_its_limits(event_type: str) -> None:
    record = builders.BUILDERS[event_type]()
    codec = builders.codec(event_type)
    assert codec.decode(codec.encode(record)) == record
    assert codec.limits(record) == ()


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_line_of_a_built_event_is_published_as_that_event(event_type: str) -> None:
    record = builders.BUILDERS[event_type](person=builders.PEOPLE[1], number=7)
    kind = AgencyKind(read(event_type)["publishers"][0])
    outgoing = read_line(builders.line(event_type, record), 1, LANGUAGE, kind)
    assert builders.codec(event_type).decode(outgoing.body) == record


@pytest.mark.parametrize("event_type", sorted({*EVENT_TYPES} - {*ALSO_NEEDED} - {*WISHES}))
def test_an_urgent_line_with_nothing_but_its_core_can_be_published(event_type: str) -> None:
    bare = {
        "event_type": event_type,
        "occurred_at": "2026-11-20T23:41:00+00:00",
        "setting": "emergency_live",
        "purpose": "P1",
        "core": {"area": "northmoor", "urgency": "emergency"},
    }
    kind = AgencyKind(read(event_type)["publishers"][0])
    outgoing = read_line(json.dumps(bare), 1, LANGUAGE, kind)
    record = builders.codec(event_type).decode(outgoing.body)
    assert record["core"]["need"] == "unknown"
    assert set(record["subject"].values()) <= {None}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_type_has_an_example_line_with_a_value_in_every_field(event_type: str) -> None:
    path = builders.SCHEMAS / "examples" / f"{event_type}.json"
    text = path.read_text(encoding="utf-8")
    given = json.loads(text)
    assert text == json.dumps(given, indent=2, ensure_ascii=False) + "\n"
    parts = {one["name"]: one["type"] for one in read(event_type)["fields"] if one["class"] == "part"}
    for name in ("core", "person"):
        assert set(given[name]) == {one["name"] for one in parts[name]["fields"]}
        assert None not in given[name].values()
    read_line(text, 1, LANGUAGE, AgencyKind(read(event_type)["publishers"][0]))
