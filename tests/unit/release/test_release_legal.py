"""Facts that the law does not allow: taken in like any other, told once to those who must act (6.3)."""

from pathlib import Path
from typing import Any

import pytest

from broker.domain.codes import ALERTS, NOTICES
from broker.domain.identifiers import AgencyId
from broker.domain.incident import HOUR_US
from broker.domain.vocabulary import Gap, LegalAlert, Marker, Setting
from broker.release.fold import fold
from broker.release.legal import alerts_of, held_us
from broker.release.own_events import LEGAL_ALERT, SAFETY_GAP, alert_id, gap_id, raised_alert
from broker.release.referral import is_left_alone
from broker.release.subject import NOTHING_KNOWN, Marked, SubjectState
from tests import builders
from tests.unit.release.events import event_of
from tests.unit.release.small_exchange import CALL, CRISIS_LINE, SmallExchange

T0 = builders.OCCURRED_AT_US
FORCES = frozenset({AgencyId("moor-police")})
DETAINED, CONVEYED = "police.s136.detained", "police.s136.conveyance"
ARRIVED, EXTENDED, ENDED = "pos.s136.arrived", "pos.s136.extended", "pos.s136.ended"
NOBODY_ASKED = {"person.consulted": "none", "person.why_not_consulted": "unknown"}
AT_A_STATION = {"person.pos_type": "police_station", "age_band": "adult"}


def alerts(event_type: str, state: SubjectState = NOTHING_KNOWN, **changes: Any) -> list[str]:
    """What an event raises, after `state`; changes with `__` for a dot."""
    told = {name.replace("__", "."): value for name, value in changes.items()}
    event = event_of(event_type, builders.BUILDERS[event_type](changes=told))
    return [str(one) for one in alerts_of(event, fold(state, event, T0 + 100 * HOUR_US, FORCES))]


def held(hours: float, **changes: Any) -> list[str]:
    """What the end of a detention raises that lasted so many hours."""
    return alerts(ENDED, after_arrival(), person__ended_at=T0 + int(hours * HOUR_US), **changes)


def after_arrival(at_us: int = T0, state: SubjectState = NOTHING_KNOWN) -> SubjectState:
    record = builders.arrived(changes={"person.arrived_at": at_us})
    return fold(state, event_of(ARRIVED, record), T0 + 100 * HOUR_US, FORCES)


def test_every_alert_has_its_sentence_and_its_place_in_the_language() -> None:
    assert {*ALERTS} == {str(one) for one in LegalAlert}
    for schema, key, codes in ((LEGAL_ALERT, "alert", LegalAlert), (SAFETY_GAP, "gap", Gap)):
        fields = {one["name"]: one for one in builders.codec(schema).schema["fields"]}
        (found,) = [one["type"] for one in fields["person"]["type"]["fields"] if one["name"] == key]
        symbols = found["symbols"] if isinstance(found, dict) else found[1]["symbols"]
        assert set(symbols) - {"unknown"} == {str(one) for one in codes}


@pytest.mark.parametrize("event_type", sorted(builders.BUILDERS))
def test_an_event_as_it_should_be_raises_nothing(event_type: str) -> None:
    assert alerts(event_type) == []


def test_section_136_in_a_private_dwelling_is_told() -> None:
    at_home = {"place_type": "private_dwelling", "description": None, "postcode": None, "map_reference": None}
    assert alerts(DETAINED, person__found_at=at_home) == ["section_136_in_private_dwelling"]
    assert alerts(DETAINED, person__found_at={**at_home, "place_type": "shared_area"}) == []
    assert alerts(DETAINED, person__found_at=None) == []


@pytest.mark.parametrize(
    ("consulted", "why", "told"),
    [
        ("unknown", "unknown", True),
        ("none", "unknown", True),
        ("none", "not_applicable", True),
        ("none", "immediate_danger", False),
        ("none", "nobody_reached", False),
        ("nurse", "not_applicable", False),
        ("amhp", "unknown", False),
    ],
)
def test_r16_a_consultation_that_is_not_recorded_is_chased(consulted: str, why: str, told: bool) -> None:
    found = alerts(DETAINED, person__consulted=consulted, person__why_not_consulted=why)
    assert found == (["consultation_not_recorded"] if told else [])


@pytest.mark.parametrize(
    ("event_type", "key"), [(ARRIVED, "person.pos_type"), (CONVEYED, "person.destination")]
)
def test_r19_a_police_station_is_told_of_a_child_always_and_of_an_adult_without_its_conditions(
    event_type: str, key: str
) -> None:
    met = {key: "police_station", "person.police_station_conditions": "regulations_met"}
    assert alerts(event_type, **{**met, "age_band": "age_16_17"}) == ["police_station_under_18"]
    assert alerts(event_type, **{**met, "age_band": "under_16"}) == ["police_station_under_18"]
    assert alerts(event_type, **{**met, "age_band": "adult", "restrictions": ["child"]}) == [
        "police_station_under_18"
    ]
    marked = SubjectState(markers=(Marked(Marker.CHILD),))
    assert alerts(event_type, marked, **{**met, "age_band": "unknown"}) == ["police_station_under_18"]
    assert alerts(event_type, **{**met, "age_band": "adult"}) == []
    for said in ("unknown", "other", "not_applicable"):
        changes = {**met, "age_band": "adult", "person.police_station_conditions": said}
        assert alerts(event_type, **changes) == ["police_station_criteria_not_recorded"]


def test_r17_a_detention_may_last_24_hours_from_the_first_arrival() -> None:
    assert held(24) == []
    assert held(24.01) == ["detention_over_limit"]
    assert held(30) == ["detention_over_limit"]


def test_r17_a_transfer_does_not_start_the_clock_again() -> None:
    state = after_arrival(T0 + 20 * HOUR_US, after_arrival())
    assert alerts(ENDED, state, person__ended_at=T0 + 25 * HOUR_US) == ["detention_over_limit"]


def test_an_end_whose_beginning_nobody_told_is_over_no_limit() -> None:
    assert alerts(ENDED, person__ended_at=T0 + 90 * HOUR_US) == []


def test_a_detention_that_ran_out_is_told_whatever_its_length() -> None:
    assert held(23, person__end_reason="expired") == ["detention_expired"]
    assert held(26, person__end_reason="expired") == ["detention_over_limit", "detention_expired"]


def test_how_long_it_lasted_is_told_of_an_end_only() -> None:
    state = after_arrival()
    assert held_us(event_of(ARRIVED, builders.arrived()), state) is None
    record = builders.detention_ended(changes={"person.ended_at": T0 + 3 * HOUR_US})
    ended = event_of(ENDED, record)
    assert held_us(ended, fold(state, ended, T0 + 100 * HOUR_US, FORCES)) == 3 * HOUR_US


@pytest.mark.parametrize(
    ("decision", "passed", "alone"),
    [
        ("not_deploy", False, True),
        ("not_deploy", True, False),
        ("deploy", False, False),
        ("advice", False, False),
        ("unknown", False, False),
    ],
)
def test_a_call_that_police_do_not_go_to_and_pass_to_nobody_leaves_somebody_alone(
    decision: str, passed: bool, alone: bool
) -> None:
    changes: dict[str, Any] = {"person.decision": decision, "setting": Setting.PLANNED.value}
    changes |= {} if passed else {"person.passed_to": None}
    assert is_left_alone(event_of(CALL, builders.call_triaged(changes=changes))) == alone


@pytest.fixture(params=[1, 5])
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path, lanes=request.param)


def own(exchange: SmallExchange) -> list[str]:
    """Ids of the exchange's own events, each time one was written to a lane's log."""
    return [one.event_id for one in exchange.sent if one.publisher == "candour" and one.event_id]


def test_an_alert_is_raised_once_for_an_event_with_an_id_of_its_own(exchange: SmallExchange) -> None:
    record = builders.detained(changes=NOBODY_ASKED)
    exchange.publish(DETAINED, record, T0)
    exchange.publish(DETAINED, record, T0 + HOUR_US)
    exchange.restart()
    exchange.publish(DETAINED, record, T0 + 2 * HOUR_US)
    key = exchange.keyring.delivery_id
    (found,) = own(exchange)
    assert found == alert_id(key, "moor-police", record["event_id"], LegalAlert.NOT_CONSULTED)
    assert found[14] == "8"
    assert exchange.books_balance()
    assert not exchange.paged


def test_r16_the_publisher_is_asked_for_what_is_missing(exchange: SmallExchange) -> None:
    record = builders.detained(changes=NOBODY_ASKED)
    exchange.publish(DETAINED, record, T0)
    (told,) = exchange.told(record["event_id"])
    assert told["status"] == "accepted"
    assert NOTICES["consultation_not_recorded"] in told["message"]


def test_a_call_passed_on_to_nobody_is_told_at_once_and_its_clock_goes_on(exchange: SmallExchange) -> None:
    record = builders.call_triaged(changes={"person.decision": "not_deploy", "person.passed_to": None})
    lane = exchange.publish(CALL, record, T0)
    key = exchange.keyring.delivery_id
    assert own(exchange) == [gap_id(key, "moor-police", record["event_id"], Gap.NOT_PASSED_ON)]
    assert [desk for desk, _ in exchange.cores].count(CRISIS_LINE) == 2
    assert len(exchange.books[lane].referrals) == 1
    (told,) = exchange.told(record["event_id"])
    assert NOTICES["call_not_passed_on"] in told["message"]
    exchange.look(T0 + 15 * 60_000_000)
    assert own(exchange)[1:] == [gap_id(key, "moor-police", record["event_id"])]


def test_what_waited_under_a_reference_raises_nothing_a_second_time_under_its_person(
    exchange: SmallExchange,
) -> None:
    exchange.opa_away = True
    exchange.publish(
        CALL, builders.call_triaged(changes={"person.decision": "not_deploy", "person.passed_to": None}), T0
    )
    exchange.publish("crisis.triage.completed", builders.triaged(), T0 + HOUR_US // 60)
    exchange.opa_away = False
    exchange.look(T0 + 2 * HOUR_US // 60)
    by_subject = [one.subject for one in exchange.sent if one.event_id in own(exchange)]
    assert sorted(by_subject) == ["nhs:9990000018", "ref:moor-police:NICHE-77"]
    assert exchange.books_balance()


def test_an_alert_on_an_event_of_nobody_known_says_so_and_names_the_event() -> None:
    event = event_of(DETAINED, builders.detained(changes=NOBODY_ASKED), sound=False)
    schema = builders.codec(LEGAL_ALERT).schema
    raised = raised_alert(schema, b"k" * 32, LegalAlert.NOT_CONSULTED, event, 3, T0, None, T0)
    assert not raised.sound
    told = raised.record["person"]
    assert told["about_event"] == f"3|moor-police|{event.event_id}"
    assert (told["reported_by"], told["held_minutes"]) == ("police", None)
    assert {key for key, value in raised.record["subject"].items() if value is not None} == {
        *("family_name", "given_name", "date_of_birth")
    }


def extended(state: SubjectState, hours: int | None, reason: str) -> tuple[SubjectState, list[str]]:
    """The state after an extension, and what it raises."""
    changes = {"person.extension_hours": hours, "person.extension_reason": reason}
    event = event_of(EXTENDED, builders.BUILDERS[EXTENDED](changes=changes))
    after = fold(state, event, T0 + 100 * HOUR_US, FORCES)
    return after, [str(one) for one in alerts_of(event, after)]


@pytest.mark.parametrize(
    ("hours", "reason", "lawful", "raised"),
    [
        (12, "condition_unfit", 36, []),
        (6, "assessment_started_not_complete", 30, []),
        (None, "condition_unfit", 36, []),
        (13, "condition_unfit", 36, ["extension_too_long"]),
        (12, "reason_not_lawful_ground", 24, ["extension_ground_not_lawful"]),
        (20, "reason_not_lawful_ground", 24, ["extension_ground_not_lawful", "extension_too_long"]),
        (12, "unknown", 24, []),
    ],
)
def test_r18_an_extension_is_for_the_condition_only_and_12_hours_at_most(
    hours: int | None, reason: str, lawful: int, raised: list[str]
) -> None:
    state, found = extended(after_arrival(), hours, reason)
    assert found == raised
    for lasts, told in ((lawful, []), (lawful + 1, ["detention_over_limit"])):
        assert alerts(ENDED, state, person__ended_at=T0 + lasts * HOUR_US) == told


def test_r17_a_transfer_keeps_what_was_extended_and_a_new_detention_does_not() -> None:
    state, _ = extended(after_arrival(), 12, "condition_unfit")
    moved = after_arrival(T0 + 26 * HOUR_US, state)
    assert alerts(ENDED, moved, person__ended_at=T0 + 35 * HOUR_US) == []
    again = after_arrival(T0 + 60 * HOUR_US, state)
    assert alerts(ENDED, again, person__ended_at=T0 + 85 * HOUR_US) == ["detention_over_limit"]
    assert SubjectState.unpack(state.pack()) == state
