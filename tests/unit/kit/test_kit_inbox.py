"""The inbox hands out what is genuine, once, in the keys that other programs rely on."""

import json
from typing import Any

from broker.domain.identifiers import DeskId
from broker.wire.avro import Codec
from broker.wire.keys import OpeningKey, SigningKey
from broker.wire.shape import Shape
from consumers.kit.delivery import Delivery, Received, Reply
from consumers.kit.inbox import Inbox
from consumers.kit.replies import ReplyWatch

DESK = DeskId("moor-police/control-room")


def codec(world, name: str) -> Codec:
    return next(found for _, found in world.language.deliveries.values() if full_name(found) == name)


def full_name(found: Codec) -> str:
    return f"{found.schema['namespace']}.{found.schema['name']}"


def empty(shape: Shape) -> dict[str, Any]:
    """Nothing given: null where that can be said, else a part in which nothing is given."""
    return {key: None if part.nullable else empty(part) for key, part in shape.fields.items()}


def event(world, delivery_id: str) -> tuple[Codec, dict[str, Any]]:
    found = codec(world, "delivery.police.s136.detained")
    fields = found.shape.fields["fields"]
    person = {**empty(fields.fields["person"]), "detained_at": 1_795_218_060_000_000, "power": "s136"}
    given = {**empty(fields), "occurred_at": 1_795_218_060_500_000, "person": person}
    return found, {
        "delivery_id": delivery_id,
        "event_id": "p-1",
        "event_type": "police.s136.detained",
        "extent": "minimised",
        "subject": "s-1",
        "purpose": "P1",
        "basis": "B6",
        "agreement": "a",
        "policy_revision": "r1",
        "incident_ref": "I-1042",
        "expires_at": 1_795_218_060_000_000,
        "marking": "incident_only",
        "clinician_line": "01632 960001",
        "decision": b"\xab" * 32,
        "present": ["person.restraint"],
        "effects": ["location_withheld"],
        "threshold": "life_risk",
        "fields": given,
    }


def reply(world, delivery_id: str, event_id: str | None = "e-1") -> tuple[Codec, dict[str, Any]]:
    return codec(world, "delivery.reply"), {
        "delivery_id": delivery_id,
        "event_id": event_id,
        "status": "rejected",
        "code": "field_invalid",
        "message": "A field is outside its limits.",
        "applied_point": None,
        "fields": ["subject.family_name"],
        "handled_by": ["northmoor-crisis"],
        "phone": "01632 960101",
        "offset": 17,
        "index": 2,
        "sha256": "ab" * 32,
        "quarantine_id": "q-abc",
    }


def received(world, *, most: int | None = None) -> list[Received]:
    with Inbox(world.profile, world.language, DESK) as inbox:
        found = []
        for one in inbox.deliveries(follow=False):
            found.append(one)
            if most is not None and len(found) == most:
                break
        return found


def ids(found: list[Received]) -> list[str]:
    return sorted(one.delivery_id for one in found)


def test_a_delivery_prints_with_the_keys_of_the_design(world) -> None:
    world.put(world.sealed(event(world, "d-1")))
    (found,) = received(world)
    assert isinstance(found, Delivery)
    assert json.loads(json.dumps(found.to_json())) == {
        "delivery_id": "d-1",
        "kind": "event",
        "event_id": "p-1",
        "event_type": "police.s136.detained",
        "extent": "minimised",
        "subject": "s-1",
        "fields": {
            "occurred_at": "2026-11-20T23:41:00.500000+00:00",
            "person.detained_at": "2026-11-20T23:41:00+00:00",
            "person.power": "s136",
        },
        "present": ["person.restraint"],
        "purpose": "P1",
        "basis": "B6",
        "agreement": "a",
        "policy_revision": "r1",
        "incident_ref": "I-1042",
        "expires_at": "2026-11-20T23:41:00+00:00",
        "marking": "incident_only",
        "clinician_line": "01632 960001",
        "effects": ["location_withheld"],
        "threshold": "life_risk",
        "decision": "ab" * 32,
    }
    assert "I-1042" not in repr(found)


def test_a_reply_prints_with_its_status_and_the_names_at_fault(world) -> None:
    world.put(world.sealed(reply(world, "d-1")))
    (found,) = received(world)
    assert isinstance(found, Reply)
    assert json.loads(json.dumps(found.to_json())) == {
        "delivery_id": "d-1",
        "kind": "reply",
        "event_id": "e-1",
        "status": "rejected",
        "code": "field_invalid",
        "message": "A field is outside its limits.",
        "applied_point": None,
        "fields_at_fault": ["subject.family_name"],
        "handled_by": ["northmoor-crisis"],
        "phone": "01632 960101",
        "payload": {"offset": 17, "index": 2, "sha256": "ab" * 32, "quarantine_id": "q-abc"},
    }


def test_a_delivery_is_handed_out_once_over_partitions_and_restarts(world) -> None:
    world.put(world.sealed(event(world, "d-1"), event(world, "d-2")), world.sealed(event(world, "d-2")))
    world.put(world.sealed(event(world, "d-3")), partition=1)
    assert ids(received(world)) == ["d-1", "d-2", "d-3"]
    world.put(world.sealed(event(world, "d-1")), world.sealed(event(world, "d-4")), partition=1)
    assert ids(received(world)) == ["d-4"]
    assert received(world) == []


def test_what_the_application_did_not_take_comes_again(world) -> None:
    world.put(world.sealed(event(world, "d-1")), world.sealed(event(world, "d-2")))
    assert ids(received(world, most=1)) == ["d-1"]
    assert ids(received(world)) == ["d-1", "d-2"]


FORGED: list[tuple[str, dict[str, Any]]] = [
    ("sender_not_topic_owner", {"sender": "moor-pos"}),
    ("topic_mismatch", {"recipient": "moor-police/missing-persons"}),
    ("topic_mismatch", {"topic": "to.moor-pos.s136-suite"}),
    ("key_unknown", {"signing_key": SigningKey.generate()}),
    ("envelope_not_opened", {"sealing_key": OpeningKey.generate().sealing_key}),
]


def test_what_the_exchange_did_not_send_to_this_desk_is_never_handed_out(world) -> None:
    world.put(*[world.sealed(event(world, f"f-{code}"), **change) for code, change in FORGED])
    world.put(world.sealed(event(world, "d-1")))
    told: list[str] = []
    with Inbox(world.profile, world.language, DESK, on_refused=lambda one: told.append(one.code)) as inbox:
        assert ids(list(inbox.deliveries(follow=False))) == ["d-1"]
        assert [(one.code, one.offset) for one in inbox.refused] == [
            (code, offset) for offset, (code, _) in enumerate(FORGED)
        ]
    assert told == [code for code, _ in FORGED]


def test_junk_and_tombstones_do_not_stop_the_desk(world) -> None:
    genuine = world.sealed(event(world, "d-1"))
    world.put(b"", b"x" * 700, None, genuine[:-1], genuine + genuine, genuine)
    with Inbox(world.profile, world.language, DESK) as inbox:
        assert ids(list(inbox.deliveries(follow=False))) == ["d-1"]
        assert {one.code for one in inbox.refused} == {"envelope_malformed"}
        assert len(inbox.refused) == 5


def test_a_payload_of_an_unknown_schema_does_not_take_its_neighbours_along(world) -> None:
    stranger = Codec({"type": "record", "name": "s", "fields": [{"name": "a", "type": "string"}]})
    world.put(world.sealed((stranger, {"a": "x"}), event(world, "d-1")))
    with Inbox(world.profile, world.language, DESK) as inbox:
        assert ids(list(inbox.deliveries(follow=False))) == ["d-1"]
        assert [one.code for one in inbox.refused] == ["schema_unknown"]


def test_a_watch_sees_replies_after_its_start_and_takes_none_from_the_inbox(world) -> None:
    world.put(world.sealed(reply(world, "old", "e-1")))
    watch = ReplyWatch(world.profile, world.language)
    world.put(world.sealed(reply(world, "r-1", "e-1"), reply(world, "r-2", None), event(world, "d-1")))
    world.put(world.sealed(reply(world, "r-3", "e-2")), partition=1)
    found = list(watch.replies(["e-1", "e-2"], timeout_s=20))
    watch.close()
    assert ids(found) == ["r-1", "r-3"]
    assert ids(received(world)) == ["d-1", "old", "r-1", "r-2", "r-3"]


def test_a_watch_gives_up_when_time_is_up(world) -> None:
    world.put(world.sealed(reply(world, "r-1", "e-1")))
    watch = ReplyWatch(world.profile, world.language)
    assert list(watch.replies(["e-9"], timeout_s=0.5)) == []
    watch.close()
