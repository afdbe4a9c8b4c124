"""A night of canaries: each desk holds what it may and nothing else, and nowhere is anything in clear."""

import gzip
import json
import urllib.request
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from consumers.kit.delivery import Delivery, Reply
from tests import builders
from tests.conftest import MakeExchange
from tests.exchange import NO_CLOCK_RUNS_OUT, RunningExchange
from tests.oracle.sources import AGREEMENTS
from tests.property.canaries import MARK, PUBLISHERS, neutral
from tests.property.comparing import PSEUDONYMOUS
from tests.system.night import RAISED, SELDOM, Night, Told, a_night
from tests.system.sweep import Hit, Sweep, planted

pytestmark = pytest.mark.exchange

SEED = 20261120
TOLD_TO_NOBODY = ("crisis.line.contact", "person.objection.decided")
"""Figures are counted from the one, the exchange alone reads the other"""
SUBSCRIPTIONS = 50
"""That delivered something, at least"""


@pytest.fixture(scope="module")
def night(module_exchange: MakeExchange) -> Night:
    return a_night(module_exchange(lanes=4, workers=1, environment=NO_CLOCK_RUNS_OUT), SEED)


def test_every_delivery_holds_only_fields_that_the_oracle_allows_with_the_values_that_were_told(
    night: Night,
) -> None:
    by_delivery = {one["delivery_id"]: one for one in night.decisions if one["delivery_id"]}
    counts: Counter[str] = Counter()
    fields = raised = 0
    for desk, received in night.received.items():
        for one in received:
            if isinstance(one, Reply):
                assert MARK not in json.dumps(one.to_json())
                continue
            decision = by_delivery.pop(one.delivery_id)
            assert decision["desk"] == desk
            if is_raised(decision, night):
                check_raised(one, night)
                raised += 1
                continue
            event = night.events[decision["event_id"]]
            check_delivery(one, decision, event, night.canaries.told)
            counts[f"{decision['subscription']}  {one.extent}"] += 1
            fields += len(one.fields)
    assert by_delivery == {}, "decisions whose delivery is in no inbox"
    print(
        f"\n{len(night.events)} events, {len(night.decisions)} decisions, {counts.total()} deliveries,"
        f" {fields} fields opened, {raised} deliveries of what the exchange raised"
    )
    print(*(f"{count:5}  {name}" for name, count in sorted(counts.items())), sep="\n")
    assert len(night.events) >= 200
    assert counts.total() >= 800
    assert len({name.split("  ")[0] for name in counts}) >= SUBSCRIPTIONS
    assert {name.split("|")[1] for name in counts} == {
        name for name in PUBLISHERS if name not in (*SELDOM, *TOLD_TO_NOBODY)
    }


def is_raised(decision: Mapping[str, Any], night: Night) -> bool:
    """Whether it is about an event that the exchange raised by itself: an alert or a safety gap."""
    return decision["event_id"] not in night.events and decision["subscription"].split("|")[1] in RAISED


def check_raised(one: Delivery, night: Night) -> None:
    """The exchange's own word repeats of what was told only who it is about, as one publisher told it."""
    who = {name.partition(".")[2]: value for name, value in one.fields.items() if name.startswith("subject.")}
    rest = {name: value for name, value in one.fields.items() if not name.startswith("subject.")}
    assert MARK not in json.dumps({**one.to_json(), "fields": rest})
    told = [event.record["subject"] for event in night.events.values()]
    assert any(all(one[key] == value for key, value in who.items()) for one in told)


def check_delivery(one: Delivery, decision: Mapping[str, Any], event: Told, told: set[str]) -> None:
    where = (decision["subscription"], decision["event_id"])
    verdict = event.verdicts[decision["subscription"]]
    assert set(one.fields) | set(one.present) == verdict.may, (where, set(one.fields) ^ verdict.may)
    assert set(one.fields) == set(decision["fields"]), where
    published = json.loads(builders.line(event.event_type, event.record))
    for name, value in one.fields.items():
        part, _, key = name.rpartition(".")
        was = neutral(name, (published[part] if part else published)[key])
        # What an agency issued it gets as it issued it.
        issued = name in PSEUDONYMOUS and decision["desk"].startswith(f"{event.publisher}/")
        assert same(value, was) == (issued or name not in PSEUDONYMOUS), (where, name)
    beside = {str(value) for name, value in one.to_json().items() if name != "fields"} & told
    allowed = names_it_has(decision, event)
    assert beside <= allowed, where
    # Nothing that was told hides inside another value either.
    given = json.dumps([value for name, value in one.fields.items() if name not in PSEUDONYMOUS])
    rest = json.dumps({name: value for name, value in one.to_json().items() if name != "fields"})
    for text in allowed:
        rest = rest.replace(json.dumps(text)[1:-1], "")
    assert MARK not in rest, where
    assert given.count(MARK) <= json.dumps(published).count(MARK)


def names_it_has(decision: Mapping[str, Any], event: Told) -> set[str]:
    """What may stand beside the fields in clear: what the desk's agency issued, or the number it may have."""
    agency = decision["desk"].partition("/")[0]
    issued = (event.record["subject"].get("local_ref"), event.record["incident_ref"])
    known = set(map(str, issued)) if agency == event.publisher else set()
    incidents = [one for one in event.facts.incidents if one["force"] == agency]
    known |= {str(one[name]) for one in incidents for name in ("ref", "local_ref")}
    by_agreement = "emergency_no_agreement" not in decision["reasons"] and decision["extent"] != "core"
    clear = AGREEMENTS.get(decision["agreement"], {}).get("nhs_number_in_clear") and by_agreement
    return known | ({str(event.record["subject"].get("nhs_number"))} if clear else set())


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
        (event_id, subscription): (verdict.outcome, verdict.extent, verdict.may)
        for event_id, event in night.events.items()
        for subscription, verdict in event.verdicts.items()
    }
    told = [one for one in night.decisions if not is_raised(one, night)]
    decided = {
        (one["event_id"], one["subscription"]): (one["outcome"], one["extent"], frozenset(one["fields"]))
        for one in told
    }
    assert len(decided) == len(told)
    assert set(decided) == set(expected)
    different = {key: (found, expected[key]) for key, found in decided.items() if expected[key] != found}
    assert different == {}


def make_sweep(night: Night) -> Sweep:
    records = [event.record for event in night.events.values()]
    numbers = {one["subject"].get("nhs_number") for one in records} - {None}
    dates = {one["subject"].get("date_of_birth") for one in records} - {None}
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
    record = next(one.record for one in night.events.values() if one.record["subject"].get("nhs_number"))
    for value in (
        record["subject"].get("nhs_number").encode(),
        record["subject"].get("nhs_number").encode("utf-16-le"),
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
