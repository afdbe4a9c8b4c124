"""The first week of a made-up area of 300,000 people through a whole exchange, as fast as it goes.

Books balance, nothing is rejected but what was seeded for it, and decisions, fields and legal alerts are
those of the oracle.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broker.simulate.calendar import Calendar
from broker.simulate.order import in_order, read_manifest
from broker.simulate.player import Played, Player, Summary
from broker.simulate.run import write
from broker.simulate.world import Scenario, World
from consumers.kit.delivery import Delivery
from tests.conftest import MakeExchange
from tests.evenings import Told
from tests.exchange import NO_CLOCK_RUNS_OUT, RunningExchange, language_in
from tests.faults.evidence import Leaf, gather_leaves
from tests.oracle.clerk import Clerk
from tests.oracle.flow import Case
from tests.oracle.law import alerts
from tests.oracle.rules import verdicts
from tests.property.comparing import Comparison, Expected
from tests.system.night import desks, receive
from tests.system.publishing import publish_and_wait

pytestmark = pytest.mark.exchange

POPULATION, DAYS, SEED = 300_000, 7, 20261123
SAMPLED = 1_000
ALERT, DETAINED = "broker.legal_alert.raised", "police.s136.detained"
ETHNICITIES = ("white", "black", "asian", "mixed", "chinese_or_other", "not_known")


@dataclass
class Week:
    """What was played, what came of it, and what the oracle says."""

    exchange: RunningExchange
    manifest: Mapping[str, Any]
    summary: Summary
    played: list[Played] = field(default_factory=list)
    expected: dict[str, Expected] = field(default_factory=dict)
    alerts: Counter[str] = field(default_factory=Counter)
    leaves: tuple[Leaf, ...] = ()
    received: dict[str, Delivery] = field(default_factory=dict)


@pytest.fixture(scope="module")
def week(module_exchange: MakeExchange, tmp_path_factory: pytest.TempPathFactory) -> Week:
    area = tmp_path_factory.mktemp("week") / "area"
    world = World.make(SEED, POPULATION, Calendar(date(2026, 1, 1), DAYS), Scenario())
    write(world, area, lambda _: None)
    exchange = module_exchange(lanes=4, workers=1, environment=NO_CLOCK_RUNS_OUT)
    manifest = read_manifest(area)
    week = Week(exchange, manifest, Summary())
    with Player(exchange.folder / "agencies", manifest["agencies"], speed=None) as player:
        week.summary = player.play(in_order(area), week.played.append)
    exchange.until_quiet()
    week.leaves = gather_leaves(exchange.folder)
    for desk in desks(exchange):
        found = receive(exchange, desk)
        week.received |= {one.delivery_id: one for one in found if isinstance(one, Delivery)}
    ask_the_oracle(week)
    return week


def ask_the_oracle(week: Week) -> None:
    """What it says of each event, in the order in which the exchange heard them of each person."""
    clerk, today = Clerk(), datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    refused = {one["event_id"] for one in week.manifest["refused"]}
    for one in sorted(week.played, key=lambda each: each.published_us):
        if one.event.event_id in refused and one.reply.status == "rejected":
            continue  # in whose hands it was is told by `test_nothing_is_rejected_but_what_was_seeded`
        profile = week.exchange.profile(one.agency)
        codec = language_in(profile.schemas).events[one.event.event_type]
        told = Told(str(one.event.event_type), one.agency, codec.decode(one.event.body), one.published_us)
        facts = clerk.hears(told.event_type, told.record, told.publisher, told.logged_at_us)
        assert facts is not None, told.event_type
        case = Case(told.event_type, told.record, told.publisher, facts, today, told.logged_at_us)
        week.expected[str(one.event.event_id)] = Expected(told, facts, verdicts(case))
        week.alerts.update(alerts(told.event_type, told.record, facts))


def test_nothing_is_rejected_but_what_was_seeded(week: Week) -> None:
    seeded = {one["event_id"]: one["code"] for one in week.manifest["refused"]}
    assert len(seeded) >= 3
    assert week.summary.rejected == seeded
    assert week.summary.published == week.manifest["lines"] == len(week.played)
    kept = Counter(leaf.record["code"] for leaf in week.leaves if leaf.kind == "quarantined")
    assert kept == Counter(seeded.values())


def test_books_balance(week: Week) -> None:
    """Every question of every lane is decided, and each decision that lets something go is one delivery."""
    lanes = list(week.exchange.status()["lanes"].values())
    assert sum(lane["asked"] for lane in lanes) == sum(lane["decided"] for lane in lanes)
    assert all(lane["waiting"] == 0 and lane["balance_difference"] == 0 for lane in lanes)
    gone = [leaf.record["delivery_id"] for leaf in week.leaves if leaf.kind == "decision"]
    gone = [one for one in gone if one is not None]
    assert len(gone) == len(set(gone))
    assert set(gone) == set(week.received)


def test_a_thousand_sampled_events_are_decided_and_delivered_as_the_oracle_says(week: Week) -> None:
    decided = by_event(week)
    sample = Random(SEED).sample(sorted(week.expected), SAMPLED)
    cases = {name for case in week.manifest["cases"] for name in case["event_ids"]} & set(week.expected)
    found = Comparison()
    for name in {*sample, *cases}:
        expected = week.expected[name]
        found.decisions(expected, decided[name])
        for subscription in sorted(set(decided[name]) & set(expected.verdicts)):
            decision = decided[name][subscription]
            found.decision(expected, subscription, decision)
            if decision["delivery_id"] is not None:
                one = week.received[decision["delivery_id"]]
                found.holds(expected, subscription, set(one.fields) | set(one.present))
    found.show()
    assert not found.differences, found.summary()
    assert found.events >= SAMPLED
    assert found.deliveries >= SAMPLED
    assert len(cases) >= 50


def test_what_the_law_does_not_allow_is_told_as_often_as_the_oracle_says(week: Week) -> None:
    """6.3 item 8: a 17-year-old at a police station, 30 hours, section 136 in a home: taken in and told."""
    raised = {
        name for name, made in by_event(week).items() if ALERT in {one["event_type"] for one in made.values()}
    }
    assert len(raised) == week.alerts.total()
    told = Counter(
        one.fields["person.alert"]
        for one in week.received.values()
        if one.event_type == ALERT and "person.alert" in one.fields
    )
    assert set(told) == set(week.alerts)
    assert set(told) >= {"section_136_in_private_dwelling", "police_station_under_18", "detention_over_limit"}


def test_ethnicity_makes_no_difference_to_any_decision(week: Week) -> None:
    """6.3 item 5: people are detained unequally; what the exchange releases of them must not add to it."""
    told = next(one for one in week.expected.values() if one.told.event_type == DETAINED).told
    events = {value: detained_like(told.record, value, number) for number, value in enumerate(ETHNICITIES)}
    publish_and_wait(week.exchange, told.publisher, [(DETAINED, one) for one in events.values()])
    week.exchange.until_quiet()
    made: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for leaf in gather_leaves(week.exchange.folder):
        if leaf.kind == "decision":
            one = leaf.record
            outcome = (one["subscription"], one["outcome"], one["extent"], tuple(sorted(one["fields"])))
            made[one["event_id"]].add(outcome)
    decided = {value: made[one["event_id"]] for value, one in events.items()}
    assert decided["white"]
    assert all(one == decided["white"] for one in decided.values())


def detained_like(record: Mapping[str, Any], ethnicity: str, number: int) -> dict[str, Any]:
    """The same detention of somebody else, in the words of another officer."""
    event_id = f"{record['event_id'][:-3]}{number:03x}"
    person = {**record["person"], "ethnicity_officer_perceived": ethnicity}
    subject = {**record["subject"], "local_ref": f"LIKE-{number}"}
    like = {"event_id": event_id, "incident_ref": f"LIKE-{number}", "subject": subject, "person": person}
    return {**record, **like}


def by_event(week: Week) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for leaf in week.leaves:
        if leaf.kind == "decision":
            one = leaf.record
            assert one["subscription"] not in found[one["event_id"]], "two decisions on one event"
            found[one["event_id"]][one["subscription"]] = one
    return found
