"""The checker finds each kind of fault in a small world made by hand; it shares no code with the exchange."""

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checker, checker_duty, checker_links
from tests.faults.checker import PEER
from tests.faults.evidence import Delivered, Evidence, Leaf
from tests.faults.lane_log import EVENT, Logged
from tests.faults.published import Published

DUE = frozenset({(PEER, "P1")})
NIGHT = (
    Published("yes", "moor-person", "somebody", 1, wish="permission"),
    Published("first", "northmoor-crisis", "somebody", 2, DUE, occurred_at_us=2),
    Published("second", "northmoor-crisis", "somebody", 3, DUE, occurred_at_us=3),
    Published("no", "moor-person", "somebody", 4, wish="withdrawal"),
    Published("third", "northmoor-crisis", "somebody", 5, DUE, occurred_at_us=5),
)


def wish(at: int, event_id: str, kind: str) -> Leaf:
    record = {"format": "candour.wish_applied.v1", "event_id": event_id, "kind": kind}
    return Leaf(0, at, 0, f"{at:02x}" * 32, record)


def decision(at: int, event_id: str, extent: str = "full") -> Leaf:
    record = {
        "format": "candour.decision.v1",
        "event_id": event_id,
        "desk": PEER,
        "purpose": "P1",
        "outcome": "denied" if extent == "none" else "delivered",
        "extent": extent,
        "delivery_id": None if extent == "none" else f"d-{event_id}",
        "policy_revision": "r",
    }
    return Leaf(0, at, 0, f"{at:02x}" * 32, record)


def delivery(at: int, event_id: str, cites: int, occurred_at_us: int) -> Delivered:
    record: dict[str, Any] = {
        "delivery_id": f"d-{event_id}",
        "decision": bytes([cites]) * 32,
        "extent": "full",
        "purpose": "P1",
        "policy_revision": "r",
        "fields": {"occurred_at": occurred_at_us},
    }
    return Delivered(PEER, 1, at, 0, b"s", at, "completed", record)


def reply(at: int, event_id: str, status: str) -> Delivered:
    record = {"delivery_id": f"r-{event_id}-{status}", "event_id": event_id, "status": status}
    return Delivered("northmoor-crisis/crisis-line", 0, at, 0, b"r", at, "reply", record)


LEAVES = (
    wish(1, "yes", "permission"),
    decision(2, "first"),
    decision(3, "second"),
    wish(4, "no", "withdrawal"),
    decision(5, "third", "none"),
)
DELIVERIES = (delivery(0, "first", 2, 2), delivery(1, "second", 3, 3))
REPLIES = tuple(
    reply(at, one.event_id, "applied" if one.wish else "accepted") for at, one in enumerate(NIGHT)
)
SOUND = Evidence(LEAVES, DELIVERIES, REPLIES, ())


NOTICED = Leaf(
    0,
    6,
    0,
    "06" * 32,
    {
        "format": "candour.stream_noticed.v1",
        "event_id": None,
        "publisher": "moor-police",
        "code": "sequence_gap",
        "offset": 7,
    },
)


def with_leaves(*leaves: Leaf) -> Evidence:
    return replace(SOUND, leaves=tuple(sorted(leaves)))


def with_deliveries(*deliveries: Delivered) -> Evidence:
    return replace(SOUND, deliveries=deliveries)


def changed(one: Delivered, **values: Any) -> Delivered:
    return replace(one, record={**one.record, **values})


def test_a_sound_world_has_no_fault() -> None:
    assert checker.faults_in(SOUND, NIGHT) == []


FIRST, SECOND = DELIVERIES
BROKEN = {
    "an event lost": (with_leaves(*LEAVES[:4]), checker.decided_otherwise_than_once),
    "an event decided twice": (
        with_leaves(*LEAVES, decision(6, "third", "none")),
        checker.decided_otherwise_than_once,
    ),
    "an event decided that nobody published": (
        with_leaves(*LEAVES, decision(6, "strange", "none")),
        checker.decided_otherwise_than_once,
    ),
    "a wish lost": (with_leaves(*LEAVES[1:]), checker.wishes_applied_otherwise_than_once),
    "a wish applied twice": (
        with_leaves(*LEAVES, wish(6, "no", "withdrawal")),
        checker.wishes_applied_otherwise_than_once,
    ),
    "a decision not delivered": (with_deliveries(FIRST), checker.deliveries_without_their_decision),
    "a delivery not decided": (
        with_deliveries(FIRST, SECOND, delivery(2, "fourth", 2, 2)),
        checker.deliveries_without_their_decision,
    ),
    "a delivery twice": (
        with_deliveries(FIRST, SECOND, replace(SECOND, offset=2, sequence=2)),
        checker.deliveries_without_their_decision,
    ),
    "a delivery that cites another decision": (
        with_deliveries(FIRST, changed(SECOND, decision=b"\2" * 32)),
        checker.deliveries_without_their_decision,
    ),
    "a delivery at another desk": (
        with_deliveries(FIRST, replace(SECOND, desk="moor-police/control-room", sequence=0)),
        checker.deliveries_without_their_decision,
    ),
    "a delivery of more than was decided": (
        with_deliveries(FIRST, changed(SECOND, extent="core")),
        checker.deliveries_without_their_decision,
    ),
    "two deliveries in the wrong order": (
        with_deliveries(replace(FIRST, offset=1, sequence=1), replace(SECOND, offset=0, sequence=0)),
        checker.out_of_order,
    ),
    "a subject in two partitions": (
        with_deliveries(FIRST, replace(SECOND, partition=2)),
        checker.out_of_order,
    ),
    "a delivery that holds another event": (
        with_deliveries(FIRST, changed(SECOND, fields={"occurred_at": 2})),
        checker.out_of_order,
    ),
    "an agency told of a gap": (with_leaves(*LEAVES, NOTICED), checker.envelopes_out_of_place),
    "a gap in a stream": (with_deliveries(FIRST, replace(SECOND, sequence=2)), checker.gaps_in_streams),
    "a sequence given twice": (with_deliveries(FIRST, replace(SECOND, sequence=0)), checker.gaps_in_streams),
    "a subject in two lanes": (
        with_leaves(*LEAVES[:4], replace(LEAVES[4], lane=1)),
        checker_links.spread_over_lanes,
    ),
    "an event without an answer": (
        replace(SOUND, replies=REPLIES[:-1]),
        checker_duty.answered_otherwise_than_once,
    ),
    "an event with two answers": (
        replace(SOUND, replies=(*REPLIES, reply(5, "third", "rejected"))),
        checker_duty.answered_otherwise_than_once,
    ),
    "something sealed after a withdrawal": (
        with_leaves(*LEAVES[:4], decision(5, "third")),
        checker.sealed_against_a_wish,
    ),
    "something withheld after a permission": (
        with_leaves(LEAVES[0], decision(2, "first", "none"), *LEAVES[2:]),
        checker.withheld_against_a_wish,
    ),
    "something sealed before a permission": (
        with_leaves(*LEAVES[1:], wish(9, "yes", "permission")),
        checker.sealed_against_a_wish,
    ),
}


@pytest.mark.parametrize(("evidence", "check"), BROKEN.values(), ids=BROKEN.keys())
def test_the_checker_finds(evidence: Evidence, check: Callable[..., object]) -> None:
    found = checker.faults_in(evidence, NIGHT)
    assert any(fault.startswith(f"{check.__name__}: ") for fault in found), found


def test_what_stands_before_a_permission_and_had_to_wait_may_be_withheld() -> None:
    """The stricter of the wishes of its place and of now counts (design 2.4)."""
    withheld = with_leaves(LEAVES[0], decision(2, "first", "none"), *LEAVES[2:])
    log = tuple(
        Logged(0, at, 0, EVENT, "", ("", at, 0), "somebody", one)
        for at, one in enumerate(("first", "yes", "second", "no", "third"))
    )
    found = checker.withheld_against_a_wish(replace(withheld, log=log), {one.event_id: one for one in NIGHT})
    assert list(found) == []


def test_what_a_withdrawal_stopped_is_counted_from_its_place_in_the_log() -> None:
    known = {one.event_id: one for one in NIGHT}
    assert checker.stopped_by_a_wish(LEAVES, known) == {"third"}
    assert checker.gone_to_peer(LEAVES) == {"first", "second"}


@pytest.mark.parametrize(
    "name",
    ["checker.py", "checker_duty.py", "checker_links.py", "evidence.py", "lane_log.py", "published.py"],
)
def test_the_checker_imports_only_the_wire_of_ours(name: str) -> None:
    tree = ast.parse((Path(__file__).parent / name).read_text(encoding="utf-8"))
    ours = {
        module
        for node in ast.walk(tree)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if module.split(".")[0] in {"broker", "consumers", "tests"}
    }
    allowed = ("broker.wire.", "tests.faults.checker_", "tests.faults.evidence", "tests.faults.lane_log")
    assert all(module.startswith((*allowed, "tests.faults.published")) for module in ours), ours
