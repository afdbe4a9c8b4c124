"""Leaves of like decisions: their canonical bytes differ in five places only, so the rest is written once."""

from collections.abc import Mapping
from dataclasses import replace

from broker.domain.decision import Decision, canonical
from broker.domain.identifiers import AgencyId, EventId

# In the order of a canonical record's keys. Control characters stand in no real value.
_PLACES = {
    "decided_at_us": "-1",
    "delivery_id": '"\\u0001d"',
    "event_commitment": '"\\u0001c"',
    "event_id": '"\\u0001e"',
    "publisher": '"\\u0001p"',
}
"""key -> how its mark is written"""


class LeafWriter:
    """Writes `canonical(decision.record())` for decisions that have the same outline and subscription."""

    def __init__(self, like: Decision) -> None:
        marked = replace(
            like,
            decided_at_us=-1,
            delivery_id="\x01d",
            event_commitment="\x01c",
            event_id=EventId("\x01e"),
            publisher=AgencyId("\x01p"),
        )
        text = canonical(marked.record()).decode("ascii").replace("%", "%%")
        for key, written in _PLACES.items():
            text = text.replace(f'"{key}":{written}', f'"{key}":%({key})s', 1)
        self._text = text

    def write(self, decision: Decision) -> bytes:
        """The leaf of a decision like the one this writer was made from; 1 to 3 KB.

        Its ids are hexadecimal digits, hyphens and names of agencies: none needs escaping.
        """
        values: Mapping[str, object] = {
            "decided_at_us": decision.decided_at_us,
            "delivery_id": "null" if decision.delivery_id is None else f'"{decision.delivery_id}"',
            "event_commitment": f'"{decision.event_commitment}"',
            "event_id": f'"{decision.event_id}"',
            "publisher": f'"{decision.publisher}"',
        }
        return (self._text % values).encode("ascii")
