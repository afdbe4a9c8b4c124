"""What an event changes in what is known of a person: their wishes in order; incidents on health's word."""

from typing import Any

import pytest

from broker.domain.identifiers import AgencyId
from broker.domain.incident import HOUR_US, Incident
from broker.domain.vocabulary import FieldClass, Purpose, Threshold, WishKind
from broker.release.fold import fold, incident_of, threshold_asserted, threshold_confirmed
from broker.release.subject import NOTHING_KNOWN, SubjectState
from tests import builders
from tests.unit.release.events import event_of

NOW_US = builders.OCCURRED_AT_US
FORCES = frozenset({AgencyId("moor-police")})
ARRIVED, TRIAGED, DETAINED = "pos.s136.arrived", "crisis.triage.completed", "police.s136.detained"


def after_arrival(
    state: SubjectState = NOTHING_KNOWN, logged_at_us: int = NOW_US, **changes: Any
) -> SubjectState:
    record = builders.arrived(
        at_us=NOW_US, changes={name.replace("__", "."): one for name, one in changes.items()}
    )
    return fold(state, event_of(ARRIVED, record), logged_at_us, FORCES)


def after_triage(state: SubjectState = NOTHING_KNOWN, at_us: int = NOW_US, **changes: Any) -> SubjectState:
    record = builders.triaged(
        at_us=at_us, changes={name.replace("__", "."): one for name, one in changes.items()}
    )
    return fold(state, event_of(TRIAGED, record), at_us, FORCES)


def only_incident(state: SubjectState) -> Incident:
    (incident,) = state.incidents
    return incident


def test_an_event_that_is_no_wish_and_links_nothing_tells_only_who_it_is() -> None:
    state = after_triage(person__police_link=None)
    assert state == SubjectState(identity=state.identity)


def test_a_wish_is_appended_with_its_scope_as_it_was_said() -> None:
    given = event_of(
        "person.permission.given", builders.permission_given(changes={"person.scope_classes": ["OP"]})
    )
    state = fold(NOTHING_KNOWN, given, NOW_US, FORCES)
    (wish,) = state.wishes
    assert wish.kind is WishKind.PERMISSION
    assert (wish.purposes, wish.classes) == ({Purpose.P1}, {FieldClass.OP})
    assert wish.recipients == {"northmoor-crisis/peer"}
    assert wish.valid_until_us == given.record["person"]["valid_until"]
    assert wish.recorded_by == "moor-person"


def test_wishes_stand_in_the_order_of_the_log() -> None:
    state = NOTHING_KNOWN
    for event_type in ("person.objection.raised", "person.permission.given", "person.permission.withdrawn"):
        state = fold(state, event_of(event_type, builders.BUILDERS[event_type]()), NOW_US, FORCES)
    assert [wish.kind for wish in state.wishes] == [
        WishKind.OBJECTION,
        WishKind.PERMISSION,
        WishKind.WITHDRAWAL,
    ]


def test_an_objection_that_names_nothing_stays_as_wide_as_it_was_said() -> None:
    record = builders.objection_raised(
        changes={"person.scope_purposes": [], "person.scope_recipients": [], "person.scope_classes": []}
    )
    (wish,) = fold(NOTHING_KNOWN, event_of("person.objection.raised", record), NOW_US, FORCES).wishes
    assert (wish.purposes, wish.recipients, wish.classes) == (frozenset(), frozenset(), frozenset())


def test_an_event_with_an_unsound_identifier_changes_nothing_about_anybody() -> None:
    event = event_of(ARRIVED, builders.arrived(), sound=False)
    assert fold(NOTHING_KNOWN, event, NOW_US, FORCES) is NOTHING_KNOWN


def test_an_arrival_with_a_link_opens_the_incident_of_that_force_in_custody() -> None:
    incident = only_incident(after_arrival())
    assert (incident.force, incident.incident_ref, incident.local_ref) == (
        "moor-police",
        "I-1042",
        "NICHE-77",
    )
    assert incident.s136_custody
    assert incident.ends_at_us == NOW_US + 48 * HOUR_US


def test_the_window_runs_from_the_arrival_not_from_when_it_was_written_down() -> None:
    arrived_at = NOW_US - 5 * HOUR_US
    assert only_incident(after_arrival(person__arrived_at=arrived_at)).opened_at_us == arrived_at


def test_an_arrival_at_a_time_nobody_knows_counts_from_the_event() -> None:
    assert only_incident(after_arrival(person__arrived_at=None)).opened_at_us == NOW_US


def test_an_arrival_dated_in_the_future_opens_when_the_log_heard_of_it() -> None:
    far = NOW_US + 365 * 24 * HOUR_US
    state = after_arrival(person__arrived_at=far, occurred_at=far, logged_at_us=NOW_US)
    assert only_incident(state).ends_at_us == NOW_US + 48 * HOUR_US


def test_a_link_with_a_threshold_that_health_confirmed_opens_for_24_hours() -> None:
    incident = only_incident(after_triage(person__threshold_confirmed="serious_harm"))
    assert not incident.s136_custody
    assert incident.ends_at_us == NOW_US + 24 * HOUR_US


@pytest.mark.parametrize("threshold", ["none", "crime"])
def test_a_link_without_a_threshold_that_opens_is_not_enough(threshold: str) -> None:
    assert not after_triage(person__threshold_confirmed=threshold).incidents


def test_a_threshold_without_a_link_opens_nothing() -> None:
    assert not after_triage(person__threshold_confirmed="life_risk", person__police_link=None).incidents


@pytest.mark.parametrize("setting", ["emergency_live", "urgent", "planned"])
def test_the_word_of_police_opens_nothing_whatever_they_call_it(setting: str) -> None:
    record = builders.detained(changes={"person.threshold": "life_risk", "setting": setting})
    event = event_of(DETAINED, record)
    assert fold(NOTHING_KNOWN, event, NOW_US, FORCES) is NOTHING_KNOWN
    assert threshold_asserted(event) is Threshold.LIFE_RISK
    assert threshold_confirmed(event) is Threshold.NONE


@pytest.mark.parametrize("publisher", ["moor-police", "moor-person", "moor-ambulance"])
def test_a_link_counts_only_from_those_who_may_confirm_it(publisher: str) -> None:
    # No schema lets these publish such an event; the fold does not rely on that.
    for event_type, record in ((ARRIVED, builders.arrived()), (TRIAGED, builders.triaged())):
        event = event_of(event_type, record, publisher=publisher)
        assert incident_of(event, NOW_US, FORCES) is None
        assert not fold(NOTHING_KNOWN, event, NOW_US, FORCES).incidents


def test_police_cannot_confirm_a_threshold_even_in_the_field_where_health_does() -> None:
    event = event_of(TRIAGED, builders.triaged(), publisher="moor-police")
    assert threshold_confirmed(event) is Threshold.NONE


def test_a_second_word_on_an_open_incident_does_not_start_its_window_anew() -> None:
    first = after_triage()
    again = after_triage(first, at_us=NOW_US + 20 * HOUR_US)
    assert only_incident(again).ends_at_us == NOW_US + 24 * HOUR_US


def test_a_transfer_to_another_place_of_safety_does_not_start_the_window_anew() -> None:
    moved = after_arrival(
        after_arrival(), person__arrived_at=NOW_US + 6 * HOUR_US, logged_at_us=NOW_US + 6 * HOUR_US
    )
    assert only_incident(moved).ends_at_us == NOW_US + 48 * HOUR_US


def test_custody_once_recorded_is_not_lost_by_a_later_word_of_the_crisis_team() -> None:
    state = after_triage(after_arrival(), at_us=NOW_US + HOUR_US)
    assert only_incident(state).s136_custody


def test_an_arrival_after_a_triage_makes_the_same_incident_one_of_custody() -> None:
    assert only_incident(after_arrival(after_triage())).s136_custody


def test_another_incident_of_the_force_stands_beside_the_first_and_counts_first() -> None:
    link = {"force": "moor-police", "incident_ref": "I-2", "local_ref": None}
    state = after_triage(after_arrival(), at_us=NOW_US + HOUR_US, person__police_link=link)
    assert len(state.incidents) == 2
    found = state.incident_of(only_incident(after_arrival()).force, NOW_US, NOW_US)
    assert found is not None
    assert found.incident_ref == "I-2"


def test_an_incident_is_nobody_elses() -> None:
    assert (
        after_arrival().incident_of(event_of(TRIAGED, builders.triaged()).publisher, NOW_US, NOW_US) is None
    )
