"""Delivery schemas are generated, and can hold nothing but what their event can hold, or null."""

import json
from collections import Counter
from typing import Any

import pytest

from broker.policy.delivery_schemas import PSEUDONYM_LENGTH, delivery_schemas
from broker.policy.schema_layout import render
from broker.wire.avro import Codec
from tests import builders

Schema = dict[str, Any]
DELIVERIES = builders.SCHEMAS / "deliveries"
EVENTS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(builders.SCHEMAS.glob("*.avsc"))
}
GENERATED = delivery_schemas(EVENTS)
HEADER = {
    "delivery_id": "0" * 32,
    "event_id": "e_pseudonym",
    "event_type": "police.s136.detained",
    "extent": "minimised",
    "subject": None,
    "purpose": "P1",
    "basis": "B6",
    "agreement": None,
    "policy_revision": "r1",
    "incident_ref": None,
    "expires_at": 1,
    "marking": "direct_care",
    "clinician_line": "01632 960100",
    "decision": bytes(32),
    "present": ["person.own_words"],
    "effects": ["location_withheld"],
    "threshold": "life_risk",
}
CORE_HEADER = {key: value for key, value in HEADER.items() if key != "threshold"}


def given(schema: Schema) -> list[Schema]:
    (fields,) = [one for one in schema["fields"] if one["name"] == "fields"]
    inner: list[Schema] = fields["type"]["fields"]
    return inner


def names(value: Any, space: str = "") -> Counter[str]:
    """Full names of the types defined in a schema."""
    if isinstance(value, list):
        return sum((names(one, space) for one in value), Counter())
    if not isinstance(value, dict):
        return Counter()
    space = value.get("namespace", space)
    own = (
        Counter([f"{space}.{value['name']}"])
        if value.get("type") in ("record", "enum", "fixed")
        else Counter()
    )
    return sum((names(one, space) for one in value.values()), own)


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_the_committed_file_is_the_generated_one(name: str) -> None:
    committed = (DELIVERIES / f"{name}.avsc").read_text(encoding="utf-8")
    assert committed == render(GENERATED[name]), "run `candour schema deliveries`"


def test_nothing_else_is_committed() -> None:
    assert (
        {path.stem for path in DELIVERIES.iterdir()}
        == {*EVENTS, "core", "reply", "returned"}
        == set(GENERATED)
    )


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_every_type_in_a_delivery_has_a_full_name_of_its_own(name: str) -> None:
    found = names(GENERATED[name])
    assert found
    assert max(found.values()) == 1


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_every_field_of_the_event_is_null_or_its_type(event_type: str) -> None:
    event, delivery = EVENTS[event_type]["fields"], given(GENERATED[event_type])
    assert [one["name"] for one in delivery] == [one["name"] for one in event]
    for one in delivery[:-3]:
        assert one["type"][0] == "null"
    for part in delivery[-3:]:
        assert all(inner["type"][0] == "null" for inner in part["type"]["fields"])


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_a_delivery_of_nothing_can_be_written_and_holds_nothing(event_type: str) -> None:
    codec = Codec(GENERATED[event_type])
    nothing = {one["name"]: None for one in given(GENERATED[event_type])}
    for part in given(GENERATED[event_type])[-3:]:
        nothing[part["name"]] = {inner["name"]: None for inner in part["type"]["fields"]}
    record = {**HEADER, "fields": nothing}
    assert codec.decode(codec.encode(record)) == record


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_a_delivery_of_everything_can_be_written(event_type: str) -> None:
    codec = Codec(GENERATED[event_type])
    record = {**HEADER, "extent": "full", "fields": builders.BUILDERS[event_type]()}
    assert codec.decode(codec.encode(record)) == record
    assert codec.limits(record) == ()


def test_a_core_tells_no_threshold() -> None:
    header = [one["name"] for one in GENERATED["core"]["fields"]]
    assert set(header) == {*CORE_HEADER, "fields"}


def test_an_identifier_may_be_a_pseudonym() -> None:
    codec = Codec(GENERATED["police.s136.detained"])
    long = "i_" + "A" * (PSEUDONYM_LENGTH - 2)
    fields = builders.detained(changes={"subject.local_ref": long, "incident_ref": long, "event_id": long})
    assert codec.limits({**HEADER, "fields": fields}) == ()
    assert codec.limits({**HEADER, "fields": {**fields, "incident_ref": long + "A"}}) == (
        "fields.incident_ref",
    )


def test_the_name_of_a_referral_may_be_a_pseudonym_and_may_be_cited_as_it_came() -> None:
    long = "e_" + "A" * (PSEUDONYM_LENGTH - 2)
    gap = builders.safety_gap_raised(changes={"person.referral": long})
    assert Codec(GENERATED["broker.safety_gap.raised"]).limits({**HEADER, "fields": gap}) == ()
    cited = builders.referral_accepted(changes={"person.referral": long})
    assert builders.codec("crisis.referral.accepted").limits(cited) == ()


def test_the_core_can_hold_nothing_of_a_person() -> None:
    fields = given(GENERATED["core"])
    assert [one["name"] for one in fields] == ["occurred_at", "core"]
    assert [one["name"] for one in fields[1]["type"]["fields"]] == ["area", "urgency", "need"]


def test_every_type_gives_the_same_core() -> None:
    assert all(delivery_schemas({name: event})["core"] == GENERATED["core"] for name, event in EVENTS.items())


def test_a_core_always_says_whom_to_call() -> None:
    codec = Codec(GENERATED["core"])
    record = {
        **CORE_HEADER,
        "extent": "core",
        "clinician_line": None,
        "fields": {"occurred_at": 1, "core": {"area": "northmoor", "urgency": "emergency", "need": None}},
    }
    with pytest.raises(Exception, match="clinician_line"):
        codec.encode(record)
    assert codec.encode({**record, "clinician_line": "01632 960100"})


def test_a_reply_can_be_written() -> None:
    codec = Codec(GENERATED["reply"])
    record = {
        "delivery_id": "0" * 32,
        "event_id": None,
        "status": "rejected",
        "code": "schema_unknown",
        "message": "No schema of the published language has this fingerprint.",
        "applied_point": None,
        "fields": ["person.detained_at"],
        "handled_by": [],
        "phone": "01632 960101",
        "offset": 17,
        "index": 0,
        "sha256": "ab" * 32,
        "quarantine_id": "q-abc",
    }
    assert codec.decode(codec.encode(record)) == record
