"""Finds what must never be: reads what `evidence` gathered from Kafka, and shares no code with the exchange.

Every fault is one sentence; a clean exchange gives none. What was published, and what is due for it, comes
from the test, which wrote it by hand.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from tests.faults.checker_duty import (
    alerts_raised_otherwise_than_once,
    answered_otherwise_than_once,
    own_events,
    own_events_raised_otherwise_than_once,
    referrals_left_or_told_twice,
)
from tests.faults.checker_links import (
    decided_too_late_under_a_reference,
    forwarded_otherwise_than_once,
    located_against_a_marker,
    spread_over_lanes,
    told_otherwise_than_once,
)
from tests.faults.checker_quarantine import quarantined_otherwise_than_once
from tests.faults.evidence import Delivered, Evidence, Leaf
from tests.faults.published import Published, Trail

PEER = "northmoor-crisis/peer"
"""The desk that gets an event on the person's explicit permission only"""

_WISHES = frozenset({"permission", "withdrawal", "objection"})


def faults_in(evidence: Evidence, published: Iterable[Published]) -> list[str]:
    """Everything that is wrong; empty when the books balance and every wish was kept."""
    known = {one.event_id: one for one in published}
    checks: tuple[Callable[[Evidence, Mapping[str, Published]], Iterator[str]], ...] = (
        decided_otherwise_than_once,
        wishes_applied_otherwise_than_once,
        deliveries_without_their_decision,
        quarantined_otherwise_than_once,
        out_of_order,
        gaps_in_streams,
        envelopes_out_of_place,
        spread_over_lanes,
        decided_too_late_under_a_reference,
        forwarded_otherwise_than_once,
        told_otherwise_than_once,
        answered_otherwise_than_once,
        referrals_left_or_told_twice,
        own_events_raised_otherwise_than_once,
        alerts_raised_otherwise_than_once,
        sealed_against_a_wish,
        withheld_against_a_wish,
        located_against_a_marker,
    )
    return [f"{check.__name__}: {fault}" for check in checks for fault in check(evidence, known)]


def decided_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """One decision for each event and subscription, no more, no less; nothing in quarantine."""
    made = Counter(
        (leaf.record["event_id"], leaf.record["desk"], leaf.record["purpose"])
        for leaf in evidence.decisions()
    )
    trail, events = Trail(evidence, known), [*known.values(), *own_events(evidence, known).values()]
    due = {(one.event_id, desk, purpose) for one in events for desk, purpose in trail.due(one)}
    yield from (f"{key} has no decision" for key in sorted(due - made.keys()))
    yield from (f"{key} was decided and was not due" for key in sorted(made.keys() - due))
    yield from (f"{key} has {count} decisions" for key, count in sorted(made.items()) if count > 1)
    for leaf in evidence.leaves:
        if leaf.kind == "quarantined" or leaf.record.get("outcome") == "quarantined":
            yield f"{leaf.record['event_id']} is in quarantine: {leaf.record.get('code', 'a stage failed')}"


def wishes_applied_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each wish leaves one record in `decisions` of its lane, of its own kind."""
    applied = Counter(
        (leaf.record["event_id"], leaf.record["kind"])
        for leaf in evidence.leaves
        if leaf.kind == "wish_applied"
    )
    wanted = {(one.event_id, one.wish) for one in known.values() if one.wish}
    yield from (f"{wish} was not applied" for wish in sorted(wanted - applied.keys()))
    yield from (f"{wish} was applied unasked" for wish in sorted(applied.keys() - wanted))
    yield from (f"{wish} was applied {count} times" for wish, count in applied.items() if count > 1)


def envelopes_out_of_place(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """No agency here skips a number or writes one twice; what Intake reads again is no second envelope."""
    for leaf in evidence.leaves:
        if leaf.kind == "stream_noticed":
            yield f"{leaf.record['publisher']} is told of {leaf.record['code']} at {leaf.record['offset']}"


def deliveries_without_their_decision(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Deliveries, and decisions whose extent is not none, match one to one, by id and by hash."""
    decided: dict[str, Leaf] = {}
    for leaf in evidence.decisions():
        name, extent = leaf.record["delivery_id"], leaf.record["extent"]
        if (name is None) != (extent == "none"):
            yield f"{leaf} has extent {extent} and delivery {name}"
        elif name is not None and decided.setdefault(name, leaf) is not leaf:
            yield f"{name} stands in two decisions"
    for name, count in Counter(one.record["delivery_id"] for one in evidence.deliveries).items():
        if count > 1:
            yield f"{name} was delivered {count} times"
        if name not in decided:
            yield f"{name} was delivered and never decided"
    delivered = {one.record["delivery_id"]: one for one in evidence.deliveries}
    yield from (f"{name} was decided and not delivered" for name in sorted(decided.keys() - delivered.keys()))
    for name in decided.keys() & delivered.keys():
        yield from _unlike(name, decided[name], delivered[name])


def _unlike(name: str, leaf: Leaf, delivery: Delivered) -> Iterator[str]:
    said, got = leaf.record, delivery.record
    if got["decision"].hex() != leaf.hash:
        yield f"{name} cites another decision than its own"
    if delivery.desk != said["desk"]:
        yield f"{name} was decided for {said['desk']} and went to {delivery.desk}"
    if (got["extent"], got["purpose"], got["policy_revision"]) != (
        said["extent"],
        said["purpose"],
        said["policy_revision"],
    ):
        yield f"{name} tells another extent, purpose or revision than its decision"


def out_of_order(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """In each desk's topic a subject's events stand in one partition, in the order they were published in.

    A link gives those of a police reference another subject, and with it, once, perhaps another partition.
    """
    trail = Trail(evidence, known)
    by_delivery = {leaf.record["delivery_id"]: leaf.record["event_id"] for leaf in evidence.decisions()}
    came: dict[tuple[str, str, str, int], list[Published]] = defaultdict(list)
    partitions: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in sorted(evidence.deliveries, key=lambda one: (one.desk, one.partition, one.offset, one.index)):
        event = known.get(by_delivery.get(one.record["delivery_id"], ""))
        if event is None:
            continue
        came[one.desk, event.publisher, event.subject, one.partition].append(event)
        partitions[one.desk, trail.decided_under(event)].add(one.partition)
        told = one.record["fields"].get("occurred_at")
        if told is not None and event.occurred_at_us and told != event.occurred_at_us:
            yield f"{one.desk} got for {event.event_id} what another event says"
    for (desk, _), found in partitions.items():
        if len(found) > 1:
            yield f"{desk}: a subject's events stand in several partitions"
    for (desk, publisher, _, _), events in came.items():
        for first, second in pairwise(events):
            if first.order >= second.order:
                yield f"{desk}: {second.event_id} of {publisher} came after {first.event_id}"


def gaps_in_streams(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Each stream (desk and lane) counts its envelopes without a gap and without a repetition."""
    streams: dict[tuple[str, bytes], Counter[int]] = defaultdict(Counter)
    envelopes = {
        (one.desk, one.partition, one.offset, one.stream, one.sequence)
        for one in (*evidence.deliveries, *evidence.replies)
    }
    for desk, _, _, stream, sequence in envelopes:
        streams[desk, stream][sequence] += 1
    for (desk, stream), counted in streams.items():
        if sorted(counted.elements()) != list(range(len(counted))):
            yield f"{desk}: stream {stream.hex()} has gaps or repetitions"


def sealed_against_a_wish(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """Nothing goes to the peer desk after a withdrawal's or objection's confirmation, nor before a yes."""
    for leaf, event, wish in peer_decisions(evidence.leaves, known):
        kind = "" if wish is None else wish.wish
        if kind != "permission" and leaf.record["extent"] != "none":
            place = f"decisions {leaf.lane} offset {leaf.offset}"
            yield f"{event.event_id} went out at {place} under the wish {kind or 'none'}"


def withheld_against_a_wish(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """After a permission something goes: a wish that was lost would show here.

    Not so for what stands before it in `lane-log` and had to wait: the stricter of then and now counts.
    """
    trail = Trail(evidence, known)
    for leaf, event, wish in peer_decisions(evidence.leaves, known):
        if wish is None or wish.wish != "permission" or leaf.record["extent"] != "none":
            continue
        if trail.stands_after(event, wish):
            yield f"{event.event_id} was withheld although the person permits it"


def peer_decisions(
    leaves: Iterable[Leaf], known: Mapping[str, Published]
) -> Iterator[tuple[Leaf, Published, Published | None]]:
    """Decisions for the peer desk, each with the wish that was confirmed last before it in its lane.

    An objection is not undone by a later permission.
    """
    wishes: dict[str, Published] = {}
    for leaf in leaves:
        event = known.get(leaf.record["event_id"])
        if event is None:
            continue
        if leaf.kind == "wish_applied" and event.wish in _WISHES:
            if event.subject not in wishes or wishes[event.subject].wish != "objection":
                wishes[event.subject] = event
        elif leaf.record.get("desk") == PEER:
            yield leaf, event, wishes.get(event.subject)


def stopped_by_a_wish(leaves: Iterable[Leaf], known: Mapping[str, Published]) -> set[str]:
    """Events whose decision for the peer desk came after a withdrawal's or objection's confirmation."""
    return {
        event.event_id
        for _, event, wish in peer_decisions(leaves, known)
        if wish is not None and wish.wish in {"withdrawal", "objection"}
    }


def gone_to_peer(leaves: Iterable[Leaf]) -> set[str]:
    """Events of which something went to the peer desk."""
    return {
        str(leaf.record["event_id"])
        for leaf in leaves
        if leaf.kind == "decision" and leaf.record["desk"] == PEER and leaf.record["extent"] != "none"
    }


def outcomes(leaves: Iterable[Leaf]) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """(event, desk, purpose) -> all that was decided, but when: what two runs may be compared by."""
    parts = ("answer", "outcome", "extent", "fields", "withheld", "reasons", "basis", "agreement")
    return {
        (leaf.record["event_id"], leaf.record["desk"], leaf.record["purpose"]): tuple(
            leaf.record[part] for part in parts
        )
        for leaf in leaves
        if leaf.kind == "decision"
    }
