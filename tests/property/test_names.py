"""The names that desks get: none can be joined with another agency's, and we can turn them back."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from broker.domain.identifiers import AgencyId, DeskId, EventId, agency_of
from broker.domain.vocabulary import AgencyKind, Purpose
from broker.release.naming import NamedEvent, Naming

NAMING = Naming(lambda route: hashlib.sha512(route.encode()).digest())
ROUTES = [
    (DeskId(desk), kind, purpose)
    for desk, kind in (
        ("moor-police/control-room", AgencyKind.POLICE),
        ("moor-police/missing-persons", AgencyKind.POLICE),
        ("northmoor-crisis/crisis-line", AgencyKind.CRISIS),
        ("northmoor-crisis/peer", AgencyKind.CRISIS),
        ("southmoor-crisis/crisis-line", AgencyKind.CRISIS),
        ("moor-pos/s136-suite", AgencyKind.PLACE_OF_SAFETY),
    )
    for purpose in (Purpose.P1, Purpose.P5)
]
Route = tuple[DeskId, AgencyKind, Purpose]
routes = st.sampled_from(ROUTES)
identifiers = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=64)
events = st.builds(
    NamedEvent,
    st.integers(0, 1023),
    st.from_regex(r"[a-z][a-z0-9-]{5,39}", fullmatch=True).map(AgencyId),
    st.uuids().map(lambda one: EventId(str(one))),
)
subjects = st.one_of(
    identifiers.map("nhs:{}".format),
    identifiers.map("ref:moor-police:{}".format),
    identifiers.map("event:moor-pos:{}".format),
)


@given(routes, subjects)
def test_a_pseudonym_can_be_turned_back_by_us(route: Route, subject: str) -> None:
    name = NAMING.subject(*route, subject)
    if name.startswith("s_"):
        assert NAMING.subject_behind(*route, name) == subject
        assert subject.split(":", 1)[1] not in name or len(subject) < 9


@given(routes, routes, subjects)
def test_two_agencies_or_two_purposes_never_share_a_name_of_a_person(
    one: Route, other: Route, subject: str
) -> None:
    first, second = NAMING.subject(*one, subject), NAMING.subject(*other, subject)
    same_feed = agency_of(one[0]) == agency_of(other[0]) and one[2] == other[2]
    issued = subject.startswith(f"ref:{agency_of(one[0])}:")
    if same_feed or (issued and agency_of(one[0]) == agency_of(other[0])):
        assert first == second
    else:
        assert first != second
        assert NAMING.subject_behind(*other, first) is None


@given(routes, routes, identifiers)
def test_no_two_desks_share_a_name_of_anothers_reference(one: Route, other: Route, identifier: str) -> None:
    issuer = AgencyId("moor-ambulance")
    same = one == other
    assert (
        NAMING.reference(*one, issuer, identifier) == NAMING.reference(*other, issuer, identifier)
    ) == same


@given(routes, routes, events, events)
def test_no_two_desks_share_a_name_of_an_event_and_no_two_events_one(
    one: Route, other: Route, event: NamedEvent, another: NamedEvent
) -> None:
    name = NAMING.event(*one, event)
    assert (name == NAMING.event(*other, event)) == (one == other)
    assert (name == NAMING.event(*one, another)) == (event == another)
    assert len(name) == len(NAMING.event(*other, another)) <= 128


@given(routes, routes, events)
def test_a_desk_can_cite_an_event_by_the_name_it_got_and_by_no_other(
    one: Route, other: Route, event: NamedEvent
) -> None:
    name = NAMING.event(*one, event)
    assert NAMING.event_behind(*one, name) == event
    assert (NAMING.event_behind(*other, name) is None) == (one != other)
    assert event.publisher not in name
    assert NamedEvent.parse(str(event)) == event


@given(routes, identifiers)
def test_an_agency_sees_what_it_issued_as_it_issued_it(route: Route, identifier: str) -> None:
    agency = agency_of(route[0])
    assert NAMING.reference(*route, agency, identifier) == identifier
    assert NAMING.subject(*route, f"ref:{agency}:{identifier}") == identifier


@given(routes, identifiers, identifiers)
def test_two_references_have_two_names_and_a_name_tells_no_length(route: Route, one: str, other: str) -> None:
    issuer = AgencyId("moor-ambulance")
    first, second = (NAMING.reference(*route, issuer, name) for name in (one, other))
    assert (first == second) == (one == other)
    if max(len(one), len(other)) <= 32:
        assert len(first) == len(second)


@given(routes, st.text(max_size=200))
def test_a_name_that_was_never_given_is_nobodys(route: Route, made_up: str) -> None:
    assert NAMING.subject_behind(*route, made_up) is None
    assert NAMING.subject_behind(*route, f"s_{made_up}") is None
    assert NAMING.event_behind(*route, made_up) is None
    assert NAMING.event_behind(*route, f"e_{made_up}") is None
