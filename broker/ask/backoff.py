"""How long to leave a policy engine alone that did not answer."""

from collections.abc import Callable

FIRST_S = 0.1
MOST_S = 5.0


class Backoff:
    """0.1 s, doubled at each failure up to 5 s, times a random 0.5 to 1 so that lanes do not knock as one."""

    def __init__(self, random: Callable[[], float]) -> None:
        """`random` gives numbers from 0 up to 1."""
        self._random = random
        self._failures = 0

    def next_s(self) -> float:
        """Seconds to wait after one more failure."""
        longest = min(MOST_S, FIRST_S * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return longest * (0.5 + self._random() / 2)

    def reset(self) -> None:
        """It answered."""
        self._failures = 0
