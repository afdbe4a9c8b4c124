"""Waves: which steps of a chapter may go out together. Pure."""

from collections.abc import Iterator, Sequence

from broker.proof.demo.script import Step


def waves(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Groups of steps: one of each person at a time, in each person's own order.

    What is told of one person must be taken in before the next is told of them: agencies have topics of
    their own, and between two topics nobody keeps order. Different people do not wait for each other.
    """
    left: dict[str, list[Step]] = {}
    for step in steps:
        left.setdefault(step.about, []).append(step)
    while left:
        yield tuple(queue.pop(0) for queue in left.values())
        left = {person: queue for person, queue in left.items() if queue}
