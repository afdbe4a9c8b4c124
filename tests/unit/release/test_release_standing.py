"""Where a force stands to somebody whose incident of theirs is over (R3, R21)."""

from typing import Any

import pytest

from broker.domain.agreement import Subscription
from broker.domain.identifiers import AgencyId, AgreementId, DeskId, EventType
from broker.domain.incident import HOUR_US
from broker.domain.vocabulary import Purpose
from broker.release.fold import fold
from broker.release.standing import standing_of
from broker.release.subject import NOTHING_KNOWN, SubjectState
from tests import builders
from tests.unit.release.events import event_of

FIRST_US = builders.OCCURRED_AT_US
ARRIVED, ENDED = "pos.s136.arrived", "pos.s136.ended"
ASKED = Subscription(
    desk=DeskId("moor-police/control-room"),
    event_type=EventType(ENDED),
    purpose=Purpose.P5,
    agreement=AgreementId("handover-to-police"),
    incident_scoped=True,
    after_incident=True,
    places=frozenset({"northmoor"}),
)


def after(event_type: str, state: SubjectState, at_us: int, **changes: Any) -> SubjectState:
    named = {name.replace("__", "."): value for name, value in changes.items()}
    record = builders.BUILDERS[event_type](at_us=at_us, changes=named)
    return fold(state, event_of(event_type, record), at_us, frozenset({AgencyId("moor-police")}))


def is_told_of_the_end(state: SubjectState, at_us: int) -> bool:
    event = event_of(ENDED, builders.detention_ended(at_us=at_us))
    place = after(ENDED, state, at_us)
    return standing_of(ASKED, event, place, at_us).incident is not None


@pytest.fixture
def detained() -> SubjectState:
    return after(ARRIVED, NOTHING_KNOWN, FIRST_US)


def test_a_force_whose_incident_is_over_is_told_of_the_end_of_its_custody(detained: SubjectState) -> None:
    over = after("pos.s136.handover", detained, FIRST_US + HOUR_US)
    assert is_told_of_the_end(over, FIRST_US + 20 * HOUR_US)


# Where no end was recorded, a second arrival within 48 hours is a transfer (R17).
@pytest.mark.parametrize(
    ("later_h", "recorded"), [(11, True), (47, True), (49, True), (49, False), (1_000, False)]
)
def test_a_force_is_not_told_of_the_end_of_a_later_custody(
    detained: SubjectState, later_h: int, recorded: bool
) -> None:
    over = after("pos.s136.handover", detained, FIRST_US + HOUR_US)
    if recorded:
        over = after(ENDED, over, FIRST_US + 10 * HOUR_US)
    again = after(ARRIVED, over, FIRST_US + later_h * HOUR_US, person__police_link=None)
    assert not is_told_of_the_end(again, FIRST_US + (later_h + 30) * HOUR_US)
