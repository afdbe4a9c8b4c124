"""Facts are never refused: what is unlawful or out of range is taken in, released, told (3.2 step 0, 6.3)."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from consumers.kit.delivery import Reply
from tests.builders import HOUR_US, Person, Record
from tests.exchange import RunningExchange, wait_until
from tests.faults.evidence import read_topic
from tests.faults.lane_log import EVENT, Logged, read_block
from tests.system.rules import Became, Night, now_us

pytestmark = pytest.mark.exchange

DETAINED, CONVEYED = "police.s136.detained", "police.s136.conveyance"
ARRIVED, EXTENDED, ENDED = "pos.s136.arrived", "pos.s136.extended", "pos.s136.ended"
CALL = "police.mh_call.triaged"
HUB, SUITE, CHILDREN = "northmoor-asc/amhp-hub", "moor-pos/s136-suite", "moor-children/safeguarding"
OFFICERS, CRISIS_LINE = "moor-governance/officers", "northmoor-crisis/crisis-line"
OTHER_HUB = "southmoor-asc/amhp-hub"
AT_HOME = {"place_type": "private_dwelling", "description": None, "postcode": None, "map_reference": None}
AT_A_STATION = {"person__pos_type": "police_station", "person__police_station_conditions": "unknown"}
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def night(exchange: RunningExchange) -> Iterator[Night]:
    night = Night(exchange)
    yield night
    night.close()


def logged(night: Night, person: Person) -> list[Logged]:
    """The exchange's own events about a person, each time one was written to `lane-log`."""
    folder = night.exchange.folder
    agency = json.loads(next(folder.glob("agencies/*/agency.json")).read_text(encoding="utf-8"))
    subjects = {f"nhs:{person.nhs_number}", f"ref:moor-police:{person.police_ref}"}
    return [
        one
        for record in read_topic(agency["bootstrap"], "lane-log")
        for one in read_block(folder, record.partition, record.offset, record.value or b"")
        if one.kind == EVENT and one.publisher == "candour" and one.subject in subjects
    ]


def raised(night: Night, person: Person, count: int) -> list[dict[str, Became]]:
    """What became of each of the exchange's own events about a person, once there are so many."""
    found: list[dict[str, Became]] = []

    def all_decided() -> bool:
        ids = {one.event_id for one in logged(night, person)}
        found[:] = [night.became({"event_id": one}) for one in sorted(ids)]
        return len(found) >= count and all(found)

    wait_until(all_decided, WITHIN_S, f"{count} events of the exchange's own decided", every_s=0.5)
    written = Counter((one.event_id, one.subject) for one in logged(night, person))
    assert set(written.values()) == {1}
    assert len(found) == count
    return found


def alert_in(became: dict[str, Became], desk: str = f"{HUB} P4") -> str:
    return str(became[desk].value("person.alert"))


def taken_in(night: Night, event_type: str, person: Person, **changes: Any) -> tuple[Record, Reply]:
    """Publish a fact; it is accepted, whatever it says."""
    record = night.record(event_type, person, changes.pop("at_us", None), **changes)
    reply = night.publish(event_type, record)
    assert reply.status == "accepted", (reply.status, reply.code)
    return record, reply


def test_r16_section_136_at_home_without_a_consultation_is_released_and_told(night: Night) -> None:
    person = night.somebody()
    record, reply = taken_in(
        night, DETAINED, person, person__found_at=AT_HOME, person__consulted="unknown", age_band="adult"
    )
    assert "Say whom you consulted" in reply.message
    released = night.became(record)
    assert "person.detained_at" in released[f"{SUITE} P1"].given
    assert "person.detained_at" in released[f"{HUB} P4"].given
    both = raised(night, person, 2)
    assert sorted(map(alert_in, both)) == ["consultation_not_recorded", "section_136_in_private_dwelling"]
    for became in both:
        at_hub = became[f"{HUB} P4"]
        assert at_hub.value("person.about_event") == released[f"{HUB} P4"].delivery["event_id"]  # type: ignore[index]
        assert at_hub.value("person.reported_by") == "police"
        assert not [name for name in at_hub.given if name.startswith("subject.")]
        assert alert_in(became, f"{SUITE} P4") == alert_in(became)
        assert became[f"{CHILDREN} P3"].outcome == "denied"
        assert became[f"{CHILDREN} P3"].reasons >= {"not_a_child"}
        assert f"{OTHER_HUB} P4" not in became
        officers = became[f"{OFFICERS} P12"]
        assert alert_in(became, f"{OFFICERS} P12") == alert_in(became)
        assert officers.given == {
            *("occurred_at", "core.area", "core.urgency"),
            *("person.alert", "person.told_at", "person.reported_by"),
        }


def test_r19_a_17_year_old_at_a_police_station_is_told_to_children_s_social_care_too(night: Night) -> None:
    person = night.somebody()
    taken_in(night, ARRIVED, person, age_band="age_16_17", person__police_link=None, **AT_A_STATION)
    (became,) = raised(night, person, 1)
    assert alert_in(became) == "police_station_under_18"
    children = became[f"{CHILDREN} P3"]
    assert children.value("person.alert") == "police_station_under_18"
    assert children.value("subject.family_name") == person.family_name
    assert "subject.nhs_number" not in children.given


def test_r19_a_police_station_without_its_conditions_is_told_of_an_adult_by_police_too(night: Night) -> None:
    person = night.somebody()
    taken_in(
        night,
        CONVEYED,
        person,
        age_band="adult",
        person__destination="police_station",
        person__police_station_conditions="other",
    )
    (became,) = raised(night, person, 1)
    assert alert_in(became) == "police_station_criteria_not_recorded"


def test_r17_r18_30_hours_after_an_extension_for_no_bed_are_taken_in_and_told(night: Night) -> None:
    person, at_us = night.somebody(), now_us()
    night.tell(
        ARRIVED,
        person,
        at_us - 31 * HOUR_US,
        person__arrived_at=at_us - 31 * HOUR_US,
        person__police_link=None,
    )
    taken_in(
        night,
        EXTENDED,
        person,
        person__extension_reason="reason_not_lawful_ground",
        person__extension_hours=13,
    )
    record, _ = taken_in(night, ENDED, person, person__ended_at=at_us - HOUR_US)
    found = raised(night, person, 3)
    by_code = {alert_in(one): one for one in found}
    assert set(by_code) == {"extension_ground_not_lawful", "extension_too_long", "detention_over_limit"}
    over = by_code["detention_over_limit"]
    assert over[f"{HUB} P4"].value("person.held_minutes") == 30 * 60
    assert over[f"{OFFICERS} P12"].value("person.held_minutes") == 30 * 60
    # The end itself goes to whom it would have gone to.
    assert night.at(record, HUB).value("person.end_reason") is not None


def test_r42_a_detention_that_ran_out_raises_a_safety_gap_beside_the_alert(night: Night) -> None:
    person = night.somebody()
    night.arrive(person, person__police_link=None)
    record, _ = taken_in(night, ENDED, person, person__end_reason="expired")
    gap, alert = sorted(raised(night, person, 2), key=len)
    assert alert_in(alert) == "detention_expired"
    told = gap[f"{CRISIS_LINE} P1"]
    assert told.value("person.gap") == "detention_expired"
    assert told.value("person.referral") == night.at(record, CRISIS_LINE).delivery["event_id"]  # type: ignore[index]
    assert told.value("person.call_now")["number"] == "01632 960121"


def test_r42_a_call_that_police_pass_on_to_nobody_is_a_safety_gap_at_once(night: Night) -> None:
    person = night.somebody()
    record, reply = taken_in(
        night, CALL, person, person__decision="not_deploy", person__passed_to=None, setting="urgent"
    )
    assert "Nobody has accepted this call" in reply.message
    assert reply.phone == "01632 960101"
    (gap,) = raised(night, person, 1)
    told = gap[f"{CRISIS_LINE} P1"]
    assert told.value("person.gap") == "call_not_passed_on"
    assert told.value("person.referral") == night.at(record, CRISIS_LINE).delivery["event_id"]  # type: ignore[index]
