"""Schemas that break one rule of the linter each, and what they are made with."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from broker.domain.vocabulary import Marker
from tests.builders import SCHEMAS

Schema = dict[str, Any]
DETAINED = json.loads((SCHEMAS / "police.s136.detained.avsc").read_text(encoding="utf-8"))
PERMISSION = json.loads((SCHEMAS / "person.permission.given.avsc").read_text(encoding="utf-8"))
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

MARKERS = {"type": "enum", "name": "MarkerMeant", "symbols": [str(marker) for marker in Marker]}
ROLES = {"type": "enum", "name": "AuthorRole", "symbols": ["nurse", "police_officer"]}


def several(*mutations: Callable[[Schema], None]) -> Callable[[Schema], None]:
    def mutate(schema: Schema) -> None:
        for one in mutations:
            one(schema)

    return mutate


def plan(*mutations: Callable[[Schema], None]) -> Callable[[Schema], None]:
    """A crisis plan, which police may have no part in (R2)."""
    named = whole(namespace="cmht.crisis_plan", name="updated", publishers=["cmht"])
    return several(named, *mutations)


SEEDED: list[tuple[str, str, Callable[[Schema], None]]] = [
    ("about", "", whole(about="person")),
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
    ("exchange", "", whole(publishers=["police", "broker"])),
    ("exchange", "", whole(publishers=["broker"])),
    ("exchange", "", whole(namespace="broker.safety_gap")),
    ("exchange", "", whole(namespace="broker.safety_gap", publishers=["broker", "police"])),
    ("limit_missing", "event_id", change("event_id", type="string")),
    ("limit_missing", "person.pets_property", change("person.pets_property", type=["null", "string"])),
    ("limit_missing", "person.noted", put("noted", {"type": "string", "maxLength": 0})),
    ("limit_missing", "person.noted", put("noted", {"type": "bytes"})),
    ("limit_missing", "person.noted", put("noted", {"type": "array", "items": TEXT})),
    ("limit_missing", "person.noted[]", put("noted", items("string"))),
    ("limit_missing", "person.noted", put("noted", {"type": "map", "values": TEXT, "maxItems": True})),
    ("limit_missing", "person.minutes", put("minutes", "int")),
    ("limit_missing", "person.minutes", put("minutes", {"type": "long", "minimum": 9, "maximum": 0})),
    ("marks", "", whole(marks="cleared")),
    ("marks", "", whole(marks="set")),
    ("marks", "", put("marker", MARKERS)),
    ("marks", "", several(whole(marks="set"), put("marker", {**MARKERS, "symbols": ["alias"]}))),
    ("marks", "", several(whole(marks="set"), put("marker", TEXT))),
    ("marks", "", several(whole(marks="lifted", publishers=["person", "carer"]), put("marker", MARKERS))),
    ("name", "person.detainedAt", put("detainedAt", ["null", MICROS])),
    ("name", "", whole(name="Detained")),
    ("name_forbidden", "person.risk_level", put("risk_level", TEXT)),
    *[
        ("name_forbidden", f"person.{name}", put(name, TEXT))
        for name in (
            "risk_tier",
            "high_risk",
            "crisis_score",
            "behaviour_label",
            "time_waster",
            "contacts_tally",
            "count_of_calls",
            "times_detained",
            "previous_admissions",
            "withhold_until",
            "do_not_send_anyone",
            "no_response_plan",
            "deny_care",
        )
    ],
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
    ("decline_reason", "person.decline_reason", put("decline_reason", TEXT)),
    (
        "decline_reason",
        "person.service_decline_reason",
        put(
            "service_decline_reason",
            {"type": "enum", "name": "Why", "symbols": ["full", "personality_disorder", "unknown"]},
        ),
    ),
    (
        "decline_reason",
        "person.decline_reason",
        put(
            "decline_reason",
            {"type": "enum", "name": "Why", "symbols": ["full", "did_not_engage", "unknown"]},
        ),
    ),
    ("police_plan", "", plan(whole(publishers=["cmht", "police"]))),
    ("police_plan", "", plan(put("author_role_kind", TEXT))),
    ("police_plan", "", plan(put("author_role_kind", ["null", ROLES]))),
    ("police_plan", "", plan(put("contact_24h", record("Contact", [new("role", TEXT)])))),
    ("police_plan", "", plan(put("reviewer", TEXT))),
    ("police_plan", "", plan(put("signed_by", items(ROLES)))),
    (
        "police_plan",
        "",
        several(plan(put("role", TEXT)), whole(namespace="cmht.coordinator", name="changed")),
    ),
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
    ("trait_misplaced", "person.power", change("person.power", traits=["power", "helps"])),
    ("trait_misplaced", "person.found_at", change("person.found_at", traits=["locates"])),
    ("trait_misplaced", "person.found_at.postcode", change("person.found_at.postcode", traits=["locates"])),
    ("trait_misplaced", "person", change("person", traits=["locates"])),
    ("trait_misplaced", "subject.family_name", change("subject.family_name", traits=["role_or_number"])),
    ("trait_misplaced", "person.noted", put("noted", TEXT, **{"class": "AU", "traits": ["for_police"]})),
    ("trait_misplaced", "person.noted", put("noted", TEXT, **{"class": "CL", "traits": ["helps"]})),
    ("trait_misplaced", "person.noted", put("noted", TEXT, **{"class": "LG", "traits": ["ended_at"]})),
    (
        "trait_misplaced",
        "person.nurse_name",
        put("nurse_name", TEXT, **{"class": "ST", "traits": ["role_or_number"]}),
    ),
    ("trait_unknown", "person.power", change("person.power", traits=["powerful"])),
    ("trait_unknown", "person.power", change("person.power", traits=[])),
    ("trait_unknown", "person.power", change("person.power", traits="power")),
    ("trait_unknown", "person.power", change("person.power", traits=["power", "power"])),
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
