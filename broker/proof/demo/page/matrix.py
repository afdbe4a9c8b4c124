"""The matrix: every event of the evening by every desk that asked for anything."""

from collections.abc import Iterator, Mapping, Sequence

from broker.proof.demo.expected import GAP, LATER, PUBLISHER, Cell, Result
from broker.proof.demo.page.html import Child, Html, el
from broker.proof.demo.page.words import SIGNS, kind_of
from broker.proof.demo.script import Chapter, Script, Step


def legend() -> Html:
    """Each sign with its word and what it means."""
    signs = [
        el(
            "li",
            el("span", word[0], class_=f"sign {kind}", aria_hidden="true"),
            el("strong", word),
            ": ",
            text,
        )
        for kind, (word, text) in SIGNS.items()
    ]
    empty = el("li", el("span", class_="sign", aria_hidden="true"), el("strong", "Empty"), ": asks nothing")
    return el("ul", *signs, empty, class_="legend")


def matrix(script: Script, found: Mapping[Cell, Result], desks: Sequence[str]) -> Html:
    """One row an event, chapter by chapter; one column a desk."""
    head = el(
        "tr",
        el("th", "Event", scope="col", class_="event"),
        *(el("th", el("span", desk), scope="col") for desk in desks),
        el("th", "Publisher told", scope="col", class_="told"),
    )
    bodies = [_chapter(chapter, found, desks) for chapter in script.chapters]
    caption = el("caption", "Who got how much of each event. Choose a sign to read why.")
    table = el("table", caption, el("thead", head), *bodies, id="matrix", class_="matrix")
    return el("div", table, class_="scroll", tabindex=0, role="region", aria_label="Events by desks")


def _chapter(chapter: Chapter, found: Mapping[Cell, Result], desks: Sequence[str]) -> Html:
    title = el("th", chapter.title, scope="rowgroup", colspan=len(desks) + 2)
    rows = [row for step in chapter.steps for row in _rows(step, found, desks)]
    return el("tbody", el("tr", title, class_="chapter"), *rows)


def _rows(step: Step, found: Mapping[Cell, Result], desks: Sequence[str]) -> Iterator[Html]:
    for label in (step.label, step.label + GAP):
        if label != step.label and not any((label, desk) in found for desk in desks):
            continue
        yield el(
            "tr",
            el("th", el("a", label, href=f"#{anchor(label)}"), scope="row"),
            *(_cell(found.get((label, desk))) for desk in desks),
            el("td", _told(label, found), class_="told"),
            class_="scene" if step.scene else "quiet",
            data_event=anchor(label),
            data_person=step.about,
        )


def _cell(result: Result | None) -> Html:
    if result is None:
        return el("td")
    kind = kind_of(result)
    word = SIGNS[kind][0]
    return el("td", word[0], el("span", word[1:], class_="vh"), class_=kind)


def _told(label: str, found: Mapping[Cell, Result]) -> Child:
    told = [found[label, who].outcome for who in (PUBLISHER, LATER) if (label, who) in found]
    return ", then ".join(told).replace("_", " ")


def anchor(label: str) -> str:
    """The id of an event's own paragraph."""
    return "e-" + label.replace(GAP, "-gap")
