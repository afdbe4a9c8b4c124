"""How long a force is in an incident: never longer than the shortest of its windows, by either clock."""

from hypothesis import given
from hypothesis import strategies as st

from broker.domain.identifiers import AgencyId
from broker.domain.incident import HOUR_US, Incident
from broker.release.subject import SubjectState

FORCE = AgencyId("moor-police")
OPENED_US = 1_795_218_060_000_000
offsets = st.integers(-1, 60 * HOUR_US).map(lambda after: OPENED_US + after)
maybe = st.none() | offsets


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    reference = draw(st.sampled_from(["I-1", "I-2", "I-3"]))
    return Incident(
        draw(st.sampled_from([FORCE, AgencyId("southmoor-police")])),
        reference,
        draw(st.none() | st.just("NICHE-1")),
        draw(offsets),
        draw(st.booleans()),
        draw(maybe),
        draw(maybe),
    )


@given(incidents(), offsets, offsets)
def test_inside_means_both_clocks_are_before_every_end(
    incident: Incident, occurred: int, logged: int
) -> None:
    ends = [incident.opened_at_us + (48 if incident.s136_custody else 24) * HOUR_US]
    if incident.handed_over_at_us is not None:
        ends.append(incident.handed_over_at_us + 12 * HOUR_US)
    if incident.closed_at_us is not None:
        ends.append(incident.closed_at_us)
    assert incident.open_for(occurred, logged) == (max(occurred, logged) < min(ends))


@given(incidents(), offsets)
def test_what_ends_does_not_open_again_by_waiting(incident: Incident, at_us: int) -> None:
    if not incident.open_for(at_us, at_us):
        assert not incident.open_for(at_us + 1, at_us)
        assert not incident.open_for(at_us, at_us + 1)


@given(st.lists(incidents(), max_size=4), offsets, offsets)
def test_the_incident_of_a_force_is_its_latest_open_one_or_none(
    known: list[Incident], occurred: int, logged: int
) -> None:
    found = SubjectState(incidents=tuple(known)).incident_of(FORCE, occurred, logged)
    open_ones = [one for one in known if one.force == FORCE and one.open_for(occurred, logged)]
    assert found == (open_ones[-1] if open_ones else None)
