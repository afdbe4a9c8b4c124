"""What the stages and the shipped rules release is what an independent reading of domain.md releases."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broker.release.admit import Matter
from broker.release.settle import Settled
from tests import oracle
from tests.property.canaries import HOUR_US, PUBLISHERS, WISHES, Canaries, make_event, neutral
from tests.property.model import Clerk
from tests.property.stages import Stages, given_fields

NOW_US = int(datetime(2026, 11, 20, 23, 41, tzinfo=UTC).timestamp()) * 1_000_000
EVENTS = 2_000
PEOPLE = 300
TYPES = [
    *PUBLISHERS,
    *("person.permission.given",) * 5,
    *[name for name in PUBLISHERS if name not in WISHES] * 4,
]
CASES = 27
"""Pairs of subscription and extent that there are, at least"""
PSEUDONYMOUS = {"incident_ref", "episode_ref", "subject.local_ref", "person.transfer_of"}


@dataclass
class Seen:
    matter: Matter
    record: Mapping[str, Any]
    verdicts: Mapping[str, oracle.Verdict]
    incident: Mapping[str, Any] | None
    logged_at_us: int


def publish_all(stages: Stages, seed: int) -> tuple[list[Seen], set[str]]:
    """Random events of random people, one after the other, each with what the oracle says of it."""
    canaries, clerk = Canaries(seed, NOW_US), Clerk()
    people = [canaries.somebody() for _ in range(PEOPLE)]
    seen = []
    for number in range(EVENTS):
        canaries.now_us = logged_at_us = NOW_US + number * HOUR_US // 40
        event_type = canaries.chance.choice(TYPES)
        publisher = canaries.chance.choice(PUBLISHERS[event_type])
        record = make_event(canaries, event_type, publisher, canaries.chance.choice(people))
        _, admitted = stages.publish(event_type, record, publisher, logged_at_us)
        assert isinstance(admitted, Matter), admitted
        who = clerk.hears(event_type, record, publisher, logged_at_us)
        incident = clerk.incident(who, record["occurred_at"], logged_at_us)
        case = oracle.Case(
            event_type, record, publisher, tuple(clerk.wishes[who]), incident, stages.today, logged_at_us
        )
        seen.append(Seen(admitted, record, oracle.verdicts(case), incident, logged_at_us))
    return seen, canaries.told


def check(stages: Stages, one: Seen, settled: Settled, told: set[str]) -> None:
    """Fails where a decision or its delivery is not as the oracle says."""
    decision, verdict = settled.decision, one.verdicts[settled.decision.subscription]
    where = (decision.subscription, decision.event_id, decision.reasons)
    if settled.delivery is None:
        assert verdict.extent in {"none", None}, where
        return
    delivery = stages.opened(settled)
    given = given_fields(delivery)
    assert set(given) <= verdict.may, (where, set(given) - verdict.may)
    assert verdict.extent in {decision.extent, None}, where
    if verdict.extent is not None:
        assert set(given) == verdict.may, (where, verdict.may - set(given))
    for name, value in given.items():
        assert (value == _published(one.record, name)) == (name not in PSEUDONYMOUS), (where, name)
    # Beside the fields nothing is told but the number that health may have, or what the force issued.
    beside = {str(value) for name, value in delivery.items() if name != "fields"} & told
    police = decision.desk.startswith("moor-police/")
    known = {one.incident["ref"], one.incident["local_ref"]} if police and one.incident else set()
    clear = decision.extent != "core" and decision.agreement == "crisis-and-place-of-safety"
    assert beside <= known | ({one.record["subject"]["nhs_number"]} if clear else set()), where


def _published(record: Mapping[str, Any], name: str) -> Any:
    part, _, key = name.rpartition(".")
    return neutral(name, (record[part] if part else record)[key])


@pytest.mark.parametrize("seed", [20261120, 20261121])
async def test_stages_and_rules_release_what_the_oracle_allows_and_nothing_else(
    tmp_path: Path, seed: int
) -> None:
    stages = Stages.of_shipped(tmp_path, "2026-11-20")
    seen, told = publish_all(stages, seed)
    questions = {q.hash: q for one in seen for match in one.matter.matches for q in match.questions}
    asked = await stages.ask(list(questions.values()))
    assert not asked.missing
    assert not asked.undecidable
    counts: Counter[str] = Counter()
    for one in seen:
        found = stages.settle(one.matter, asked, one.logged_at_us)
        assert {str(settled.decision.subscription) for settled in found} == set(one.verdicts)
        for settled in found:
            check(stages, one, settled, told)
            counts[f"{settled.decision.subscription}  {settled.decision.extent}"] += 1
    print(f"{len(questions)} questions", *sorted(map(str, counts.items())), sep="\n")
    assert len(counts) >= CASES
    assert counts["northmoor-crisis/peer|crisis.triage.completed|P1  minimised"] >= 5
    assert counts["moor-police/control-room|crisis.triage.completed|P5  minimised"] > 20
