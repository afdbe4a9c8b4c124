"""`candour explain` on a running exchange tells each outcome and extent as its page, written by hand.

What differs from run to run (ids, times, places on record, the revision) stands in the pages as <...>.
Held and quarantined decisions come from fixtures: `tests/unit/explain`.
"""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange
from tests.system.publishing import publish_and_wait

pytestmark = pytest.mark.exchange

PAGES = Path(__file__).parent / "explained"
DESKS = {
    "delivered_full": "moor-pos/s136-suite",
    "delivered_minimised": "moor-pos/s136-suite",
    "delivered_core": "moor-pos/s136-suite",
    "denied": "northmoor-crisis/peer",
    "wish_applied": None,
}
_CHANGING = (
    (re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}, [0-9:]{8} [A-Z]{3} \([0-9TZ:-]+\)"), "<when>"),
    (re.compile(r"lane \d+, offset \d+, record \d+"), "<place>"),
    (re.compile(r"northmoor-[0-9a-f]{12}"), "<revision>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<event>"),
)


@pytest.fixture(scope="module")
def told(module_exchange: MakeExchange) -> tuple[RunningExchange, dict[str, str]]:
    """An exchange in which one event for each page was decided; page -> event id."""
    exchange = module_exchange(lanes=1, workers=1)
    now_us = time.time_ns() // 1_000
    made: dict[str, tuple[str, str, dict[str, Any]]] = {
        "delivered_full": (
            "northmoor-crisis",
            "crisis.triage.completed",
            builders.triaged(
                number=0x7001,
                at_us=now_us,
                changes={"person.police_link": None, "person.if_police_come": None},
            ),
        ),
        "delivered_minimised": (
            "moor-police",
            "police.s136.detained",
            builders.detained(number=0x7002, at_us=now_us),
        ),
        "delivered_core": (
            "northmoor-crisis",
            "crisis.triage.completed",
            builders.triaged(
                number=0x7003,
                at_us=now_us,
                changes={"subject.nhs_number": "9990000019", "person.police_link": None},
            ),
        ),
        "wish_applied": (
            "moor-person",
            "person.permission.withdrawn",
            builders.permission_withdrawn(number=0x7004, at_us=now_us),
        ),
    }
    for agency, event_type, record in made.values():
        publish_and_wait(exchange, agency, [(event_type, record)])
    ids = {page: str(record["event_id"]) for page, (_, _, record) in made.items()}
    return exchange, {**ids, "denied": ids["delivered_core"]}


@pytest.mark.parametrize("page", sorted(DESKS))
def test_each_outcome_and_extent_is_told_as_its_page(
    told: tuple[RunningExchange, dict[str, str]], page: str
) -> None:
    exchange, ids = told
    desk = DESKS[page]
    said = exchange.command("explain", ids[page], *(() if desk is None else ("--desk", desk)))
    for changing, name in _CHANGING:
        said = changing.sub(name, said)
    assert said.rstrip("\n") == (PAGES / f"{page}.txt").read_text(encoding="utf-8").rstrip("\n")
