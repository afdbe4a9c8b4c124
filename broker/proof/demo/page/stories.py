"""Each person's story: what happened, who got how much of it, and each refusal's reason in words."""

from collections.abc import Mapping, Sequence

from broker.domain.vocabulary import Outcome
from broker.proof.demo.expected import GAP, LATER, NO_DESKS, PUBLISHER, Cell, Result
from broker.proof.demo.page.html import Child, Html, el
from broker.proof.demo.page.matrix import anchor
from broker.proof.demo.page.words import SIGNS, counted, kind_of, plain, who_decides
from broker.proof.demo.script import Person, Script, Step

_TOLD = {
    "accepted": "taken in",
    "applied": "applied: in force from here",
    "rejected": "refused",
    "handled": "taken on by a crisis team",
    "not_handled": "taken on by nobody in the agreed time: ring the number",
}


def stories(script: Script, found: Mapping[Cell, Result]) -> Html:
    """One section a person, in the order of the cast."""
    by_label: dict[str, list[tuple[str, Result]]] = {}
    for (label, desk), result in found.items():
        by_label.setdefault(label, []).append((desk, result))
    steps: dict[str, list[Step]] = {}
    for step in script.steps:
        steps.setdefault(step.about, []).append(step)
    return el(
        "div",
        *(_person(person, steps.get(person.key, []), by_label) for person in script.people.values()),
        class_="stories",
    )


def _person(
    person: Person, steps: Sequence[Step], by_label: Mapping[str, Sequence[tuple[str, Result]]]
) -> Html:
    return el(
        "details",
        el("summary", el("strong", person.name), " ", el("span", person.story)),
        el("ol", *(_event(step, by_label) for step in steps), class_="events"),
        id=f"p-{person.key}",
        class_="person",
    )


def _event(step: Step, by_label: Mapping[str, Sequence[tuple[str, Result]]]) -> Child:
    entries: list[Child] = [_entry(step.label, step.clock, step.says, by_label.get(step.label, ()))]
    if (gap := by_label.get(step.label + GAP)) is not None:
        said = "The exchange raises a safety gap: the agreed minutes are over and nobody took it on."
        entries.append(_entry(step.label + GAP, "", said, gap))
    return entries


def _entry(label: str, clock: str, says: str, results: Sequence[tuple[str, Result]]) -> Html:
    told = {desk: result for desk, result in results if desk in {PUBLISHER, LATER}}
    return el(
        "li",
        el("p", el("time", clock), " ", says, " ", el("code", label)),
        el("p", "Publisher: ", "; ".join(map(_told, told.values())), ".", class_="told") if told else None,
        el("ul", *map(_group, _grouped(results))),
        id=anchor(label),
    )


def _told(result: Result) -> str:
    said = _TOLD.get(result.outcome, result.outcome.replace("_", " "))
    return " ".join((said, *(f"({plain(code)})" for code in result.reasons)))


def _grouped(results: Sequence[tuple[str, Result]]) -> list[tuple[list[str], Result]]:
    """Desks with the same result share one paragraph."""
    groups: dict[tuple[object, ...], tuple[list[str], Result]] = {}
    for desk, result in results:
        if desk in NO_DESKS and result.outcome != Outcome.QUARANTINED:
            continue
        key = (result.outcome, result.extent, result.reasons, len(result.fields or ()), result.withheld)
        groups.setdefault(key, ([], result))[0].append(desk)
    return list(groups.values())


def _group(group: tuple[list[str], Result]) -> Html:
    desks, result = group
    kind = kind_of(result)
    word, meaning = SIGNS[kind]
    went = "" if not result.fields else f" ({counted(result)})"
    return el(
        "li",
        el("span", word, class_=f"sign word {kind}"),
        " ",
        el("strong", ", ".join(desks)),
        f": {meaning}{went}.",
        _why(result),
        data_desks=" ".join(desks),
    )


def _why(result: Result) -> Html | None:
    """In full where something was refused; where the rest went, what kept the others back."""
    if not result.reasons:
        return None
    if result.outcome == Outcome.DELIVERED:
        return el("p", "Apart from that: ", " ".join(map(plain, result.reasons)), class_="apart")
    return el("ul", *map(_reason, result.reasons), class_="reasons")


def _reason(code: str) -> Html:
    who = who_decides(code)
    return el(
        "li",
        plain(code),
        el("span", f" Who can change that: {who}", class_="who") if who else None,
        " ",
        el("code", code),
    )
