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


def test_a_detention_goes_to_three_desks(loaded: Agreements) -> None:
    desks = {one.desk for one in loaded.subscriptions if one.event_type == DETAINED}
    assert desks == {
        "moor-pos/s136-suite",
        "northmoor-crisis/crisis-line",
        "northmoor-crisis/home-treatment",
    }


def test_an_agreement_reads_as_it_was_signed(loaded: Agreements) -> None:
    police = loaded.agreements[AgreementId("police-to-crisis-response")]
    assert police.purposes == {Purpose.P1}
    assert police.basis == "B6"
    assert FieldName("person.found_at") in police.fields[DETAINED]
    assert FieldName("subject.nhs_number") not in police.fields[DETAINED]
    assert not police.nhs_number_in_clear


def test_missing_persons_ask_within_an_incident_and_without_an_agreement(loaded: Agreements) -> None:
    rows = [one for one in loaded.subscriptions if one.desk == DeskId("moor-police/missing-persons")]
    assert {(one.agreement, one.incident_scoped) for one in rows} == {("none", True)}


@pytest.mark.parametrize(
    ("date", "interval"),
    [
        ("1999-01-01", BEFORE_ALL),
        ("2024-03-31", BEFORE_ALL),
        ("2024-04-01", "2024-04-01"),
        ("2024-09-30", "2024-04-01"),
        ("2024-10-01", "2024-10-01"),
        ("2036-03-31", "2024-10-01"),
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
