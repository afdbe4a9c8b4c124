"""Folders of schemas that have grown since they were recorded, rightly or not, and the faults to be found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from broker.cli.main import main
from broker.policy.schema_layout import render
from broker.policy.sources import AGREEMENTS, AREA, CLASS_TABLE, CLOCKS, SUBSCRIPTIONS
from broker.settings import shipped
from broker.wire.versions import DELIVERY_VERSIONS, VERSIONS
from tests.builders import SCHEMAS
from tests.unit.schemas.seeding import TEXT, Schema, change, field, items, new, put, record, whole

DETAINED, ARRIVED, TRIAGED = "police.s136.detained", "pos.s136.arrived", "crisis.triage.completed"
GIVEN, SET, HANDED_OVER = "person.permission.given", "person.restriction.set", "pos.s136.handover"
SOME = (DETAINED, ARRIVED, TRIAGED, GIVEN, SET, HANDED_OVER)
POLICE_TO_CRISIS = "police-to-crisis-response"
Mutation = Callable[[Schema], None]


def recorded(folder: Path, *, every: bool = False) -> Path:
    """A copy of some of the shipped schemas, or of every one, in which each is its last recorded version."""
    schemas = folder / "schemas"
    if every:
        shutil.copytree(SCHEMAS, schemas)
    for name in () if every else SOME:
        for place in (VERSIONS, DELIVERY_VERSIONS):
            if (SCHEMAS / place / name).is_dir():
                shutil.copytree(SCHEMAS / place / name, schemas / place / name)
        shutil.copyfile(SCHEMAS / f"{name}.avsc", schemas / f"{name}.avsc")
    assert main(["schema", "deliveries", "--folder", str(schemas)]) == 0
    _one_agreement(few_policies(schemas))
    record_versions(schemas)
    return schemas


def few_policies(schemas: Path) -> Path:
    """Beside a recorded folder: area and class table as shipped, and one agreement; quick to read."""
    return schemas.parent / "few-policies"


def _one_agreement(policies: Path) -> None:
    for name in (AREA, CLOCKS, CLASS_TABLE, f"{AGREEMENTS}/{POLICE_TO_CRISIS}.yaml"):
        (policies / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shipped("policies") / name, policies / name)
    (policies / SUBSCRIPTIONS).write_text("[]", encoding="utf-8")


def record_versions(schemas: Path) -> None:
    """Record what is there now; nothing of it may be at fault."""
    command = ["schema", "version", "--folder", str(schemas), "--policies", str(few_policies(schemas))]
    assert main(command) == 0


def evolve(schemas: Path, event_type: str, *mutations: Mutation) -> None:
    """Change one event type, and its delivery with it."""
    path = schemas / f"{event_type}.avsc"
    schema = json.loads(path.read_text(encoding="utf-8"))
    for mutate in mutations:
        mutate(schema)
    path.write_text(render(schema), encoding="utf-8")
    assert main(["schema", "deliveries", "--folder", str(schemas)]) == 0


def versions(schemas: Path, name: str) -> list[str]:
    """The recorded versions of one schema."""
    return sorted(path.stem for path in (schemas / VERSIONS / name).glob("*.json"))


def agreeing(policies: Path, agreement: str, event_type: str, *names: str) -> Path:
    """Let one agreement of a folder of policies name more fields of an event type."""
    path = policies / "agreements" / f"{agreement}.yaml"
    terms = yaml.safe_load(path.read_text(encoding="utf-8"))
    terms["event_types"][event_type] += names
    path.write_text(yaml.safe_dump(terms), encoding="utf-8")
    return policies


def drop(dotted: str) -> Mutation:
    """Takes a field away."""

    def mutate(schema: Schema) -> None:
        parent, _, key = dotted.rpartition(".")
        holder = field(schema, parent)["type"] if parent else schema
        fields = (holder[1] if isinstance(holder, list) else holder)["fields"]
        fields[:] = [one for one in fields if one["name"] != key]

    return mutate


def rename(dotted: str, to: str) -> Mutation:
    """Gives a field another name."""
    return lambda schema: field(schema, dotted).update(name=to)


def retype(dotted: str, type_: Any) -> Mutation:
    """Gives a field another type."""
    return lambda schema: field(schema, dotted).update(type=type_)


def inside(dotted: str, **properties: Any) -> Mutation:
    """Sets properties of a field's own type, within its union with null."""

    def mutate(schema: Schema) -> None:
        type_ = field(schema, dotted)["type"]
        (type_[1] if isinstance(type_, list) else type_).update(properties)

    return mutate


def symbols(dotted: str, *, without: str = "", more: str = "") -> Mutation:
    """Takes a code away, or adds one."""

    def mutate(schema: Schema) -> None:
        type_ = field(schema, dotted)["type"]
        type_ = type_[1] if isinstance(type_, list) else type_
        kept = [one for one in type_["symbols"] if one != without]
        type_["symbols"] = [*kept, more] if more else kept

    return mutate


def add_inside(dotted: str, name: str, *, default: bool) -> Mutation:
    """Adds a field to a sub-record that is there already."""

    def mutate(schema: Schema) -> None:
        holder = field(schema, dotted)
        type_ = holder["type"][1] if isinstance(holder["type"], list) else holder["type"]
        one = new(name, ["null", TEXT], **{"class": holder["class"]})
        type_["fields"].append(one if default else {k: v for k, v in one.items() if k != "default"})

    return mutate


BREAKING: list[tuple[str, str, str, Mutation]] = [
    ("field_removed", DETAINED, "person.pets_property", drop("person.pets_property")),
    ("field_removed", DETAINED, "person.pets_property", rename("person.pets_property", "pets")),
    ("field_removed", DETAINED, "person.found_at.postcode", drop("person.found_at.postcode")),
    ("field_retyped", DETAINED, "person.detained_at", retype("person.detained_at", ["null", TEXT])),
    ("null_changed", DETAINED, "person.pets_property", retype("person.pets_property", {**TEXT})),
    (
        "field_without_default",
        DETAINED,
        "person.found_at.floor",
        add_inside("person.found_at", "floor", default=False),
    ),
    ("symbol_removed", DETAINED, "setting", symbols("setting", without="planned")),
    ("symbol_added", DETAINED, "setting", symbols("setting", more="soon")),
    ("limit_narrowed", DETAINED, "event_id", inside("event_id", maxLength=30)),
    ("limit_narrowed", TRIAGED, "restrictions", inside("restrictions", maxItems=1)),
    ("limit_loosened", DETAINED, "event_id", inside("event_id", maxLength=99)),
    ("default_removed", DETAINED, "person.intoxicated", change("person.intoxicated", default=None)),
    ("default_changed", DETAINED, "capacity", change("capacity", default="has_capacity")),
    ("type_renamed", DETAINED, "person.found_at", inside("person.found_at", name="Place")),
    ("fallback_changed", DETAINED, "setting", inside("setting", default="urgent")),
    ("core_type_changed", DETAINED, "", whole(core_type="care.information.updated")),
    ("about_changed", DETAINED, "", whole(about="incident")),
    ("wish_kind_changed", GIVEN, "", whole(wish_kind="objection")),
    ("marks_changed", SET, "", whole(marks="lifted")),
]
"""(code, event type, place, what is done): what no minor version may do"""

WIDENING: list[tuple[str, str, str, Mutation]] = [
    (
        "class_loosened",
        DETAINED,
        "person.dependants_detail",
        change("person.dependants_detail", **{"class": "OP"}),
    ),
    ("class_loosened", TRIAGED, "person.plan_now", change("person.plan_now", **{"class": "SF"})),
    ("class_changed", DETAINED, "person.pets_property", change("person.pets_property", **{"class": "RP"})),
    ("handling_changed", DETAINED, "person.pets_property", change("person.pets_property", summary=True)),
    ("handling_changed", ARRIVED, "person.pos_org", change("person.pos_org", traits=None)),
    ("nhs_number_unmarked", DETAINED, "subject.nhs_number", change("subject.nhs_number", nhs_number=None)),
    ("publishers_widened", DETAINED, "", whole(publishers=["police", "ambulance"])),
    ("publishers_narrowed", HANDED_OVER, "", whole(publishers=["place_of_safety"])),
]
"""(code, event type, place, what is done): what takes signatures"""

HARMLESS: list[tuple[str, str, Mutation]] = [
    ("1.1.0", DETAINED, put("noted", ["null", TEXT])),
    ("1.1.0", DETAINED, put("noted", items(TEXT), default=[])),
    ("1.1.0", DETAINED, put("noted", ["null", record("Noted", [new("one", ["null", TEXT])])])),
    ("1.1.0", DETAINED, add_inside("person.found_at", "floor", default=True)),
    ("1.0.1", DETAINED, change("person.pets_property", doc="Said better.")),
    ("1.0.1", DETAINED, lambda schema: field(schema, "person")["type"]["fields"].reverse()),
]
"""(version it becomes, event type, what is done)"""
