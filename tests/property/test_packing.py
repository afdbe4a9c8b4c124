"""What is packed comes back as it was: entries, positions, states of people, waiting entries."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.identifiers import AgencyId
from broker.domain.incident import Incident
from broker.domain.vocabulary import AgencyKind, FieldClass, Purpose, WishKind
from broker.domain.wish import Wish
from broker.errors import IntegrityError
from broker.lanes.block import Entry, EntryKind, open_entries, pack, seal_entries, unpack
from broker.lanes.placement import lane_of
from broker.lanes.state import Position, Taken, open_row, seal_row
from broker.release.book import Book, Place, Seen, Waiting
from broker.release.referral import Referral
from broker.release.subject import SubjectState
from broker.wire.block import BlockKey

KEY = BlockKey(bytes(range(32)))
texts = st.text(max_size=40)
names = st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=40)
times = st.integers(-(2**62), 2**62)

entries = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    publisher=names,
    topic=names,
    offset=st.integers(0, 2**63),
    index=st.integers(0, 255),
    logged_at_us=times,
    subject=texts,
    event_id=texts,
    code=names,
    fields=st.lists(names.filter(bool), max_size=4).map(tuple),
    sound=st.booleans(),
    fingerprint=st.binary(max_size=32),
    body=st.binary(max_size=300),
)
wishes = st.builds(
    Wish,
    st.sampled_from(WishKind),
    names.map(AgencyId),
    st.sampled_from(AgencyKind),
    st.frozensets(st.sampled_from(Purpose)),
    st.frozensets(texts),
    st.frozensets(st.sampled_from(FieldClass)),
    st.none() | times,
)
incidents = st.builds(
    Incident,
    names.map(AgencyId),
    texts,
    st.none() | texts,
    times,
    st.booleans(),
    st.none() | times,
    st.none() | times,
)
states = st.builds(
    SubjectState, st.lists(wishes, max_size=4).map(tuple), st.lists(incidents, max_size=3).map(tuple)
)
places = st.builds(Place, st.integers(0, 2**62), st.integers(0, 2**31))


@given(entries)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert unpack(pack(entry)) == entry


@given(entries, st.data())
def test_an_entry_that_is_cut_or_longer_is_no_entry(entry: Entry, data: st.DataObject) -> None:
    packed = pack(entry)
    cut = data.draw(st.integers(0, len(packed) - 1))
    for damaged in (packed[:cut], packed + b"\0"):
        with pytest.raises(IntegrityError):
            unpack(damaged)


@given(st.lists(entries, max_size=5), st.integers(0, 31))
def test_a_block_opens_in_its_own_lane_only(block: list[Entry], lane: int) -> None:
    sealed = seal_entries(KEY, lane, [pack(entry) for entry in block])
    assert open_entries(KEY, lane, sealed) == tuple(block)
    with pytest.raises(IntegrityError):
        open_entries(KEY, lane + 1, sealed)


@given(st.builds(Position, *[st.integers(0, 2**60)], names, *[st.integers(0, 2**40)] * 4))
def test_a_position_comes_back_as_it_was(position: Position) -> None:
    assert Position.unpack(position.pack()) == position


@given(states)
def test_the_state_of_a_person_comes_back_as_it_was(state: SubjectState) -> None:
    assert SubjectState.unpack(state.pack()) == state


@given(places, entries, states, st.integers(0, 200), st.booleans(), st.booleans())
def test_a_waiting_entry_comes_back_with_the_facts_of_its_place(
    place: Place, entry: Entry, state: SubjectState, asked: int, urgent: bool, told: bool
) -> None:
    waiting = Waiting(place, entry, state, asked, urgent, told)
    assert Waiting.unpack(place, waiting.pack()) == waiting
    assert Place.unpack(place.pack()) == place


@given(st.lists(places, min_size=2, max_size=6))
def test_places_sort_as_their_bytes_do(several: list[Place]) -> None:
    assert sorted(several) == sorted(several, key=Place.pack)


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=20), st.integers(0, 31))
def test_a_row_opens_under_its_own_key_and_lane_only(value: bytes, row_key: bytes, lane: int) -> None:
    sealed = seal_row(KEY, lane, row_key, value)
    assert open_row(KEY, lane, row_key, sealed) == value
    for other in ((lane + 1, row_key), (lane, row_key + b"x")):
        with pytest.raises(IntegrityError):
            open_row(KEY, *other, sealed)


codes = st.sampled_from(["", "field_dropped", "identity_differs", "referral_unknown"])
agencies = st.from_regex(r"[a-z][a-z0-9-]{0,19}", fullmatch=True)
acting = st.none() | st.lists(agencies, max_size=6, unique=True).map(sorted).map(tuple)
digests = st.binary(min_size=8, max_size=8)
seen = st.one_of(
    st.builds(Seen, digests, places, codes, acting),
    st.builds(Seen, digests, places, codes, refused=st.just(True)),
)
referrals = st.builds(Referral, names, names, names, texts, *[st.integers(0, 2**60)] * 2)


@given(
    st.dictionaries(st.tuples(names, names), seen, max_size=6),
    st.dictionaries(texts, states, max_size=4),
    st.lists(st.tuples(places, entries, states), max_size=4, unique_by=lambda one: one[0]),
    st.lists(referrals, max_size=4, unique_by=lambda one: (one.publisher, one.event_id)),
)
def test_a_book_read_back_from_its_rows_knows_what_the_first_knew(
    handled: dict[tuple[str, str], Seen],
    people: dict[str, SubjectState],
    waiting: list[tuple[Place, Entry, SubjectState]],
    referred: list[Referral],
) -> None:
    secret = bytes(32)
    book = Book(Taken(Position(0, "r"), {}), secret)
    for (publisher, event_id), one in handled.items():
        book.remember(publisher, event_id, one)
    for subject, state in people.items():
        book.know(subject, state)
    for place, entry, state in sorted(waiting, key=lambda one: one[0]):
        book.wait(Waiting(place, entry, state, 1, urgent=True))
    for one in list(book.overdue(2**62))[:2]:
        book.told(one)
    for referral in referred:
        book.open_referral(referral)
    for referral in referred[:1]:
        book.close_referral(referral)
    rows = {key: value for key, value in book.turn(Position(7, "r")).items() if value is not None}
    again = Book(Taken(Position(7, "r"), rows), secret)
    assert all(again.seen(*name) == one for name, one in handled.items())
    assert all(again.subject(subject) == state for subject, state in people.items())
    assert list(again.waiting()) == list(book.waiting())
    assert list(again.overdue(2**62)) == list(book.overdue(2**62))
    assert {one.event_id for one in again.referrals.due(2**62)} == {one.event_id for one in referred[1:]}
    for place, entry, _ in waiting:
        after = Place(place.offset, place.index + 1)
        assert again.is_behind(entry.subject, after)
        assert book.is_behind(entry.subject, after)


@given(st.text(min_size=1, max_size=60), st.integers(1, 64))
def test_a_subject_has_one_lane_for_ever_and_only_its_key_tells_which(subject: str, lanes: int) -> None:
    lane = lane_of(b"k" * 32, subject, lanes)
    assert 0 <= lane < lanes
    assert lane == lane_of(b"k" * 32, subject, lanes)


def test_lanes_are_filled_evenly() -> None:
    key, lanes, people = os.urandom(32), 8, 8_000
    counts = [0] * lanes
    for number in range(people):
        counts[lane_of(key, f"nhs:{number:010d}", lanes)] += 1
    assert min(counts) > 0.8 * people / lanes
