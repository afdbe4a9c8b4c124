"""Reads figures of workers that may be too busy to answer, or are just starting again."""

from broker.onebox.scrape import scrape
from tests.exchange import RunningExchange, wait_until

ANSWER_S = 5.0
ANSWERS_AT_LAST_S = 120.0


def figure(exchange: RunningExchange, part: str, name: str, **labels: str) -> float:
    """A worker's metric as soon as it answers: that it does not answer is no figure, least of all 0."""
    told: list[float] = []

    def answers() -> bool:
        value = exchange.metric(part, name, **labels)
        told.extend([] if value is None else [value])
        return bool(told)

    wait_until(answers, ANSWERS_AT_LAST_S, f"{part} tells {name}")
    return told[-1]


def lanes_at_rest(exchange: RunningExchange) -> dict[str, float] | None:
    """Each lane's position, where every lane is at the end of its log and runs no clock; else None.

    A lane whose owner is starting again, or has not looked at the log's end yet, is not known to be at rest.
    """
    positions: dict[str, float] = {}
    for part in exchange.release_workers():
        samples = scrape(exchange.port(part), ANSWER_S)
        if samples is None:
            return None
        lag, clocks, position = (
            {one.labels["lane"]: one.value for one in samples if one.name == name}
            for name in ("candour_lane_lag_entries", "candour_referrals_open", "candour_lane_position")
        )
        # A batch that ends after its lane was given away shows the lane once more, but not its lag.
        for lane, entries in lag.items():
            if entries != 0.0 or clocks.get(lane) != 0.0 or lane not in position:
                return None
            positions[lane] = position[lane]
    return positions if len(positions) == exchange.lanes else None
