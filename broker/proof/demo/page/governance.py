"""The governance officer's page: matrix, timeline, stories, reasons, one event desk by desk."""

from collections import Counter
from collections.abc import Mapping, Sequence

from broker.domain.decision import DECISION_FORMAT
from broker.domain.vocabulary import Extent
from broker.proof.demo.expected import NO_DESKS, Cell, Result
from broker.proof.demo.observe import Run
from broker.proof.demo.page.document import document
from broker.proof.demo.page.html import Html, el
from broker.proof.demo.page.matrix import anchor, legend, matrix
from broker.proof.demo.page.record import side_by_side
from broker.proof.demo.page.stories import stories
from broker.proof.demo.page.timeline import timeline
from broker.proof.demo.page.words import SIGNS, kind_of, plain, who_decides
from broker.proof.demo.script import Chapter, Look
from broker.proof.demo.show import desks_of

TITLE = "An evening in Northmoor"
READER = (
    "This page is a governance officer's view of one invented evening: what was decided for every desk, and "
    "why. No desk sees it. It holds names of fields, not what stood in them, except for the one event that "
    "is shown before and after."
)


def governance_page(run: Run, found: Mapping[Cell, Result], problems: Sequence[str]) -> str:
    """The whole page."""
    return document(
        f"{TITLE} - Candour",
        READER,
        _opening(run, found, problems),
        _section(
            "scenes",
            "The evening in scenes",
            el("div", *(_card(one, found) for one in run.script.chapters), class_="cards"),
        ),
        _section(
            "matrix-section",
            "Who got what",
            legend(),
            _filters(run),
            matrix(run.script, found, desks_of(found)),
        ),
        _section("timeline", "When", _key(), timeline(run.script)),
        _section("record", "One event, before and after", el("p", _RECORD), side_by_side(run)),
        _section("people", "Each person's story", stories(run, found)),
        _section("reasons", "Every reason of this evening", _reasons(found)),
        _section("books", "The books", _books(run)),
        el(
            "dialog", el("div", id="why-text"), el("button", "Close", type="button", id="why-close"), id="why"
        ),
    )


_RECORD = (
    "On the left what the crisis team wrote. Beside it what each desk that asked was given, and why the rest "
    "stayed. Jamie is held at the place of safety, and officers are still there."
)


def _section(key: str, title: str, *content: Html) -> Html:
    return el("section", el("h2", title, id=f"{key}-title"), *content, id=key, aria_labelledby=f"{key}-title")


def _opening(run: Run, found: Mapping[Cell, Result], problems: Sequence[str]) -> Html:
    decisions = [result for (_, desk), result in found.items() if desk not in NO_DESKS]
    counts = Counter(map(kind_of, decisions))
    figures = [
        (len(run.steps), "events"),
        (len(run.script.people), "people"),
        (len(desks_of(found)), "desks that asked"),
        (len(decisions), "decisions"),
    ]
    bars = [
        el("li", el("strong", str(counts[kind])), " ", el("span", word.lower(), class_=f"sign word {kind}"))
        for kind, (word, _) in SIGNS.items()
        if counts[kind]
    ]
    verdict = (
        "Every cell is as it was reasoned, row by row, from the law and the agreements."
        if not problems
        else f"Not as reasoned from the law and the agreements: {len(problems)} cell(s)."
    )
    links = [
        ("matrix-section", "Who got what"),
        ("timeline", "When"),
        ("record", "One event"),
        ("people", "People"),
    ]
    return el(
        "header",
        el("p", "Candour", class_="brand"),
        el("h1", TITLE),
        el("p", _LEAD, class_="lead"),
        el(
            "ul",
            *(el("li", el("strong", str(count)), " ", what) for count, what in figures),
            class_="figures",
        ),
        el("ul", *bars, class_="figures small"),
        el("p", verdict, class_="verdict good" if not problems else "verdict bad"),
        el("nav", *(el("a", text, href=f"#{key}") for key, text in links), aria_label="Parts of this page"),
    )


_LEAD = (
    "Police, crisis teams, ambulance, emergency department, social care, a family doctor, a voluntary body: "
    "each tells what it knows, and each desk is told what it needs and nothing else. Where something was "
    "refused, the reason is on record, and the neutral core of an emergency went all the same."
)


def _card(chapter: Chapter, found: Mapping[Cell, Result]) -> Html:
    looks = [_look(look, found.get((look.label, look.desk))) for look in chapter.look]
    return el("article", el("h3", chapter.title), el("p", chapter.about), el("ul", *looks, class_="looks"))


def _look(look: Look, result: Result | None) -> Html | None:
    if result is None:
        return None
    kind = kind_of(result)
    return el(
        "li",
        el("span", SIGNS[kind][0], class_=f"sign word {kind}"),
        el("a", look.says, href=f"#{anchor(look.label)}", title=f"{look.label}, {look.desk}"),
    )


def _filters(run: Run) -> Html:
    people = [el("option", person.name, value=person.key) for person in run.script.people.values()]
    chosen = el("select", el("option", "everybody", value=""), *people, id="only-person")
    return el(
        "div",
        el("label", "Person ", chosen),
        el("label", el("input", type="checkbox", id="only-scenes"), " only the scenes"),
        class_="filters",
        hidden=True,
        id="filters",
    )


def _key() -> Html:
    kinds = {"emergency_live": "emergency", "urgent": "urgent", "planned": "planned"}
    dots = [el("li", el("span", class_=f"dot {kind}"), word) for kind, word in kinds.items()]
    return el("ul", *dots, class_="legend")


def _reasons(found: Mapping[Cell, Result]) -> Html:
    counts = Counter(code for (_, desk), result in found.items() for code in result.reasons)
    head = el(
        "tr", *(el("th", text, scope="col") for text in ("Reason", "Who can change it", "Code", "Times"))
    )
    rows = [
        el(
            "tr",
            el("th", plain(code), scope="row"),
            el("td", who_decides(code) or "-"),
            el("td", el("code", code)),
            el("td", str(count), class_="number"),
        )
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    table = el(
        "table",
        el("caption", "Why something stayed, waits or went all the same"),
        el("thead", head),
        el("tbody", *rows),
    )
    return el("div", table, class_="scroll", tabindex=0, role="region", aria_label="Reasons")


def _books(run: Run) -> Html:
    books = run.books
    went = sum(leaf.record["extent"] != Extent.NONE for leaf in books.of(DECISION_FORMAT))
    came = sum(map(len, run.deliveries.values()))
    return el(
        "p",
        f"Asked {books.asked}, decided {books.decided}, waiting {books.waiting}. Decisions that let "
        f"something go {went}, deliveries that desks opened {came}. Every delivery carries the hash of its "
        "decision.",
    )
