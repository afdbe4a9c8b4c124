"""Finds what must never be in replies and in the clocks of referrals: silence, and two answers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.faults.evidence import Evidence
from tests.faults.published import GAP_DUE, Published, Trail

_ANSWERS = frozenset({"accepted", "applied", "rejected"})
CRISIS_LINE = "northmoor-crisis/crisis-line"


def answered_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each event has one answer, by its reply's id: `applied` where it is a wish, else `accepted`."""
    answers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in evidence.replies:
        if one.record["status"] in _ANSWERS:
            answers[str(one.record["event_id"])].add((one.record["status"], one.record["delivery_id"]))
    for event in known.values():
        found = answers.pop(event.event_id, set())
        wanted = "applied" if event.wish else "accepted"
        if [status for status, _ in found] != [wanted]:
            yield f"{event.event_id} was answered {sorted(status for status, _ in found)}, not {wanted} once"
    yield from (f"{event_id} was answered and never published" for event_id in sorted(answers))


def referrals_left_or_told_twice(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each referral ends once: somebody took it on, or one safety gap was raised and its publisher told."""
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in evidence.replies:
        told[str(one.record["event_id"]), one.record["status"]].add(one.record["delivery_id"])
    gaps = gaps_of(evidence)
    accepted = {one.subject for one in known.values() if one.accepts}
    trail = Trail(evidence, known)
    for event in known.values():
        handled, unhandled = (len(told[event.event_id, status]) for status in ("handled", "not_handled"))
        raised = len(gaps.get(event.event_id, ()))
        if handled + raised != event.referral:
            yield f"{event.event_id} was taken on {handled} times and has {raised} safety gaps"
        if unhandled != raised:
            yield f"{event.event_id} has {raised} safety gaps and {unhandled} replies that say so"
        if handled and trail.person_of.get(event.subject, event.subject) not in accepted:
            yield f"{event.event_id} is said to be taken on, and nobody did"


def gaps_raised_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each safety gap is written to `lane-log` once, and tells its crisis line of a referral there was."""
    trail = Trail(evidence, known)
    for event_id, entries in trail.gaps().items():
        own = {one.place for one in entries if one.subject == entries[0].subject}
        if len(own) > 1:
            yield f"safety gap {event_id} was written {len(own)} times"
    unknown = gaps_of(evidence).keys() - known.keys()
    if unknown:
        yield f"{len(unknown)} safety gaps cite what was never published"


def gap_events(evidence: Evidence, known: Mapping[str, Published]) -> dict[str, Published]:
    """The safety gaps as events that the exchange published: what is due for each."""
    gaps = Trail(evidence, known).gaps()
    return {name: Published(name, "candour", found[0].subject, 0, GAP_DUE) for name, found in gaps.items()}


def gaps_of(evidence: Evidence) -> dict[str, set[str]]:
    """Event id of a referral -> its safety gaps: the crisis line knows both by names of its own."""
    events = {
        leaf.record["delivery_id"]: leaf.record["event_id"]
        for leaf in evidence.decisions()
        if leaf.record["desk"] == CRISIS_LINE
    }
    at_desk = [one for one in evidence.deliveries if one.desk == CRISIS_LINE]
    names = {one.record["event_id"]: events.get(one.record["delivery_id"], "") for one in at_desk}
    found: dict[str, set[str]] = defaultdict(set)
    for one in at_desk:
        cited = (one.record["fields"].get("person") or {}).get("referral")
        if cited is not None:
            found[names.get(cited, f"unknown {cited}")].add(events.get(one.record["delivery_id"], ""))
    return found


def closed_calls(evidence: Evidence) -> tuple[int, int]:
    """How many referrals were taken on, and how many safety gaps were raised."""
    handled = {one.record["event_id"] for one in evidence.replies if one.record["status"] == "handled"}
    return len(handled), sum(len(gaps) for gaps in gaps_of(evidence).values())
