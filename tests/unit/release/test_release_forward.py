"""What lanes tell each other: links, what a reference held, the end of an incident; and doubtful identity."""

from dataclasses import replace

import pytest

from broker.domain.identifiers import AgencyId
from broker.domain.vocabulary import Marker
from broker.errors import IntegrityError
from broker.lanes.block import Entry, EntryKind
from broker.release.book import Place
from broker.release.fold import fold
from broker.release.forward import carried, carry, data_of, ended, incident_over, linked, told_by
from broker.release.identity import differs
from broker.release.subject import NOTHING_KNOWN, Marked, SubjectState
from tests import builders
from tests.unit.release.events import event_of

NOW_US = builders.OCCURRED_AT_US
POLICE = AgencyId("moor-police")
FORCES = frozenset({POLICE})
PERSON, REFERENCE, INCIDENT = "nhs:9990000018", "ref:moor-police:NICHE-77", "incident:moor-police:I-1042"
PLACE = Place(7, 2)
ARRIVAL = Entry(EntryKind.EVENT, "moor-pos", "from.moor-pos", 1, 0, NOW_US, subject=PERSON)


def after_arrival(state: SubjectState = NOTHING_KNOWN) -> SubjectState:
    return fold(state, event_of("pos.s136.arrived", builders.arrived()), NOW_US, FORCES)


def links() -> dict[str, Entry]:
    return {one.subject: one for one in told_by(PLACE, ARRIVAL, NOTHING_KNOWN, after_arrival())}


def test_a_link_is_told_to_the_reference_and_to_the_incident_once() -> None:
    assert set(links()) == {REFERENCE, INCIDENT}
    assert {one.kind for one in links().values()} == {EntryKind.LINK}
    assert not list(told_by(PLACE, ARRIVAL, after_arrival(), after_arrival(after_arrival())))


def test_a_reference_forwards_to_the_first_person_it_was_linked_to() -> None:
    state = linked(NOTHING_KNOWN, links()[REFERENCE])
    assert state.forward_to == PERSON
    another = replace(links()[REFERENCE], body=b'{"to": "nhs:9990000026"}')
    assert linked(state, another).forward_to == PERSON


def test_an_incident_knows_everybody_who_is_in_it_and_forwards_nothing() -> None:
    state = linked(NOTHING_KNOWN, links()[INCIDENT])
    state = linked(state, replace(links()[INCIDENT], body=b'{"to": "nhs:9990000026"}'))
    state = linked(state, links()[INCIDENT])
    assert state.linked == (PERSON, "nhs:9990000026")
    assert not state.forward_to


def test_an_incident_that_its_force_closes_ends_for_everybody_who_is_in_it() -> None:
    known = linked(NOTHING_KNOWN, links()[INCIDENT])
    closure = event_of(
        "police.incident.closed", builders.BUILDERS["police.incident.closed"](), subject=INCIDENT
    )
    closed = fold(known, closure, NOW_US, FORCES)
    cause = replace(ARRIVAL, subject=INCIDENT)
    (told,) = told_by(PLACE, cause, known, closed)
    assert (told.kind, told.subject) == (EntryKind.ENDED, PERSON)
    person = incident_over(after_arrival(), told)
    assert person.incidents[0].closed_at_us == closed.closed_at_us
    assert person.incident_of(POLICE, NOW_US + 1, NOW_US + 1) is None


def test_a_force_that_closes_its_incident_twice_closed_it_the_first_time() -> None:
    first = incident_over(after_arrival(), ended(PLACE, replace(ARRIVAL, subject=INCIDENT), PERSON, 5))
    again = incident_over(first, ended(PLACE, replace(ARRIVAL, subject=INCIDENT), PERSON, 9))
    assert again.incidents[0].closed_at_us == 5


def test_wishes_and_markers_held_under_a_reference_come_over_with_the_link() -> None:
    objection = event_of("person.objection.raised", builders.objection_raised(), subject=REFERENCE)
    held = fold(NOTHING_KNOWN, objection, NOW_US, FORCES)
    held = replace(held, markers=(Marked(Marker.DOMESTIC_ABUSE),))
    entry = carry(PLACE, links()[REFERENCE], held)
    assert entry is not None
    assert (entry.kind, entry.subject) == (EntryKind.CARRY, PERSON)
    person = carried(after_arrival(), entry)
    assert person.wishes == held.wishes
    assert person.markers_at(NOW_US) == {Marker.DOMESTIC_ABUSE}
    assert carry(PLACE, links()[REFERENCE], NOTHING_KNOWN) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
def test_an_entry_from_another_lane_that_cannot_be_read_breaks_integrity(body: bytes) -> None:
    with pytest.raises(IntegrityError):
        data_of(replace(links()[REFERENCE], body=body))


@pytest.mark.parametrize(
    ("family_name", "date_of_birth", "other"),
    [
        ("Example", "1988-04-02", False),
        ("EXAMPLE ", "1988-04-02", False),
        ("Married", "1988-04-02", False),
        ("Example", "1999-01-01", False),
        ("Married", "1988", False),
        ("Married", None, False),
        (None, "1999-01-01", False),
        ("Sample", "1999-01-01", True),
    ],
)
def test_r36_a_number_given_for_somebody_else_is_noticed_by_name_and_birth_date_together(
    family_name: str | None, date_of_birth: str | None, other: bool
) -> None:
    known = after_arrival().identity
    record = builders.triaged(
        changes={"subject.family_name": family_name, "subject.date_of_birth": date_of_birth}
    )
    assert differs(known, event_of("crisis.triage.completed", record)) is other


def test_what_police_call_somebody_is_no_sign_of_who_it_is() -> None:
    record = builders.detained(
        changes={"subject.family_name": "Other", "subject.date_of_birth": "2001-01-01"}
    )
    assert not differs(after_arrival().identity, event_of("police.s136.detained", record))
