"""The checker finds each kind of fault that links, clocks and markers can bring, in a small world by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults import checker, checker_duty, checker_links
from tests.faults.by_hand import decision, delivery
from tests.faults.evidence import Delivered, Evidence, Leaf
from tests.faults.lane_log import CARRY, ENDED, EVENT, LINK, Logged
from tests.faults.published import Published

POLICE, POS, PERSON = "moor-police", "moor-pos", "moor-person"
WHO, REFERENCE, INCIDENT = "nhs:1", "ref:moor-police:77", "incident:moor-police:I1"
LINE, CONTROL = "northmoor-crisis/crisis-line", "moor-police/control-room"
REF_LANE, INCIDENT_LANE, LANE = 0, 1, 2
TO_LINE, TO_CONTROL = frozenset({(LINE, "P1")}), frozenset({(CONTROL, "P5")})

NIGHT = (
    Published("marked", POLICE, REFERENCE, 1, wish="restriction_set"),
    Published("before", POLICE, REFERENCE, 2, TO_LINE, occurred_at_us=2, referral=True),
    Published("arrived", POS, WHO, 3, TO_LINE, "", 3, TO_CONTROL, (REFERENCE, INCIDENT)),
    Published("after", POLICE, REFERENCE, 4, TO_LINE, occurred_at_us=4),
    Published("later", POLICE, REFERENCE, 5, TO_LINE, occurred_at_us=5),
    Published("closed", POLICE, INCIDENT, 6, occurred_at_us=6, closes=True),
    Published("at-last", POS, WHO, 7, TO_LINE, "", 7, TO_CONTROL),
)


def logged(lane: int, offset: int, event_id: str, subject: str, **changes: Any) -> Logged:
    known = {one.event_id: one for one in NIGHT}.get(event_id)
    publisher = known.publisher if known else "candour"
    came = (f"from.{publisher}", known.order if known else offset, 0)
    return replace(Logged(lane, offset, 0, EVENT, publisher, came, subject, event_id), **changes)


def told(lane: int, offset: int, kind: int, subject: str, said: str = "") -> Logged:
    return logged(lane, offset, "", subject, kind=kind, said=said)


LOG = (
    logged(REF_LANE, 1, "marked", REFERENCE),
    logged(REF_LANE, 2, "before", REFERENCE),
    told(REF_LANE, 3, LINK, REFERENCE, WHO),
    logged(REF_LANE, 4, "after", REFERENCE),
    logged(REF_LANE, 5, "later", REFERENCE),
    logged(REF_LANE, 6, "gap", REFERENCE),
    told(INCIDENT_LANE, 1, LINK, INCIDENT, WHO),
    logged(INCIDENT_LANE, 2, "closed", INCIDENT),
    logged(LANE, 1, "arrived", WHO),
    told(LANE, 2, CARRY, WHO),
    logged(LANE, 3, "after", WHO),
    logged(LANE, 4, "later", WHO),
    told(LANE, 5, ENDED, WHO, INCIDENT),
    logged(LANE, 6, "at-last", WHO),
    logged(LANE, 7, "gap", WHO, came=("from.candour", 6, 0)),
)


def decided(lane: int, at: int, event_id: str, desk: str = LINE, fields: tuple[str, ...] = ()) -> Leaf:
    return decision(lane, at, event_id, desk, "P1" if desk == LINE else "P5", fields=list(fields))


def reply(event_id: str, status: str, at: int = 0) -> Delivered:
    record = {"delivery_id": f"r-{event_id}-{status}-{at}", "event_id": event_id, "status": status}
    return Delivered(CONTROL, 9, at, 0, b"r", at, "reply", record)


MARKED = Leaf(
    REF_LANE,
    1,
    0,
    "",
    {"format": "candour.wish_applied.v1", "event_id": "marked", "kind": "restriction_set"},
)
DECIDED = (
    decided(REF_LANE, 2, "before"),
    decided(LANE, 1, "arrived"),
    decided(LANE, 3, "after"),
    decided(LANE, 4, "later"),
    decided(LANE, 6, "at-last"),
    decided(LANE, 7, "gap"),
)
SHOWN = decided(LANE, 1, "arrived", CONTROL)
LEAVES = tuple(sorted((MARKED, *DECIDED, SHOWN)))
DELIVERIES = (
    *(delivery(at, leaf, 1 if at else 0) for at, leaf in enumerate(DECIDED[:-1])),
    delivery(5, DECIDED[-1], 1, referral="e-before"),
    delivery(0, SHOWN),
)
REPLIES = tuple(
    replace(one, offset=at, sequence=at)
    for at, one in enumerate(
        (
            *(reply(one.event_id, "applied" if one.wish else "accepted") for one in NIGHT),
            reply("before", "not_handled"),
        )
    )
)
SOUND = Evidence(LEAVES, DELIVERIES, REPLIES, (), LOG)


def test_a_sound_world_with_a_link_has_no_fault() -> None:
    assert checker.faults_in(SOUND, NIGHT) == []


def with_log(*log: Logged) -> Evidence:
    return replace(SOUND, log=log)


def without(event_id: str, subject: str) -> tuple[Logged, ...]:
    return tuple(one for one in LOG if (one.event_id, one.subject) != (event_id, subject))


def of_kind(kind: int) -> Logged:
    return next(one for one in LOG if one.kind == kind)


def in_place_of(old: Leaf, new: Leaf) -> Evidence:
    return replace(SOUND, leaves=tuple(sorted(new if one is old else one for one in LEAVES)))


def swapped(first: str, second: str) -> Evidence:
    """The person's lane has two forwarded entries in each other's place."""
    at = {one.event_id: one.offset for one in LOG if one.lane == LANE}
    other = {first: at[second], second: at[first]}
    return with_log(
        *(
            replace(one, offset=other.get(one.event_id, one.offset)) if one.lane == LANE else one
            for one in LOG
        )
    )


BROKEN = {
    "an entry that was not forwarded": (
        with_log(*without("later", WHO)),
        checker_links.forwarded_otherwise_than_once,
    ),
    "an entry that was forwarded twice": (
        with_log(*LOG, logged(LANE, 9, "after", WHO)),
        checker_links.forwarded_otherwise_than_once,
    ),
    "an entry of before the link that was forwarded after others": (
        with_log(*LOG, logged(LANE, 9, "before", WHO)),
        checker_links.forwarded_otherwise_than_once,
    ),
    "entries that were forwarded in another order": (
        swapped("after", "later"),
        checker_links.forwarded_otherwise_than_once,
    ),
    "a safety gap that was not forwarded": (
        with_log(*without("gap", WHO)),
        checker_links.forwarded_otherwise_than_once,
    ),
    "a link that was never told": (
        with_log(*(one for one in LOG if one is not of_kind(LINK))),
        checker_links.told_otherwise_than_once,
    ),
    "a link that was told twice": (
        with_log(*LOG, replace(of_kind(LINK), offset=9)),
        checker_links.told_otherwise_than_once,
    ),
    "a link to somebody else": (
        with_log(*LOG, told(REF_LANE, 9, LINK, REFERENCE, "nhs:2")),
        checker_links.told_otherwise_than_once,
    ),
    "an end of an incident that was never told": (
        with_log(*(one for one in LOG if one.kind != ENDED)),
        checker_links.told_otherwise_than_once,
    ),
    "a marker that a reference held and nobody carried over": (
        with_log(*(one for one in LOG if one.kind != CARRY)),
        checker_links.told_otherwise_than_once,
    ),
    "what was carried over twice": (
        with_log(*LOG, replace(of_kind(CARRY), offset=9)),
        checker_links.told_otherwise_than_once,
    ),
    "an event decided under its reference after an earlier one went": (
        with_log(*without("later", WHO)),
        checker_links.decided_too_late_under_a_reference,
    ),
    "an event decided in the reference's lane that went to the person's": (
        in_place_of(DECIDED[2], replace(DECIDED[2], lane=REF_LANE)),
        checker_links.spread_over_lanes,
    ),
    "police told of a person whose incident they closed": (
        replace(SOUND, leaves=tuple(sorted((*LEAVES, decided(LANE, 6, "at-last", CONTROL))))),
        checker.decided_otherwise_than_once,
    ),
    "police told nothing although the incident was open": (
        replace(SOUND, leaves=tuple(one for one in LEAVES if one is not SHOWN)),
        checker.decided_otherwise_than_once,
    ),
    "a person's place told under a marker that police set before the link": (
        in_place_of(DECIDED[3], decided(LANE, 4, "later", fields=("person.found_at",))),
        checker_links.located_against_a_marker,
    ),
    "a referral that nobody took on and no safety gap tells of": (
        replace(SOUND, deliveries=tuple(one for one in DELIVERIES if one.record["event_id"] != "e-gap")),
        checker_duty.referrals_left_or_told_twice,
    ),
    "a referral that was taken on and has a safety gap": (
        replace(SOUND, replies=(*REPLIES, reply("before", "handled", 8))),
        checker_duty.referrals_left_or_told_twice,
    ),
    "a safety gap whose referrer was not told": (
        replace(SOUND, replies=REPLIES[:-1]),
        checker_duty.referrals_left_or_told_twice,
    ),
    "a safety gap written twice": (
        with_log(*LOG, logged(REF_LANE, 9, "gap", REFERENCE)),
        checker_duty.own_events_raised_otherwise_than_once,
    ),
    "a safety gap of a referral that there never was": (
        replace(
            SOUND,
            deliveries=(*DELIVERIES[:5], delivery(5, DECIDED[-1], 1, referral="e-strange"), DELIVERIES[6]),
        ),
        checker_duty.own_events_raised_otherwise_than_once,
    ),
    "a safety gap that was not decided": (
        replace(SOUND, leaves=tuple(one for one in LEAVES if one.record["event_id"] != "gap")),
        checker.decided_otherwise_than_once,
    ),
}


@pytest.mark.parametrize(("evidence", "check"), BROKEN.values(), ids=BROKEN.keys())
def test_the_checker_finds(evidence: Evidence, check: Callable[..., object]) -> None:
    found = checker.faults_in(evidence, NIGHT)
    assert any(fault.startswith(f"{check.__name__}: ") for fault in found), found


def test_what_waited_under_a_reference_may_go_on_before_all_else() -> None:
    """It stands in the reference's lane before the link, and in the person's lane as the first that came."""
    log = (*without("before", WHO), logged(LANE, 2, "before", WHO, index=1))
    leaves = tuple(
        sorted((replace(one, lane=LANE, offset=2) if one is DECIDED[0] else one) for one in LEAVES)
    )
    deliveries = (replace(DELIVERIES[0], partition=1), *DELIVERIES[1:])
    evidence = replace(SOUND, log=log, leaves=leaves, deliveries=deliveries)
    assert checker.faults_in(evidence, NIGHT) == []
