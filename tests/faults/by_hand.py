"""Decisions and deliveries made by hand, for small worlds that the checkers are tried on."""

from typing import Any

from tests.faults.evidence import Delivered, Leaf


def decision(lane: int, at: int, event_id: str, desk: str, purpose: str, **more: Any) -> Leaf:
    """A decision that let something go to one desk; `more` are further parts of its record."""
    record = {
        "format": "candour.decision.v1",
        "event_id": event_id,
        "desk": desk,
        "purpose": purpose,
        "outcome": "delivered",
        "extent": "minimised",
        "delivery_id": f"d-{event_id}-{desk}",
        "policy_revision": "r",
        **more,
    }
    return Leaf(lane, at, len(desk), f"{event_id}-{desk}".encode().hex().ljust(64, "0")[:64], record)


def delivery(at: int, leaf: Leaf, partition: int = 0, **person: Any) -> Delivered:
    """What its desk received under a decision: `person` are fields of that part."""
    said = leaf.record
    record = {
        "delivery_id": said["delivery_id"],
        "event_id": f"e-{said['event_id']}",
        "decision": bytes.fromhex(leaf.hash),
        "extent": said["extent"],
        "purpose": said["purpose"],
        "policy_revision": "r",
        "fields": {"person": person} if person else {},
    }
    desk = str(said["desk"])
    return Delivered(desk, partition, at, 0, desk.encode(), at, "some", record)
