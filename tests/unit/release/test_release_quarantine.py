"""Quarantine from Intake to Release: two people act, one can do nothing, and each payload is in one state."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from broker.cli.two_people import agree, ask
from broker.domain.quarantine import QuarantineAct, Request, first_statement, second_statement
from broker.errors import IntegrityError, UsageError
from broker.onebox.holders import HolderKeys
from broker.registry.catalogue import Catalogue
from broker.registry.quarantine_ids import KeptPlace, quarantine_id
from broker.registry.registry import DatedKey
from broker.registry.topics import from_topic
from broker.release.admit import Repeated, admit
from broker.release.book import Place
from broker.wire.envelope import Header, Payload, seal_envelope
from broker.wire.keys import OpeningKey, SigningKey
from broker.wire.quarantine_act import ACT_CODEC
from consumers.kit.event_ids import new_event_id
from tests import builders
from tests.unit.release.quarantine_world import GOVERNANCE, POLICE, SECRET, T0, Item, World, call
from tests.unit.release.small_exchange import CALL, MINUTE_US


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def without(catalogue: Catalogue, fingerprint: bytes) -> Catalogue:
    known = {key: writer for key, writer in catalogue.writers.items() if key != fingerprint}
    return replace(catalogue, writers=known)


def test_a_bad_payload_is_kept_named_to_its_publisher_and_goes_back_to_it(world: World) -> None:
    record, sealed = world.bad()
    (desk, reply) = world.exchange.replies[-1]
    bad = call().body + b"\0"
    assert desk == "moor-police/control-room"
    assert (reply["status"], reply["code"]) == ("rejected", "bytes_do_not_round_trip")
    assert (reply["offset"], reply["index"]) == (1, 0)
    assert reply["sha256"] == record["payload_sha256"] == hashlib.sha256(bad).hexdigest()
    assert reply["quarantine_id"] == record["quarantine_id"]
    assert world.exchange.returned[-1][0] == desk
    assert world.exchange.returned[-1][1]["bytes"] == bad
    assert SECRET.encode() not in sealed
    assert SECRET not in str(record)
    assert world.books() == (1, 1, 0, 0)


def test_two_people_see_the_bytes_and_it_is_on_record(world: World) -> None:
    item = world.bad()
    kept = world.act(item, "opened")
    assert kept is not None
    assert kept.payloads[0].body == call().body + b"\0"
    assert world.told()["status"] == "applied"
    leaf = [one for one in world.exchange.leaves if one["format"].startswith("candour.quarantine_act")][-1]
    assert (leaf["act"], leaf["holders"]) == ("opened", ["ig-lead", "operations-lead"])
    assert world.books() == (1, 1, 0, 0)


@pytest.mark.parametrize("first", ["ig-lead", "caldicott-guardian", "operations-lead"])
@pytest.mark.parametrize("second", ["ig-lead", "caldicott-guardian", "operations-lead"])
def test_any_two_discard_and_nobody_does_alone(world: World, first: str, second: str) -> None:
    item = world.bad()
    if first == second:
        with pytest.raises(UsageError, match="another"):
            world.act(item, "discarded", first, second)
        return
    world.act(item, "discarded", first, second)
    assert world.books() == (1, 0, 0, 1)


def test_resubmitted_after_its_schema_is_known_it_is_the_publisher_s_own_event(world: World) -> None:
    whole = world.exchange.means.catalogue
    world.mend(catalogue=without(whole, call().fingerprint))
    world.put(POLICE, [call(6), call(7)])
    item = world.last()
    assert item[0]["code"] == "schema_unknown"
    world.mend(catalogue=whole)
    world.act(item, "resubmitted")
    assert world.told()["status"] == "applied"
    desk, reply = world.exchange.replies[-1]
    assert (desk, reply["status"], reply["event_id"]) == (
        "moor-police/control-room",
        "accepted",
        builders.event_id(7),
    )
    assert world.exchange.cores
    assert world.books() == (2, 1, 1, 0)


def test_resubmitted_after_its_key_is_registered_every_payload_of_the_envelope_comes_in(world: World) -> None:
    new = SigningKey.generate()
    world.put(POLICE, [call(6), call(7)], signing_key=new)
    item = world.last()
    assert (item[0]["code"], item[0]["kept"]) == ("key_unknown", "envelope")
    assert not world.exchange.returned
    registry = world.exchange.means.registry
    police = registry.agencies[POLICE]
    with_key = replace(police, verify_keys=(*police.verify_keys, DatedKey(new.verify_key)))
    world.mend(registry=replace(registry, agencies={**registry.agencies, POLICE: with_key}))
    world.act(item, "resubmitted")
    told = {one["event_id"]: one["status"] for desk, one in world.exchange.replies if one["event_id"]}
    assert told[builders.event_id(6)] == told[builders.event_id(7)] == "accepted"
    assert world.books() == (1, 0, 1, 0)


def test_what_fails_again_is_quarantined_anew_and_names_the_first(world: World) -> None:
    first = world.bad()
    world.act(first, "resubmitted")
    again = world.last()
    assert again[0]["quarantine_id"] != first[0]["quarantine_id"]
    assert again[0]["resubmits"] == first[0]["quarantine_id"]
    assert (again[0]["publisher"], again[0]["offset"]) == (first[0]["publisher"], first[0]["offset"])
    world.act(again, "discarded")
    assert world.books() == (2, 0, 1, 1)


def test_what_the_lane_refused_can_come_again_once_and_its_copy_is_a_copy(world: World) -> None:
    other = builders.codec(CALL)
    world.put(POLICE, [call(7)])
    record = builders.call_triaged(number=7, changes={"shareable_summary": "another"})
    world.put(POLICE, [Payload(other.fingerprint, other.encode(record))])
    item = world.last()
    assert (item[0]["code"], item[0]["kept"]) == ("event_id_conflict", "taken")
    world.act(item, "resubmitted")
    assert world.last()[0]["resubmits"] == item[0]["quarantine_id"]
    assert world.books() == (2, 1, 1, 0)


def test_what_was_refused_at_the_same_place_of_another_lane_brings_no_copy_in_again(world: World) -> None:
    exchange = world.exchange
    record = builders.call_triaged(number=7)
    lane = exchange.publish(CALL, record, world.now_us)
    entry = exchange.entry(CALL, record, world.now_us, POLICE)
    seen = exchange.books[lane].seen(POLICE, entry.event_id)
    assert seen is not None
    elsewhere = KeptPlace(1 - lane, seen.place.offset, seen.place.index)
    copy = replace(entry, origin=quarantine_id(exchange.keyring, elsewhere))
    became = admit(exchange.means, exchange.books[lane], Place(9, 0), copy, "2026-01-01")
    assert isinstance(became, Repeated)


def test_bytes_that_are_no_envelope_are_opened_and_discarded_and_never_resubmitted(world: World) -> None:
    world.arrive(POLICE, b"no envelope " * 9)
    item = world.last()
    kept = world.act(item, "opened")
    assert kept is not None
    assert kept.raw == b"no envelope " * 9
    with pytest.raises(UsageError, match="no payload"):
        world.act(item, "resubmitted")
    world.act(item, "discarded")
    assert world.books() == (1, 0, 0, 1)


def test_after_its_end_nothing_more_is_done_and_a_replayed_act_counts_once(world: World) -> None:
    item = world.bad()
    payloads, _ = world.both(item, world.request(item, "discarded"), "operations-lead")
    world.put(GOVERNANCE, payloads)
    world.put(GOVERNANCE, payloads)
    assert world.told()["status"] == "applied"
    for act in ("opened", "resubmitted", "discarded"):
        world.act(item, act)
        assert (world.told()["status"], world.told()["code"]) == ("rejected", "quarantine_closed")
    assert world.acts() == ["discarded"]


def forged(
    world: World, item: Item, request: Request, first: HolderKeys, second: str, by: HolderKeys
) -> None:
    """An act as somebody would write it who has not both keys."""
    signature = first.signing.sign(first_statement(request))
    record = request.to_record(item[0]["publisher"], signature)
    signed = by.signing.sign(second_statement(request, signature, second))
    record["second"] = {"holder": second, "signature": signed}
    world.put(GOVERNANCE, [Payload(ACT_CODEC.fingerprint, ACT_CODEC.encode(record))])


@pytest.mark.parametrize("act", ["opened", "discarded"])
def test_one_person_alone_can_do_nothing(world: World, act: str) -> None:
    item = world.bad()
    one, other = world.exchange.holders["ig-lead"], world.exchange.holders["operations-lead"]
    stranger = HolderKeys("nobody", SigningKey.generate(), OpeningKey.generate())
    request = world.request(item, act)
    tries = [
        (request, one, "ig-lead", one),
        (request, one, "operations-lead", one),
        (request, one, "operations-lead", stranger),
        (request, one, "nobody", stranger),
        (replace(request, first="operations-lead"), one, "ig-lead", one),
        (replace(request, occurred_at_us=world.now_us - 25 * 60 * MINUTE_US), one, "operations-lead", other),
    ]
    for number, (asked, first, second, by) in enumerate(tries):
        forged(world, item, replace(asked, event_id=new_event_id()), first, second, by)
        assert (world.told()["status"], world.told()["code"]) == ("rejected", "two_people_needed"), number
    assert world.acts() == []


def test_a_signature_for_one_payload_counts_for_no_other_and_for_no_other_act(world: World) -> None:
    first, second = world.bad(6), world.bad(7)
    payloads, _ = world.both(first, world.request(first, "opened"), "operations-lead")
    record = ACT_CODEC.decode(payloads[0].body)
    about = {name: second[0][name] for name in ("quarantine_id",)}
    other = {"kept_sha256": bytes.fromhex(second[0]["kept_sha256"])}
    for number, changes in enumerate(
        (
            {"act": "discarded"},
            about,
            {**about, **other},
            {"event_id": new_event_id()},
            {"reason": "not_genuine"},
        )
    ):
        changed = ACT_CODEC.encode({**record, **changes})
        world.put(GOVERNANCE, [Payload(ACT_CODEC.fingerprint, changed)])
        code = world.told()["code"]
        assert code in {"two_people_needed", "event_id_conflict"}, number
    assert world.acts() == []


def test_a_request_that_another_holder_tampered_with_is_not_agreed_to(world: World) -> None:
    item = world.bad()
    holders = world.exchange.means.registry.holders
    asked = ask(world.request(item, "opened"), item[0], item[1], world.exchange.holders["ig-lead"], holders)
    changed = replace(asked, request=replace(asked.request, act=QuarantineAct.DISCARDED))
    with pytest.raises(IntegrityError, match="signature"):
        agree(changed, world.exchange.holders["operations-lead"], holders)


def test_nobody_but_governance_acts_and_other_bytes_than_the_kept_do_not_come(world: World) -> None:
    item = world.bad()
    payloads, _ = world.both(item, world.request(item, "resubmitted"), "operations-lead")
    world.put(POLICE, payloads)
    assert "publisher_not_entitled" in [one["code"] for desk, one in world.exchange.replies if POLICE in desk]
    world.put(GOVERNANCE, [payloads[0], call(8)])
    assert (world.told()["status"], world.told()["code"]) == ("rejected", "quarantine_unknown")
    world.put(GOVERNANCE, payloads[:1])
    assert (world.told()["status"], world.told()["code"]) == ("rejected", "field_invalid")
    assert world.acts() == []


def test_the_same_bad_payload_read_twice_is_one_in_quarantine_and_has_one_reply(world: World) -> None:
    one = call()
    ingress = world.exchange.keyring.ingress
    key = world.exchange.signing[POLICE]
    header = Header(POLICE, "candour", from_topic(POLICE), bytes(16), 1, T0, key.key_id, ingress.key_id)
    value = seal_envelope(header, [Payload(one.fingerprint, one.body + b"\0")], key, ingress.sealing_key)
    world.arrive(POLICE, value)
    world._offset -= 1
    world.arrive(POLICE, value)
    first, second = (reply for _, reply in world.exchange.replies)
    assert first == second
    assert world.books() == (1, 1, 0, 0)


def test_it_is_the_same_after_the_lane_was_taken_up_anew(world: World) -> None:
    kept, ended = world.bad(6), world.bad(7)
    world.act(ended, "discarded")
    world.exchange.restart()
    assert world.books() == (2, 1, 0, 1)
    world.act(ended, "opened")
    assert world.told()["code"] == "quarantine_closed"
    world.act(kept, "resubmitted")
    assert world.told()["status"] == "applied"


def test_after_thirty_days_it_is_over(world: World) -> None:
    item = world.bad()
    world.now_us += 30 * 24 * 60 * MINUTE_US
    world.act(item, "opened")
    assert (world.told()["status"], world.told()["code"]) == ("rejected", "quarantine_unknown")
    expired = sum(book.position.expired for book in world.exchange.books)
    assert expired == 1
