"""Random evenings through a whole running exchange: what each desk holds is what the oracle says."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consumers.kit.delivery import Delivery, Reply
from consumers.kit.inbox import Inbox
from consumers.kit.line import LineError, read_line
from tests import builders
from tests.conftest import MakeExchange
from tests.evenings import Told, evening
from tests.exchange import NO_CLOCK_RUNS_OUT, RunningExchange, language_in
from tests.faults.evidence import gather_leaves
from tests.oracle.clerk import Clerk
from tests.oracle.flow import Case, must_act
from tests.oracle.law import alerts
from tests.oracle.rules import verdicts
from tests.property.canaries import AGENCIES
from tests.property.comparing import Comparison, Expected
from tests.system.night import RAISED, now_us
from tests.system.publishing import publish_and_wait

pytestmark = pytest.mark.exchange

EVENINGS, SEED = 20, 20261121


@dataclass
class Season:
    """Twenty evenings of different people, told side by side, and what came of them."""

    exchange: RunningExchange
    expected: dict[str, Expected] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    received: dict[str, Delivery] = field(default_factory=dict)
    alerts: Counter[str] = field(default_factory=Counter)
    """what the law does not allow, as the oracle tells it: code of an alert -> how often"""


@pytest.fixture(scope="module")
def season(module_exchange: MakeExchange) -> Season:
    """In each step one event of each evening: the order within an evening is the order of the log."""
    season = Season(module_exchange(lanes=4, workers=1, environment=NO_CLOCK_RUNS_OUT))
    clerks = [Clerk() for _ in range(EVENINGS)]
    told = [evening(SEED + number, now_us(), hours=0, first=number * 4_000) for number in range(EVENINGS)]
    for step in range(max(map(len, told))):
        by_agency: dict[str, list[tuple[Clerk, Told]]] = defaultdict(list)
        for clerk, events in zip(clerks, told, strict=True):
            if step < len(events):
                by_agency[events[step].publisher].append((clerk, events[step]))
        with ThreadPoolExecutor(len(by_agency)) as pool:
            # One event of each evening: no two of them are of one person, so their order does not matter.
            for replies in pool.map(lambda one: publish(season, *one), list(by_agency.items())):
                season.replies |= replies
        season.exchange.until_quiet()
    leaves = gather_leaves(season.exchange.folder)
    season.decisions = [leaf.record for leaf in leaves if leaf.kind == "decision"]
    for agency in AGENCIES:
        for desk in season.exchange.profile(agency).desks:
            season.received |= {one.delivery_id: one for one in deliveries(season.exchange, agency, desk)}
    return season


def publish(season: Season, agency: str, events: Sequence[tuple[Clerk, Told]]) -> Mapping[str, Reply]:
    """Publish an agency's events of one step and wait for their replies; notes what the oracle says."""
    today = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    for clerk, told in events:
        name = told.record["event_id"]
        season.settings[name] = told.record["setting"]
        heard = replace(told, logged_at_us=now_us())
        facts = None if told.again else clerk.hears(told.event_type, told.record, agency, heard.logged_at_us)
        if facts is not None:
            season.alerts.update(alerts(told.event_type, told.record, facts))
            case = Case(told.event_type, told.record, agency, facts, today, heard.logged_at_us)
            season.expected[name] = Expected(heard, facts, verdicts(case))
    sent = [(told.event_type, told.record) for _, told in events if leaves_its_agency(season, told)]
    replies = publish_and_wait(season.exchange, agency, sent) if sent else {}
    for event_type, record in sent:
        refused = record["event_id"] not in season.expected
        reply = replies[record["event_id"]]
        assert (reply.status == "rejected") == refused, (event_type, reply.code)
    return replies


def leaves_its_agency(season: Season, told: Told) -> bool:
    """Whether the agency's own kit lets it go; what it holds back is nothing that the exchange would take."""
    profile = season.exchange.profile(told.publisher)
    try:
        line = builders.line(told.event_type, told.record)
        read_line(line, 1, language_in(profile.schemas), profile.kind)
    except LineError:
        name = told.record["event_id"]
        assert name not in season.expected
        season.settings.pop(name, None)
        return False
    return True


def deliveries(exchange: RunningExchange, agency: str, desk: str) -> list[Delivery]:
    """Every delivery in a desk's inbox, as its own programs open it."""
    profile = exchange.profile(agency)
    with Inbox(profile, language_in(profile.schemas), desk) as inbox:  # type: ignore[arg-type]
        received = list(inbox.deliveries(follow=False))
        assert inbox.refused == []
    return [one for one in received if isinstance(one, Delivery)]


def test_twenty_evenings_through_the_exchange_are_as_the_oracle_says(season: Season) -> None:
    found, decided, codes = Comparison(), by_event(season.decisions), Counter[str]()
    for name, expected in season.expected.items():
        found.decisions(expected, decided[name])
        for subscription in sorted(set(decided[name]) & set(expected.verdicts)):
            decision = decided[name][subscription]
            found.decision(expected, subscription, decision)
            if decision["delivery_id"] is not None:
                one = season.received.pop(decision["delivery_id"])
                found.holds(expected, subscription, set(one.fields) | set(one.present))
    found.show()
    assert not found.differences, found.summary()
    for decision in season.decisions:
        name = decision["event_id"]
        if name not in season.expected and decision["delivery_id"] is not None:
            assert decision["subscription"].split("|")[1] in RAISED
            told = season.received.pop(decision["delivery_id"])
            codes.update([told.fields["person.alert"]] if "person.alert" in told.fields else [])
    assert codes
    assert set(codes) <= set(season.alerts)
    assert season.received == {}, "deliveries without a decision"
    assert found.events >= 200
    assert found.deliveries >= 400


def by_event(decisions: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for one in decisions:
        assert one["subscription"] not in found[one["event_id"]], "two decisions on one event"
        found[one["event_id"]][one["subscription"]] = one
    return found


def test_every_emergency_is_at_a_desk_that_must_act_or_its_publisher_has_a_number_to_ring(
    season: Season,
) -> None:
    decided, alone, answered = by_event(season.decisions), Counter[str](), 0
    for name, setting in season.settings.items():
        if setting == "emergency_live":
            answered += 1
            reached = {one["desk"] for one in decided[name].values() if one["delivery_id"] is not None}
            if not any(map(must_act, reached)) and season.replies[name].phone is None:
                alone[str(season.replies[name].status)] += 1
    print(f"\n{answered} emergencies; with nobody who must act and without a number: {alone.total()}")
    assert not alone
    assert answered >= 80
