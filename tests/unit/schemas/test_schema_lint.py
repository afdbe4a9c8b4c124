"""Each rule of the schema linter fails on a schema that breaks it, and the shipped schemas break none."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from broker.policy.delivery_schemas import delivery_schema
from broker.policy.schema_lint import RULES, lint
from tests.builders import SCHEMAS

Schema = dict[str, Any]
DETAINED = json.loads((SCHEMAS / "police.s136.detained.avsc").read_text(encoding="utf-8"))
PERMISSION = json.loads((SCHEMAS / "person.permission.given.avsc").read_text(encoding="utf-8"))
SHIPPED = sorted(SCHEMAS.rglob("*.avsc"))
TEXT = {"type": "string", "maxLength": 20}


def field(schema: Schema, dotted: str) -> Schema:
    """The field of that dotted name, to be changed in place."""
    fields = schema["fields"]
    *parents, last = dotted.split(".")
    for parent in parents:
        type_ = next(one for one in fields if one["name"] == parent)["type"]
        fields = (type_[1] if isinstance(type_, list) else type_)["fields"]
    return next(one for one in fields if one["name"] == last)


def new(name: str, type_: Any, **properties: Any) -> Schema:
    return {"name": name, "type": type_, "default": None, "class": "OP", "doc": "Seeded.", **properties}


def record(name: str, fields: list[Schema]) -> Schema:
    return {"type": "record", "name": name, "doc": "Seeded.", "fields": fields}


def put(name: str, type_: Any, **properties: Any) -> Callable[[Schema], None]:
    """Adds a field to the person part."""

    def mutate(schema: Schema) -> None:
        field(schema, "person")["type"]["fields"].append(new(name, type_, **properties))

    return mutate


def change(dotted: str, **properties: Any) -> Callable[[Schema], None]:
    """Sets properties of a field; None takes one away."""

    def mutate(schema: Schema) -> None:
        one = field(schema, dotted)
        for key, value in properties.items():
            if value is None:
                del one[key]
            else:
                one[key] = value

    return mutate


def whole(**properties: Any) -> Callable[[Schema], None]:
    """Sets properties of the schema itself; None takes one away."""

    def mutate(schema: Schema) -> None:
        for key, value in properties.items():
            schema.pop(key) if value is None else schema.update({key: value})

    return mutate


def drop_core(schema: Schema) -> None:
    schema["fields"] = [one for one in schema["fields"] if one["name"] != "core"]


def permission_for_everything(schema: Schema) -> None:
    """Makes it a permission whose purposes may be left out."""
    schema |= {"wish_kind": "permission", "publishers": ["person"]}
    put("scope_purposes", items(TEXT))(schema)


def nested(levels: int) -> Any:
    """A record of that many levels."""
    type_: Any = TEXT
    for level in range(levels):
        type_ = record(f"Level{level}", [new("inner", type_)])
    return type_


def items(type_: Any) -> Schema:
    return {"type": "array", "items": type_, "maxItems": 4}


MICROS = {"type": "long", "logicalType": "timestamp-micros"}
INT = {"type": "int", "minimum": 0, "maximum": 9}

SEEDED: list[tuple[str, str, Callable[[Schema], None]]] = [
    ("class_missing", "person.detained_at", change("person.detained_at", **{"class": None})),
    ("class_missing", "person.found_at.postcode", change("person.found_at.postcode", **{"class": None})),
    ("class_missing", "subject", change("subject", **{"class": None})),
    ("class_unknown", "person.detained_at", change("person.detained_at", **{"class": "XX"})),
    ("class_unknown", "person.detained_at", change("person.detained_at", **{"class": ["OP"]})),
    ("class_misplaced", "core.area", change("core.area", **{"class": "OP"})),
    ("class_misplaced", "person.detained_at", change("person.detained_at", **{"class": "core"})),
    ("class_misplaced", "subject.family_name", change("subject.family_name", **{"class": "core"})),
    ("class_misplaced", "incident_ref", change("incident_ref", **{"class": "core"})),
    ("class_misplaced", "occurred_at", change("occurred_at", **{"class": "OP"})),
    ("class_misplaced", "person", change("person", **{"class": "OP"})),
    ("class_misplaced", "person.pets_property", change("person.pets_property", **{"class": "part"})),
    ("class_misplaced", "person.found_at.postcode", change("person.found_at.postcode", **{"class": "OP"})),
    ("core_type", "", whole(core_type=None)),
    ("core_type", "", whole(core_type="police.s136.detained")),
    ("depth", "person.deep.inner.inner.inner.inner", put("deep", nested(5))),
    ("depth", "person.deep[][][][]", put("deep", items(items(items(items(items(TEXT))))))),
    ("doc_missing", "person.detained_at", change("person.detained_at", doc=None)),
    ("doc_missing", "person.found_at.postcode", change("person.found_at.postcode", doc=" ")),
    ("doc_missing", "", whole(doc=None)),
    ("duplicate_name", "", put("again", record("FoundAt", [new("one", TEXT)]))),
    ("duplicate_name", "person.power", put("power", TEXT)),
    ("limit_missing", "event_id", change("event_id", type="string")),
    ("limit_missing", "person.pets_property", change("person.pets_property", type=["null", "string"])),
    ("limit_missing", "person.noted", put("noted", {"type": "string", "maxLength": 0})),
    ("limit_missing", "person.noted", put("noted", {"type": "bytes"})),
    ("limit_missing", "person.noted", put("noted", {"type": "array", "items": TEXT})),
    ("limit_missing", "person.noted[]", put("noted", items("string"))),
    ("limit_missing", "person.noted", put("noted", {"type": "map", "values": TEXT, "maxItems": True})),
    ("limit_missing", "person.minutes", put("minutes", "int")),
    ("limit_missing", "person.minutes", put("minutes", {"type": "long", "minimum": 9, "maximum": 0})),
    ("name", "person.detainedAt", put("detainedAt", ["null", MICROS])),
    ("name", "", whole(name="Detained")),
    ("name_forbidden", "person.risk_level", put("risk_level", TEXT)),
    ("name_forbidden", "person.suicide_risk", put("suicide_risk", TEXT)),
    ("name_forbidden", "person.harm_score", put("harm_score", INT)),
    ("name_forbidden", "person.frequent_caller", put("frequent_caller", "boolean")),
    ("name_forbidden", "person.high_intensity", put("high_intensity", "boolean")),
    ("name_forbidden", "person.previous_contacts", put("previous_contacts", INT)),
    ("name_forbidden", "person.detentions_count", put("detentions_count", INT)),
    ("name_forbidden", "person.do_not_convey", put("do_not_convey", "boolean")),
    ("name_forbidden", "person.noted", put("noted", {"type": "enum", "name": "RiskLevel", "symbols": ["a"]})),
    (
        "name_forbidden",
        "person.noted",
        put("noted", {"type": "enum", "name": "N", "symbols": ["low", "high"]}),
    ),
    (
        "name_forbidden",
        "person.noted",
        put("noted", {"type": "enum", "name": "N", "symbols": ["other", "attention_seeking"]}),
    ),
    ("nhs_number", "subject.nhs_number", change("subject.nhs_number", nhs_number=None)),
    ("nhs_number", "subject.local_ref", change("subject.local_ref", nhs_number=True)),
    ("nhs_number", "subject.local_ref", change("subject.local_ref", nhs_number=False)),
    ("offence", "", change("person.pets_property", **{"class": "CO"})),
    ("offence", "", change("person.found_at.postcode", **{"class": "CO"})),
    ("parts", "", drop_core),
    ("publishers", "", whole(publishers=None)),
    ("publishers", "", whole(publishers=[])),
    ("publishers", "", whole(publishers=["police", "newspaper"])),
    ("publishers", "", whole(publishers=["police", "police"])),
    ("recursion", "person.again", put("again", ["null", "Person"])),
    ("recursion", "person.again", put("again", "police.s136.Person")),
    ("recursion", "person.again.inner[]", put("again", record("Loop", [new("inner", items("Loop"))]))),
    ("reference", "person.again", put("again", "FoundAt")),
    ("reference", "person.again[]", put("again", items("Marker"))),
    ("required", "person.intoxicated", change("person.intoxicated", default=None)),
    ("summary", "person.found_at", change("person.found_at", summary=True)),
    ("summary", "person.presenting_safety_facts", change("person.presenting_safety_facts", summary="yes")),
    ("summary", "person.noted", put("noted", {"type": "string", "maxLength": 501}, summary=True)),
    ("timestamp", "person.noted_at", put("noted_at", ["null", TEXT])),
    ("timestamp", "person.noted_at", put("noted_at", {"type": "long", "minimum": 0, "maximum": 9})),
    ("timestamp", "person.noted", put("noted", {"type": "long", "logicalType": "timestamp-millis"})),
    ("timestamp", "person.noted", put("noted", {"type": "int", "logicalType": "date"})),
    ("type", "person.noted", put("noted", "double")),
    ("type", "person.noted", put("noted", {"type": "float"})),
    ("type", "person.noted", put("noted", {"type": {"type": "string", "maxLength": 3}})),
    ("type", "person.noted", put("noted", None)),
    ("union", "person.noted", put("noted", ["null", TEXT, "boolean"])),
    ("union", "person.noted", put("noted", [TEXT, "boolean"])),
    ("union", "person.noted", put("noted", [TEXT, "null"])),
    ("union", "person.noted", put("noted", ["null", ["null", TEXT]])),
    ("union", "person.noted", put("noted", ["null"])),
    ("union", "person.noted", put("noted", "null")),
    ("wish_kind", "", whole(wish_kind="consent")),
    ("wish_scope", "", permission_for_everything),
    ("zero_size_item", "person.noted", put("noted", items("null"))),
    ("zero_size_item", "person.noted", put("noted", items({"type": "null"}))),
    ("zero_size_item", "person.noted", put("noted", items(record("Nothing", [])))),
    ("zero_size_item", "person.noted", put("noted", items(record("Hollow", [new("inner", "null")])))),
    ("zero_size_item", "person.noted", put("noted", items({"type": "fixed", "name": "None0", "size": 0}))),
    ("zero_size_item", "person.noted", put("noted", {"type": "map", "values": "null", "maxItems": 3})),
]


def seeded(mutate: Callable[[Schema], None], schema: Schema = DETAINED) -> Schema:
    copy = deepcopy(schema)
    mutate(copy)
    return copy


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(SCHEMAS)))
def test_a_shipped_schema_breaks_no_rule(path: Path) -> None:
    assert lint(json.loads(path.read_text(encoding="utf-8"))) == ()


@pytest.mark.parametrize(
    ("rule", "path", "mutate"), SEEDED, ids=[f"{r}-{n}" for n, (r, _, _) in enumerate(SEEDED)]
)
def test_a_schema_that_breaks_a_rule_is_found_where_it_breaks_it(
    rule: str, path: str, mutate: Callable[[Schema], None]
) -> None:
    found = {(finding.rule, finding.path) for finding in lint(seeded(mutate))}
    assert (rule, path) in found


def test_every_rule_is_broken_by_a_seeded_schema() -> None:
    assert {rule for rule, _, _ in SEEDED} == set(RULES)


def test_seeding_alone_breaks_no_rule() -> None:
    assert lint(seeded(put("noted", ["null", TEXT]))) == ()


def test_a_finding_says_what_to_do_in_one_line() -> None:
    for _, _, mutate in SEEDED:
        for finding in lint(seeded(mutate)):
            assert len(finding.message) > 20
            assert "\n" not in finding.message


@pytest.mark.parametrize("kind", ["police", "housing", "vcse", "carer", "commissioner", "governance"])
def test_a_permission_may_not_be_published_by_who_would_gain_by_it_or_has_no_care_of_the_person(
    kind: str,
) -> None:
    found = lint(seeded(whole(publishers=["person", kind]), PERMISSION))
    assert [finding.rule for finding in found] == ["publishers"]


def test_an_objection_may_be_published_by_anyone() -> None:
    objection = seeded(whole(wish_kind="objection", publishers=["police", "vcse", "carer"]), PERMISSION)
    assert lint(objection) == ()


def test_the_deepest_nesting_allowed_passes() -> None:
    assert lint(seeded(put("deep", nested(4)))) == ()


def test_a_delivery_is_held_to_the_rules_of_its_event() -> None:
    delivery = delivery_schema(seeded(put("risk_level", "double")))
    assert {finding.rule for finding in lint(delivery)} == {"name_forbidden", "type"}
    assert {finding.path for finding in lint(delivery)} == {"person.risk_level"}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "record", "name": "x", "namespace": "a.b"},
        {"type": "record", "fields": "none"},
        {"type": "record", "fields": [{}, 3, {"name": "a"}, {"name": 3, "type": 4}]},
        {"type": ["null"], "fields": [{"name": "a", "type": {"type": "array"}}], "publishers": [[]]},
        {
            "type": "record",
            "fields": [{"name": "a", "type": {"type": "enum", "symbols": 3}}],
            "wish_kind": [],
        },
    ],
)
def test_what_is_no_schema_is_found_wanting_and_breaks_nothing(schema: Schema) -> None:
    assert lint(schema)
