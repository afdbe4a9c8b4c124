"""One event before and after: what was published, and what each desk that asked got of it, side by side."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from broker.domain.decision import DECISION_FORMAT
from broker.domain.vocabulary import Extent
from broker.proof.demo.books import Leaf
from broker.proof.demo.observe import Run
from broker.proof.demo.page.html import Child, Html, el
from broker.proof.demo.page.words import SIGNS, plain
from broker.proof.demo.script import Step, line_of
from consumers.kit.delivery import Delivery

SHOWN = "jamie-triaged"
"""Held by the place of safety, asked for by everybody that could want it"""
_PARTS = ("subject", "core", "person")


def side_by_side(run: Run, label: str = SHOWN) -> Html:
    """A table: fields by desks, the event as published in the first column."""
    step = next(step for step in run.steps if step.label == label)
    leaves = [
        leaf for leaf in run.books.of(DECISION_FORMAT) if run.own_labels.get(leaf.record["event_id"]) == label
    ]
    before = _published(step, run.began)
    names = _names(before, leaves)
    head = el(
        "tr",
        el("th", "Field", scope="col"),
        el("th", f"As {step.agency} published it", scope="col"),
        *(el("th", leaf.record["desk"], _sign(leaf), scope="col") for leaf in leaves),
    )
    rows = [_row(name, before, leaves, run, len(names) if name == names[0] else 0) for name in names]
    caption = el("caption", step.says)
    table = el("table", caption, el("thead", head), el("tbody", *rows), class_="record")
    return el("div", table, class_="scroll", tabindex=0, role="region", aria_label="One event, desk by desk")


def _sign(leaf: Leaf) -> Child:
    kind = leaf.record["extent"] if leaf.record["outcome"] == "delivered" else leaf.record["outcome"]
    return el("span", SIGNS[kind][0], class_=f"sign word {kind}")


def _published(step: Step, began: datetime) -> Mapping[str, Any]:
    if step.event is None:
        return {}
    given = json.loads(line_of(step.event, began))
    flat = {key: value for key, value in given.items() if key not in _PARTS}
    for part in _PARTS:
        flat |= {f"{part}.{key}": value for key, value in (given.get(part) or {}).items()}
    return flat


def _names(before: Mapping[str, Any], leaves: Sequence[Leaf]) -> list[str]:
    """Fields that somebody could have got; what the exchange reads itself goes to nobody and is left out."""
    asked = {name for leaf in leaves for part in ("fields", "withheld") for name in leaf.record[part]}
    return [name for name in before if name in asked]


def _row(name: str, before: Mapping[str, Any], leaves: Sequence[Leaf], run: Run, rows: int) -> Html:
    """Args: rows: of the table, in its first row; a desk that got nothing has one cell for all of them."""
    cells: list[Child] = []
    for leaf in leaves:
        if leaf.record["extent"] == Extent.NONE:
            cells.append(_nothing(leaf, rows) if rows else None)
        else:
            cells.append(_cell(name, leaf, run.by_decision.get((leaf.record["desk"], leaf.digest))))
    return el("tr", el("th", name, scope="row"), el("td", shown(before[name])), *cells)


def _nothing(leaf: Leaf, rows: int) -> Html:
    reasons = el("ul", *(el("li", plain(code)) for code in leaf.record["reasons"]))
    return el("td", el("p", "Nothing went."), reasons, rowspan=rows, class_="nothing")


def _cell(name: str, leaf: Leaf, delivery: Delivery | None) -> Html:
    if delivery is not None and name in delivery.fields:
        return el("td", shown(delivery.fields[name]), class_="went")
    reasons = leaf.record["withheld"].get(name, ())
    return el("td", el("span", "stayed: ", " ".join(map(plain, reasons))), class_="stayed")


def shown(value: Any) -> str:
    """A value as a reader sees it; an instant as its time of day."""
    match value:
        case str():
            return _time_of(value)
        case dict():
            return "; ".join(f"{key}: {shown(inner)}" for key, inner in value.items() if inner is not None)
        case list():
            return ", ".join(map(shown, value)) or "(none)"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _time_of(text: str) -> str:
    if "T" not in text:
        return text
    try:
        return datetime.fromisoformat(text).strftime("%H:%M UTC, %d %B %Y")
    except ValueError:
        return text
