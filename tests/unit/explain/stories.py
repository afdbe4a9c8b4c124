"""One story for each outcome and extent, as leaves; `pages/` holds what an officer should read of each."""

from typing import Any

from broker.domain.decision import record_hash
from broker.domain.vocabulary import Extent, Handling, Outcome, Purpose, WishKind
from broker.explain.leaves import Leaf
from tests.unit.explain.leaves import (
    A_NIGHT_IN_JULY_US,
    A_NIGHT_IN_NOVEMBER_US,
    CARE,
    EVENT,
    FROM_POLICE,
    TO_POLICE,
    decision,
    leaf,
    quarantined,
    wish_applied,
)

CRISIS_LINE: dict[str, Any] = {
    "event_type": "pos.s136.arrived",
    "publisher": "moor-pos",
    "desk": "northmoor-crisis/crisis-line",
    "agreement": CARE,
    "outcome": Outcome.DELIVERED,
    "extent": Extent.FULL,
    "basis": "B1",
}
MISSING_PERSONS: dict[str, Any] = {
    "event_type": "pos.s136.arrived",
    "publisher": "moor-pos",
    "desk": "moor-police/missing-persons",
    "agreement": "none",
    "outcome": Outcome.DENIED,
    "extent": Extent.NONE,
    "purpose": Purpose.P7,
}
SUITE: dict[str, Any] = {
    "event_type": "crisis.triage.completed",
    "publisher": "northmoor-crisis",
    "desk": "moor-pos/s136-suite",
    "agreement": CARE,
}


def delivered_full() -> list[Leaf]:
    whole = (
        *("subject.nhs_number", "subject.family_name", "person.pos_type", "person.call_now"),
        *("person.arrived_at", "occurred_at", "core.urgency", "core.need", "core.area"),
    )
    return [leaf(decision(**CRISIS_LINE, whole=whole, fields={"episode_ref": Handling.PSEUDONYM}))]


def delivered_minimised() -> list[Leaf]:
    decided = decision(
        event_type="crisis.triage.completed",
        publisher="northmoor-crisis",
        desk="moor-police/control-room",
        agreement=TO_POLICE,
        outcome=Outcome.DELIVERED,
        extent=Extent.MINIMISED,
        basis="B5",
        purpose=Purpose.P5,
        whole=("person.what_helps_now", "core.area", "core.need", "core.urgency"),
        fields={
            "person.safety_needs": Handling.SUMMARY,
            "occurred_at": Handling.COARSENED,
            "person.communication_need": Handling.PRESENCE,
        },
        withheld={
            "subject.family_name": ["not_in_agreement"],
            "person.plan_now": ["class_never", "police_no_clinical"],
            "person.own_words": ["class_never", "police_no_clinical"],
            "person.priority": ["not_in_agreement"],
            "author_role": ["not_in_agreement"],
        },
    )
    obligations = {"expires_after_hours": 48, "marking": "incident_only", "incident_only": True}
    return [leaf({**decided.record(), "obligations": obligations})]


def delivered_core() -> list[Leaf]:
    names = ("subject.family_name", "person.presenting_safety_facts", "person.found_at")
    decided = decision(
        event_type="police.s136.detained",
        publisher="moor-police",
        desk="northmoor-crisis/crisis-line",
        agreement=FROM_POLICE,
        outcome=Outcome.DELIVERED,
        extent=Extent.CORE,
        whole=("core.area", "core.need", "core.urgency", "occurred_at"),
        withheld=dict.fromkeys(names, ("objection",)),
        at_us=A_NIGHT_IN_JULY_US,
    )
    return [leaf(decided)]


def denied() -> list[Leaf]:
    names = ("core.area", "core.urgency", "occurred_at", "person.arrived_at", "subject.family_name")
    return [leaf(decision(**MISSING_PERSONS, withheld=dict.fromkeys(names, ("no_agreement",))))]


def held() -> list[Leaf]:
    decided = decision(
        **SUITE,
        outcome=Outcome.HELD,
        extent=Extent.MINIMISED,
        basis="B1",
        whole=("core.area", "core.urgency", "occurred_at", "person.call_now"),
        withheld={"person.disclosure": ["class_needs_person"]},
    )
    return [leaf(decided)]


def held_then_decided() -> list[Leaf]:
    first = leaf(
        decision(
            **SUITE,
            outcome=Outcome.HELD,
            extent=Extent.NONE,
            withheld={"person.disclosure": ["class_needs_person"]},
        )
    )
    later = decision(
        **SUITE,
        outcome=Outcome.DELIVERED,
        extent=Extent.FULL,
        basis="B1",
        whole=("person.disclosure",),
        at_us=A_NIGHT_IN_NOVEMBER_US + 33_473 * 1_000_000,
        replaces=record_hash(first.content).hex(),
    )
    return [leaf(later, offset=188, index=1), first]


def quarantined_payload() -> list[Leaf]:
    return [leaf(quarantined("occurred_at_missing", ["occurred_at"]), lane=5, offset=64, index=2)]


def quarantined_and_discarded() -> list[Leaf]:
    act = {
        "format": "candour.quarantine_act.v1",
        "event_id": EVENT,
        "publisher": "moor-police",
        "act": "discarded",
        "act_id": "0192f3a4-5b6c-7d8e-9f01-23456789abce",
        "by": "moor-governance",
        "quarantine_id": "q-abcdefghijkl",
        "code": "occurred_at_missing",
        "reason": "sent_again",
        "holders": ["ig-lead", "operations-lead"],
        "brings": 0,
        "acted_at_us": A_NIGHT_IN_NOVEMBER_US + 3_600_000_000,
        "policy_revision": "northmoor-4f1c9a7e2b60",
    }
    return [leaf(act, lane=5, offset=70, index=0), *quarantined_payload()]


def quarantined_for_a_desk() -> list[Leaf]:
    decided = decision(
        event_type="police.s136.detained",
        publisher="moor-police",
        desk="moor-pos/s136-suite",
        agreement=FROM_POLICE,
        outcome=Outcome.QUARANTINED,
        extent=Extent.CORE,
        whole=("core.area", "core.urgency", "occurred_at"),
        withheld=dict.fromkeys(("person.found_at", "subject.family_name"), ("undecidable",)),
    )
    return [leaf(decided)]


def several_desks() -> list[Leaf]:
    conflict = quarantined(
        "event_id_conflict",
        ["event_id"],
        publisher="moor-pos",
        topic="from.moor-pos",
        offset=31,
        index=0,
        decided_at_us=A_NIGHT_IN_NOVEMBER_US + 1_000_000,
    )
    return [
        leaf(conflict, offset=122),
        leaf(decision(**CRISIS_LINE, whole=("occurred_at",)), index=2),
        leaf(decision(**MISSING_PERSONS, withheld={"occurred_at": ["no_agreement"]}), index=1),
    ]


STORIES = {
    "delivered_full": delivered_full(),
    "delivered_minimised": delivered_minimised(),
    "delivered_core": delivered_core(),
    "denied": denied(),
    "held": held(),
    "held_then_decided": held_then_decided(),
    "quarantined": quarantined_payload(),
    "quarantined_and_discarded": quarantined_and_discarded(),
    "quarantined_for_a_desk": quarantined_for_a_desk(),
    "wish_applied": [leaf(wish_applied(WishKind.WITHDRAWAL))],
    "several_desks": several_desks(),
}
