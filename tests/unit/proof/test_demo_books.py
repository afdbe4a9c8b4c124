"""Books are read while lanes work: one that moves on in between is read again, one that lost rows is not."""

from typing import Any

import pytest

from broker.errors import PositionError
from broker.proof.demo import books


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "_BETWEEN_READS_S", 0)


def reading(monkeypatch: pytest.MonkeyPatch, *wrong: bool) -> list[int]:
    read: list[int] = []

    def read_position(*_: Any) -> str:
        read.append(1)
        if wrong[min(len(read), len(wrong)) - 1]:
            raise PositionError("lane 0 has decisions beyond its position")
        return "position"

    monkeypatch.setattr(books, "read_position", read_position)
    return read


def test_a_lane_that_moved_on_between_its_two_topics_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read = reading(monkeypatch, True, True, False)
    assert books._position(None, None, 0) == "position"  # type: ignore[arg-type, comparison-overlap]
    assert len(read) == 3


def test_a_lane_that_has_lost_rows_stays_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    reading(monkeypatch, True)
    with pytest.raises(PositionError):
        books._position(None, None, 0)  # type: ignore[arg-type]
