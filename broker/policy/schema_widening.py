"""What of a change to a schema would release more than was agreed, and to whom: it needs signatures."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.event import FieldSpec
from broker.domain.identifiers import DeskId, EventType
from broker.domain.vocabulary import AgencyKind, FieldClass, Trait
from broker.policy.class_table import CONDITIONS, EMERGENCY_CLASSES, TABLES, TRAITS_OF, column_of
from broker.policy.schema_changes import Schema
from broker.policy.sources import Sources, published_type

_RESPONDERS = frozenset({"crisis", "place_of_safety", "ambulance_ed"})
# Design 2.5: whose flows, and which classes, take the Caldicott Guardian and a lived-experience reviewer too.
_WATCHED_COLUMNS = frozenset({"police", "vcse_professional", "volunteer"})
_WATCHED_CLASSES = frozenset({FieldClass.CX, FieldClass.TP})
_NOTHING, _ASKED, _MAYBE, _GOES = range(4)


@dataclass(frozen=True, slots=True, order=True)
class Widening:
    """One way in which a change releases more."""

    code: str
    path: str
    message: str
    watched: bool
    """to police or voluntary bodies, or of class CX or TP"""


def widening(before: Schema, after: Schema, sources: Sources) -> Iterator[Widening]:
    """Everything that `after` may release, or take in, beyond what `before` could."""
    old, new = published_type(before), published_type(after)
    for name in sorted(old.fields.keys() & new.fields.keys()):
        yield from _of_field(old.fields[name], new.fields[name], sources.class_table)
    fresh = {str(name): spec.field_class for name, spec in new.fields.items() if name not in old.fields}
    yield from _agreed_already(new.event_type, fresh, sources)
    if more := sorted(new.publishers - old.publishers):
        yield Widening(
            "publishers_widened", "", f"May now be published by {', '.join(more)} (R54).", watched=True
        )
    if fewer := sorted(old.publishers - new.publishers):
        yield Widening(
            "publishers_narrowed", "", f"May no longer be published by {', '.join(fewer)}.", watched=False
        )


def _of_field(before: FieldSpec, after: FieldSpec, table: Mapping[str, Any]) -> Iterator[Widening]:
    columns = _further(table, before, after)
    if _emergency(after) and not _emergency(before):
        columns |= _RESPONDERS
    watched = bool(columns & _WATCHED_COLUMNS) or bool(
        {before.field_class, after.field_class} & _WATCHED_CLASSES
    )
    to = f"reaches {', '.join(sorted(columns))} further than before" if columns else "reaches nobody further"
    if before.field_class != after.field_class:
        told = f"Its class was {before.field_class} and is {after.field_class}: it {to}"
        # A wish names classes: what moves to another class leaves the wishes that covered it.
        code = "class_loosened" if columns else "class_changed"
        yield Widening(code, before.name, f"{told}, and other wishes cover it.", watched)
    if (before.summary, before.traits) != (after.summary, after.traits) and columns:
        yield Widening("handling_changed", before.name, f"Its traits or `summary` differ: it {to}.", watched)
    if Trait.LOCATES in before.traits - after.traits:
        yield Widening(
            "handling_changed", before.name, "A location marker no longer covers it (R24).", watched=True
        )
    if before.nhs_number and not after.nhs_number:
        yield Widening(
            "nhs_number_unmarked", before.name, "It would go as any other text (R36).", watched=True
        )


def _agreed_already(
    event_type: EventType, fresh: Mapping[str, FieldClass], sources: Sources
) -> Iterator[Widening]:
    for file, terms in sources.agreements.items():
        event_types = terms.get("event_types")
        named = event_types.get(event_type) if isinstance(event_types, Mapping) else None
        for name in sorted(set(fresh) & set(named or ())):
            watched = fresh[name] in _WATCHED_CLASSES or _is_watched(terms.get("desks") or (), sources)
            message = f"Is new, and {file} names it already: record the field first, then agree on it."
            yield Widening("field_already_agreed", name, message, watched)


def _is_watched(desks: Collection[str], sources: Sources) -> bool:
    agencies = sources.area.get("agencies", {})
    kinds = {desk: agencies.get(desk.partition("/")[0], {}).get("kind") for desk in desks}
    return any(
        kind in list(AgencyKind)
        and column_of(sources.class_table, DeskId(desk), AgencyKind(str(kind))) in _WATCHED_COLUMNS
        for desk, kind in kinds.items()
    )


def _further(table: Mapping[str, Any], before: FieldSpec, after: FieldSpec) -> set[str]:
    """The columns of the class tables that the field reaches further in."""
    every = {(name, column) for name in TABLES for column in table[name]}
    if before.field_class != after.field_class and FieldClass.CORE in {before.field_class, after.field_class}:
        return {column for _, column in every}
    if after.field_class is FieldClass.CORE:
        return set()
    return {column for name, column in every if _more(table, name, column, before, after)}


def _more(table: Mapping[str, Any], name: str, column: str, before: FieldSpec, after: FieldSpec) -> bool:
    """Whether a cell lets the field go further than the cell that it stood under."""
    old, new = str(table[name][column][before.field_class]), str(table[name][column][after.field_class])
    old_reach, new_reach = _reach(table["cells"], old, before), _reach(table["cells"], new, after)
    # One condition is not the other: where the word differs, some case goes now that stayed.
    return new_reach > old_reach or (new_reach == old_reach == _MAYBE and old != new)


def _reach(cells: Mapping[str, Any], cell: str, spec: FieldSpec) -> int:
    if cell in CONDITIONS:
        return _MAYBE
    if cell not in cells:
        return _ASKED if cell == "hold" else _NOTHING
    if not _gives(str(cells[cell]["gives"]), spec):
        return _NOTHING
    return _MAYBE if cells[cell]["asks"] else _GOES


def _gives(what: str, spec: FieldSpec) -> bool:
    if what == "whole":
        return True
    if what == "summary":
        return spec.summary or Trait.POINTER in spec.traits
    return bool(TRAITS_OF[what] & spec.traits)


def _emergency(spec: FieldSpec) -> bool:
    return spec.field_class in EMERGENCY_CLASSES and not spec.nhs_number
