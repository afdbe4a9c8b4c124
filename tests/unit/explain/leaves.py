"""Leaves as Release writes them, and what a page of the model area knows besides."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from broker.domain.decision import Decision, canonical
from broker.domain.identifiers import (
    AgencyId,
    AgreementId,
    DeskId,
    EventId,
    EventType,
    FieldName,
    PolicyRevision,
    SubscriptionId,
)
from broker.domain.vocabulary import AnswerKind, Extent, Handling, Outcome, Purpose, WishKind
from broker.explain.leaves import Leaf, Place
from broker.explain.story import Background, Terms

PAGES = Path(__file__).parent / "pages"

EVENT = EventId("0192f3a4-5b6c-7d8e-9f01-23456789abcd")
REVISION = PolicyRevision("northmoor-4f1c9a7e2b60")
A_NIGHT_IN_NOVEMBER_US = 1_795_219_927_000_000
"""21 November 2026, 00:12:07 UTC"""
A_NIGHT_IN_JULY_US = 1_784_589_127_000_000
"""20 July 2026, 23:12:07 UTC: the next day in London"""

CARE = AgreementId("crisis-and-place-of-safety")
TO_POLICE = AgreementId("health-to-police-safety-minimum")
FROM_POLICE = AgreementId("police-to-crisis-response")

BACKGROUND = Background(
    agreements={
        (REVISION, CARE): Terms(
            "Crisis team and place of safety with each other, direct care", {"northmoor": "01632 960113"}
        ),
        (REVISION, TO_POLICE): Terms(
            "Place of safety and crisis team to the police control room, safety minimum in a live incident",
            {"southmoor": "01632 960212", "northmoor": "01632 960112"},
        ),
        (REVISION, FROM_POLICE): Terms(
            "Police to place of safety and crisis team, on a detention under section 136",
            {"northmoor": "01632 960111"},
        ),
    },
    clinician_lines={"southmoor": "01632 960201", "northmoor": "01632 960101"},
    wish_types={
        WishKind.PERMISSION: EventType("person.permission.given"),
        WishKind.WITHDRAWAL: EventType("person.permission.withdrawn"),
        WishKind.OBJECTION: EventType("person.objection.raised"),
    },
)


def decision(
    *,
    event_type: str,
    publisher: str,
    desk: str,
    agreement: str,
    outcome: Outcome,
    extent: Extent,
    purpose: Purpose = Purpose.P1,
    whole: Iterable[str] = (),
    fields: Mapping[str, Handling] | None = None,
    withheld: Mapping[str, Sequence[str]] | None = None,
    basis: str | None = None,
    at_us: int = A_NIGHT_IN_NOVEMBER_US,
    replaces: str | None = None,
) -> Decision:
    """A decision on `EVENT`; `answer` and `reasons` follow from the rest as Release has it."""
    withheld = withheld or {}
    went = {**dict.fromkeys(whole, Handling.WHOLE), **(fields or {})}
    return Decision(
        event_id=EVENT,
        event_type=EventType(event_type),
        publisher=AgencyId(publisher),
        subscription=SubscriptionId(f"{desk}|{event_type}|{purpose}"),
        desk=DeskId(desk),
        agreement=AgreementId(agreement),
        answer=_answer(outcome, extent),
        outcome=outcome,
        extent=extent,
        fields={FieldName(name): how for name, how in went.items()},
        withheld={FieldName(name): tuple(why) for name, why in withheld.items()},
        reasons=tuple(sorted({code for why in withheld.values() for code in why})),
        basis=basis,
        purpose=purpose,
        policy_revision=REVISION,
        decided_at_us=at_us,
        delivery_id=None if extent is Extent.NONE else "00" * 16,
        replaces=replaces,
    )


def _answer(outcome: Outcome, extent: Extent) -> AnswerKind:
    if outcome is Outcome.HELD:
        return AnswerKind.HOLD
    went = outcome is Outcome.DELIVERED and extent is not Extent.CORE
    return AnswerKind.PERMIT if went else AnswerKind.DENY


def leaf(content: Decision | Mapping[str, object], offset: int = 120, index: int = 0, lane: int = 3) -> Leaf:
    """The leaf of a decision, or of a record as it stands."""
    record = content.record() if isinstance(content, Decision) else content
    return Leaf(Place(lane, offset, index), canonical(record))


def quarantined(code: str, fields: Sequence[str], **changes: object) -> dict[str, object]:
    """The record of a payload that was not accepted."""
    return {
        "format": "candour.quarantined.v1",
        "event_id": EVENT,
        "publisher": "moor-police",
        "code": code,
        "fields": list(fields),
        "topic": "from.moor-police",
        "offset": 17,
        "index": 4,
        "payload_sha256": "00" * 32,
        "size": 0,
        "outcome": "quarantined",
        "decided_at_us": A_NIGHT_IN_NOVEMBER_US,
        "policy_revision": REVISION,
        **changes,
    }


def wish_applied(kind: WishKind) -> dict[str, object]:
    """The record of the point at which a wish took effect."""
    return {
        "format": "candour.wish_applied.v1",
        "event_id": EVENT,
        "publisher": "moor-person",
        "kind": str(kind),
        "applied_at_us": A_NIGHT_IN_NOVEMBER_US,
        "lane": 3,
        "offset": 4711,
        "index": 0,
    }
