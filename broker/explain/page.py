"""Page: a story in plain words for a governance officer; plain text, 100 columns, to be kept on file."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from broker.domain.answer import Obligations
from broker.domain.decision import Decision
from broker.domain.identifiers import NO_AGREEMENT, FieldName
from broker.domain.vocabulary import Extent, Handling
from broker.explain.leaves import ActLeaf, DecisionLeaf, Place, QuarantineLeaf, WishLeaf
from broker.explain.story import Background, Story, Terms, instant
from broker.explain.words import (
    ACT_REASONS,
    BASES,
    HANDLINGS,
    PURPOSES,
    PUT_RIGHT,
    WHAT_PUBLISHERS_DO,
    WHO_DECIDES,
    WISHES,
    marking,
    outcome,
    sentence,
)

WIDTH = 100
LONDON = ZoneInfo("Europe/London")

_LABEL = 13
_NO_TERMS = Terms("", {})


def page(story: Story, background: Background) -> str:
    """Everything on record about one event, in the order in which it was decided.

    Holds names of desks, agreements and fields, and codes; nothing of what the event says.
    """
    several = len(story.publishers) > 1
    sections = [_head(story, background)]
    sections += [_wish(leaf, several=several) for leaf in story.wishes]
    sections += [_decision(leaf, story, background, several=several) for leaf in story.decisions]
    sections += [_refusal(leaf, several=several) for leaf in story.refusals]
    sections += [_act(leaf) for leaf in story.acts]
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def at(at_us: int) -> str:
    """An instant as London's clocks showed it, and in UTC."""
    utc = instant(at_us)
    london = utc.astimezone(LONDON)
    shown = f"{london.day} {london:%B %Y, %H:%M:%S} {london.tzname()}"
    return f"{shown} ({utc:%Y-%m-%dT%H:%M:%S}Z)"


def _head(story: Story, background: Background) -> list[str]:
    event_type = story.event_type(background.wish_types)
    named = "" if event_type is None else f"{event_type}, "
    lines = [f"Event {story.event_id}", f"  {named}published by {' and by '.join(story.publishers)}"]
    if story.unknown:
        lines.append(f"  {story.unknown} record(s) about it are of a kind that this version cannot read")
    return lines


def _decision(leaf: DecisionLeaf, story: Story, background: Background, *, several: bool) -> list[str]:
    decision = leaf.decision
    terms = background.agreements.get((decision.policy_revision, decision.agreement), _NO_TERMS)
    later, earlier = story.replaced_by(leaf), story.replaced(leaf)
    lines = [str(decision.desk)]
    if later is not None:
        lines.append(f"  No longer in force: decided anew on {at(later.decision.decided_at_us)}")
    if earlier is not None:
        lines.append(f"  Closes the one that was held on {at(earlier.decision.decided_at_us)}")
    lines += _facts(
        {
            "Publisher": str(decision.publisher) if several else "",
            "Outcome": outcome(decision.outcome, decision.extent),
            "Agreement": _agreement(decision, terms),
            "Legal basis": _basis(decision),
            "Purpose": f"{decision.purpose}, {PURPOSES[decision.purpose]}",
            "Conditions": _conditions(leaf.decision.obligations),
            "Decided": at(decision.decided_at_us),
            "Policy": f"revision {decision.policy_revision}",
            "On record": _on_record(leaf.place),
        }
    )
    fields = [*_went(decision.fields), *_stayed(decision.withheld)]
    if fields:
        lines += ["", *fields]
    if decision.withheld and later is None:
        lines += ["", *_who_decides(decision), *_numbers(terms, background)]
    return lines


def _agreement(decision: Decision, terms: Terms) -> str:
    if decision.agreement == NO_AGREEMENT:
        return "None: this desk asks without an agreement."
    named = f"{terms.title} ({decision.agreement})" if terms.title else str(decision.agreement)
    return f"{named}; not in force for this flow, place and date" if _not_in_force(decision) else named


def _not_in_force(decision: Decision) -> bool:
    return "no_agreement" in decision.reasons


def _basis(decision: Decision) -> str:
    if decision.basis is not None:
        return f"{decision.basis}, {BASES.get(decision.basis, 'a bundle without a description')}"
    if decision.extent is Extent.CORE:
        return "None is needed: the core names nobody."
    return "None: nothing of the person went."


def _conditions(obligations: Obligations) -> str:
    told = [] if obligations.marking is None else [marking(obligations.marking)]
    if obligations.incident_only and obligations.marking != "incident_only":
        told.append(marking("incident_only"))
    if obligations.expires_after_hours is not None:
        told.append(f"Not to be kept longer than {obligations.expires_after_hours} hours after the event.")
    return " ".join(told)


def _went(fields: Mapping[FieldName, Handling]) -> Iterator[str]:
    for handling, how in HANDLINGS.items():
        names = sorted(name for name, given in fields.items() if given is handling)
        if names:
            yield f"  Went {how}:"
            yield from _wrapped(", ".join(names), 4)


def _stayed(withheld: Mapping[FieldName, tuple[str, ...]]) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(withheld):
        groups.setdefault(withheld[name], []).append(name)
    if groups:
        yield "  Did not go:"
    for reasons, names in groups.items():
        yield from _wrapped(", ".join(names), 4)
        for code in reasons:
            yield from _wrapped(sentence(code), 6)


def _who_decides(decision: Decision) -> Iterator[str]:
    codes = sorted({code for reasons in decision.withheld.values() for code in reasons})
    yield "  Who can change that:"
    for code in codes:
        yield f"    {code}"
        yield from _wrapped(WHO_DECIDES.get(code, "Information governance."), 6)


def _numbers(terms: Terms, background: Background) -> Iterator[str]:
    listed = {
        "Duty contact under the agreement": terms.duty_contacts,
        "A clinician at any hour": background.clinician_lines,
    }
    for whose, numbers in listed.items():
        if numbers:
            told = ", ".join(f"{place} {number}" for place, number in sorted(numbers.items()))
            yield from _wrapped(f"{whose}: {told}", 2)


def _refusal(leaf: QuarantineLeaf, *, several: bool) -> list[str]:
    advice = WHAT_PUBLISHERS_DO.get(leaf.code, PUT_RIGHT)
    named = f"{leaf.publisher} was" if several else "Was"
    return [
        "In quarantine: it was not accepted, and went to nobody",
        *_facts(
            {
                "Why": sentence(leaf.code),
                "Fields": ", ".join(leaf.fields),
                "Publisher": f"{named} told by a reply. {advice}",
                "Bytes": f"topic {leaf.topic}, offset {leaf.offset}, payload {leaf.index}",
                "Decided": at(leaf.decided_at_us),
                "Policy": f"revision {leaf.policy_revision}",
                "On record": _on_record(leaf.place),
            }
        ),
    ]


def _act(leaf: ActLeaf) -> list[str]:
    return [
        f"Its payload in quarantine was {leaf.act}",
        *_facts(
            {
                "By": f"{' and '.join(leaf.holders)}, together",
                "Reason": ACT_REASONS[leaf.reason],
                "Fault": sentence(leaf.code),
                "Payload": leaf.quarantine_id,
                "When": at(leaf.acted_at_us),
                "On record": _on_record(leaf.place),
            }
        ),
    ]


def _wish(leaf: WishLeaf, *, several: bool) -> list[str]:
    return [
        "A wish of the person took effect",
        *_facts(
            {
                "Publisher": str(leaf.publisher) if several else "",
                "Wish": WISHES[leaf.kind],
                "In force": f"from {at(leaf.applied_at_us)}",
                "On record": f"{_on_record(leaf.place)}. It counts for whatever comes later in this lane.",
            }
        ),
    ]


def _on_record(place: Place) -> str:
    return f"lane {place.lane}, offset {place.offset}, record {place.index}"


def _facts(facts: Mapping[str, str]) -> Iterator[str]:
    for label, told in facts.items():
        if told:
            hanging = " " * (2 + _LABEL)
            first = f"  {label:<{_LABEL}}"
            yield from _lines(told, first, hanging)


def _wrapped(text: str, indent: int) -> Iterable[str]:
    return _lines(text, " " * indent, " " * indent)


def _lines(text: str, first: str, hanging: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
