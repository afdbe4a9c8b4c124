"""What a test published and what is due for it, written by hand; and where `lane-log` shows that it went."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.faults.evidence import Evidence
from tests.faults.lane_log import ENDED, EVENT, LINK, Logged

Due = tuple[str, str]
"""desk, purpose"""

EXCHANGE = "candour"
"""Publishes safety gaps and legal alerts"""
GAP_DUE: frozenset[Due] = frozenset({("northmoor-crisis/crisis-line", "P1")})
ALERT_DUE: frozenset[Due] = frozenset(
    {
        ("northmoor-asc/amhp-hub", "P4"),
        ("moor-pos/s136-suite", "P4"),
        ("moor-children/safeguarding", "P3"),
        ("moor-governance/officers", "P12"),
    }
)
MARKS = frozenset({"restriction_set", "restriction_lifted"})


@dataclass(frozen=True, slots=True)
class Published:
    """One event or wish as a test published it, in the order of its publisher and subject."""

    event_id: str
    publisher: str
    subject: str = field(repr=False)
    """the canonical subject: `nhs:`, `ref:moor-police:` or `incident:moor-police:`"""
    order: int
    """grows with each event of the same publisher"""
    due: frozenset[Due] = frozenset()
    """the subscriptions that must have exactly one decision"""
    wish: str = ""
    """`permission`, `withdrawal`, `objection`, `restriction_set`, `restriction_lifted`; empty for an event"""
    occurred_at_us: int = 0
    while_open: frozenset[Due] = frozenset()
    """due as well until its person's lane has been told that the force closed the incident"""
    links: tuple[str, ...] = field(default=(), repr=False)
    """a police reference and an incident that it links its person to"""
    closes: bool = False
    """it closes the incident that is its subject"""
    referral: bool = False
    """somebody must take its person on in the agreed minutes"""
    accepts: bool = False
    """somebody took its person on"""
    alerts: frozenset[str] = frozenset()
    """what the law asks and it says is not so"""


class Trail:
    """Which lane each event came to: the reference's, or by a link the person's."""

    def __init__(self, evidence: Evidence, known: Mapping[str, Published]) -> None:
        self.person_of = {
            target: one.subject for one in known.values() for target in one.links if target.startswith("ref:")
        }
        """police reference -> the person that it was linked to"""
        self.of_subject: dict[str, list[Logged]] = defaultdict(list)
        """subject -> its entries, in the order of its lane"""
        for entry in sorted(evidence.log, key=lambda one: (one.lane, *one.place)):
            self.of_subject[entry.subject].append(entry)
        self.lanes = {subject: {one.lane for one in found} for subject, found in self.of_subject.items()}
        self._first_place = self._first_places(evidence.log)

    @staticmethod
    def _first_places(log: Iterable[Logged]) -> dict[tuple[str, str], tuple[int, int]]:
        places: dict[tuple[str, str], tuple[int, int]] = {}
        for one in log:
            if one.kind == EVENT:
                key = one.event_id, one.subject
                places[key] = min(places.get(key, one.place), one.place)
        return places

    def own(self) -> dict[str, list[Logged]]:
        """The exchange's own events by id, each with its entries in the order of `lane-log`."""
        found: dict[str, list[Logged]] = defaultdict(list)
        for entries in self.of_subject.values():
            for one in entries:
                if one.kind == EVENT and one.publisher == EXCHANGE:
                    found[one.event_id].append(one)
        return found

    def decided_under(self, event: Published) -> str:
        """The subject in whose lane this event is to be decided."""
        person = self.person_of.get(event.subject)
        return person if person and (event.event_id, person) in self._first_place else event.subject

    def linked_at(self, reference: str) -> tuple[int, int] | None:
        """Where the first link of a police reference stands in its lane; None where it has none."""
        return next((one.place for one in self.of_subject.get(reference, ()) if one.kind == LINK), None)

    def stands_after(self, event: Published, other: Published) -> bool:
        """Whether an event came after another of its subject in `lane-log`; so where that is not known."""
        one, another = (self._first_place.get((each.event_id, each.subject)) for each in (event, other))
        return one is None or another is None or one > another

    def is_open_for(self, event: Published) -> bool:
        """Whether its person's lane had not heard yet, at the event's place, that the incident is closed."""
        ended = [one.place for one in self.of_subject.get(event.subject, ()) if one.kind == ENDED]
        place = self._first_place.get((event.event_id, event.subject))
        return not ended or place is None or place < ended[0]

    def due(self, event: Published) -> frozenset[Due]:
        """The subscriptions that must have exactly one decision on it."""
        return event.due | (event.while_open if self.is_open_for(event) else frozenset())
