"""Compiles policies and schemas into the one document that the engine and the workers read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from broker.domain.event import FieldSpec
from broker.domain.fields import IDENTIFIERS, is_consumed
from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind, FieldClass, Handling, Trait
from broker.errors import ConfigurationError
from broker.policy.agreement_check import Known, agreement_problems
from broker.policy.class_table import (
    EMERGENCY_CLASSES,
    TRAITS_OF,
    column_of,
    is_responder,
    table_problems,
)
from broker.policy.clock_check import clock_problems
from broker.policy.schema_rules_names import forbidden_by
from broker.policy.sources import AREA, PublishedType, Sources, read_sources
from broker.policy.subscription_check import overlap_problems, subscription_problems
from broker.registry.registry import area_faults, served_places
from broker.registry.topics import BROKER

FORMAT = "candour.policy.v1"
SHAREABLE_SUMMARY = "shareable_summary"
POINTER = "pointer"


def compile_policies(policies: Path, schemas: Path) -> dict[str, Any]:
    """What officers wrote, checked and made one JSON document.

    Args:
        policies: folder with area.yaml, clocks.yaml, subscriptions.yaml, agreements/ and sharing/.
        schemas: folder with the event schemas (`*.avsc`).

    Returns:
        `agreements`, `subscriptions`, `event_types`, `class_table`, `columns`, `desks`, `responders`,
        `clocks`, `effective_dates`; JSON values only, the same for the same files.

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
    problems += clock_problems(sources.clocks, known.places)
    problems += subscription_problems(sources.subscriptions, sound, known)
    problems += overlap_problems(sound)
    return problems


def _known(sources: Sources) -> Known:
    agencies = sources.area["agencies"]
    return Known(
        kinds={BROKER: AgencyKind.BROKER}
        | {name: AgencyKind(entry["kind"]) for name, entry in agencies.items()},
        served={name: served_places(sources.area, name) for name in agencies},
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
        "subscriptions": [_subscription(row, known) for row in sources.subscriptions],
        "event_types": {name: _event_type(one) for name, one in sorted(sources.types.items())},
        "class_table": dict(sources.class_table),
        "desks": {desk: str(kind) for desk, kind in kinds.items()},
        "columns": columns,
        "responders": {
            desk: sorted(known.served_by(desk))
            for desk, kind in kinds.items()
            if is_responder(kind, columns[desk])
        },
        "clocks": dict(sources.clocks["referral_accepted"]),
        "effective_dates": sorted({one[key] for one in terms for key in ("starts", "ends")}),
    }


def _agreement(terms: Mapping[str, Any], known: Known) -> dict[str, Any]:
    kinds = {known.kinds[AgencyId(agency)] for agency in terms["publishers"]}
    return {
        **terms,
        "gateways": terms.get("gateways", []),
        "publisher_kinds": sorted(str(kind) for kind in kinds),
        "grants": {
            event_type: _grants([known.types[event_type].fields[name] for name in names])
            for event_type, names in terms["event_types"].items()
        },
    }


def _grants(named: list[FieldSpec]) -> dict[str, dict[str, dict[str, str]]]:
    """Class -> what goes where the cell says whole, summary, or one of the words for a trait."""
    may_substitute = any(spec.name == SHAREABLE_SUMMARY for spec in named)
    grants = {}
    for field_class in sorted({spec.field_class for spec in named}):
        specs = [spec for spec in named if spec.field_class is field_class]
        summary = {str(spec.name): str(Handling.SUMMARY) for spec in specs if spec.summary}
        # Where a crisis plan is kept says nothing of what is in it (4.6 cmht.crisis_plan.updated).
        summary |= _with_traits(specs, POINTER)
        # Other text of the class is dropped; the event's own summary stands in for it (design 2.4).
        if may_substitute and field_class is not FieldClass.CORE and len(summary) < len(specs):
            summary[SHAREABLE_SUMMARY] = str(Handling.SUMMARY)
        grants[str(field_class)] = {
            "whole": {str(spec.name): _handling(spec) for spec in specs},
            "summary": summary,
            **{word: _with_traits(specs, word) for word in TRAITS_OF},
        }
    return grants


def _with_traits(specs: list[FieldSpec], word: str) -> dict[str, str]:
    found = [spec for spec in specs if spec.traits & TRAITS_OF[word]]
    # What the person marked for police goes as text written to be shared (4.5, AU).
    return {
        str(spec.name): str(Handling.SUMMARY) if Trait.FOR_POLICE in spec.traits else _handling(spec)
        for spec in found
    }


def _handling(spec: FieldSpec) -> str:
    return str(Handling.PSEUDONYM if spec.name in IDENTIFIERS else Handling.WHOLE)


def _subscription(row: Mapping[str, Any], known: Known) -> dict[str, Any]:
    return {
        "desk": row["desk"],
        "purpose": row["purpose"],
        "event_types": row["event_types"],
        "agreement": row.get("agreement", "none"),
        "incident_scoped": row.get("incident_scoped", False),
        "after_incident": row.get("after_incident", False),
        "places": sorted(known.asked_of(row)),
        "anywhere": known.asked_anywhere(row),
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
            str(spec.name): str(Handling.WHOLE) for spec in specs if spec.field_class is FieldClass.CORE
        },
        "names_nobody": published.names_nobody,
        "nhs_numbers": sorted(str(spec.name) for spec in specs if spec.nhs_number),
        "by_trait": {
            str(trait): sorted(str(spec.name) for spec in specs if trait in spec.traits) for trait in Trait
        },
        "emergency": {
            str(field_class): {
                str(spec.name): _handling(spec)
                for spec in specs
                if spec.field_class is field_class
                and not spec.nhs_number
                and not is_consumed(published.event_type, spec.name)
            }
            for field_class in sorted(EMERGENCY_CLASSES)
        },
        "labels": sorted(str(spec.name) for spec in specs if forbidden_by(spec.key)),
    }
