"""What whoever runs the demo sees: who got what, the books, one refusal in words."""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

from rich.console import Console
from rich.table import Table
from rich.text import Text

from broker.domain.decision import DECISION_FORMAT
from broker.domain.vocabulary import Extent, Outcome, Purpose
from broker.explain.words import PURPOSES, WHO_DECIDES, sentence
from broker.proof.demo.expected import GAP, LATER, NO_DESKS, PUBLISHER, Cell, Result
from broker.proof.demo.observe import Run
from broker.proof.demo.script import Chapter, Script, Step

PLAIN_WIDTH = 110
POLICE = "moor-police/control-room"
REFUSAL: Cell = ("jamie-planned", POLICE)
"""The refusal that is explained: the first thing the exchange is for"""

NOTHING = "-"
_SIGNS: Mapping[str, tuple[str, str]] = {
    Extent.FULL: ("F", "black on green"),
    Extent.MINIMISED: ("M", "black on yellow"),
    Extent.CORE: ("C", "black on cyan"),
    Outcome.HELD: ("H", "white on magenta"),
    Outcome.DENIED: ("x", "white on red"),
    Outcome.QUARANTINED: ("Q", "white on magenta"),
}
_LEGEND = (
    "F full, M minimised, C core: how much was delivered. H: the core or more went, the rest waits for a "
    "named person. x: asked, denied, and the reason is on record. -: asks nothing, so there is no trace."
)


def console() -> Console:
    """Colour and the full width on a terminal; plain ASCII of a fixed width otherwise."""
    shown = Console(highlight=False, emoji=False, markup=False)
    return (
        shown if shown.is_terminal else Console(highlight=False, emoji=False, markup=False, width=PLAIN_WIDTH)
    )


def sign_of(result: Result | None) -> str:
    """What became of one event for one desk, as the word that has a sign: an extent or an outcome."""
    if result is None:
        return NOTHING
    return result.extent if result.outcome == Outcome.DELIVERED else result.outcome


def desks_of(found: Mapping[Cell, Result]) -> list[str]:
    """Every desk that asked anything, in one order everywhere: police last."""
    return sorted({desk for _, desk in found} - NO_DESKS, key=_desk_order)


def _desk_order(desk: str) -> tuple[bool, str]:
    return desk.startswith("moor-police"), desk


def show_chapters(out: Console, script: Script, found: Mapping[Cell, Result]) -> None:
    """Scene by scene, events by desks; the quiet cases as counts. The page has every row."""
    for chapter in script.chapters:
        scenes = [step for step in chapter.steps if step.scene]
        out.print()
        out.print(f"{chapter.title}", style="bold")
        _say(out, chapter.about)
        if scenes:
            _matrix(out, scenes, found)
            _refusals(out, scenes, found)
        _quiet(out, chapter, found)
    out.print()
    _say(out, _LEGEND, indent=0)


def _matrix(out: Console, steps: Sequence[Step], found: Mapping[Cell, Result]) -> None:
    """One row an event, one narrow column a desk that asks for any of them."""
    labels = {step.label for step in steps} | {step.label + GAP for step in steps}
    asked = desks_of({cell: result for cell, result in found.items() if cell[0] in labels})
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", show_edge=False)
    table.add_column("  event", no_wrap=True)
    for number in range(1, len(asked) + 1):
        table.add_column(str(number), justify="center", no_wrap=True)
    table.add_column("publisher told", no_wrap=True)
    for step in steps:
        for label in (step.label, step.label + GAP):
            if label == step.label or any((label, desk) in found for desk in asked):
                cells = [_cell(found.get((label, desk))) for desk in asked]
                table.add_row(f"  {label}", *cells, _told(label, found))
    out.print(table)
    _say(out, "  ".join(f"{number}={desk}" for number, desk in enumerate(asked, 1)), indent=4)


def _refusals(out: Console, steps: Sequence[Step], found: Mapping[Cell, Result]) -> None:
    """What was denied or held, with its reasons; like cases together."""
    cases: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for step, desk in product(steps, desks_of(found)):
        result = found.get((step.label, desk))
        if result is not None and result.outcome in {Outcome.DENIED, Outcome.HELD}:
            cases.setdefault((result.outcome, desk, result.reasons), []).append(step.label)
    for (outcome, desk, reasons), refused in sorted(cases.items()):
        text = Text(f"    {outcome} ", _SIGNS[outcome][1].split(" on ")[1])
        out.print(text + Text(f"{desk}: {' '.join(reasons)} ({', '.join(refused)})", "default"))


def _told(label: str, found: Mapping[Cell, Result]) -> str:
    told = [found[label, who].outcome for who in (PUBLISHER, LATER) if (label, who) in found]
    return ", then ".join(told)


def _cell(result: Result | None) -> Text:
    sign, style = _SIGNS.get(sign_of(result), (NOTHING, "dim"))
    return Text(sign, style)


def _quiet(out: Console, chapter: Chapter, found: Mapping[Cell, Result]) -> None:
    quiet = {step.label for step in chapter.steps if not step.scene}
    if not quiet:
        return
    people = {step.about for step in chapter.steps if not step.scene}
    counts = Counter(
        sign_of(result) for (label, desk), result in found.items() if label in quiet and desk not in NO_DESKS
    )
    said = ", ".join(f"{counts[sign]} {sign}" for sign in _SIGNS if counts[sign])
    _say(out, f"and {len(quiet)} quiet events of {len(people)} people: {said}")


def show_books(out: Console, run: Run) -> None:
    """Balanced books: every question has its decision, every delivery has its own."""
    books = run.books
    went = sum(leaf.record["extent"] != Extent.NONE for leaf in books.of(DECISION_FORMAT))
    came = sum(map(len, run.deliveries.values()))
    sign = "=" if books.asked == books.decided + books.waiting else "DIFFERS FROM"
    out.print("The books:", style="bold")
    out.print(f"  asked {books.asked} {sign} decided {books.decided} + waiting {books.waiting}")
    out.print(f"  decisions that let something go {went}, deliveries opened by desks {came}")


def show_refusal(out: Console, run: Run) -> None:
    """One refusal in words, from its decision alone."""
    label, desk = REFUSAL
    for leaf in run.books.of(DECISION_FORMAT):
        record = leaf.record
        if record["desk"] != desk or run.own_labels.get(record["event_id"]) != label:
            continue
        purpose = Purpose(record["purpose"])
        out.print(f"Why {desk} got nothing of {label}:", style="bold")
        _say(out, f"It asked for {purpose}, {PURPOSES[purpose]}, under {record['agreement']}.")
        for code in record["reasons"]:
            _say(out, sentence(code))
            _say(out, f"Who can change that: {WHO_DECIDES[code]}", indent=6)
        _say(
            out,
            f"Decided under policy {record['policy_revision']}. `candour explain` tells it field by field.",
        )


def show_problems(out: Console, problems: Sequence[str]) -> None:
    """Each cell that differs, each promise that did not hold."""
    out.print(f"{len(problems)} difference(s) from what the evening must come to:", style="bold red")
    for problem in problems:
        _say(out, problem)


def _say(out: Console, text: str, indent: int = 2) -> None:
    first, hanging = " " * indent, " " * (indent + 2)
    lines = textwrap.wrap(
        text, out.width - 1, initial_indent=first, subsequent_indent=hanging, break_on_hyphens=False
    )
    out.print("\n".join(lines), soft_wrap=True)
