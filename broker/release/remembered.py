"""What was worked out for one event and holds for every like one: kept up to a bound, then begun anew."""

from typing import Final, TypeVar

MOST_REMEMBERED: Final = 20_000
"""Kinds of event met, at most; keys are closed vocabularies, so that few exchanges come near it"""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """A bounded memory. Forgetting costs only working it out again."""

    def keep(self, key: Key, value: Value) -> Value:
        """Remember `value` under `key`; returns it."""
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[key] = value
        return value
