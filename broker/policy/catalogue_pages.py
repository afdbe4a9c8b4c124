"""The published catalogue as pages: what each event type holds, who publishes it, and who gets what of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.domain.event import EventTypeSpec
from broker.domain.identifiers import EventType
from broker.errors import UsageError
from broker.policy.catalogue_answers import Told, told_of
from broker.policy.catalogue_cases import POLICE_SITUATIONS, SITUATIONS
from broker.policy.catalogue_tables import who_gets_what
from broker.policy.schema_places import Place, places
from broker.registry.catalogue import ENDING, load_catalogue

INDEX = "README.md"
_AS_OF = "Agreements as in force on "
_LEGEND = f"""Each page takes an event of an adult with a value in every field and says, for every
subscription, what goes and what stays in each situation: {"; ".join(one.words for one in SITUATIONS)}.
For desks of police: {"; ".join(one.words for one in POLICE_SITUATIONS)}; outside an incident of theirs
there is no question and no trace (R3).

A table has a line for each field and a column for each subscription, under its number. There is no column
where nothing but the core goes, nor again where a subscription fares as in the table above of the same
setting. Cells: `yes` goes whole, `own` as a pseudonym of this desk's own, `sum` as text written to be
shared, `less` coarser, `is` only that there is an entry; a letter: it stays, for the reason of that letter.
The *core* is when, in which area, how urgent and what kind of help; it names nobody.

A desk that is not on a page did not ask, so it gets nothing and nothing is kept of that. A marker, an age
under 18 or an unsound identifier narrows this further: see [the rules](../policies/rules.md)."""


@dataclass(frozen=True, slots=True)
class Described:
    """One event type as its schema file describes it."""

    spec: EventTypeSpec
    schema: Mapping[str, Any]


def catalogue_pages(
    policies: Path, schemas: Path, opa: Path, as_of: str, only: Iterable[EventType] = ()
) -> dict[str, str]:
    """File name -> Markdown: a page for each event type, and the index.

    Args:
        as_of: ISO date whose agreements are shown; kept in the index.
        only: event types to write pages of, without the index; empty: all, with it.

    Raises:
        ConfigurationError: schemas or policies have problems, or the engine does not answer.
        UsageError: there is no such event type.
    """
    catalogue = load_catalogue(schemas)
    names = sorted(only) or sorted(catalogue.specs)
    for name in names:
        if name not in catalogue.specs:
            raise UsageError(f"There is no event type {name}; `ls {schemas}` shows them.")
    wanted = {name: catalogue.specs[name] for name in names}
    told: defaultdict[EventType, list[Told]] = defaultdict(list)
    for one in told_of(wanted, policies, schemas, opa, as_of):
        told[one.flow.spec.event_type].append(one)
    described = [Described(spec, catalogue.codecs[name].schema) for name, spec in wanted.items()]
    pages = {f"{one.spec.event_type}.md": _page(one, told[one.spec.event_type]) for one in described}
    return pages if only else {INDEX: _index(described, told, as_of), **pages}


def as_of_of(index: str) -> str | None:
    """The date whose agreements an index shows; None where it says none."""
    _, found, rest = index.partition(_AS_OF)
    return rest[:10] if found else None


def stale_pages(folder: Path, pages: Mapping[str, str], *, whole: bool) -> Iterator[tuple[str, str]]:
    """File name and what is wrong with it, for each page of a folder that is not as it should be.

    Args:
        whole: `pages` is the whole catalogue, so that other files in the folder are too many.
    """
    for name, text in pages.items():
        path = folder / name
        if not path.is_file():
            yield name, "missing"
        elif path.read_text(encoding="utf-8") != text:
            yield name, "out of date"
    if whole:
        yield from (
            (path.name, "of no event type") for path in sorted(folder.glob("*.md")) if path.name not in pages
        )


def _index(described: Sequence[Described], told: Mapping[EventType, Sequence[Told]], as_of: str) -> str:
    lines = [
        "# The published language",
        "",
        "Written by `candour schema catalogue` from schemas, agreements, subscriptions and what the policies "
        "themselves answer; `--check` fails when it is out of date. Do not edit.",
        "",
        f"{_AS_OF}{as_of}. {len(described)} event types.",
        "",
        _LEGEND,
    ]
    rooms: defaultdict[str, list[Described]] = defaultdict(list)
    for one in described:
        rooms[one.spec.event_type.partition(".")[0]].append(one)
    for room, types in rooms.items():
        lines += ["", f"## {room}", "", "| event type | what it says | published by | asked for by |"]
        lines += ["| --- | --- | --- | --- |", *(_index_row(one, told[one.spec.event_type]) for one in types)]
    return "\n".join([*lines, ""])


def _index_row(one: Described, told: Sequence[Told]) -> str:
    name = one.spec.event_type
    said = _cell(str(one.schema["doc"]).split(". ")[0].rstrip("."))
    desks = ", ".join(dict.fromkeys(f"`{each.flow.subscription.desk}`" for each in told)) or "nobody"
    return f"| [{name}]({name}.md) | {said} | {_kinds(one.spec)} | {desks} |"


def _page(one: Described, told: Sequence[Told]) -> str:
    spec = one.spec
    lines = [
        f"# {spec.event_type}",
        "",
        str(one.schema["doc"]),
        "",
        f"Published by: {_kinds(spec)}. Its core goes as `{spec.core_type}`.{_effect(spec)} "
        f"[Schema](../../schemas/{spec.event_type}{ENDING}), "
        f"[a line to publish](../../schemas/examples/{spec.event_type}.json), "
        f"[how to read this page]({INDEX}).",
        "",
        "## What it holds",
        "",
        "Beside the fields that every event has:",
        "",
        "| field | class | what it is |",
        "| --- | --- | --- |",
        *(_field_row(place) for place in places(one.schema) if _is_own(place)),
        "",
        "## Who gets what",
        "",
        *who_gets_what(spec, told),
        "",
    ]
    return "\n".join(lines)


def _effect(spec: EventTypeSpec) -> str:
    applies = "" if spec.applies is None else f" The exchange acts on it: {spec.applies}."
    return applies + (" It is about an incident, whoever is in it." if spec.about_incident else "")


def _kinds(spec: EventTypeSpec) -> str:
    return ", ".join(sorted(str(kind) for kind in spec.publishers))


def _is_own(place: Place) -> bool:
    return (
        place.part == "person" and place.field is not None and place.unit is None and "[]" not in place.path
    )


def _field_row(place: Place) -> str:
    assert place.field is not None
    written, codes = str(place.field.get("doc", "")), place.attribute("symbols")
    if codes is None and isinstance(items := place.attribute("items"), Mapping):
        codes = items.get("symbols")
    listed = f" One of: {', '.join(f'`{code}`' for code in codes)}." if codes else ""
    summary = ", as summary" if place.field.get("summary") else ""
    return f"| `{place.path}` | {place.field['class']}{summary} | {_cell(written + listed)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
