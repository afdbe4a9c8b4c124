"""Finds what must never be in replies, clocks of referrals and alerts: silence, and two answers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.evidence import Evidence
from tests.faults.published import ALERT_DUE, EXCHANGE, GAP_DUE, Published, Trail

_ANSWERS = frozenset({"accepted", "applied", "rejected"})
CRISIS_LINE, HUB = "northmoor-crisis/crisis-line", "northmoor-asc/amhp-hub"
ALERT = "broker.legal_alert.raised"


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


def own_events_raised_otherwise_than_once(
    evidence: Evidence, known: Mapping[str, Published]
) -> Iterator[str]:
    """Each event of the exchange's own is written to `lane-log` once, and cites an event there was."""
    trail = Trail(evidence, known)
    for event_id, entries in trail.own().items():
        mine = {one.place for one in entries if one.subject == entries[0].subject}
        if len(mine) > 1:
            yield f"the exchange's own event {event_id} was written {len(mine)} times"
    unknown = {*gaps_of(evidence), *(event_id for event_id, _ in alerts_of(evidence))} - known.keys()
    if unknown:
        yield f"{len(unknown)} safety gaps or alerts cite what was never published"


def alerts_raised_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each fact that the law does not allow raised its alert once, and nothing else raised one."""
    raised = alerts_of(evidence)
    wanted = {(one.event_id, alert) for one in known.values() for alert in one.alerts}
    for event_id, alert in sorted({*raised, *wanted}):
        count = len(raised.get((event_id, alert), ()))
        if count != ((event_id, alert) in wanted):
            yield f"{event_id} raised {alert} {count} times"


def own_events(evidence: Evidence, known: Mapping[str, Published]) -> dict[str, Published]:
    """The exchange's own events as it published them: what is due for each."""
    alerts = {
        leaf.record["event_id"] for leaf in evidence.decisions() if leaf.record.get("event_type") == ALERT
    }
    return {
        name: Published(name, EXCHANGE, found[0].subject, 0, ALERT_DUE if name in alerts else GAP_DUE)
        for name, found in Trail(evidence, known).own().items()
    }


def gaps_of(evidence: Evidence) -> dict[str, set[str]]:
    """Event id of a referral -> its safety gaps: the crisis line knows both by names of its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for cited, event_id, _ in _citing(evidence, CRISIS_LINE, "referral"):
        found[cited].add(event_id)
    return found


def alerts_of(evidence: Evidence) -> dict[tuple[str, str], set[str]]:
    """(event, alert) -> the alerts raised of it: the hub of professionals knows both by names of its own."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cited, event_id, person in _citing(evidence, HUB, "about_event"):
        found[cited, str(person["alert"])].add(event_id)
    return found


def _citing(evidence: Evidence, desk: str, key: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(event that is cited, event that cites it, its person part) of what a desk was told so far."""
    events = {
        leaf.record["delivery_id"]: leaf.record["event_id"]
        for leaf in evidence.decisions()
        if leaf.record["desk"] == desk
    }
    at_desk = [one for one in evidence.deliveries if one.desk == desk]
    names = {one.record["event_id"]: events.get(one.record["delivery_id"], "") for one in at_desk}
    for one in at_desk:
        person = one.record["fields"].get("person") or {}
        cited = person.get(key)
        if cited is not None:
            yield names.get(cited, f"unknown {cited}"), events.get(one.record["delivery_id"], ""), person


def closed_calls(evidence: Evidence) -> tuple[int, int]:
    """How many referrals were taken on, and how many safety gaps were raised."""
    handled = {one.record["event_id"] for one in evidence.replies if one.record["status"] == "handled"}
    return len(handled), sum(len(gaps) for gaps in gaps_of(evidence).values())
