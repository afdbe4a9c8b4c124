"""Workers read from the compiled policies exactly what the officers signed."""

import json
from pathlib import Path

import pytest

from broker.domain.identifiers import AgreementId, DeskId, EventType, FieldName
from broker.domain.vocabulary import Purpose
from broker.errors import ConfigurationError
from broker.policy.compile import compile_policies
from broker.registry.agreements import BEFORE_ALL, Agreements, load_agreements
from broker.settings import shipped

DETAINED = EventType("police.s136.detained")


@pytest.fixture
def loaded(tmp_path: Path, schemas: Path) -> Agreements:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(compile_policies(shipped("policies"), schemas)))
    return load_agreements(path)


PLACES = frozenset({"northmoor", "southmoor"})


def asked_in(loaded: Agreements, event_type: str, place: str) -> set[tuple[str, str]]:
    return {
        (one.desk, one.agreement)
        for one in loaded.subscriptions
        if one.event_type == event_type and one.is_for(place, PLACES)
    }


def test_a_detention_goes_to_other_desks_in_each_place(loaded: Agreements) -> None:
    both = {
        ("moor-ambulance/control", "police-to-emergency-care"),
        ("moor-ed/nurse-in-charge", "police-to-emergency-care"),
    }
    assert asked_in(loaded, DETAINED, "northmoor") == both | {
        ("moor-pos/s136-suite", "police-to-crisis-response"),
        ("northmoor-crisis/crisis-line", "police-to-crisis-response"),
        ("northmoor-crisis/home-treatment", "police-to-crisis-response"),
        ("northmoor-asc/amhp-hub", "detention-to-amhp"),
    }
    assert asked_in(loaded, DETAINED, "southmoor") == both | {
        ("moor-pos/s136-suite", "police-to-crisis-response-southmoor"),
        ("southmoor-crisis/crisis-line", "police-to-crisis-response-southmoor"),
        ("southmoor-asc/amhp-hub", "detention-to-amhp"),
    }


def test_an_event_of_a_place_nobody_knows_finds_one_row_a_desk_and_somebody_who_acts(
    loaded: Agreements,
) -> None:
    for event_type in {one.event_type for one in loaded.subscriptions}:
        rows = [
            (one.desk, one.purpose)
            for one in loaded.subscriptions
            if one.event_type == event_type and one.is_for("elsewhere", PLACES)
        ]
        assert len(set(rows)) == len(rows)
    desks = {desk for desk, _ in asked_in(loaded, DETAINED, "elsewhere")}
    assert desks & set(loaded.responders) == {
        "moor-ambulance/control",
        "moor-ed/nurse-in-charge",
        "moor-pos/s136-suite",
        "northmoor-crisis/crisis-line",
        "northmoor-crisis/home-treatment",
        "southmoor-crisis/crisis-line",
    }


def test_only_the_end_of_custody_goes_on_after_an_incident(loaded: Agreements) -> None:
    rows = {(one.desk, one.event_type) for one in loaded.subscriptions if one.after_incident}
    assert rows == {("moor-police/control-room", "pos.s136.ended")}


def test_police_ask_within_an_incident_and_nobody_else_does(loaded: Agreements) -> None:
    for one in loaded.subscriptions:
        assert one.incident_scoped == one.desk.startswith("moor-police/")


def test_responders_act_in_the_places_that_they_serve(loaded: Agreements) -> None:
    assert loaded.responders[DeskId("northmoor-crisis/crisis-line")] == {"northmoor"}
    assert loaded.responders[DeskId("moor-ambulance/control")] == PLACES


def test_each_place_has_its_own_clock_for_a_referral(loaded: Agreements) -> None:
    minutes = {place: clock.minutes for place, clock in loaded.clocks.items()}
    assert minutes == {"northmoor": 15, "southmoor": 30}
    assert loaded.clocks["southmoor"].duty_contact == "01632 960221"


def test_an_agreement_reads_as_it_was_signed(loaded: Agreements) -> None:
    police = loaded.agreements[AgreementId("police-to-crisis-response")]
    assert police.purposes == {Purpose.P1}
    assert police.basis == "B6"
    assert FieldName("person.found_at") in police.fields[DETAINED]
    assert FieldName("subject.nhs_number") not in police.fields[DETAINED]
    assert not police.nhs_number_in_clear


def test_missing_persons_ask_within_an_incident_and_of_care_without_an_agreement(loaded: Agreements) -> None:
    rows = [one for one in loaded.subscriptions if one.desk == DeskId("moor-police/missing-persons")]
    assert {(one.event_type, one.agreement) for one in rows} == {
        ("crisis.triage.completed", "none"),
        ("pos.s136.arrived", "none"),
        ("ed.mh.arrived", "crime-reduction-request"),
        ("health.missing.info", "health-to-police-missing"),
        ("health.awol.reported", "health-to-police-missing"),
    }


@pytest.mark.parametrize(
    ("date", "interval"),
    [
        ("1999-01-01", BEFORE_ALL),
        ("2024-03-31", BEFORE_ALL),
        ("2024-04-01", "2024-04-01"),
        ("2024-09-30", "2024-04-01"),
        ("2024-10-01", "2024-10-01"),
        ("2026-03-31", "2024-10-01"),
        ("2036-03-31", "2026-04-01"),
        ("2036-04-01", "2036-04-01"),
    ],
)
def test_an_interval_starts_on_an_effective_date(loaded: Agreements, date: str, interval: str) -> None:
    assert loaded.interval_for(date) == interval


@pytest.mark.parametrize("text", ["", "{}", '{"format": "candour.policy.v0"}', "[]"])
def test_a_file_that_holds_no_compiled_policies_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "data.json").write_text(text)
    with pytest.raises(ConfigurationError, match="holds no compiled policies"):
        load_agreements(tmp_path / "data.json")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no compiled policies"):
        load_agreements(tmp_path / "data.json")
