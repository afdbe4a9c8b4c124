"""A night of canaries: each desk holds what it may and nothing else, and nowhere is anything in clear."""

import gzip
import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from confluent_kafka import Producer

from consumers.kit.delivery import Delivery, Reply
from consumers.kit.inbox import Inbox
from consumers.kit.language import read_language
from tests import builders, oracle
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange
from tests.faults.evidence import gather_leaves
from tests.property.canaries import (
    HOUR_US,
    MARK,
    PEER,
    PUBLISHERS,
    WISHES,
    Canaries,
    Record,
    Somebody,
    make_event,
    neutral,
)
from tests.property.model import Clerk
from tests.system.publishing import publish_and_wait
from tests.system.sweep import Hit, Sweep, planted

pytestmark = pytest.mark.exchange

SEED = 20261120
ROUNDS, PEOPLE = 8, 60
PSEUDONYMOUS = {"incident_ref", "episode_ref", "subject.local_ref", "person.transfer_of"}
BY_AGENCY: Mapping[str, Sequence[str]] = {
    agency: [name for name, agencies in PUBLISHERS.items() if agency in agencies]
    for agency in ("moor-police", "moor-pos", "northmoor-crisis", "moor-person")
}


@dataclass(frozen=True)
class Told:
    """One event that was published, and what the oracle says of it at its place."""

    event_type: str
    record: Record
    verdicts: Mapping[str, oracle.Verdict]
    incident: Mapping[str, Any] | None


@dataclass
class Night:
    """What was published, and what every desk received."""

    exchange: RunningExchange
    canaries: Canaries
    events: dict[str, Told] = field(default_factory=dict)
    received: dict[str, list[Delivery | Reply]] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def night(module_exchange: MakeExchange) -> Night:
    """Some hundred events of all six types, in rounds: in one round a person is one agency's only, so that
    the order in which the exchange hears of them is known."""
    night = Night(module_exchange(lanes=4, workers=1), Canaries(SEED, now_us()))
    clerk, chance = Clerk(), night.canaries.chance
    people = [night.canaries.somebody() for _ in range(PEOPLE)]
    publish(night, clerk, "moor-person", [agreed_to_peer_support(night.canaries, who) for who in people[::2]])
    for _ in range(ROUNDS):
        night.canaries.now_us = now_us()
        chance.shuffle(people)
        for number, agency in enumerate(BY_AGENCY):
            mine = people[number :: len(BY_AGENCY)]
            events = [one for who in mine for one in some_events(night.canaries, chance, agency, who)]
            publish(night, clerk, agency, events)
    for desk in desks(night.exchange):
        night.received[desk] = receive(night.exchange, desk)
    leaves = gather_leaves(night.exchange.folder)
    night.decisions = [leaf.record for leaf in leaves if leaf.kind == "decision"]
    return night


def publish(night: Night, clerk: Clerk, agency: str, events: Sequence[tuple[str, Record]]) -> None:
    for event_type, record in events:
        night.events[record["event_id"]] = told(clerk, event_type, record, agency)
    replies = publish_and_wait(night.exchange, agency, events)
    assert {one.status for one in replies.values()} <= {"accepted", "applied"}


def agreed_to_peer_support(canaries: Canaries, who: Somebody) -> tuple[str, Record]:
    record = make_event(canaries, "person.permission.given", "moor-person", who)
    record["subject"]["nhs_number"] = who.nhs_number
    record["person"] |= {"scope_recipients": [PEER], "scope_purposes": ["P1"], "valid_until": None}
    record["person"]["scope_classes"] = ["OP", "SF", "AU", "CL", "CT", "ST"]
    return "person.permission.given", record


def some_events(
    canaries: Canaries, chance: random.Random, agency: str, who: Somebody
) -> list[tuple[str, Record]]:
    events = []
    for _ in range(chance.randint(0, 2)):
        weights = [1 if name in WISHES else 4 for name in BY_AGENCY[agency]]
        (event_type,) = chance.choices(BY_AGENCY[agency], weights)
        record = make_event(canaries, event_type, agency, who)
        if event_type == "pos.s136.arrived" and chance.random() < 0.2:
            record["person"]["arrived_at"] = canaries.instant(canaries.now_us - 50 * HOUR_US)
        events.append((event_type, record))
    return events


def told(clerk: Clerk, event_type: str, record: Record, agency: str) -> Told:
    at_us = now_us()
    who = clerk.hears(event_type, record, agency, at_us)
    incident = clerk.incident(who, record["occurred_at"], at_us)
    today = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    wishes = tuple(clerk.wishes[who])
    case = oracle.Case(event_type, record, agency, wishes, incident, today, at_us)
    return Told(event_type, record, oracle.verdicts(case), incident)


def desks(exchange: RunningExchange) -> list[str]:
    return [desk for agency in BY_AGENCY for desk in exchange.profile(agency).desks]


def receive(exchange: RunningExchange, desk: str) -> list[Delivery | Reply]:
    """Everything in a desk's inbox, as its own programs open it."""
    profile = exchange.profile(desk.partition("/")[0])
    with Inbox(profile, read_language(profile.schemas), desk) as inbox:  # type: ignore[arg-type]
        received = list(inbox.deliveries(follow=False))
        assert inbox.refused == []
    return received


def now_us() -> int:
    return time.time_ns() // 1_000


def test_every_delivery_holds_only_fields_that_the_oracle_allows_with_the_values_that_were_told(
    night: Night,
) -> None:
    by_delivery = {one["delivery_id"]: one for one in night.decisions if one["delivery_id"]}
    counts: Counter[str] = Counter()
    fields = 0
    for desk, received in night.received.items():
        for one in received:
            if isinstance(one, Reply):
                assert MARK not in json.dumps(one.to_json())
                continue
            decision = by_delivery.pop(one.delivery_id)
            event = night.events[decision["event_id"]]
            assert decision["desk"] == desk
            check_delivery(one, decision, event, night.canaries.told)
            counts[f"{decision['subscription']}  {one.extent}"] += 1
            fields += len(one.fields)
    assert by_delivery == {}, "decisions whose delivery is in no inbox"
    print(
        f"\n{len(night.events)} events, {len(night.decisions)} decisions, {counts.total()} deliveries,"
        f" {fields} fields opened"
    )
    print(*(f"{count:5}  {name}" for name, count in sorted(counts.items())), sep="\n")
    assert len(night.events) >= 200
    assert counts.total() >= 300
    assert len({name.split("  ")[0] for name in counts}) >= 9


def check_delivery(one: Delivery, decision: Mapping[str, Any], event: Told, told: set[str]) -> None:
    where = (decision["subscription"], decision["event_id"])
    verdict = event.verdicts[decision["subscription"]]
    assert set(one.fields) | set(one.present) <= verdict.may, (where, set(one.fields) - verdict.may)
    assert set(one.fields) == set(decision["fields"]), where
    published = json.loads(builders.line(event.event_type, event.record))
    for name, value in one.fields.items():
        part, _, key = name.rpartition(".")
        was = neutral(name, (published[part] if part else published)[key])
        assert same(value, was) == (name not in PSEUDONYMOUS), (where, name)
    beside = {str(value) for name, value in one.to_json().items() if name != "fields"} & told
    police = one.kind == "event" and decision["desk"].startswith("moor-police/") and event.incident
    known = {event.incident["ref"], event.incident["local_ref"]} if police and event.incident else set()
    clear = one.extent != "core" and decision["agreement"] == "crisis-and-place-of-safety"
    number = event.record["subject"]["nhs_number"]
    assert beside <= known | ({number} if clear else set()), where
    # Nothing that was told hides inside another value either.
    allowed = known | ({number} if clear else set())
    given = json.dumps([value for name, value in one.fields.items() if name not in PSEUDONYMOUS])
    rest = json.dumps({name: value for name, value in one.to_json().items() if name != "fields"})
    for text in allowed:
        rest = rest.replace(json.dumps(text)[1:-1], "")
    assert MARK not in rest, where
    assert given.count(MARK) <= json.dumps(published).count(MARK)


def same(value: Any, was: Any) -> bool:
    if value == was or not isinstance(value, str) or not isinstance(was, str):
        return bool(value == was)
    try:
        return instant(value) == instant(was)
    except ValueError:
        return False


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_every_event_has_the_decisions_and_extents_that_the_oracle_expects(night: Night) -> None:
    expected = {
        (event_id, subscription): verdict.extent
        for event_id, event in night.events.items()
        for subscription, verdict in event.verdicts.items()
    }
    decided = {(one["event_id"], one["subscription"]): one["extent"] for one in night.decisions}
    assert len(decided) == len(night.decisions)
    assert set(decided) == set(expected)
    different = {
        key: (extent, expected[key]) for key, extent in decided.items() if expected[key] not in {extent, None}
    }
    assert different == {}


def make_sweep(night: Night) -> Sweep:
    records = [event.record for event in night.events.values()]
    numbers = {one["subject"]["nhs_number"] for one in records} - {None}
    dates = {one["subject"]["date_of_birth"] for one in records} - {None}
    return Sweep(numbers, dates, [one["occurred_at"] for one in records[::8]])


def metrics_pages(exchange: RunningExchange) -> dict[str, bytes]:
    pages = {}
    for worker in ("intake-0", "release-0"):
        with urllib.request.urlopen(f"http://127.0.0.1:{exchange.port(worker)}/metrics") as page:
            pages[worker] = page.read()
    return pages


def test_no_canary_is_in_clear_in_any_file_log_metric_or_segment_and_a_planted_one_is_found(
    night: Night, tmp_path: Path
) -> None:
    sweep, folder = make_sweep(night), night.exchange.folder
    hits = sweep.folder(folder)
    for name, page in metrics_pages(night.exchange).items():
        assert len(page) > 1_000
        hits += sweep.parts(f"metrics of {name}", [page])
    hits += sweep.parts("candour status", [json.dumps(night.exchange.status()).encode()])
    print(f"\nswept {sweep.files_seen} files, {sweep.bytes_seen / 1e6:.0f} MB, batches {sweep.batches}")
    assert hits == []
    assert sweep.batches[0] > 200
    assert any(path.name.startswith("release-0") for path in (folder / "logs").iterdir())
    found_when_planted(night, sweep, tmp_path)


def found_when_planted(night: Night, sweep: Sweep, scratch: Path) -> None:
    """In every spelling in a file, and in Kafka, plain and compressed: or the sweep proves nothing."""
    event = next(iter(night.events.values()))
    for how, content in planted(f"{MARK}aaa").items():
        (scratch / "planted.bin").write_bytes(content)
        assert sweep.folder(scratch), how
    record = next(one.record for one in night.events.values() if one.record["subject"]["nhs_number"])
    for value in (
        record["subject"]["nhs_number"].encode(),
        record["subject"]["nhs_number"].encode("utf-16-le"),
        str(event.record["occurred_at"]).encode(),
    ):
        (scratch / "planted.bin").write_bytes(b"x " + value + b" y")
        assert sweep.folder(scratch), value
    for codec in ("none", "gzip"):
        text = f"{{{MARK!r}: {codec!r}}}".encode() * 20
        assert MARK.encode() not in gzip.compress(text)
        producer = Producer(
            {"bootstrap.servers": night.exchange.bootstrap, "compression.type": codec, "log_level": 3}
        )
        producer.produce("signals", text, partition=0)
        assert producer.flush(20) == 0
        hits = sweep.folder(night.exchange.folder / "kafka")
        assert {Path(hit.where.removesuffix(", decompressed")).parent.name for hit in hits} == {"signals-0"}
        assert (", decompressed" in "".join(hit.where for hit in hits)) == (codec == "gzip"), hits


def test_a_hit_says_where_and_how() -> None:
    assert Sweep([], [], []).parts("a file", [f"..{MARK}..".encode()]) == [Hit("a file", "canary as utf-8")]
