"""Quarantine: each payload not taken in is kept, resubmitted or discarded; two people do each act."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.evidence import Evidence
from tests.faults.published import Published

FINAL = frozenset({"resubmitted", "discarded"})


def quarantined_otherwise_than_once(evidence: Evidence, known: Mapping[str, Published]) -> Iterator[str]:
    """`decisions` and `quarantine` tell the same; every item has at most one end, and two holders made it."""
    leaves = _by_id(leaf.record for leaf in evidence.leaves if leaf.kind == "quarantined")
    items = _by_id(one.record for one in evidence.quarantine if "kept" in one.record)
    for name in sorted(leaves.keys() | items.keys()):
        for_desks = [one for one in items.get(name, []) if one["desks"]]
        if len(items.get(name, [])) != 1:
            yield f"{name} is {len(items.get(name, []))} times in quarantine"
        if len(leaves.get(name, [])) != (0 if for_desks else 1):
            yield f"{name} has {len(leaves.get(name, []))} records in decisions"
    places = Counter(
        (one["topic"], one["offset"], one["index"], one["resubmits"], one["code"])
        for found in leaves.values()
        for one in found
    )
    yield from (f"{place} was quarantined {count} times" for place, count in places.items() if count > 1)
    for one in evidence.quarantine:
        if one.record.get("kept_sha256") and not one.sealed:
            yield f"{one.record['quarantine_id']} has no sealed bytes"
    yield from _acts(evidence, items)


def _acts(evidence: Evidence, items: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    recorded = _by_id(leaf.record for leaf in evidence.leaves if leaf.kind == "quarantine_act")
    beside = _by_id(one.record for one in evidence.quarantine if "kept" not in one.record)
    if {name: len(found) for name, found in recorded.items()} != {
        name: len(found) for name, found in beside.items()
    }:
        yield "decisions and quarantine tell of different acts"
    for name, found in recorded.items():
        ends = [one["act"] for one in found if one["act"] in FINAL]
        if name not in items:
            yield f"{name} was acted upon and is not in quarantine"
        if len(ends) > 1 or (ends and found[-1]["act"] not in FINAL):
            yield f"{name} was acted upon after its end"
        yield from (f"{name}: one person alone" for one in found if len(set(one["holders"])) != 2)
        if Counter(one["act_id"] for one in found).most_common(1)[0][1] > 1:
            yield f"{name}: one act counted twice"
    yield from _brought(evidence, recorded)


def _brought(evidence: Evidence, recorded: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    due = {
        name: one["brings"]
        for name, found in recorded.items()
        for one in found
        if one["act"] == "resubmitted"
    }
    # What a link sends on to another lane is the same payload once more.
    came = {(entry.origin, entry.came) for entry in evidence.log if entry.origin}
    counted = Counter(origin for origin, _ in came)
    for name in sorted(due.keys() | counted.keys()):
        if due.get(name, 0) != counted[name]:
            yield f"{name}: {due.get(name, 0)} payloads resubmitted, {counted[name]} came"


def _by_id(records: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in records:
        found[one["quarantine_id"]].append(one)
    return found
