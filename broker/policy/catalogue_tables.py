"""Who gets what of one event type, as tables: a line for each field, a column for each subscription."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from broker.domain.codes import REASONS
from broker.domain.event import EventTypeSpec
from broker.domain.fields import is_consumed
from broker.domain.vocabulary import AgencyKind, Extent, FieldClass, Handling, Outcome
from broker.policy.catalogue_answers import Told
from broker.policy.catalogue_cases import Situation
from broker.release.combine import Outline

NOBODY = "No desk asks for it: it is kept for its publisher's own account and goes to nobody."
_CORE = "*core*"
_HANDLING = {
    Handling.WHOLE: "yes",
    Handling.PSEUDONYM: "own",
    Handling.SUMMARY: "sum",
    Handling.COARSENED: "less",
    Handling.PRESENCE: "is",
}
_EXTENT = {
    Extent.FULL: "in full",
    Extent.MINIMISED: "in part",
    Extent.CORE: "core only",
    Extent.NONE: "nothing",
}
_OUTCOME = {
    Outcome.HELD: "held for a named person, at once ",
    Outcome.QUARANTINED: "quarantined, at once ",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """One subscription in one situation."""

    number: int
    cells: Mapping[str, str | tuple[str, ...]]
    """field -> how it goes, or the codes why it stays"""


def who_gets_what(spec: EventTypeSpec, told: Sequence[Told]) -> Iterator[str]:
    """Lines of Markdown: who asks and what they get in short, then the tables, then the reasons."""
    if not told:
        yield NOBODY
        return
    for number, each in enumerate(told, 1):
        yield f"{number}. {_in_short(each)}"
    letters = _letters(told)
    for situation, columns in _tables(told):
        yield from ("", f"### {situation.words.capitalize()}", "")
        yield from _table(spec, columns, letters)
    if letters:
        yield from ("", "### Why it stays", "")
        yield from (f"* {letter}, `{code}`: {REASONS.get(code, code)}" for code, letter in letters.items())


def _in_short(told: Told) -> str:
    asked = told.flow.subscription
    under = "without an agreement" if asked.agreement == "none" else f"under `{asked.agreement}`"
    places = ", ".join(sorted(asked.places)) or "every place"
    scope = ", within an open incident of its agency only" if asked.incident_scoped else ""
    by_extent: dict[str, list[str]] = {}
    for situation, outline in told.outlines:
        by_extent.setdefault(_became(outline), []).append(situation.words)
    became = ". ".join(f"{' / '.join(found).capitalize()}: {words}" for words, found in by_extent.items())
    return f"`{asked.desk}` for {asked.purpose}, {under} ({places}){scope}. {became}."


def _became(outline: Outline) -> str:
    words = f"{_OUTCOME.get(outline.outcome, '')}**{_EXTENT[outline.extent]}**"
    if outline.extent in {Extent.FULL, Extent.MINIMISED}:
        return words
    return f"{words} ({', '.join(f'`{code}`' for code in outline.reasons)})" if outline.reasons else words


def _letters(told: Sequence[Told]) -> dict[str, str]:
    found = {
        code
        for each in told
        for _, outline in each.outlines
        for codes in (*outline.withheld.values(), outline.reasons)
        for code in codes
    }
    return {code: ascii_lowercase[number] for number, code in enumerate(sorted(found))}


def _tables(told: Sequence[Told]) -> Iterator[tuple[Situation, list[_Column]]]:
    """Each situation with the columns that differ from the last one told of the same subscription."""
    order: dict[Situation, list[_Column]] = {}
    numbered = sorted(enumerate(told, 1), key=lambda one: one[1].flow.desk_kind is AgencyKind.POLICE)
    for number, each in numbered:
        shown: dict[str, Mapping[str, str | tuple[str, ...]]] = {}
        for situation, outline in each.outlines:
            columns = order.setdefault(situation, [])
            cells = _cells(outline)
            if outline.extent in {Extent.FULL, Extent.MINIMISED} and shown.get(situation.setting) != cells:
                shown[situation.setting] = cells
                columns.append(_Column(number, cells))
    yield from ((situation, columns) for situation, columns in order.items() if columns)


def _cells(outline: Outline) -> dict[str, str | tuple[str, ...]]:
    cells: dict[str, str | tuple[str, ...]] = {}
    for name, handling in outline.fields.items():
        cells[name] = _HANDLING[handling]
    for name, codes in outline.withheld.items():
        cells[name] = codes
    return cells


def _table(spec: EventTypeSpec, columns: Sequence[_Column], letters: Mapping[str, str]) -> Iterator[str]:
    yield f"| field | {' | '.join(str(one.number) for one in columns)} |"
    yield f"| --- |{' --- |' * len(columns)}"
    core = next(one.name for one in spec.fields if one.field_class is FieldClass.CORE)
    rows = [(_CORE, core)] + [
        (f"`{one.name}`", one.name)
        for one in spec.fields
        if one.field_class is not FieldClass.CORE and not is_consumed(spec.event_type, one.name)
    ]
    for shown, name in rows:
        yield f"| {shown} | {' | '.join(_cell(one.cells.get(name, ()), letters) for one in columns)} |"


def _cell(told: str | tuple[str, ...], letters: Mapping[str, str]) -> str:
    return told if isinstance(told, str) else " ".join(letters[code] for code in told)
