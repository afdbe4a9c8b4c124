"""Compiling refuses what the agreements, subscriptions and tables may not say; all of it at once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.errors import ConfigurationError
from broker.policy.compile import compile_policies
from broker.settings import shipped

Edit = Callable[[str, str, str], None]
CARE = "agreements/crisis-and-place-of-safety.yaml"
MINIMUM = "agreements/health-to-police-safety-minimum.yaml"
PEER = "agreements/crisis-to-peer-support.yaml"
POLICE = "agreements/police-to-crisis-response.yaml"
AT_THE_DOOR = "agreements/police-at-the-door.yaml"
GATEWAY = "agreements/violence-duty-request.yaml"
SELF = "agreements/crisis-self-referral.yaml"
TAKEN_ON = "agreements/voluntary-to-referrer.yaml"
VOLUNTEERS = "agreements/referral-to-volunteers.yaml"
CLOCKS = "clocks.yaml"
SUBSCRIPTIONS = "subscriptions.yaml"
TABLE = "sharing/class_table/data.yaml"

PROBLEMS = [
    (POLICE, "person.found_at #", "person.found_where #", "person.found_where is not a field of"),
    (POLICE, "    - person.detained_at\n", "    - person.detained_at\n" * 2, "stands twice"),
    (POLICE, "northmoor-crisis/home-treatment", "northmoor-crisis/day-team", "is not a desk of area.yaml"),
    (POLICE, "publishers: [moor-police]", "publishers: [moor-bank]", "moor-bank is not an agency"),
    (POLICE, "publishers: [moor-police]", "publishers: [moor-pos]", "none of the publishers may publish"),
    (POLICE, "places: [northmoor]", "places: [eastmoor]", "eastmoor is not a place of area.yaml"),
    (POLICE, "purposes: [P1]", "purposes: [PX1]", "PX1 is not a purpose that may be agreed"),
    (POLICE, "purposes: [P1]", "purposes: []", "purposes is empty"),
    (POLICE, "basis: B6", "basis: B13", "B13 is not a bundle of 3.3"),
    (POLICE, "confidentiality: statute", "confidentiality: habit", "habit is not a ground of 3.1"),
    (POLICE, "marking: direct_care", "marking: secret", "secret is not a marking"),
    (POLICE, "ends: 2036-04-01", "ends: 2024-04-01", "ends is the first day no longer in force"),
    (POLICE, "starts: 2024-04-01", "starts: April", "starts is no date"),
    (POLICE, "expires_after_hours: 72", "expires_after_hours: 0", "a number above 0, or null"),
    (POLICE, "incident_scoped: false\n", "", "incident_scoped is missing"),
    (POLICE, "title:", "heading:", "heading is no part of an agreement"),
    (POLICE, "  - {agency: moor-pos,", "  - {agency: moor-police,", "moor-pos has not signed"),
    (POLICE, "police.s136.detained:", "police.s137.detained:", "is not a published event type"),
    (POLICE, "marking: direct_care", "marking: direct_care\nmarking: agreed_support", "marking stands twice"),
    (CARE, "    - person.priority\n", "    - restrictions\n", "restrictions is for the exchange itself"),
    (CARE, "    - person.priority\n", "    - person.police_link\n", "person.police_link is for the exchange"),
    (MINIMUM, "    - person.who_informed\n", "    - person.plan_now\n", "never goes to police (R10, R36)"),
    (MINIMUM, "    - person.who_informed\n", "    - subject.nhs_number\n", "never goes to police (R10, R36)"),
    (MINIMUM, "incident_scoped: true", "incident_scoped: false", "must be true where a desk is police (R3)"),
    (MINIMUM, "purposes: [P5]", "purposes: [P2]", "police may ask for P5, P6, P7 only (R1)"),
    (MINIMUM, "expires_after_hours: 48", "expires_after_hours: null", "where a desk is police (R8)"),
    (MINIMUM, "nhs_number_in_clear: false", "nhs_number_in_clear: true", "only health and care"),
    (AT_THE_DOOR, '  northmoor: "01632', '  eastmoor: "01632', "give one number for each place"),
    (GATEWAY, "gateways: [pcsc_2022_s16]", "gateways: [habit]", "habit is not a gateway we know"),
    (GATEWAY, "gateways: [pcsc_2022_s16]", "gateways: []", "gateways has the wrong shape, or is empty"),
    (PEER, "confidentiality: explicit", "confidentiality: implied", "need explicit (R28, B9)"),
    (
        POLICE,
        "    - person.pets_property",
        "    - person.ethnicity_officer_perceived",
        "never goes to moor-pos",
    ),
    (SUBSCRIPTIONS, "desk: northmoor-crisis/peer", "desk: harbour-vcs/peers", "is not a desk of area.yaml"),
    (SUBSCRIPTIONS, "  places: [northmoor]\n", "  places: [eastmoor]\n", "serves northmoor, southmoor only"),
    (SUBSCRIPTIONS, "  places: [northmoor]\n", "  places: []\n", "places is a list of at least one"),
    (SUBSCRIPTIONS, "  places: [southmoor]\n", "", "asks twice for police.s136.detained for P1 in"),
    (SUBSCRIPTIONS, "  anywhere: true\n", "  anywhere: maybe\n", "anywhere is true or false"),
    (
        SUBSCRIPTIONS,
        "  event_types: [pos.s136.handover]",
        "  after_incident: true\n  event_types: [pos.s136.handover]",
        "only the plain end of custody goes on",
    ),
    (CLOCKS, "minutes: 15", "minutes: 0", "minutes is a whole number from 1 to 1440"),
    (CLOCKS, '"01632 960221"', "none", "duty_contact is a telephone number"),
    (CLOCKS, "  southmoor:\n", "  eastmoor:\n", "one entry for each place"),
    (CLOCKS, "minutes: 30", "hours: 1", "southmoor needs minutes and duty_contact"),
    (SUBSCRIPTIONS, "[crisis.triage.completed]", "[crisis.triage.done]", "is not a published event type"),
    (SUBSCRIPTIONS, "  incident_scoped: true\n", "", "must be true for police (R3)"),
    (SUBSCRIPTIONS, "purpose: P7", "purpose: P2", "police may ask for P5, P6, P7 only (R1)"),
    (SUBSCRIPTIONS, "agreement: crisis-to-peer-support", "agreement: gone", "gone is not a sound agreement"),
    (SUBSCRIPTIONS, "purpose: P2", "purpose: P3", "does not name northmoor-crisis/home-treatment for P3"),
    (TABLE, "OP: whole", "OP: usually", "live.police needs one cell for each class"),
    (TABLE, "{gives: summary, asks: false}", "{gives: some, asks: false}", "cells.summary needs gives"),
    (TABLE, "{gives: summary, asks: false}", "{gives: summary, asks: no one}", "asks is true where"),
    (MINIMUM, "    - person.if_police_come", "    - person.own_words", "never goes to police (R10, R36)"),
    (SELF, "    - person.adjustments\n", "    - person.police_link\n", "is for the exchange itself"),
    (
        TAKEN_ON,
        "    - person.kind\n",
        "    - person.referral\n",
        "person.referral is for the exchange itself",
    ),
    (VOLUNTEERS, "    - person.agreed_goals\n", "    - person.support_needs\n", "never goes to harbour-vcs"),
    (VOLUNTEERS, "    - subject.given_name", "    - subject.family_name", "never goes to harbour-vcs"),
    (TABLE, "planned: planned}", "planned: live}", "reads the live table in a planned setting (R1)"),
    (TABLE, "  housing: {default: housing}\n", "", "columns.housing needs a default column"),
    (TABLE, "housing: {default: housing}", "housing: {default: houses}", "has no column houses"),
    ("area.yaml", "kind: crisis", "kind: broker", "area.yaml: agency northmoor-crisis: kind is none of"),
    ("area.yaml", "places: [northmoor]", "places: [eastmoor]", "places is a list of different places"),
    ("area.yaml", "kind: crisis", "kind: hospital", "area.yaml: agency northmoor-crisis: kind is none of"),
]


@pytest.mark.parametrize(("name", "old", "new", "problem"), PROBLEMS)
def test_what_policies_may_not_say_is_refused_with_file_and_reason(
    policies: Path, schemas: Path, edit: Edit, name: str, old: str, new: str, problem: str
) -> None:
    edit(name, old, new)
    with pytest.raises(ConfigurationError) as refused:
        compile_policies(policies, schemas)
    lines = [line for line in str(refused.value).splitlines() if problem in line]
    assert lines, str(refused.value)
    assert name in lines[0]


def test_every_problem_is_told_at_once(policies: Path, schemas: Path, edit: Edit) -> None:
    edit(POLICE, "basis: B6", "basis: B13")
    edit(CARE, "places: [northmoor]", "places: [eastmoor]")
    with pytest.raises(ConfigurationError) as refused:
        compile_policies(policies, schemas)
    assert "B13" in str(refused.value)
    assert "eastmoor" in str(refused.value)


def test_two_agreements_on_one_flow_and_day_are_refused(policies: Path, schemas: Path) -> None:
    text = (policies / PEER).read_text(encoding="utf-8")
    copied = text.replace("agreement: crisis-to-peer-support", "agreement: crisis-to-peers")
    (policies / "agreements/crisis-to-peers.yaml").write_text(copied, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="overlaps crisis-to-peer-support"):
        compile_policies(policies, schemas)
    (policies / "agreements/crisis-to-peers.yaml").write_text(
        copied.replace("starts: 2024-10-01", "starts: 2036-04-01").replace("ends: 2036-", "ends: 2040-"),
        encoding="utf-8",
    )
    compile_policies(policies, schemas)


def test_a_file_that_is_no_yaml_is_named(policies: Path, schemas: Path) -> None:
    (policies / SUBSCRIPTIONS).write_text("- desk: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"subscriptions\.yaml: line"):
        compile_policies(policies, schemas)


def test_a_schema_that_cannot_be_read_is_named(policies: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.avsc").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"odd\.avsc"):
        compile_policies(policies, tmp_path)


def test_a_missing_folder_is_told_and_does_not_raise_anything_else(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"area\.yaml: cannot be read"):
        compile_policies(tmp_path / "nowhere", tmp_path / "nowhere")


def test_the_same_files_compile_to_the_same_document(schemas: Path) -> None:
    assert compile_policies(shipped("policies"), schemas) == compile_policies(shipped("policies"), schemas)


def test_fields_stand_by_class_and_by_what_the_cell_lets_go(schemas: Path) -> None:
    data = compile_policies(shipped("policies"), schemas)
    grants = data["agreements"]["crisis-to-peer-support"]["grants"]["crisis.triage.completed"]
    assert grants["CL"]["whole"] == {"person.plan_now": "whole"}
    assert grants["CL"]["summary"] == {"person.plan_now": "summary"}
    assert grants["CL"]["pointer"] == {}
    assert grants["ST"]["role_or_number"] == {"person.call_now": "whole"}
    minimum = data["agreements"]["health-to-police-safety-minimum"]["grants"]["crisis.triage.completed"]
    assert minimum["AU"]["for_police"] == {"person.if_police_come": "summary"}
    assert grants["AU"]["summary"] == {"shareable_summary": "summary"}
    care = data["agreements"]["crisis-and-place-of-safety"]["grants"]["pos.s136.arrived"]
    assert care["OP"]["whole"]["episode_ref"] == "pseudonym"


def test_a_peer_supporter_is_no_responder_and_no_clinician(schemas: Path) -> None:
    data = compile_policies(shipped("policies"), schemas)
    assert data["columns"]["northmoor-crisis/peer"] == "vcse_professional"
    assert data["responders"] == {
        "moor-ambulance/control": ["northmoor", "southmoor"],
        "moor-ambulance/crew": ["northmoor", "southmoor"],
        "moor-ed/liaison": ["northmoor", "southmoor"],
        "moor-ed/nurse-in-charge": ["northmoor", "southmoor"],
        "moor-pos/s136-suite": ["northmoor", "southmoor"],
        "northmoor-crisis/crisis-line": ["northmoor"],
        "northmoor-crisis/home-treatment": ["northmoor"],
        "southmoor-crisis/crisis-line": ["southmoor"],
        "southmoor-crisis/home-treatment": ["southmoor"],
    }


def test_an_emergency_has_four_classes_without_numbers_and_without_what_the_exchange_reads(
    schemas: Path,
) -> None:
    for event_type, described in compile_policies(shipped("policies"), schemas)["event_types"].items():
        assert set(described["emergency"]) == {"ID", "LP", "OP", "SF"}, event_type
        named = {name for fields in described["emergency"].values() for name in fields}
        assert not named & {"subject.nhs_number", "event_id", "setting", "person.police_link"}
        assert {described["fields"][name]["class"] for name in named} <= {"ID", "LP", "OP", "SF"}


def test_r5_no_type_of_event_has_room_for_a_label(schemas: Path, tmp_path: Path) -> None:
    described = compile_policies(shipped("policies"), schemas)["event_types"]
    assert {name: one["labels"] for name, one in described.items() if one["labels"]} == {}
    copied = Path(shutil.copytree(schemas, tmp_path / "schemas"))
    path = copied / "ed.mh.arrived.avsc"
    path.write_text(path.read_text().replace('"name": "waiting_since"', '"name": "previous_attendances"'))
    policies = Path(shutil.copytree(shipped("policies"), tmp_path / "policies"))
    agreement = policies / "agreements/emergency-care-to-crisis.yaml"
    agreement.write_text(agreement.read_text().replace("    - person.waiting_since\n", ""))
    labelled = compile_policies(policies, copied)["event_types"]["ed.mh.arrived"]["labels"]
    assert labelled == ["person.previous_attendances"]
