"""Finds what links between lanes must never do: lose, repeat, reorder, or leave a decision behind."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.faults.evidence import Evidence, Leaf
from tests.faults.lane_log import CARRY, ENDED, EVENT, LINK, Logged
from tests.faults.published import MARKS, Published, Trail

LOCATED = frozenset(
    {"person.found_at", "person.location", "person.pos_org", "subject.phone", "subject.address"}
)
"""Fields that tell where somebody is, in the types of event of the flow (R24)"""


def spread_over_lanes(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """The leaves of one subject stand in its lane; a linked reference's in its own and in its person's."""
    trail = Trail(evidence, known)
    lanes: dict[str, set[int]] = defaultdict(set)
    for leaf in evidence.leaves:
        event = known.get(leaf.record["event_id"])
        if event is not None:
            lanes[trail.decided_under(event)].add(leaf.lane)
    for subject, found in lanes.items():
        if len(found) > 1:
            yield f"a subject has leaves in lanes {sorted(found)}"
        elif evidence.log and found != trail.lanes.get(subject):
            entries = sorted(trail.lanes.get(subject, ()))
            yield f"a subject has entries in lanes {entries} and leaves in {sorted(found)}"


def decided_too_late_under_a_reference(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Once an event of a reference came to the person's lane, no later one is decided in the reference's."""
    trail = Trail(evidence, known)
    gone: dict[str, str] = {}
    for event in sorted(known.values(), key=lambda one: one.order):
        if event.subject not in trail.person_of:
            continue
        if trail.decided_under(event) != event.subject:
            gone.setdefault(event.subject, event.event_id)
        elif event.subject in gone:
            yield f"{event.event_id} was decided under its reference, {gone[event.subject]} before it was not"


def forwarded_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """After its link a reference's lane forwards each entry that it has not handled, once, in order."""
    trail = Trail(evidence, known)
    for subject, entries in trail.of_subject.items():
        if subject.startswith("ref:"):
            yield from _unlike_forwards(trail, subject, [one for one in entries if one.kind == EVENT])


def _unlike_forwards(trail: Trail, reference: str, entries: list[Logged]) -> Iterator[str]:
    linked_at = trail.linked_at(reference)
    handled = {one.event_id for one in entries if linked_at is None or one.place < linked_at}
    due = [(one.event_id, one.came) for one in entries if one.event_id not in handled]
    ids = {one.event_id for one in entries}
    person = trail.person_of.get(reference, "")
    came = [one for one in trail.of_subject.get(person, ()) if one.kind == EVENT and one.event_id in ids]
    # What waited under the reference when it was linked goes on too, before anything else, once.
    waited = [one.event_id for one in came if one.event_id in handled]
    went = [(one.event_id, one.came) for one in came if one.event_id not in handled]
    if [one.event_id for one in came][: len(waited)] != waited:
        yield f"{waited} had waited and did not go on first"
    yield from (f"{one} was forwarded {count} times" for one, count in Counter(waited).items() if count > 1)
    missing, added = Counter(due) - Counter(went), Counter(went) - Counter(due)
    yield from (f"{event_id} was not forwarded" for event_id, _ in missing)
    yield from (f"{event_id} was forwarded once more than it came" for event_id, _ in added)
    if not missing and not added and due != went:
        yield "a reference's entries were forwarded in another order than they came"


def told_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each link, each end of an incident and what each reference held is told to its lane once."""
    trail = Trail(evidence, known)
    told = Counter(
        (one.kind, one.subject, one.said) for one in evidence.log if one.kind in {LINK, ENDED, CARRY}
    )
    due = {(LINK, target, one.subject) for one in known.values() for target in one.links}
    closed = {one.subject for one in known.values() if one.closes}
    due |= {(ENDED, person, subject) for kind, subject, person in due if kind == LINK and subject in closed}
    due |= {
        (CARRY, person, "") for reference, person in trail.person_of.items() if _held(trail, reference, known)
    }
    for kind, subject, _ in sorted(due - told.keys()):
        yield f"kind {kind} was not told to {subject.partition(':')[0]}"
    for kind, subject, _ in sorted(told.keys() - due):
        yield f"kind {kind} was told to {subject.partition(':')[0]} unasked"
    for (kind, subject, _), count in told.items():
        if count > 1:
            yield f"kind {kind} was told to {subject.partition(':')[0]} {count} times"


def _held(trail: Trail, reference: str, known: Mapping[str, Published]) -> bool:
    """Whether a wish or marker stood in the reference's lane when it was linked."""
    linked_at = trail.linked_at(reference)
    return linked_at is not None and any(
        one.place < linked_at and (event := known.get(one.event_id)) is not None and bool(event.wish)
        for one in trail.of_subject[reference]
    )


def located_against_a_marker(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """No decision under a location marker tells where the person is, in whichever lane the marker was set."""
    for leaf, event in under_a_marker(evidence, known):
        told = LOCATED & set(leaf.record.get("fields", ()))
        if told:
            yield f"{event.event_id} tells {sorted(told)} to {leaf.record['desk']} under a location marker"


def under_a_marker(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[tuple[Leaf, Published]]:
    """Decisions after a marker's confirmation in their lane, or after their own publisher's marker."""
    trail = Trail(evidence, known)
    marked: set[str] = set()
    since: dict[tuple[str, str], int] = {}
    for event in known.values():
        # Its publisher set it under this very subject: what the publisher sends later comes later, anywhere.
        if event.wish == "restriction_set":
            since[event.publisher, event.subject] = event.order
    for leaf in evidence.leaves:
        found = known.get(leaf.record["event_id"])
        if found is None:
            continue
        under = trail.decided_under(found)
        if leaf.kind == "wish_applied" and found.wish in MARKS:
            (marked.add if found.wish == "restriction_set" else marked.discard)(under)
        elif leaf.kind == "decision":
            set_at = since.get((found.publisher, found.subject))
            if under in marked or (set_at is not None and set_at < found.order):
                yield leaf, found
