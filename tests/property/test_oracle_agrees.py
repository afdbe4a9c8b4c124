"""What the stages and the shipped rules release is what an independent reading of domain.md releases."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from broker.domain.delivery import PayloadName, Reply
from broker.lanes.block import Entry
from broker.release.admit import Admitted, Matter, Refused, Repeated
from broker.release.reply import Replies, need_of, reached
from broker.release.settle import Settled
from tests.evenings import Told, evenings
from tests.oracle.clerk import Clerk
from tests.oracle.flow import Case, must_act
from tests.oracle.rules import verdicts
from tests.property.comparing import Comparison, Expected
from tests.property.stages import Stages

BEGINS_US = int(datetime(2026, 11, 20, 17, 30, tzinfo=UTC).timestamp()) * 1_000_000
TODAY = "2026-11-20"
SEED = 20261120
EVENINGS = 500
AT_LEAST = {
    **dict.fromkeys(("emergency_no_agreement", "objection_outweighed", "objection"), 10),
    **dict.fromkeys(("capable_refusal", "best_interests", "safeguarding_duty"), 5),
    **dict.fromkeys(("P6 held", "custody ended", "incident ended", "handover", "police minimum"), 5),
    **dict.fromkeys(("volunteer", "carer", "housing", "peer supporter"), 5),
    "objection without an agreement": 5,
    **dict.fromkeys(("location withheld", "unsound identity", "place not known", "refused purpose"), 50),
    **dict.fromkeys(("expired agreement", "southmoor, no voluntary agreement"), 20),
    **dict.fromkeys(("gateway that is none", "number in the text"), 20),
}
"""Branches of the law, and how often each is taken at least: else nothing is shown of it"""


@dataclass
class Seen:
    """One event of an evening, as far as its questions."""

    told: Told
    entry: Entry
    admitted: Admitted
    expected: Expected | None
    """None: it is refused"""


def publish(stages: Stages, told: Told, clerk: Clerk) -> Seen | None:
    """One event as far as its questions, and what the oracle says of it. None: a copy."""
    entry, admitted = stages.publish(told.event_type, told.record, told.publisher, told.logged_at_us)
    if told.again:
        assert isinstance(admitted, Repeated | Refused), told.event_type
        return None
    facts = clerk.hears(told.event_type, told.record, told.publisher, told.logged_at_us)
    assert isinstance(admitted, Matter if facts else Refused), (told.event_type, why(admitted), facts)
    if facts is None:
        return Seen(told, entry, admitted, None)
    case = Case(told.event_type, told.record, told.publisher, facts, TODAY, told.logged_at_us)
    return Seen(told, entry, admitted, Expected(told, facts, verdicts(case)))


def why(admitted: Admitted) -> str:
    return f"{admitted.code} {admitted.cause}" if isinstance(admitted, Refused) else type(admitted).__name__


def publish_all(stages: Stages) -> Iterator[Seen]:
    """Every evening begins with an exchange that knows nobody."""
    for evening in evenings(EVENINGS, SEED, BEGINS_US):
        stages.forget()
        clerk = Clerk()
        for told in evening:
            if (seen := publish(stages, told, clerk)) is not None:
                yield seen


async def test_in_500_evenings_every_decision_is_the_oracles_and_nobody_in_danger_is_left_alone(
    tmp_path: Path,
) -> None:
    stages = Stages.of_shipped(tmp_path, TODAY)
    seen = list(publish_all(stages))
    matters = [one.admitted for one in seen if isinstance(one.admitted, Matter)]
    questions = {q.hash: q for matter in matters for match in matter.matches for q in match.questions}
    asked = await stages.ask(list(questions.values()))
    assert not asked.missing
    assert not asked.undecidable
    found, alone, emergencies = Comparison(), [], 0
    for one in seen:
        settled: tuple[Settled, ...] = ()
        if isinstance(one.admitted, Matter):
            settled = stages.settle(one.admitted, asked, one.told.logged_at_us)
            assert one.expected is not None
            found.settled(stages, one.expected, settled)
        if one.told.record["setting"] == "emergency_live":
            emergencies += 1
            if not is_helped(stages, one, settled):
                alone.append((one.told.event_type, one.told.publisher, why(one.admitted)))
    print(f"\n{EVENINGS} evenings, {len(questions)} questions")
    found.show()
    print(f"{emergencies} emergencies; with nobody who must act and without a number to ring: {len(alone)}")
    assert not found.differences, found.summary()
    assert not alone, Counter(alone).most_common(20)
    rare = {one: n for one, least in AT_LEAST.items() if (n := found.branches[one]) < least}
    assert not rare, rare


def is_helped(stages: Stages, one: Seen, settled: tuple[Settled, ...]) -> bool:
    """Promise 5: an emergency is with somebody who must act, or its publisher has a number to ring."""
    desks = {each.decision.desk for each in settled if each.delivery is not None}
    return any(map(must_act, desks)) or reply_to(stages, one, settled).phone is not None


def reply_to(stages: Stages, one: Seen, settled: tuple[Settled, ...]) -> Reply:
    """What the publisher is told, as the plan of its transaction composes it."""
    replies, admitted, entry = Replies(stages.means, 0), one.admitted, one.entry
    if isinstance(admitted, Refused):
        payload = PayloadName(entry.offset, entry.index, entry.fingerprint.hex(), "")
        return replies.rejected(entry, admitted.code, admitted.fields, replies.need_again(entry), payload)
    assert isinstance(admitted, Matter)
    need, code = need_of(admitted.event), admitted.entry.code
    if admitted.applied:
        return replies.applied(entry, admitted.place, need, code)
    return replies.accepted(entry, need, code, reached(stages.means, admitted.event.place, settled))
