"""What must hold of subscriptions, and of agreements beside each other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from broker.domain.vocabulary import AgencyKind
from broker.policy.agreement_check import POLICE_PURPOSES, Known
from broker.policy.sources import AGREEMENTS, SUBSCRIPTIONS

_NEEDED = frozenset({"desk", "purpose", "event_types"})
_ALLOWED = _NEEDED | {"agreement", "incident_scoped"}


def subscription_problems(
    rows: Sequence[Any], agreements: Mapping[str, Mapping[str, Any]], known: Known
) -> Iterator[str]:
    """Everything that is wrong with the subscriptions.

    Args:
        agreements: agreement id -> terms, of the agreements that are sound by themselves.
    """
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(rows, start=1):
        where = f"{SUBSCRIPTIONS}: entry {number}"
        if not isinstance(row, dict) or not _NEEDED <= set(row) <= _ALLOWED:
            yield f"{where}: needs desk, purpose, event_types; agreement and incident_scoped may follow"
            continue
        yield from (f"{where}: {problem}" for problem in _row_problems(row, agreements, known))
        event_types = row["event_types"] if isinstance(row["event_types"], list) else []
        for event_type in event_types:
            key = (str(row["desk"]), str(row["purpose"]), str(event_type))
            if key in seen:
                yield f"{where}: {row['desk']} asks twice for {event_type} for {row['purpose']}; keep one"
            seen.add(key)


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
    if not isinstance(row.get("incident_scoped", False), bool):
        yield "incident_scoped is true or false"
    if known.kind_of(row["desk"]) is AgencyKind.POLICE:
        yield from _police_problems(row)
    if "agreement" in row:
        yield from _coverage_problems(row, agreements)


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
