"""What must hold of subscriptions, and of agreements beside each other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from broker.domain.vocabulary import AgencyKind
from broker.policy.agreement_check import POLICE_PURPOSES, Known
from broker.policy.sources import AGREEMENTS, SUBSCRIPTIONS

_NEEDED = frozenset({"desk", "purpose", "event_types"})
_ALLOWED = _NEEDED | {"agreement", "incident_scoped", "after_incident", "places", "anywhere"}
_AFTER_INCIDENT = frozenset({"pos.s136.ended"})
"""What police are told when their incident is over (R21)"""
_ANYWHERE = "elsewhere"


def subscription_problems(
    rows: Sequence[Any], agreements: Mapping[str, Mapping[str, Any]], known: Known
) -> Iterator[str]:
    """Everything that is wrong with the subscriptions.

    Args:
        agreements: agreement id -> terms, of the agreements that are sound by themselves.
    """
    seen: set[tuple[str, str, str, str]] = set()
    for number, row in enumerate(rows, start=1):
        where = f"{SUBSCRIPTIONS}: entry {number}"
        if not isinstance(row, dict) or not _NEEDED <= set(row) <= _ALLOWED:
            others = ", ".join(sorted(_ALLOWED - _NEEDED))
            yield f"{where}: needs desk, purpose, event_types; may have {others}"
            continue
        own = list(_row_problems(row, agreements, known))
        yield from (f"{where}: {problem}" for problem in own)
        keys = set() if own else set(_asked(row, known))
        for _, purpose, event_type, place in sorted(keys & seen):
            yield f"{where}: {row['desk']} asks twice for {event_type} for {purpose} in {place}; keep one"
        seen |= keys


def _asked(row: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str, str, str]]:
    places = [*known.asked_of(row), *([_ANYWHERE] if known.asked_anywhere(row) else [])]
    for event_type, place in product(row["event_types"], places):
        yield row["desk"], row["purpose"], event_type, place


def _row_problems(
    row: Mapping[str, Any], agreements: Mapping[str, Mapping[str, Any]], known: Known
) -> Iterator[str]:
    if row["desk"] not in known.desks:
        yield f"{row['desk']} is not a desk of area.yaml"
        return
    if not isinstance(row["event_types"], list) or not row["event_types"]:
        yield "event_types is a list of at least one"
        return
    if row["purpose"] not in known.table["tables"]:
        yield f"{row['purpose']} is not a purpose that may be asked for (4.3, R4)"
    for event_type in row["event_types"]:
        if event_type not in known.types:
            yield f"{event_type} is not a published event type"
    if len(set(map(str, row["event_types"]))) < len(row["event_types"]):
        yield "event_types: something stands twice; take one out"
    yield from _scope_problems(row, known)
    if known.kind_of(row["desk"]) is AgencyKind.POLICE:
        yield from _police_problems(row)
    if "agreement" in row:
        yield from _coverage_problems(row, agreements)


def _scope_problems(row: Mapping[str, Any], known: Known) -> Iterator[str]:
    for key in ("incident_scoped", "after_incident", "anywhere"):
        if not isinstance(row.get(key, False), bool):
            yield f"{key} is true or false"
    places = row.get("places", ["-"])
    if not isinstance(places, list) or not places:
        yield "places is a list of at least one; leave it out to ask for every place that is served"
    elif "places" in row and not set(map(str, places)) <= known.served_by(row["desk"]):
        yield f"places: {row['desk']} serves {', '.join(sorted(known.served_by(row['desk'])))} only"
    beyond = set(map(str, row["event_types"])) - _AFTER_INCIDENT
    if row.get("after_incident") and (beyond or row.get("incident_scoped") is not True):
        yield "after_incident: only the plain end of custody goes on, to those who were in the incident (R21)"


def _police_problems(row: Mapping[str, Any]) -> Iterator[str]:
    if row.get("incident_scoped") is not True:
        yield "incident_scoped: must be true for police (R3)"
    if row["purpose"] not in POLICE_PURPOSES:
        yield f"police may ask for {', '.join(sorted(POLICE_PURPOSES))} only (R1)"


def _coverage_problems(row: Mapping[str, Any], agreements: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    terms = agreements.get(row["agreement"])
    if terms is None:
        yield f"{row['agreement']} is not a sound agreement; name one, or none"
        return
    if row["desk"] not in terms["desks"] or row["purpose"] not in terms["purposes"]:
        yield f"{row['agreement']} does not name {row['desk']} for {row['purpose']}"
    for event_type in row["event_types"]:
        if event_type not in terms["event_types"]:
            yield f"{row['agreement']} does not name {event_type}"
    if terms["incident_scoped"] and row.get("incident_scoped") is not True:
        yield f"{row['agreement']} is for incidents only; write incident_scoped: true"


def overlap_problems(agreements: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Pairs of agreements that say different things about the same flow on the same day."""
    for (one_id, one), (other_id, other) in combinations(sorted(agreements.items()), 2):
        shared = [
            set(one[part]) & set(other[part])
            for part in ("publishers", "desks", "purposes", "places", "event_types")
        ]
        if all(shared) and one["starts"] < other["ends"] and other["starts"] < one["ends"]:
            yield (
                f"{AGREEMENTS}/{other_id}.yaml: overlaps {one_id}.yaml on {', '.join(sorted(shared[4]))} "
                f"to {', '.join(sorted(shared[1]))}; let one end before the other starts"
            )
