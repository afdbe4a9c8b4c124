"""What the stages and the shipped rules release is what an independent reading of domain.md releases."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broker.release.admit import Matter
from tests import oracle
from tests.property.canaries import HOUR_US, PUBLISHERS, Canaries, make_event
from tests.property.model import Clerk
from tests.property.stages import Stages, given_fields

NOW_US = int(datetime(2026, 11, 20, 23, 41, tzinfo=UTC).timestamp()) * 1_000_000
EVENTS = 3_000
PEOPLE = 250


@dataclass
class Seen:
    matter: Matter
    record: Mapping[str, Any]
    verdicts: Mapping[str, oracle.Verdict]
    logged_at_us: int


def publish_all(stages: Stages, seed: int) -> list[Seen]:
    """Random events of random people, one after the other, each with what the oracle says of it."""
    canaries, clerk = Canaries(seed, NOW_US), Clerk()
    people = [canaries.somebody() for _ in range(PEOPLE)]
    seen = []
    for number in range(EVENTS):
        canaries.now_us = logged_at_us = NOW_US + number * HOUR_US // 60
        event_type = canaries.chance.choice(list(PUBLISHERS))
        publisher = canaries.chance.choice(PUBLISHERS[event_type])
        record = make_event(canaries, event_type, publisher, canaries.chance.choice(people))
        _, admitted = stages.publish(event_type, record, publisher, logged_at_us)
        assert isinstance(admitted, Matter), admitted
        who = clerk.hears(event_type, record, publisher, logged_at_us)
        incident = clerk.incident(who, record["occurred_at"], logged_at_us)
        case = oracle.Case(
            event_type, record, publisher, tuple(clerk.wishes[who]), incident, stages.today, logged_at_us
        )
        seen.append(Seen(admitted, record, oracle.verdicts(case), logged_at_us))
    return seen


@pytest.mark.parametrize("seed", [20261120, 20261121])
async def test_stages_and_rules_release_what_the_oracle_allows_and_nothing_else(
    tmp_path: Path, seed: int
) -> None:
    stages = Stages.of_shipped(tmp_path, "2026-11-20")
    seen = publish_all(stages, seed)
    questions = {q.hash: q for one in seen for match in one.matter.matches for q in match.questions}
    asked = await stages.ask(list(questions.values()))
    assert not asked.missing
    assert not asked.undecidable
    counts: Counter[str] = Counter()
    for one in seen:
        settled = stages.settle(one.matter, asked, one.logged_at_us)
        assert {str(each.decision.subscription) for each in settled} == set(one.verdicts)
        for each in settled:
            verdict = one.verdicts[each.decision.subscription]
            given = {} if each.delivery is None else given_fields(stages.opened(each))
            where = (each.decision.subscription, each.decision.event_id)
            assert set(given) <= verdict.may, (where, set(given) - verdict.may)
            if verdict.extent is not None:
                assert (each.decision.extent, set(given)) == (verdict.extent, verdict.may), (
                    where,
                    each.decision.reasons,
                    one.record,
                )
            counts[f"{each.decision.subscription}: {each.decision.extent}"] += 1
    print(*sorted(f"{name}  {count}" for name, count in counts.items()), sep="\n")
    assert all(count > 5 for count in counts.values()), counts
