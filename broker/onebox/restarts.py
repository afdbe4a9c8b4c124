"""When an ended process is started again (design 2.2.4); pure, the clock is passed in."""

from dataclasses import dataclass, field

from broker.errors import EXIT_INTEGRITY, EXIT_POSITION, EXIT_USAGE

NEVER_RESTARTED = frozenset({EXIT_USAGE, EXIT_INTEGRITY, EXIT_POSITION})
"""A refused configuration, integrity, a position that cannot be right: trying again does harm or no good"""

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 10.0
STEADY_S = 30.0
"""A process that ran this long was well; the next end counts as its first"""
FAILING_ENDS = 5
FAILING_WINDOW_S = 60.0


@dataclass(slots=True)
class Restarts:
    """The ends of one process, and what follows from them."""

    total: int = 0
    _in_a_row: int = 0
    _recent_s: list[float] = field(default_factory=list)

    def ended(self, exit_code: int, ran_s: float, now_s: float) -> float | None:
        """How many seconds to wait before the next start; None when there is to be none."""
        if exit_code in NEVER_RESTARTED:
            return None
        if ran_s >= STEADY_S:
            self._in_a_row = 0
            self._recent_s.clear()
        self.total += 1
        self._in_a_row += 1
        self._recent_s = [*self._recent_s, now_s][-FAILING_ENDS:]
        return float(min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(self._in_a_row - 1, 16)))

    def failing(self, now_s: float) -> bool:
        """Whether it ended five times within a minute, without a steady run between."""
        ends = [end_s for end_s in self._recent_s if now_s - end_s <= FAILING_WINDOW_S]
        return len(ends) >= FAILING_ENDS
