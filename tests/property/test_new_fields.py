"""A field that somebody adds to a schema reaches nobody until an agreement names it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from broker.policy.delivery_schemas import delivery_schemas
from broker.release.admit import Matter
from broker.settings import shipped
from tests import builders
from tests.property.canaries import MARKERS, PUBLISHERS, WISHES
from tests.property.conftest import TODAY
from tests.property.stages import Stages, given_fields

TOLD = tuple(name for name in PUBLISHERS if name not in (*WISHES, *MARKERS))
"""Types that somebody may be told of"""
ENDS = ("pos.s136.ended", "police.incident.closed", "person.deceased")
UNTOLD = {
    "crisis.line.contact",  # figures are counted from it
    "person.objection.decided",  # the exchange alone reads it
    "police.custody.mh_flag",  # nobody but crisis lines, and they get its core
    "disclosure.requested",  # the guardian's desk gets its core
    "crisis.alternative.offered",  # asks for a permission of its own, which is not given here
    "crisis.alternative.attended",
}
"""Types of which nothing about the person goes in this scenario"""
IN_ORDER = ("pos.s136.arrived", *sorted({*TOLD} - {"pos.s136.arrived", *ENDS}), *ENDS)
CASES = [
    (event_type, part, field_class)
    for event_type in TOLD
    for part in ("person", "subject", None)
    for field_class in ("OP", "SF", "ID", "CL", "ST", "LA")
]
VALUE = "Zq7xKnew"
DELIVERED = 45
"""Subscriptions under which something of the person went, at least"""


def schemas_with_new_fields(folder: Path) -> Path:
    """A copy of the shipped schemas in which each part of each event has one more field of each class."""
    schemas = Path(shutil.copytree(shipped("schemas"), folder / "schemas"))
    events = {}
    for path in sorted(schemas.glob("*.avsc")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        for event_type, part, field_class in CASES:
            if event_type == path.stem:
                _fields(schema, part).append(_new_field(field_class))
        path.write_text(json.dumps(schema), encoding="utf-8")
        events[path.stem] = schema
    for name, schema in delivery_schemas(events).items():
        (schemas / "deliveries" / f"{name}.avsc").write_text(json.dumps(schema), encoding="utf-8")
    return schemas


def _fields(schema: Any, part: str | None) -> list[Any]:
    fields: list[Any] = schema["fields"]
    if part is None:
        return fields
    (found,) = [one for one in fields if one["name"] == part]
    inner: list[Any] = found["type"]["fields"]
    return inner


def _new_field(field_class: str) -> dict[str, Any]:
    type_ = ["null", {"type": "string", "maxLength": 40}]
    name = f"new_{field_class.lower()}"
    return {"name": name, "type": type_, "default": None, "class": field_class, "doc": "New."}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    folder = tmp_path_factory.mktemp("grown")
    return Stages.of_shipped(folder, TODAY, schemas_with_new_fields(folder))


def grown_record(event_type: str, person: builders.Person) -> dict[str, Any]:
    record = builders.BUILDERS[event_type](person, number=["", *builders.BUILDERS].index(event_type))
    for of_type, part, field_class in CASES:
        if of_type == event_type:
            (record if part is None else record[part])[f"new_{field_class.lower()}"] = VALUE
    return record


async def test_a_new_field_reaches_nobody_and_the_rest_still_goes(grown: Stages) -> None:
    person, at_us = builders.PEOPLE[0], builders.OCCURRED_AT_US + builders.HOUR_US
    permission = builders.permission_given(
        person, number=9_090, changes={"person.scope_classes": ["OP", "SF", "CL", "ST", "ID", "AU", "CT"]}
    )
    grown.publish("person.permission.given", permission, "moor-person", at_us)
    wider = {"person.scope_purposes": ["P9"], "person.scope_recipients": ["harbour-vcs"]}
    support = builders.permission_given(
        person, number=9_091, changes={**wider, "person.scope_classes": ["AU", "OP"]}
    )
    grown.publish("person.permission.given", support, "moor-person", at_us)
    matters = []
    for event_type in IN_ORDER:
        publisher = builders.PUBLISHERS[event_type]
        _, admitted = grown.publish(event_type, grown_record(event_type, person), publisher, at_us)
        assert isinstance(admitted, Matter)
        matters.append(admitted)
    asked = await grown.ask([q for one in matters for match in one.matches for q in match.questions])
    delivered = set()
    for matter in matters:
        for settled in grown.settle(matter, asked, at_us):
            given = {} if settled.delivery is None else given_fields(grown.opened(settled))
            assert not [name for name in given if "new_" in name]
            assert VALUE not in str(given)
            new = [name for name in settled.decision.withheld if "new_" in name]
            assert len(new) == 18
            if set(given) - {"occurred_at", "core.area", "core.urgency", "core.need"}:
                delivered.add(settled.decision.subscription)
    # Nearly every subscription with an agreement got what was agreed.
    assert len(delivered) >= DELIVERED, delivered
    assert {str(name).split("|")[1] for name in delivered} == set(TOLD) - UNTOLD
