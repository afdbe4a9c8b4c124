"""Systematic sampling: shares of a whole year are held, who gets what is left to chance. Pure.

Drawn one by one, 520 detentions would miss a share of 48 % by more than two points in every third year. A
published share is the share of a year that was, so the year's labels are laid out first, each as often as it
should be (give or take one), and then dealt at random.
"""

from collections.abc import Hashable, Mapping, Sequence
from random import Random
from typing import Final, TypeVar

Label = TypeVar("Label", bound=Hashable)
_ROUNDS: Final = 40


def labels(shares: Mapping[Label, float], count: int, chance: Random) -> list[Label]:
    """`count` labels in random order, each floor or ceiling of its share of them."""
    whole, start = sum(shares.values()), chance.random()
    found: list[Label] = []
    reached, before = 0.0, int(start)
    for label, share in shares.items():
        reached += share
        upto = int(count * min(1.0, reached / whole) + start + 1e-9)
        found += [label] * (upto - before)
        before = upto
    chance.shuffle(found)
    return found


def yes(share: float, count: int, chance: Random) -> list[bool]:
    """`count` times yes or no."""
    return labels({True: share, False: 1.0 - share}, count, chance)


def by_place(
    counts: Sequence[int],
    shares: Mapping[Label, float],
    leaning: Sequence[Mapping[Label, float]],
    chance: Random,
) -> list[list[Label]]:
    """Labels of each place: places differ as they lean, and the whole keeps its shares.

    Args:
        counts: labels wanted in each place.
        leaning: of each place, how much it leans to a label; 1 when not given.
    """
    names, total = list(shares), sum(counts)
    cells = [
        [count * shares[name] * lean.get(name, 1.0) for name in names]
        for count, lean in zip(counts, leaning, strict=True)
    ]
    for _ in range(_ROUNDS):
        for column, name in enumerate(names):
            held = sum(row[column] for row in cells)
            for row in cells:
                row[column] *= total * shares[name] / held if held else 0.0
        for row, count in zip(cells, counts, strict=True):
            held = sum(row)
            row[:] = [cell * count / held if held else 0.0 for cell in row]
    return [
        labels(dict(zip(names, row, strict=True)), count, chance) if count else []
        for row, count in zip(cells, counts, strict=True)
    ]


def sizes(people: int, least: int, total: int, chance: Random) -> list[int]:
    """`people` whole numbers of at least `least` that add up to `total`, with a heavy tail.

    Each one more goes to somebody in proportion to what they have, which makes the tail heavy.
    """
    found = [least] * people
    for _ in range(total - least * people):
        found[chance.choices(range(people), found)[0]] += 1
    return found


def deal(weights: Sequence[int], shares: Mapping[Label, float], chance: Random) -> list[Label]:
    """A label for each, so that the labels' weights keep the shares: the heaviest choose first."""
    left = {name: share * sum(weights) / sum(shares.values()) for name, share in shares.items()}
    order = sorted(range(len(weights)), key=lambda one: (-weights[one], chance.random()))
    found: dict[int, Label] = {}
    for one in order:
        # In proportion to what is lacking while there is choice; the nearest to its share at the end.
        lacking = {name: least for name, least in left.items() if least >= weights[one] / 2}
        if lacking:
            name = chance.choices(list(lacking), list(lacking.values()))[0]
        else:
            name = max(left, key=lambda each: left[each])
        left[name] -= weights[one]
        found[one] = name
    return [found[one] for one in range(len(weights))]


def spread(low: float, high: float, count: int) -> list[float]:
    """`count` numbers from low to high, evenly apart."""
    return [low] if count == 1 else [low + (high - low) * one / (count - 1) for one in range(count)]
