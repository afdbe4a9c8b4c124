"""What Intake takes, what it takes in part, and what it refuses: by code and field, never by value."""

from typing import Any

import pytest

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind
from broker.errors import PayloadError
from broker.intake.decode import Decoded, UnreadableError, decode
from broker.registry.catalogue import load_catalogue
from broker.registry.event_reader import EventReader
from broker.registry.registry import AgencyEntry, Registry
from broker.settings import shipped
from broker.wire.keys import OpeningKey
from tests import builders

PEER = DeskId("northmoor-crisis/peer")
CRISIS = AgencyEntry(AgencyKind.CRISIS, PEER, (), {"peer": OpeningKey.generate().sealing_key})
READER = EventReader(load_catalogue(shipped("schemas")), Registry({AgencyId("northmoor-crisis"): CRISIS}, {}))
ARRIVED, GIVEN, DETAINED = "pos.s136.arrived", "person.permission.given", "police.s136.detained"
PLANNED = {"setting": "planned", "purpose": "P2"}


def taken(event_type: str, kind: AgencyKind, **changes: Any) -> Decoded:
    usual = {"person.scope_classes": ["OP"]} if event_type == GIVEN else {}
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    record = builders.BUILDERS[event_type](changes=usual | dotted)
    codec = builders.codec(event_type)
    return decode(codec.fingerprint, codec.encode(record), kind, READER)


def arrived(**changes: Any) -> Decoded:
    return taken(ARRIVED, AgencyKind.PLACE_OF_SAFETY, **changes)


def given(kind: AgencyKind = AgencyKind.PERSON, **changes: Any) -> Decoded:
    return taken(GIVEN, kind, **changes)


def refused(event_type: str, kind: AgencyKind, **changes: Any) -> UnreadableError:
    with pytest.raises(UnreadableError) as error:
        taken(event_type, kind, **changes)
    return error.value


def test_a_good_event_is_taken_whole() -> None:
    decoded = arrived()
    assert (decoded.sound, decoded.dropped, decoded.notice) == (True, (), "")
    assert decoded.spec.event_type == ARRIVED


def test_an_unknown_schema_is_refused() -> None:
    with pytest.raises(PayloadError, match="schema_unknown"):
        decode(bytes(32), b"", AgencyKind.CRISIS, READER)


def test_a_delivery_schema_is_no_event() -> None:
    codec = READER.catalogue.deliveries[READER.catalogue.specs[next(iter(READER.catalogue.specs))].event_type]
    with pytest.raises(PayloadError, match="schema_unknown"):
        decode(codec.fingerprint, b"", AgencyKind.CRISIS, READER)


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        (GIVEN, AgencyKind.POLICE),
        (GIVEN, AgencyKind.HOUSING),
        (GIVEN, AgencyKind.VCSE),
        (GIVEN, AgencyKind.CARER),
        (GIVEN, AgencyKind.COMMISSIONER),
        (GIVEN, AgencyKind.GOVERNANCE),
        (ARRIVED, AgencyKind.POLICE),
        (DETAINED, AgencyKind.CRISIS),
        ("crisis.triage.completed", AgencyKind.POLICE),
    ],
)
def test_only_those_entitled_may_publish_a_type(event_type: str, kind: AgencyKind) -> None:
    error = refused(event_type, kind)
    assert error.code == "publisher_not_entitled"
    assert error.event_id


@pytest.mark.parametrize("kind", sorted(set(AgencyKind) - {AgencyKind.BROKER}))
@pytest.mark.parametrize("event_type", ["person.permission.withdrawn", "person.objection.raised"])
def test_a_withdrawal_or_an_objection_is_taken_from_anyone_the_person_told(
    event_type: str, kind: AgencyKind
) -> None:
    assert taken(event_type, kind).sound


def test_an_event_without_its_time_is_refused_by_that_name() -> None:
    error = refused(ARRIVED, AgencyKind.PLACE_OF_SAFETY, occurred_at=None)
    assert (error.code, error.fields) == ("occurred_at_missing", ("occurred_at",))


@pytest.mark.parametrize(
    "number", ["9990000019", "999000001", "99900000180", "999 0000018", "9990000018 ", "\uff19990000018", ""]
)
def test_a_bad_number_in_an_emergency_costs_the_person_part_and_not_the_core(number: str) -> None:
    decoded = arrived(subject__nhs_number=number)
    assert not decoded.sound
    assert decoded.notice == "identifier_dropped"
    assert set(decoded.dropped) == {"subject", "subject.nhs_number"}


def test_a_bad_number_in_a_planned_contact_is_refused() -> None:
    error = refused(ARRIVED, AgencyKind.PLACE_OF_SAFETY, subject__nhs_number="9990000019", **PLANNED)
    assert (error.code, error.fields) == ("field_invalid", ("subject.nhs_number",))
    assert "9990000019" not in str(error)


def test_a_bad_number_from_police_is_a_bad_hint_and_no_more() -> None:
    decoded = taken(DETAINED, AgencyKind.POLICE, subject__nhs_number="9990000019")
    assert decoded.sound
    assert (decoded.dropped, decoded.notice) == (("subject.nhs_number",), "field_dropped")


@pytest.mark.parametrize(
    "reference", [" NICHE-77", "NICHE-77 ", "NICHE\t77", "NICHE\u00a077", "N\u0406CHE", ""]
)
def test_a_reference_has_one_spelling_or_it_is_unsound(reference: str) -> None:
    assert not taken(DETAINED, AgencyKind.POLICE, subject__local_ref=reference).sound


def test_a_bad_optional_field_of_an_urgent_event_is_left_out() -> None:
    decoded = arrived(setting="urgent", shareable_summary="x" * 501, subject__date_of_birth="1990-13-01")
    assert decoded.sound
    assert decoded.dropped == ("shareable_summary", "subject.date_of_birth")


@pytest.mark.parametrize("born", ["1990", "1990-02", "1990-02-28"])
def test_a_date_of_birth_may_be_known_in_part(born: str) -> None:
    # Whoever knows the year only must not lose it.
    assert arrived(subject__date_of_birth=born).dropped == ()


@pytest.mark.parametrize(
    "born", ["90", "1990-", "1990-13", "1990-02-30", "1990-2-3", "02/1990", "1990-02-28 "]
)
def test_a_date_of_birth_that_is_no_date_is_left_out(born: str) -> None:
    assert arrived(subject__date_of_birth=born).dropped == ("subject.date_of_birth",)


def test_a_part_inside_a_unit_costs_the_whole_unit() -> None:
    decoded = arrived(person__call_now={"role": "x" * 61, "number": "01632 960101"})
    assert decoded.dropped == ("person.call_now",)


@pytest.mark.parametrize(
    "changes", [{"core__area": "x" * 41}, {"occurred_at": 10**18}], ids=["core.area", "occurred_at"]
)
def test_a_core_that_is_wrong_itself_is_refused_even_in_an_emergency(changes: dict[str, Any]) -> None:
    assert refused(ARRIVED, AgencyKind.PLACE_OF_SAFETY, **changes).code == "field_invalid"


@pytest.mark.parametrize(
    "event_id", ["", "no id", "019AA3F2-7C00-7000-8000-000000000001", "019aa3f27c007000"]
)
def test_an_event_id_is_a_uuid_in_one_spelling(event_id: str) -> None:
    with pytest.raises(PayloadError, match="event_id_invalid"):
        arrived(event_id=event_id)


@pytest.mark.parametrize("part", ["scope_purposes", "scope_recipients", "scope_classes"])
def test_a_permission_with_an_open_part_is_refused_not_taken_as_wide(part: str) -> None:
    error = refused(GIVEN, AgencyKind.PERSON, **{f"person__{part}": []})
    assert (error.code, error.fields) == ("scope_open", (f"person.{part}",))


@pytest.mark.parametrize("name", ["*", "northmoor-*", "northmoor-crisis/?", "%"])
def test_a_wildcard_names_nobody_and_so_no_wish_is_taken_that_has_one(name: str) -> None:
    """It would be confirmed, look as if it spoke of everybody, and cover nobody."""
    recipients = {"person__scope_recipients": ["northmoor-crisis/peer", name]}
    error = refused(GIVEN, AgencyKind.PERSON, **recipients)
    assert (error.code, error.fields) == ("scope_open", ("person.scope_recipients",))
    for event_type in ("person.objection.raised", "person.permission.withdrawn"):
        error = refused(event_type, AgencyKind.PERSON, **recipients)
        assert (error.code, error.fields) == ("field_invalid", ("person.scope_recipients",))


def test_a_permission_of_somebody_without_capacity_for_it_is_refused() -> None:
    assert refused(GIVEN, AgencyKind.PERSON, person__capacity_ok="no").code == "permission_without_capacity"


@pytest.mark.parametrize("answer", ["yes", "unknown", "not_asked"])
def test_capacity_is_presumed_unless_somebody_said_otherwise(answer: str) -> None:
    assert given(person__capacity_ok=answer).sound


def test_a_wish_is_never_taken_in_part() -> None:
    error = refused(GIVEN, AgencyKind.PERSON, setting="emergency_live", person__scope_recipients=["x" * 81])
    assert (error.code, error.fields) == ("field_invalid", ("person.scope_recipients",))


def test_a_wish_of_nobody_is_refused() -> None:
    error = refused(GIVEN, AgencyKind.PERSON, subject__nhs_number=None, subject__local_ref=None)
    assert (error.code, error.fields) == ("field_invalid", ("subject",))


def test_an_objection_may_leave_everything_open() -> None:
    nothing = {f"person__{part}": [] for part in ("scope_purposes", "scope_recipients", "scope_classes")}
    assert taken("person.objection.raised", AgencyKind.POLICE, **nothing).sound


@pytest.mark.parametrize("event_type", [GIVEN, "person.permission.withdrawn", "person.objection.raised"])
@pytest.mark.parametrize(
    "name", ["northmoor-crisis/per", "nortmoor-crisis", "northmoor-crisis/", "n\u043erthmoor-crisis"]
)
def test_a_wish_about_a_desk_that_nobody_is_is_refused(event_type: str, name: str) -> None:
    recipients = {"person__scope_recipients": ["northmoor-crisis/peer", name]}
    error = refused(event_type, AgencyKind.PERSON, **recipients)
    assert (error.code, error.fields) == ("field_invalid", ("person.scope_recipients",))


def test_a_wish_may_name_an_agency_as_a_whole() -> None:
    decoded = taken(
        "person.objection.raised", AgencyKind.PERSON, person__scope_recipients=["northmoor-crisis"]
    )
    assert decoded.dropped == ()


@pytest.mark.parametrize("event_type", [GIVEN, "person.restriction.set"])
@pytest.mark.parametrize("early_us", [0, 1, 365 * 24 * builders.HOUR_US])
def test_what_ends_before_it_begins_is_refused(event_type: str, early_us: int) -> None:
    ends = {"person__valid_until": builders.OCCURRED_AT_US - early_us}
    error = refused(event_type, AgencyKind.CRISIS, occurred_at=builders.OCCURRED_AT_US, **ends)
    assert (error.code, error.fields) == ("field_invalid", ("person.valid_until",))


def test_a_permission_may_be_short() -> None:
    ends = builders.OCCURRED_AT_US + 1
    assert given(occurred_at=builders.OCCURRED_AT_US, person__valid_until=ends).sound


@pytest.mark.parametrize("event_type", ["person.objection.raised", "person.permission.withdrawn"])
def test_no_end_makes_a_no_be_lost(event_type: str) -> None:
    ends = {"person__valid_until": builders.OCCURRED_AT_US - 1}
    assert taken(event_type, AgencyKind.PERSON, occurred_at=builders.OCCURRED_AT_US, **ends).sound


@pytest.mark.parametrize("minutes", [-1, 1_441])
def test_a_number_outside_its_range_is_refused_when_planned_and_left_out_when_urgent(minutes: int) -> None:
    name, wrong = "person.restraint_minutes", {"person__restraint_minutes": minutes}
    error = refused(DETAINED, AgencyKind.POLICE, **wrong, setting="planned")
    assert (error.code, error.fields) == ("field_invalid", (name,))
    decoded = taken(DETAINED, AgencyKind.POLICE, **wrong, setting="emergency_live")
    assert (decoded.notice, decoded.dropped, decoded.sound) == ("field_dropped", (name,), True)


@pytest.mark.parametrize("minutes", [0, 1_440])
def test_the_ends_of_a_range_are_inside(minutes: int) -> None:
    assert not taken(DETAINED, AgencyKind.POLICE, person__restraint_minutes=minutes).dropped
