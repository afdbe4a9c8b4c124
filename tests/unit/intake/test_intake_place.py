"""About whom an event is: a number only from health and care, else the publisher's own reference."""

import pytest

from broker.domain.identifiers import AgencyId
from broker.domain.vocabulary import HEALTH_AND_CARE, AgencyKind
from broker.intake.place import own_subject, subject_of
from broker.lanes.placement import lane_of

AGENCY, EVENT_ID = AgencyId("moor-police"), "019aa3f2-7c00-7000-8000-000000000001"
RECORD = {"subject": {"nhs_number": "9990000018", "local_ref": "L-1"}, "incident_ref": "I-1"}


def subject(kind: AgencyKind, record: dict[str, object], *, sound: bool = True) -> str:
    return subject_of(record, AGENCY, kind, EVENT_ID, sound=sound)


@pytest.mark.parametrize("kind", sorted(HEALTH_AND_CARE))
def test_the_number_names_the_subject_when_health_or_care_gives_it(kind: AgencyKind) -> None:
    assert subject(kind, RECORD) == "nhs:9990000018"


@pytest.mark.parametrize("kind", sorted(set(AgencyKind) - HEALTH_AND_CARE))
def test_a_number_from_anybody_else_is_a_hint_and_never_the_subject(kind: AgencyKind) -> None:
    assert subject(kind, RECORD) == "ref:moor-police:L-1"


def test_without_a_reference_it_is_the_incident_and_without_one_the_event() -> None:
    nobody = {"subject": {"nhs_number": None, "local_ref": None}}
    assert subject(AgencyKind.CRISIS, {**nobody, "incident_ref": "I-1"}) == "incident:moor-police:I-1"
    assert subject(AgencyKind.CRISIS, {**nobody, "incident_ref": None}) == f"event:moor-police:{EVENT_ID}"
    assert subject(AgencyKind.CRISIS, {}) == f"event:moor-police:{EVENT_ID}"


def test_an_unsound_identifier_names_nobody() -> None:
    assert subject(AgencyKind.CRISIS, RECORD, sound=False) == "incident:moor-police:I-1"


def test_two_agencies_references_never_name_the_same_subject() -> None:
    record = {"subject": {"nhs_number": None, "local_ref": "L-1"}}
    one = subject_of(record, AgencyId("moor-pos"), AgencyKind.PLACE_OF_SAFETY, EVENT_ID, sound=True)
    other = subject_of(record, AgencyId("moor-police"), AgencyKind.POLICE, EVENT_ID, sound=True)
    assert one != other
    assert own_subject(AgencyId("moor-pos")) not in {one, other}


def test_the_lane_depends_on_the_key_so_that_nobody_else_can_tell_who_is_where() -> None:
    lanes = {lane_of(bytes([key]) * 32, "nhs:9990000018", 64) for key in range(20)}
    assert len(lanes) > 5
