"""What the exchange raises of facts that the law does not allow is what another reading of it asks for."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from broker.domain.vocabulary import LegalAlert
from broker.release.admit import Matter, Repeated
from broker.release.legal import alerts_of, held_us
from broker.release.own_events import LEGAL_ALERT, own_entry, raised_alert
from tests.evenings import Told, evening
from tests.oracle.clerk import Clerk, Facts
from tests.oracle.flow import Case
from tests.oracle.law import alerts
from tests.oracle.rules import verdicts
from tests.property.comparing import Comparison, Expected
from tests.property.stages import Stages

BEGINS_US = int(datetime(2026, 11, 20, 17, 30, tzinfo=UTC).timestamp()) * 1_000_000
TODAY = "2026-11-20"
SEED, EVENINGS = 20261205, 150
HOURS = (None, 40, 56)
"""so that some are held longer than the law allows"""
AT_LEAST = 5
"""how often each alert is raised: else nothing is shown of it"""


@dataclass
class Raised:
    """One alert as far as its questions, and what the oracle says of it."""

    matter: Matter
    expected: Expected


def raised_by(stages: Stages, told: Told, matter: Matter, facts: Facts) -> list[Raised]:
    """The alerts of one event, each taken through the lanes as an event of the exchange's own."""
    found = []
    codec = stages.means.catalogue.codecs[LEGAL_ALERT]
    for alert in alerts_of(matter.event, matter.state):
        lane = stages.means.lane_of(matter.event.subject)
        lasted_us = held_us(matter.event, matter.state)
        key, at_us = stages.means.keyring.delivery_id, told.logged_at_us
        raised = raised_alert(codec.schema, key, alert, matter.event, lane, at_us, lasted_us, at_us)
        entry, admitted = stages.through_lanes(own_entry(codec, raised, 0, at_us))
        assert isinstance(admitted, Matter)
        record = codec.decode(entry.body)
        case = Case(LEGAL_ALERT, record, "candour", facts, TODAY, at_us)
        own = Told(LEGAL_ALERT, "candour", record, at_us)
        found.append(Raised(admitted, Expected(own, facts, verdicts(case))))
    return found


async def test_in_150_evenings_every_alert_is_the_oracles_and_so_is_who_hears_of_it(tmp_path: Path) -> None:
    stages, seen = Stages.of_shipped(tmp_path, TODAY), []
    wanted: Counter[str] = Counter()
    for number in range(EVENINGS):
        stages.forget()
        clerk = Clerk()
        for told in evening(SEED + number, BEGINS_US, HOURS[number % len(HOURS)]):
            _, admitted = stages.publish(told.event_type, told.record, told.publisher, told.logged_at_us)
            if isinstance(admitted, Repeated) or told.again:
                continue
            facts = clerk.hears(told.event_type, told.record, told.publisher, told.logged_at_us)
            if facts is None or not isinstance(admitted, Matter):
                continue
            asked = alerts(told.event_type, told.record, facts)
            assert {str(one) for one in alerts_of(admitted.event, admitted.state)} == asked, told.event_type
            wanted.update(asked)
            seen += raised_by(stages, told, admitted, facts)
    print(f"\n{EVENINGS} evenings: {dict(sorted(wanted.items()))}")
    raised = {str(one) for one in LegalAlert}
    assert {one for one, count in wanted.items() if count >= AT_LEAST} == raised
    await compare(stages, seen)


async def compare(stages: Stages, seen: list[Raised]) -> None:
    """Hold every decision on an alert, and every delivery, against the oracle."""
    questions = {q.hash: q for one in seen for match in one.matter.matches for q in match.questions}
    asked = await stages.ask(list(questions.values()))
    assert not asked.missing
    assert not asked.undecidable
    found = Comparison()
    for one in seen:
        settled = stages.settle(one.matter, asked, one.expected.told.logged_at_us)
        found.settled(stages, one.expected, settled)
    found.show()
    assert not found.differences, found.summary()
    reached = {name.partition("|")[0] for name in found.rows}
    assert {"northmoor-asc/amhp-hub", "moor-children/safeguarding", "moor-governance/officers"} <= reached
