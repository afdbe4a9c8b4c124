"""Quarantine through a running exchange: each bad payload kept, resubmitted or discarded, by two people."""

import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from broker.cli.two_people import Asked, read_request
from broker.domain.identifiers import AgencyId, EventId, EventType
from broker.domain.quarantine import second_statement
from broker.onebox.holders import HOLDERS, read_holder
from broker.onebox.roots import ROOT_PRIVATE, root_verify_key
from broker.registry.registry import DatedKey, read_registry, write_registry
from broker.wire.envelope import Payload
from broker.wire.keys import SigningKey
from broker.wire.quarantine_act import ACT_CODEC
from consumers.kit.event_ids import new_event_id
from consumers.kit.line import OutgoingEvent
from consumers.kit.outbox import Outbox
from consumers.kit.replies import ReplyWatch
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, language_in, wait_until
from tests.faults.checker_quarantine import quarantined_otherwise_than_once
from tests.faults.evidence import gather, read_topic
from tests.property.canaries import MARK
from tests.system.bad_inputs import Inputs
from tests.system.envelopes import Forge
from tests.system.test_bad_input import Desk

pytestmark = pytest.mark.exchange

AGENCIES = ("moor-pos", "moor-police", "moor-person")
IG, GUARDIAN, LEAD = "ig-lead", "caldicott-guardian", "operations-lead"
GOVERNANCE = "moor-governance"
WITHIN_S = 120.0
WITHIN_S = 120.0


@dataclass
class Room:
    """One exchange, and what was put into it."""

    exchange: RunningExchange
    inputs: Inputs
    broken: bytes
    """body of the payload whose bytes are not what its schema writes"""
    new_key: SigningKey
    """of moor-pos, which it uses before the exchange knows it"""
    late: tuple[str, str]
    """ids of the two good events under that key"""

    def listed(self, *options: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("list", "--json", *options))
        return found

    def count(self, state: str) -> int:
        """Payloads of agencies in this state; refused acts of this test are governance's own bad ones."""
        items = self.listed("--all")["items"]
        return sum((one["state"], one["publisher"] != GOVERNANCE) == (state, True) for one in items)

    def item(self, code: str, publisher: str, state: str = "kept") -> dict[str, Any]:
        (one,) = [
            one
            for one in self.listed("--all")["items"]
            if (one["code"], one["publisher"], one["state"]) == (code, publisher, state)
        ]
        found: dict[str, Any] = one
        return found

    def run(self, *words: str, expect: int = 0) -> str:
        return self.exchange.command("quarantine", *words, expect=expect)

    def two(self, command: str, name: str, *options: str, expect: int = 0) -> dict[str, Any]:
        said = self.run(command, name, "--as", IG, "--with", LEAD, "--json", *options, expect=expect)
        found: dict[str, Any] = json.loads(said)
        return found

    def governance_says(self, record: dict[str, Any]) -> tuple[str, str | None]:
        """Publish an act as it stands; status and code of the reply."""
        profile = self.exchange.profile(GOVERNANCE)
        body = ACT_CODEC.encode(record)
        name = EventId(record["event_id"])
        event = OutgoingEvent(name, EventType("quarantine_act"), ACT_CODEC.fingerprint, body)
        with ReplyWatch(profile, language_in(profile.schemas)) as watch:
            with Outbox(profile) as outbox:
                outbox.publish([event])
            reply = next(watch.replies([record["event_id"]], 30.0))
        return str(reply.status), reply.code

    def acts(self) -> list[tuple[str, str]]:
        leaves = gather(self.exchange.folder).leaves
        found = [leaf.record for leaf in leaves if leaf.kind == "quarantine_act"]
        return sorted((one["act"], one["quarantine_id"]) for one in found)


@pytest.fixture(scope="module")
def room(module_exchange: MakeExchange) -> Room:
    exchange = module_exchange(lanes=2, workers=1)
    forges = {agency: Forge(exchange.profile(agency)) for agency in AGENCIES}
    inputs = Inputs(forges, time.time_ns() // 1_000)
    desks = {agency: Desk(exchange, agency) for agency in AGENCIES}
    good, new_key = inputs.payload(inputs.arrived, inputs.record()), SigningKey.generate()
    broken = Payload(good.fingerprint, good.body + b"\0")
    late = [inputs.record(), inputs.record()]
    desks["moor-pos"].put(forges["moor-pos"].seal([broken]))
    desks["moor-police"].put(forges["moor-police"].seal([Payload(os.urandom(32), good.body)]))
    desks["moor-person"].put(f"{MARK} no envelope".encode())
    payloads = [inputs.payload(inputs.arrived, one) for one in late]
    desks["moor-pos"].put(
        forges["moor-pos"].seal(payloads, signing_key=new_key, signing_key_id=new_key.key_id)
    )
    for agency, count in (("moor-pos", 2), ("moor-police", 1), ("moor-person", 1)):
        desks[agency].hear(count)
        desks[agency].close()
    return Room(exchange, inputs, broken.body, new_key, (late[0]["event_id"], late[1]["event_id"]))


def test_the_list_names_each_and_tells_no_value(room: Room) -> None:
    found = room.listed()
    assert (found["kept"], found["resubmitted"], found["discarded"]) == (4, 0, 0)
    told = {(one["publisher"], one["code"], one["kept"]) for one in found["items"]}
    assert told == {
        ("moor-pos", "bytes_do_not_round_trip", "payload"),
        ("moor-police", "schema_unknown", "payload"),
        ("moor-person", "envelope_malformed", "bytes"),
        ("moor-pos", "key_unknown", "envelope"),
    }
    printed = room.run("list")
    assert "4 kept, 0 resubmitted, 0 discarded" in printed
    assert MARK not in printed
    assert MARK not in json.dumps(found)


def test_a_publisher_is_told_which_and_gets_its_own_bytes_and_nobody_else_s(
    room: Room, tmp_path: Path
) -> None:
    said = room.exchange.command("agency", "rejected", "moor-pos", "--json", "--out", str(tmp_path / "pos"))
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    by_code = {one["code"]: one for one in told}
    assert set(by_code) == {"bytes_do_not_round_trip", "key_unknown"}
    item = room.item("bytes_do_not_round_trip", "moor-pos")
    mine = by_code["bytes_do_not_round_trip"]
    for name, known in (("sha256", "payload_sha256"), ("offset", "offset"), ("index", "index")):
        assert mine[name] == item[known]
    assert mine["quarantine_id"] == item["quarantine_id"]
    assert (tmp_path / "pos" / f"{item['quarantine_id']}.avro").read_bytes() == room.broken
    # Nobody proved who wrote the other: its bytes go to no publisher.
    assert by_code["key_unknown"]["bytes_returned"] is None
    assert len(list((tmp_path / "pos").iterdir())) == 1


def test_one_person_alone_can_do_nothing(room: Room, tmp_path: Path) -> None:
    name = room.item("bytes_do_not_round_trip", "moor-pos")["quarantine_id"]
    other = room.item("schema_unknown", "moor-police")
    for command in ("show", "resubmit", "discard"):
        assert "alone" in room.run(command, name, "--as", IG, expect=2)
        assert "another" in room.run(command, name, "--as", IG, "--with", IG, expect=2)
        assert "no holder" in room.run(command, name, "--as", IG, "--with", "nobody", expect=2)
    asked = _asked(room, "discard", name, tmp_path)
    own = read_holder(room.exchange.folder / HOLDERS, IG)
    forged = own.signing.sign(second_statement(asked.request, asked.signature, LEAD))
    for second, signature in ((IG, forged), (LEAD, forged), (LEAD, bytes(64)), ("nobody", forged)):
        record = {
            **asked.request.to_record(asked.publisher, asked.signature),
            "second": {"holder": second, "signature": signature},
        }
        fresh = {**record, "event_id": new_event_id()}
        assert room.governance_says(fresh) == ("rejected", "two_people_needed")
    assert room.governance_says({**record, "second": {"holder": IG, "signature": forged}}) == (
        "rejected",
        "two_people_needed",
    )
    # Two did sign, for another payload.
    lead = read_holder(room.exchange.folder / HOLDERS, LEAD)
    agreed = lead.signing.sign(second_statement(asked.request, asked.signature, LEAD))
    about = {"quarantine_id": other["quarantine_id"], "event_id": new_event_id()}
    moved = {
        **asked.request.to_record(asked.publisher, asked.signature),
        "second": {"holder": LEAD, "signature": agreed},
        **about,
    }
    assert room.governance_says(moved) == ("rejected", "two_people_needed")
    assert room.acts() == []


def test_two_people_see_the_bytes_on_one_machine_and_on_two(room: Room, tmp_path: Path) -> None:
    item = room.item("bytes_do_not_round_trip", "moor-pos")
    shown = room.two("show", item["quarantine_id"][:14], "--bytes", str(tmp_path / "seen"))
    assert (shown["on_record"], shown["holders"]) == (True, [IG, LEAD])
    assert bytes.fromhex(shown["payloads"][0]["bytes"]) == room.broken
    assert (tmp_path / "seen").read_bytes() == room.broken
    late = room.item("key_unknown", "moor-pos")["quarantine_id"]
    request = tmp_path / "request"
    room.run("show", late, "--as", GUARDIAN, "--out", str(request))
    assert MARK not in request.read_text()
    seen = json.loads(room.run("show", "--request", str(request), "--as", LEAD, "--json"))
    assert [one["event"]["event_id"] for one in seen["payloads"]] == list(room.late)
    again = json.loads(room.run("show", "--request", str(request), "--as", LEAD, "--json"))
    assert again["act_id"] == seen["act_id"]
    assert [act for act, _ in room.acts()] == ["opened", "opened"]


def test_what_was_mended_comes_in_and_what_was_not_is_quarantined_anew(room: Room) -> None:
    first = room.item("key_unknown", "moor-pos")
    room.two("resubmit", first["quarantine_id"])
    wait_until(lambda: room.count("resubmitted") == 1, WITHIN_S, "the first is resubmitted", every_s=1)
    wait_until(lambda: room.count("kept") == 4, WITHIN_S, "it is in quarantine anew", every_s=1)
    anew = room.item("key_unknown", "moor-pos")
    assert anew["resubmits"] == first["quarantine_id"]
    _register(room)
    assert room.two("resubmit", anew["quarantine_id"])["on_record"]
    wait_until(lambda: set(room.late) <= _decided(room), WITHIN_S, "both events are decided")
    leaves = [leaf.record for leaf in gather(room.exchange.folder).decisions()]
    assert {one["publisher"] for one in leaves if one["event_id"] in room.late} == {"moor-pos"}
    refused = room.two("resubmit", anew["quarantine_id"], expect=1)
    assert (refused["on_record"], refused["code"]) == (False, "quarantine_closed")
    story = json.loads(room.exchange.command("explain", room.late[0], "--json"))
    assert {one["outcome"] for one in story["decisions"]} & {"delivered"}


def test_what_fails_again_is_discarded_and_the_books_account_for_every_bad_one(room: Room) -> None:
    broken = room.item("bytes_do_not_round_trip", "moor-pos")
    room.two("resubmit", broken["quarantine_id"])
    wait_until(lambda: room.count("resubmitted") == 3, WITHIN_S, "three are resubmitted", every_s=1)
    wait_until(lambda: room.count("kept") == 3, WITHIN_S, "it failed again", every_s=1)
    assert room.item("bytes_do_not_round_trip", "moor-pos")["resubmits"] == broken["quarantine_id"]
    for code, publisher in (
        ("bytes_do_not_round_trip", "moor-pos"),
        ("envelope_malformed", "moor-person"),
    ):
        room.two("discard", room.item(code, publisher)["quarantine_id"], "--reason", "sent_again")
    found = room.listed("--all")
    own = [one for one in found["items"] if one["publisher"] != GOVERNANCE]
    states = sorted(one["state"] for one in own)
    assert states == ["discarded", "discarded", "kept", "resubmitted", "resubmitted", "resubmitted"]
    status: dict[str, Any] = {}
    # A worker that once takes too long to tell its figures makes one look unwell.
    wait_until(lambda: status.update(room.exchange.status()) or status["well"], 30, "it is well")
    kept = {name: status["quarantine"][name] for name in ("kept", "resubmitted", "discarded")}
    assert kept == {name: found[name] for name in kept}
    assert list(quarantined_otherwise_than_once(gather(room.exchange.folder), {})) == []


def test_no_value_is_in_clear_in_any_topic_or_log(room: Room) -> None:
    names = {
        "lane-log",
        "lane-state",
        "decisions",
        "quarantine",
        *(f"from.{agency}" for agency in (*AGENCIES[:2], GOVERNANCE)),
        "to.moor-pos.s136-suite",
        "to.moor-governance.officers",
    }
    for name in sorted(names):
        for record in read_topic(room.exchange.bootstrap, name, "read_uncommitted"):
            assert MARK.encode() not in (record.value or b""), name
    for path in (room.exchange.folder / "logs").rglob("*"):
        assert not path.is_file() or MARK.encode() not in path.read_bytes(), path


def _asked(room: Room, command: str, name: str, folder: Path) -> Asked:
    room.run(command, name, "--as", IG, "--out", str(folder / "asked"))
    return read_request(folder / "asked")


def _register(room: Room) -> None:
    """The exchange learns of the key; workers read the registry when they start."""
    folder, pos = room.exchange.folder, AgencyId("moor-pos")
    room.exchange.down()
    registry = read_registry(folder, root_verify_key(folder))
    entry = registry.agencies[pos]
    known = replace(entry, verify_keys=(*entry.verify_keys, DatedKey(room.new_key.verify_key)))
    root = SigningKey.from_bytes((folder / ROOT_PRIVATE).read_bytes())
    write_registry(folder, replace(registry, agencies={**registry.agencies, pos: known}), root)
    room.exchange.up()


def _decided(room: Room) -> set[str]:
    return {leaf.record["event_id"] for leaf in gather(room.exchange.folder).decisions()}
