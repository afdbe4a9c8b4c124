"""What is started again, when, and what never is (design 2.2.4)."""

import pytest

from broker.onebox.restarts import LONGEST_DELAY_S, Restarts


@pytest.mark.parametrize("code", [2, 3, 71])
def test_a_refusal_is_never_started_again(code: int) -> None:
    assert Restarts().ended(code, ran_s=1.0, now_s=100.0) is None


@pytest.mark.parametrize("code", [70, -9, -15, 1, 0])
def test_any_other_end_is_followed_by_a_start(code: int) -> None:
    assert Restarts().ended(code, ran_s=1.0, now_s=100.0) == pytest.approx(0.2)


def test_each_early_end_doubles_the_wait_up_to_ten_seconds() -> None:
    restarts = Restarts()

    delays = [restarts.ended(70, ran_s=1.0, now_s=float(number)) for number in range(9)]

    assert delays == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 10.0])
    assert restarts.total == 9
    for number in range(2_000):
        assert restarts.ended(70, ran_s=1.0, now_s=float(number)) == LONGEST_DELAY_S


def test_a_steady_run_makes_the_next_end_the_first() -> None:
    restarts = Restarts()
    for number in range(6):
        restarts.ended(70, ran_s=1.0, now_s=float(number))

    assert restarts.ended(70, ran_s=31.0, now_s=40.0) == pytest.approx(0.2)
    assert not restarts.failing(now_s=40.0)


def test_five_ends_within_a_minute_are_a_failing_part_and_four_are_not() -> None:
    restarts = Restarts()
    for now_s in (0.0, 10.0, 20.0, 30.0):
        restarts.ended(70, ran_s=1.0, now_s=now_s)
    assert not restarts.failing(now_s=30.0)

    restarts.ended(70, ran_s=1.0, now_s=40.0)

    assert restarts.failing(now_s=40.0)
    assert restarts.failing(now_s=60.0)
    assert not restarts.failing(now_s=60.1)
