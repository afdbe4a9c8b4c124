"""What the stages and the shipped rules release is what an independent reading of domain.md releases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from broker.release.admit import Admitted, Matter, Refused, Repeated
from broker.release.settle import Settled
from tests.evenings import Told, evenings
from tests.oracle.clerk import Clerk
from tests.oracle.flow import Case
from tests.oracle.rules import verdicts
from tests.property.comparing import Comparison, Expected
from tests.property.stages import Stages, given_fields

BEGINS_US = int(datetime(2026, 11, 20, 17, 30, tzinfo=UTC).timestamp()) * 1_000_000
TODAY = "2026-11-20"
SEED = 20261120
EVENINGS = 500
AT_LEAST = {
    **dict.fromkeys(("emergency_no_agreement", "objection_outweighed", "objection"), 10),
    **dict.fromkeys(("capable_refusal", "best_interests", "safeguarding_duty"), 5),
    **dict.fromkeys(("P6 held", "custody ended", "incident ended", "handover", "police minimum"), 5),
    **dict.fromkeys(("volunteer", "carer", "housing", "peer supporter"), 5),
    **dict.fromkeys(("location withheld", "unsound identity", "place not known", "refused purpose"), 50),
    **dict.fromkeys(("expired agreement", "southmoor, no voluntary agreement"), 20),
    **dict.fromkeys(("gateway that is none", "number in the text"), 20),
}
"""Branches of the law, and how often each is taken at least: else nothing is shown of it"""


@dataclass
class Seen:
    expected: Expected
    matter: Matter
    handled: tuple[Settled, ...] = ()


def publish(stages: Stages, told: Told, clerk: Clerk) -> Seen | None:
    """One event as far as its questions, and what the oracle says of it. None: nothing is decided on it."""
    _, admitted = stages.publish(told.event_type, told.record, told.publisher, told.logged_at_us)
    if told.again:
        assert isinstance(admitted, Repeated | Refused), told.event_type
        return None
    facts = clerk.hears(told.event_type, told.record, told.publisher, told.logged_at_us)
    assert isinstance(admitted, Refused) == (facts is None), (told.event_type, why(admitted), facts)
    if facts is None:
        return None
    assert isinstance(admitted, Matter), admitted
    case = Case(told.event_type, told.record, told.publisher, facts, TODAY, told.logged_at_us)
    return Seen(Expected(told, facts, verdicts(case)), admitted)


def why(admitted: Admitted) -> str:
    return f"{admitted.code} {admitted.cause}" if isinstance(admitted, Refused) else type(admitted).__name__


def publish_all(stages: Stages) -> Iterator[Seen]:
    """Every evening begins with an exchange that knows nobody."""
    for evening in evenings(EVENINGS, SEED, BEGINS_US):
        stages.forget()
        clerk = Clerk()
        yield from filter(None, [publish(stages, told, clerk) for told in evening])


async def test_in_500_evenings_every_decision_and_delivery_is_as_the_oracle_says(tmp_path: Path) -> None:
    stages = Stages.of_shipped(tmp_path, TODAY)
    seen = list(publish_all(stages))
    questions = {q.hash: q for one in seen for match in one.matter.matches for q in match.questions}
    asked = await stages.ask(list(questions.values()))
    assert not asked.missing
    assert not asked.undecidable
    found = Comparison()
    for one in seen:
        settled = stages.settle(one.matter, asked, one.expected.told.logged_at_us)
        by_name = {str(each.decision.subscription): each for each in settled}
        found.decisions(one.expected, by_name)
        for name, each in by_name.items():
            if name in one.expected.verdicts:
                found.decision(one.expected, name, each.decision.record())
                if each.delivery is not None:
                    record = stages.opened(each)
                    found.delivery(one.expected, name, record, given_fields(record))
    print(f"\n{len(questions)} questions")
    found.show()
    assert not found.differences, found.summary()
    rare = {one: n for one, least in AT_LEAST.items() if (n := found.branches[one]) < least}
    assert not rare, rare
