"""Each person's story: what happened, who got how much of it, and each refusal's reason in words."""

from collections.abc import Mapping, Sequence

from broker.domain.vocabulary import Outcome
from broker.proof.demo.client import Played
from broker.proof.demo.expected import GAP, NO_DESKS, Cell, Result
from broker.proof.demo.observe import Run
from broker.proof.demo.page.html import Child, Html, el
from broker.proof.demo.page.matrix import anchor
from broker.proof.demo.page.words import SIGNS, counted, kind_of, plain, who_decides
from broker.proof.demo.script import Person, Step
from consumers.kit.delivery import Reply

_THE_REST = "The agreement names no more than that, or not for this desk."
_TOLD = {
    "accepted": "taken in",
    "applied": "applied: in force from here",
    "rejected": "refused",
    "handled": "taken on",
    "not_handled": "taken on by nobody in the agreed time",
}


def stories(run: Run, found: Mapping[Cell, Result]) -> Html:
    """One section a person, in the order of the cast."""
    script = run.script
    by_label: dict[str, list[tuple[str, Result]]] = {}
    for (label, desk), result in found.items():
        by_label.setdefault(label, []).append((desk, result))
    steps: dict[str, list[Step]] = {}
    for step in script.steps:
        steps.setdefault(step.about, []).append(step)
    return el(
        "div",
        *(
            _person(person, steps.get(person.key, []), by_label, run.played)
            for person in script.people.values()
        ),
        class_="stories",
    )


def _person(
    person: Person,
    steps: Sequence[Step],
    by_label: Mapping[str, Sequence[tuple[str, Result]]],
    played: Played,
) -> Html:
    return el(
        "details",
        el("summary", el("strong", person.name), " ", el("span", person.story)),
        el("ol", *(_event(step, by_label, played) for step in steps), class_="events"),
        id=f"p-{person.key}",
        class_="person",
    )


def _event(step: Step, by_label: Mapping[str, Sequence[tuple[str, Result]]], played: Played) -> Child:
    replies = [told[step.label] for told in (played.replies, played.later) if step.label in told]
    entries: list[Child] = [_entry(step.label, step.clock, step.says, by_label.get(step.label, ()), replies)]
    if (gap := by_label.get(step.label + GAP)) is not None:
        said = "The exchange raises a safety gap: the agreed minutes are over and nobody took it on."
        entries.append(_entry(step.label + GAP, "", said, gap, ()))
    return entries


def _entry(
    label: str,
    clock: str,
    says: str,
    results: Sequence[tuple[str, Result]],
    replies: Sequence[Reply],
) -> Html:
    told = "; then ".join(map(_told, replies))
    return el(
        "li",
        el("p", el("time", clock), " ", says, " ", el("code", label)),
        el("p", "Its publisher is told: ", told, ".", class_="told") if told else None,
        el("ul", *map(_group, _grouped(results))),
        id=anchor(label),
    )


def _told(reply: Reply) -> str:
    """What a publisher is told of its own event: what became of it, who acts, whom to ring."""
    said = _TOLD.get(reply.status, reply.status.replace("_", " "))
    acts = f"; who must act and knows: {', '.join(reply.handled_by)}" if reply.handled_by else ""
    ring = f"; ring {reply.phone}" if reply.phone else ""
    why = f" ({plain(reply.code).rstrip('.')})" if reply.code else ""
    return said + why + acts + ring


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
        return el("p", _THE_REST, class_="apart") if result.withheld else None
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
