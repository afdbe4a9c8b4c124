"""Compiles policies and schemas into the one document that the engine and the workers read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from broker.domain.event import FieldSpec
from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind, FieldClass, Handling
from broker.errors import ConfigurationError
from broker.policy.agreement_check import Known, agreement_problems
from broker.policy.class_table import column_of, is_responder, table_problems
from broker.policy.sources import AREA, PublishedType, Sources, read_sources
from broker.policy.subscription_check import overlap_problems, subscription_problems
from broker.registry.registry import area_faults

FORMAT = "candour.policy.v1"
SHAREABLE_SUMMARY = "shareable_summary"

IDENTIFIERS = frozenset({"incident_ref", "episode_ref", "subject.local_ref", "person.transfer_of"})
"""References that an agency issued: each desk gets its own name for them (design 2.3)"""


def compile_policies(policies: Path, schemas: Path) -> dict[str, Any]:
    """What officers wrote, checked and made one JSON document.

    Args:
        policies: folder with area.yaml, subscriptions.yaml, agreements/ and sharing/.
        schemas: folder with the event schemas (`*.avsc`).

    Returns:
        `agreements`, `subscriptions`, `event_types`, `class_table`, `columns`, `desks`, `responders`,
        `effective_dates`; JSON values only, the same for the same files.

    Raises:
        ConfigurationError: lists every problem, each with its file and what to do.
    """
    problems: list[str] = []
    sources = read_sources(policies, schemas, problems)
    problems += [f"{AREA}: {fault}" for fault in area_faults(sources.area)]
    problems += table_problems(sources.class_table)
    if not problems:
        problems += _reference_problems(sources)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ConfigurationError(f"{len(problems)} problem(s) in the policies:\n{listed}")
    return _document(sources)


def _reference_problems(sources: Sources) -> list[str]:
    known = _known(sources)
    problems: list[str] = []
    sound = {}
    for name, terms in sources.agreements.items():
        own = list(agreement_problems(name, terms, known))
        problems += own
        if not own:
            sound[str(terms["agreement"])] = terms
    problems += subscription_problems(sources.subscriptions, sound, known)
    problems += overlap_problems(sound)
    return problems


def _known(sources: Sources) -> Known:
    agencies = sources.area["agencies"]
    return Known(
        kinds={name: AgencyKind(entry["kind"]) for name, entry in agencies.items()},
        desks=frozenset(f"{name}/{role}" for name, entry in agencies.items() for role in entry["desks"]),
        places=frozenset(sources.area["places"]),
        types=sources.types,
        table=sources.class_table,
    )


def _document(sources: Sources) -> dict[str, Any]:
    known = _known(sources)
    kinds = {desk: known.kind_of(desk) for desk in sorted(known.desks)}
    columns = {desk: column_of(known.table, DeskId(desk), kind) for desk, kind in kinds.items()}
    terms = sorted(sources.agreements.values(), key=lambda one: str(one["agreement"]))
    return {
        "format": FORMAT,
        "agreements": {one["agreement"]: _agreement(one, known) for one in terms},
        "subscriptions": [_subscription(row) for row in sources.subscriptions],
        "event_types": {name: _event_type(one) for name, one in sorted(sources.types.items())},
        "class_table": dict(sources.class_table),
        "desks": {desk: str(kind) for desk, kind in kinds.items()},
        "columns": columns,
        "responders": {desk: True for desk, kind in kinds.items() if is_responder(kind, columns[desk])},
        "effective_dates": sorted({one[key] for one in terms for key in ("starts", "ends")}),
    }


def _agreement(terms: Mapping[str, Any], known: Known) -> dict[str, Any]:
    kinds = {known.kinds[AgencyId(agency)] for agency in terms["publishers"]}
    return {
        **terms,
        "publisher_kinds": sorted(str(kind) for kind in kinds),
        "grants": {
            event_type: _grants([known.types[event_type].fields[name] for name in names])
            for event_type, names in terms["event_types"].items()
        },
    }


def _grants(named: list[FieldSpec]) -> dict[str, dict[str, dict[str, str]]]:
    """Class -> what goes where the cell says whole, and where it says summary."""
    may_substitute = any(spec.name == SHAREABLE_SUMMARY for spec in named)
    grants = {}
    for field_class in sorted({spec.field_class for spec in named}):
        specs = [spec for spec in named if spec.field_class is field_class]
        summary = {str(spec.name): str(Handling.SUMMARY) for spec in specs if spec.summary}
        # Other text of the class is dropped; the event's own summary stands in for it (design 2.4).
        if may_substitute and field_class is not FieldClass.CORE and len(summary) < len(specs):
            summary[SHAREABLE_SUMMARY] = str(Handling.SUMMARY)
        grants[str(field_class)] = {
            "whole": {str(spec.name): _handling(spec) for spec in specs},
            "summary": summary,
        }
    return grants


def _handling(spec: FieldSpec) -> str:
    return str(Handling.PSEUDONYM if spec.name in IDENTIFIERS else Handling.WHOLE)


def _subscription(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "desk": row["desk"],
        "purpose": row["purpose"],
        "event_types": row["event_types"],
        "agreement": row.get("agreement", "none"),
        "incident_scoped": row.get("incident_scoped", False),
    }


def _event_type(published: PublishedType) -> dict[str, Any]:
    specs: Iterable[FieldSpec] = published.fields.values()
    return {
        "fields": {
            str(spec.name): {
                "class": str(spec.field_class),
                "summary": spec.summary,
                "nhs_number": spec.nhs_number,
            }
            for spec in specs
        },
        "core": {
            str(spec.name): str(Handling.WHOLE)
            for spec in published.fields.values()
            if spec.field_class is FieldClass.CORE
        },
        "nhs_numbers": sorted(str(spec.name) for spec in published.fields.values() if spec.nhs_number),
    }
