"""The checker finds an alert that was not raised, twice, or unasked, in a small world made by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults import checker, checker_duty
from tests.faults.by_hand import decision, delivery
from tests.faults.checker_duty import ALERT, HUB
from tests.faults.evidence import Delivered, Evidence
from tests.faults.lane_log import EVENT, Logged
from tests.faults.published import ALERT_DUE, Published

SUBJECT, CODE = "ref:moor-police:77", "section_136_in_private_dwelling"
NIGHT = (Published("found", "moor-police", SUBJECT, 1, frozenset({(HUB, "P4")}), alerts=frozenset({CODE})),)
LOG = (
    Logged(0, 1, 0, EVENT, "moor-police", ("from.moor-police", 1, 0), SUBJECT, "found"),
    Logged(0, 2, 0, EVENT, "candour", ("lane-log", 1, 0), SUBJECT, "alert"),
)


LEAVES = (
    decision(0, 1, "found", HUB, "P4", event_type="police.s136.detained"),
    *(decision(0, 2, "alert", desk, purpose, event_type=ALERT) for desk, purpose in sorted(ALERT_DUE)),
)
TOLD = {"about_event": "e-found", "alert": CODE}
AT_HUB = next(one for one in LEAVES[1:] if one.record["desk"] == HUB)
ELSEWHERE = tuple(delivery(0, one) for one in LEAVES[1:] if one is not AT_HUB)
DELIVERIES = (delivery(0, LEAVES[0]), delivery(1, AT_HUB, **TOLD), *ELSEWHERE)
ACCEPTED = {"delivery_id": "r", "event_id": "found", "status": "accepted"}
REPLIES = (Delivered("moor-police/control-room", 0, 0, 0, b"r", 0, "reply", ACCEPTED),)
SOUND = Evidence(LEAVES, DELIVERIES, REPLIES, (), LOG)


def telling(**person: Any) -> Evidence:
    """The hub is told something else by the alert."""
    return replace(SOUND, deliveries=(DELIVERIES[0], delivery(1, AT_HUB, **person), *ELSEWHERE))


def test_a_sound_world_with_an_alert_has_no_fault() -> None:
    assert checker.faults_in(SOUND, NIGHT) == []


BROKEN = {
    "an alert that was not raised": (telling(), checker_duty.alerts_raised_otherwise_than_once),
    "another alert than the fact asks for": (
        telling(about_event="e-found", alert="detention_expired"),
        checker_duty.alerts_raised_otherwise_than_once,
    ),
    "an alert on what was never published": (
        telling(about_event="e-strange", alert=CODE),
        checker_duty.own_events_raised_otherwise_than_once,
    ),
    "an alert written twice": (
        replace(SOUND, log=(*LOG, replace(LOG[1], offset=3))),
        checker_duty.own_events_raised_otherwise_than_once,
    ),
    "an alert that one of those who must act is not asked about": (
        replace(SOUND, leaves=LEAVES[:-1]),
        checker.decided_otherwise_than_once,
    ),
}


@pytest.mark.parametrize(("evidence", "check"), BROKEN.values(), ids=BROKEN.keys())
def test_the_checker_finds(evidence: Evidence, check: Callable[..., object]) -> None:
    found = checker.faults_in(evidence, NIGHT)
    assert any(fault.startswith(f"{check.__name__}: ") for fault in found), found
