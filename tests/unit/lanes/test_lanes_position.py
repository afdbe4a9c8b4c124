"""A lane starts only from a position that can be right; every other case is refused, with what to do."""

import struct

import pytest

from broker.errors import IntegrityError, PositionError
from broker.lanes.state import (
    POSITION_KEY,
    Position,
    check_position,
    decisions_key,
    genesis_record,
    open_row,
)
from broker.wire.block import BlockKey

KEY = BlockKey(bytes(range(32)))


def row(offset: int) -> bytes:
    return Position(offset, "northmoor-1").pack()


def test_a_position_inside_the_log_and_not_behind_the_decisions_is_right() -> None:
    for offset, log_start, log_end, decided in (
        (0, 0, 0, None),
        (5, 0, 9, decisions_key(5)),
        (5, 5, 5, decisions_key(4)),
        (9, 0, 9, decisions_key(9)),
    ):
        assert check_position(1, row(offset), log_start, log_end, decided).offset == offset


def test_a_missing_row_is_never_taken_for_a_new_lane() -> None:
    with pytest.raises(PositionError, match="no position row") as refused:
        check_position(3, None, 0, 0, None)
    assert refused.value.exit_code == 71
    assert "lane 3" in str(refused.value)


def test_a_position_below_the_start_of_the_log_would_skip_events() -> None:
    with pytest.raises(PositionError, match="deleted before they were handled"):
        check_position(0, row(4), 5, 9, None)


def test_a_position_beyond_the_end_of_the_log_is_of_another_log() -> None:
    with pytest.raises(PositionError, match="beyond the end"):
        check_position(0, row(10), 0, 9, None)


def test_decisions_beyond_the_position_mean_that_state_was_lost() -> None:
    with pytest.raises(PositionError, match="lost rows"):
        check_position(0, row(4), 0, 9, decisions_key(5))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"offset": 1}', b"\xff", b'{"offset":1,"no":2}'])
def test_a_row_that_cannot_be_read_is_a_broken_guarantee(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        check_position(0, data, 0, 9, None)


def test_the_genesis_row_stands_at_nought_under_the_revision_of_its_creation() -> None:
    key, value = genesis_record(KEY, 2, "northmoor-1")
    assert key == POSITION_KEY
    position = Position.unpack(open_row(KEY, 2, key, value))
    assert position == Position(0, "northmoor-1")
    assert (position.asked, position.decided, position.waiting) == (0, 0, 0)


def test_the_key_of_a_block_of_decisions_is_the_position_it_moved_the_lane_to() -> None:
    assert decisions_key(258) == struct.pack(">Q", 258)
