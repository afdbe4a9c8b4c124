"""How custody, incidents and markers begin and end, event by event (R3, R9, R17, R21, R24)."""

from typing import Any

import pytest

from broker.domain.identifiers import AgencyId
from broker.domain.incident import HOUR_US
from broker.domain.vocabulary import Marker
from broker.release.fold import fold, fold_ended
from broker.release.subject import NOTHING_KNOWN, SubjectState
from tests import builders
from tests.unit.release.events import event_of

NOW_US = builders.OCCURRED_AT_US
POLICE = AgencyId("moor-police")
FORCES = frozenset({POLICE})


def after(event_type: str, state: SubjectState, at_us: int = NOW_US, **changes: Any) -> SubjectState:
    named = {name.replace("__", "."): value for name, value in changes.items()}
    record = builders.BUILDERS[event_type](at_us=at_us, changes=named)
    return fold(state, event_of(event_type, record), at_us, FORCES)


@pytest.fixture
def arrived() -> SubjectState:
    return after("pos.s136.arrived", NOTHING_KNOWN, person__arrived_at=NOW_US)


def is_open(state: SubjectState, at_us: int) -> bool:
    return state.incident_of(POLICE, at_us, at_us) is not None


def test_twelve_hours_after_officers_were_released_the_incident_is_over(arrived: SubjectState) -> None:
    released_at_us = NOW_US + HOUR_US
    state = after("pos.s136.handover", arrived, released_at_us, person__released_at=released_at_us)
    assert is_open(state, released_at_us + 12 * HOUR_US - 1)
    assert not is_open(state, released_at_us + 12 * HOUR_US)
    assert is_open(arrived, released_at_us + 12 * HOUR_US)


def test_a_handover_while_officers_are_still_needed_ends_nothing(arrived: SubjectState) -> None:
    needed: dict[str, Any] = {"person__released_at": None, "person__police_presence_needed": "yes"}
    state = after("pos.s136.handover", arrived, NOW_US + HOUR_US, **needed)
    assert is_open(state, NOW_US + 40 * HOUR_US)


def test_a_handover_written_ahead_of_its_time_counts_from_when_it_was_written(arrived: SubjectState) -> None:
    state = after("pos.s136.handover", arrived, NOW_US, person__released_at=NOW_US + 30 * HOUR_US)
    assert not is_open(state, NOW_US + 12 * HOUR_US)


def test_custody_ends_when_health_says_so_and_the_incident_stays(arrived: SubjectState) -> None:
    state = after("pos.s136.ended", arrived, NOW_US + 5 * HOUR_US, person__ended_at=NOW_US + 5 * HOUR_US)
    incident = state.incident_of(POLICE, NOW_US + 6 * HOUR_US, NOW_US + 6 * HOUR_US)
    assert incident is not None
    assert not incident.in_custody(NOW_US + 6 * HOUR_US)
    assert incident.in_custody(NOW_US + 4 * HOUR_US)
    assert state.custody is not None
    assert not state.custody.holds(NOW_US + 6 * HOUR_US)


def test_custody_whose_end_nobody_recorded_does_not_last_for_ever(arrived: SubjectState) -> None:
    assert arrived.custody is not None
    assert arrived.custody.holds(NOW_US + 47 * HOUR_US)
    assert not arrived.custody.holds(NOW_US + 48 * HOUR_US)


def test_a_force_that_closed_the_incident_is_no_longer_in_it(arrived: SubjectState) -> None:
    state = fold_ended(arrived, POLICE, "I-1042", NOW_US + HOUR_US)
    assert is_open(state, NOW_US + HOUR_US - 1)
    assert not is_open(state, NOW_US + HOUR_US)
    assert fold_ended(arrived, POLICE, "I-another", NOW_US) is arrived


def test_police_cannot_end_custody_nor_hand_themselves_over(arrived: SubjectState) -> None:
    for event_type in ("pos.s136.ended", "pos.s136.handover"):
        record = builders.BUILDERS[event_type]()
        event = event_of(event_type, record, publisher="moor-police")
        assert fold(arrived, event, NOW_US + HOUR_US, FORCES).incidents == arrived.incidents


def test_a_link_to_an_agency_that_is_no_police_force_opens_nothing() -> None:
    record = builders.arrived(changes={"person.police_link": {**builders.police_link(builders.PEOPLE[0])}})
    event = event_of("pos.s136.arrived", record)
    assert not fold(NOTHING_KNOWN, event, NOW_US, frozenset({AgencyId("southmoor-police")})).incidents


def test_a_marker_protects_until_it_is_lifted() -> None:
    state = after("person.restriction.set", NOTHING_KNOWN, person__marker="domestic_abuse")
    assert state.markers_at(NOW_US) == {Marker.DOMESTIC_ABUSE}
    other = after("person.restriction.lifted", state, person__marker="location_withheld")
    assert other.markers_at(NOW_US) == {Marker.DOMESTIC_ABUSE}
    assert not after("person.restriction.lifted", state, person__marker="domestic_abuse").markers_at(NOW_US)


def test_a_marker_with_an_end_protects_until_then() -> None:
    state = after("person.restriction.set", NOTHING_KNOWN, person__valid_until=NOW_US + HOUR_US)
    assert state.markers_at(NOW_US + HOUR_US - 1)
    assert not state.markers_at(NOW_US + HOUR_US)


def test_everything_known_comes_back_from_its_row(arrived: SubjectState) -> None:
    state = after("person.restriction.set", arrived)
    state = after("person.objection.raised", state)
    state = after("pos.s136.ended", state, NOW_US + HOUR_US)
    assert SubjectState.unpack(state.pack()) == state
