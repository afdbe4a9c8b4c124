"""The checker finds each kind of fault in a small world made by hand; it shares no code with the exchange."""

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checker
from tests.faults.checker import PEER, Published
from tests.faults.evidence import Delivered, Evidence, Leaf

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


LEAVES = (
    wish(1, "yes", "permission"),
    decision(2, "first"),
    decision(3, "second"),
    wish(4, "no", "withdrawal"),
    decision(5, "third", "none"),
)
DELIVERIES = (delivery(0, "first", 2, 2), delivery(1, "second", 3, 3))
SOUND = Evidence(LEAVES, DELIVERIES, (), ())


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
    "a gap in a stream": (with_deliveries(FIRST, replace(SECOND, sequence=2)), checker.gaps_in_streams),
    "a sequence given twice": (with_deliveries(FIRST, replace(SECOND, sequence=0)), checker.gaps_in_streams),
    "a subject in two lanes": (
        with_leaves(*LEAVES[:4], replace(LEAVES[4], lane=1)),
        checker.spread_over_lanes,
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


def test_what_a_withdrawal_stopped_is_counted_from_its_place_in_the_log() -> None:
    known = {one.event_id: one for one in NIGHT}
    assert checker.stopped_by_a_wish(LEAVES, known) == {"third"}
    assert checker.gone_to_peer(LEAVES) == {"first", "second"}


@pytest.mark.parametrize("name", ["checker.py", "evidence.py"])
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
    assert all(module.startswith(("broker.wire.", "tests.faults.evidence")) for module in ours), ours
