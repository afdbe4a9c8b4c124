"""Reads figures of workers that may be too busy to answer, or are just starting again."""

from tests.exchange import RunningExchange, wait_until

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
