"""What whoever runs the demo sees: who got what, the books, one refusal in words."""

import textwrap
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from broker.domain.decision import DECISION_FORMAT
from broker.domain.vocabulary import Extent, Outcome, Purpose
from broker.explain.words import PURPOSES, WHO_DECIDES, sentence
from broker.proof.demo.expected import PUBLISHER, QUARANTINE, Cell, Result
from broker.proof.demo.observe import Run

PLAIN_WIDTH = 110
_HEADING_WIDTH = 12
POLICE = "moor-police/control-room"
REFUSAL: Cell = ("alex-planned", POLICE)
"""The refusal that is explained: the first thing the exchange is for"""

_STYLES: Mapping[str, str] = {
    Extent.FULL: "green",
    Extent.MINIMISED: "yellow",
    Extent.CORE: "cyan",
    Outcome.DENIED: "red",
    Outcome.HELD: "magenta",
    Outcome.QUARANTINED: "magenta",
}


def console() -> Console:
    """Colour and the full width on a terminal; plain ASCII of a fixed width otherwise."""
    shown = Console(highlight=False, emoji=False, markup=False)
    return (
        shown if shown.is_terminal else Console(highlight=False, emoji=False, markup=False, width=PLAIN_WIDTH)
    )


def show_table(out: Console, run: Run, found: Mapping[Cell, Result]) -> None:
    """Events by desks: how much of each event each desk got. A dash: that desk asks nothing."""
    desks = sorted({desk for _, desk in found} - {PUBLISHER, QUARANTINE}, key=_desk_order)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("event", "publisher\ntold", *map(_heading, desks)):
        table.add_column(heading, overflow="fold")
    for step in run.steps:
        told = found.get((step.label, PUBLISHER))
        cells = [_cell(found.get((step.label, desk))) for desk in desks]
        table.add_row(step.label, "" if told is None else told.outcome, *cells)
    out.print(table)
    _say(out, "full, minimised, core: how much was delivered. denied: asked, and got nothing.", indent=0)
    _say(out, "-: does not ask about this event, so nothing is on record for that desk.", indent=0)


def _heading(desk: str) -> str:
    """In lines of at most a dozen letters: `northmoor-crisis/home-treatment` in four."""
    return "/\n".join(
        part if len(part) <= _HEADING_WIDTH else part.replace("-", "-\n") for part in desk.split("/")
    )


def _desk_order(desk: str) -> tuple[bool, str]:
    return desk.startswith("moor-police"), desk


def _cell(result: Result | None) -> Text:
    if result is None:
        return Text("-", "dim")
    word = result.extent if result.outcome == Outcome.DELIVERED else result.outcome
    return Text(word, _STYLES.get(word, ""))


def show_police(out: Console, run: Run, found: Mapping[Cell, Result]) -> None:
    """Name by name what the police control room got of a person: the list is short, and it is all."""
    out.print("All that the police control room got about a person, under its own reference:", style="bold")
    for step in run.steps:
        result = found.get((step.label, POLICE))
        if result is None or result.extent != Extent.MINIMISED:
            continue
        fields = result.fields or ()
        names = ", ".join(name.rpartition(".")[2] for name in fields)
        _say(out, f"{step.label}: {len(fields)} of {len(fields) + result.withheld} fields: {names}")


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
    out.print(f"{len(problems)} difference(s) from what the night must come to:", style="bold red")
    for problem in problems:
        _say(out, problem)


def _say(out: Console, text: str, indent: int = 2) -> None:
    first, hanging = " " * indent, " " * (indent + 2)
    lines = textwrap.wrap(
        text, out.width - 1, initial_indent=first, subsequent_indent=hanging, break_on_hyphens=False
    )
    out.print("\n".join(lines), soft_wrap=True)
