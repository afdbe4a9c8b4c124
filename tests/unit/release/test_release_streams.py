"""What is out of place in a publisher's stream of envelopes is told once, by its code, and stops nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.codes import NOTICES, STREAM_CODES
from broker.release.streams import (
    AHEAD_US,
    SEALED_AHEAD,
    SEQUENCE_BACK,
    SEQUENCE_GAP,
    SEQUENCE_REPEATED,
    WINDOW,
    Stream,
    heard,
    mark_of,
)
from broker.wire.header import Header

NOW_US = 1_795_219_200_000_000
HEADER = Header("moor-pos", "candour", "from.moor-pos", bytes(16), 0, NOW_US, bytes(16), bytes(16))
LARGEST = 2**64 - 1


class Listener:
    """Hears envelopes as they stand in the topic, one offset after the other."""

    def __init__(self, known: Stream | None = None) -> None:
        self.known = known
        self.offset = 99

    def hears(
        self, *sequences: int, of: str = "", time_us: int = NOW_US, read_again: bool = False
    ) -> list[str]:
        """Codes of these numbers. `of` tells envelopes of one number apart."""
        told: list[str] = []
        for sequence in sequences:
            self.offset += not read_again
            header = replace(HEADER, sequence=sequence, time_us=time_us)
            mark = mark_of(f"{sequence}{of}".encode())
            after, codes = heard(self.known, header, mark, self.offset, NOW_US)
            assert Stream.unpack(after.pack()) == after
            self.known = after
            told += codes
        return told


def test_every_code_has_its_sentence() -> None:
    codes = {SEALED_AHEAD, SEQUENCE_BACK, SEQUENCE_GAP, SEQUENCE_REPEATED}
    assert codes == set(STREAM_CODES) <= set(NOTICES)


@pytest.mark.parametrize("first", [0, 1, 500, LARGEST])
def test_a_stream_begins_where_it_begins(first: int) -> None:
    assert Listener().hears(first) == []


@pytest.mark.parametrize("sequences", [range(300), (7, 8, 9)])
def test_one_after_the_other_is_as_it_should_be(sequences: range) -> None:
    assert Listener().hears(*sequences) == []


@pytest.mark.parametrize(
    ("sequences", "codes"),
    [
        ((1, 3), [SEQUENCE_GAP]),
        ((1, 3, 4, 5), [SEQUENCE_GAP]),
        ((1, 3, 5), [SEQUENCE_GAP, SEQUENCE_GAP]),
        ((1, LARGEST), [SEQUENCE_GAP]),
        ((1, LARGEST, 2, 3, 4), [SEQUENCE_GAP, SEQUENCE_BACK]),
        ((1, 2, 5, 3, 4, 6), [SEQUENCE_GAP, SEQUENCE_BACK]),
        ((9, 3), [SEQUENCE_BACK]),
        ((9, 3, 5), [SEQUENCE_BACK, SEQUENCE_BACK]),
    ],
)
def test_a_gap_and_what_comes_late_are_told(sequences: tuple[int, ...], codes: list[str]) -> None:
    assert Listener().hears(*sequences) == codes


def test_another_envelope_under_a_known_number_is_told() -> None:
    listener = Listener()
    assert listener.hears(0, 1, 2) == []
    assert listener.hears(1, of="other") == [SEQUENCE_REPEATED]
    assert listener.hears(3) == []


def test_an_outbox_that_sends_again_what_it_is_not_sure_of_is_told_nothing() -> None:
    listener = Listener()
    assert listener.hears(*range(200)) == []
    assert listener.hears(*range(200 - WINDOW, 200)) == []
    assert listener.hears(200) == []
    # Beyond what is remembered it may be anybody's copy.
    assert listener.hears(10) == [SEQUENCE_BACK]


def test_an_outbox_of_a_backup_is_told_once() -> None:
    listener = Listener()
    assert listener.hears(*range(1_000)) == []
    assert listener.hears(*range(950, 1_050), of="after the backup") == [SEQUENCE_REPEATED]
    assert listener.hears(*range(1_050, 1_060)) == []
    old = Listener()
    assert old.hears(*range(1_000)) == []
    assert old.hears(*range(100, 1_050), of="after the backup") == [SEQUENCE_BACK]


def test_what_intake_reads_again_is_no_second_envelope() -> None:
    listener = Listener()
    assert listener.hears(*range(1_000)) == []
    listener.offset = 99
    assert listener.hears(*range(1_000)) == []
    assert listener.hears(1_000) == []


def test_what_came_late_and_comes_again_is_known() -> None:
    listener = Listener()
    assert listener.hears(1, 3, 2) == [SEQUENCE_GAP, SEQUENCE_BACK]
    assert listener.hears(2) == []


def test_a_clock_that_is_ahead_is_told_until_it_is_right_again() -> None:
    listener, ahead = Listener(), NOW_US + AHEAD_US + 1
    assert listener.hears(0, time_us=NOW_US + AHEAD_US) == []
    assert listener.hears(1, 2, 3, time_us=ahead) == [SEALED_AHEAD]
    assert listener.hears(4) == []
    assert listener.hears(6, time_us=ahead) == [SEALED_AHEAD, SEQUENCE_GAP]


@pytest.mark.parametrize("behind_us", [60_000_000, 14 * 24 * 3_600_000_000, NOW_US])
def test_an_outbox_may_have_waited_for_kafka(behind_us: int) -> None:
    assert Listener().hears(0, time_us=NOW_US - behind_us) == []


@given(st.lists(st.integers(0, 40) | st.sampled_from([LARGEST, LARGEST - 1]), max_size=60))
def test_no_missing_number_goes_untold(sequences: list[int]) -> None:
    """Whatever came before: who jumps ahead is told, and the row never grows beyond its window."""
    listener = Listener()
    for sequence in sequences:
        before = listener.known
        codes = listener.hears(sequence)
        assert (SEQUENCE_GAP in codes) == (before is not None and sequence > before.highest + 1)
        assert listener.known is not None
        assert len(listener.known.pack()) <= 25 + 8 * WINDOW
