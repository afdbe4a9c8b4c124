"""Signatures under changes that release more, in `schemas/loosened/*.yaml`: as a policy's (design 2.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.policy.schema_widening import Widening
from broker.policy.sources import read_yaml

LOOSENED = "loosened"
SIGNATURES = 2
REVIEWERS = ("caldicott guardian", "lived-experience reviewer")
"""Whose signatures it takes besides, to police or voluntary bodies and for classes CX and TP"""

_PARTS = frozenset({"event_type", "schema", "changes", "why", "signed"})
_SIGNATURE = frozenset({"agency", "role", "date"})


@dataclass(frozen=True, slots=True)
class Signed:
    """One paper: who signed which changes of one schema, whole."""

    file: str
    event_type: str
    schema: str
    """SHA-256 of the new schema, 64 hexadecimal digits: another word in it is another schema"""
    changes: frozenset[tuple[str, str]]
    """(code, field)"""
    roles: frozenset[tuple[str, str]]
    """(agency, role) of each who signed"""


def read_signed(schemas: Path, problems: list[str]) -> tuple[Signed, ...]:
    """Every paper of the folder; what is wrong with one is added to `problems`, and it counts for nothing."""
    papers = []
    for path in sorted((schemas / LOOSENED).glob("*.yaml")):
        name = f"{LOOSENED}/{path.name}"
        content = read_yaml(schemas, name, dict, problems)
        faults = list(_faults(content))
        problems += [f"{name}: {fault}" for fault in faults]
        if content and not faults:
            papers.append(_signed(name, content))
    return tuple(papers)


def unsigned(found: Widening, event_type: str, fingerprint: bytes, papers: tuple[Signed, ...]) -> str:
    """What is still missing for a change to be as it is; empty when all have signed."""
    mine = [
        paper
        for paper in papers
        if (paper.event_type, paper.schema) == (event_type, fingerprint.hex())
        and (found.code, found.path) in paper.changes
    ]
    needed = f"{SIGNATURES} signatures" + (f", with {' and '.join(REVIEWERS)}" if found.watched else "")
    if not mine:
        return f"needs {needed} in {LOOSENED}/ on schema {fingerprint.hex()}"
    roles = frozenset().union(*(paper.roles for paper in mine))
    lacking = [one for one in REVIEWERS if found.watched and one not in {role for _, role in roles}]
    if len(roles) < SIGNATURES or lacking:
        return f"{mine[0].file} needs {needed}"
    return ""


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    if not content:
        return
    if set(content) != _PARTS:
        yield f"needs exactly {', '.join(sorted(_PARTS))}"
        return
    if not all(isinstance(content[name], str) and content[name] for name in ("event_type", "schema", "why")):
        yield "event_type, schema and why are texts"
    changes, signed = content["changes"], content["signed"]
    if not isinstance(changes, list) or not all(_texts(one, {"code", "field"}) for one in changes):
        yield "changes is a list of {code, field}; field is empty for the schema as a whole"
    if not isinstance(signed, list) or not all(_texts(one, _SIGNATURE) for one in signed):
        yield "signed is a list of {agency, role, date}"


def _texts(one: Any, names: frozenset[str] | set[str]) -> bool:
    return (
        isinstance(one, dict) and set(one) == names and all(isinstance(value, str) for value in one.values())
    )


def _signed(name: str, content: Mapping[str, Any]) -> Signed:
    return Signed(
        name,
        content["event_type"],
        content["schema"].lower(),
        frozenset((one["code"], one["field"]) for one in content["changes"]),
        frozenset((one["agency"], one["role"].lower()) for one in content["signed"]),
    )
