"""What the bench says of its own figures."""

import json
from dataclasses import replace

import pytest

from broker.proof.bench.events import EVENT_TYPE, NUMBER_FIELD, lines, number_of
from broker.proof.bench.report import aims, document, ratios, table
from broker.proof.bench.run import Found
from broker.proof.bench.running import Latency, Throughput
from broker.release.legal import alerts_of
from broker.release.subject import NOTHING_KNOWN
from tests import builders
from tests.unit.release.events import event_of

FACTS = {
    "date": "2026-11-20",
    "machine": {"cores": 2, "memory_gib": 24, "processor": "Some", "load_before": 0},
    "lanes": 4,
    "workers": 2,
}


def throughput(name: str, events_per_s: float, **cpu_s: float) -> Throughput:
    return Throughput(name, 1_000, 1_000 / events_per_s, 3_000, cpu_s)


@pytest.fixture
def found() -> Found:
    return Found(
        many=throughput(
            "exchange, envelopes of 64", 2_000, kafka=0.2, release=0.5, publisher=9.0, receivers=9.0
        ),
        one=throughput("exchange, envelopes of 1", 500, kafka=0.8, release=1.0),
        faust=throughput("Faust echo, 2 processes", 2_000, kafka=0.2, echo=0.15),
        faust_alone=throughput("Faust echo, 1 process", 1_000, kafka=0.2, echo=0.15),
        librdkafka=throughput("librdkafka echo, 1 process", 20_000, kafka=0.03, echo=0.01),
        latencies=(Latency(20.0, 1_200, 40.0, 249.9, 300.0, 0), Latency(100.0, 3_600, 60.0, 900.0, 950.0, 0)),
    )


def test_an_aim_that_is_just_reached_is_met(found: Found) -> None:
    assert [aim.met for aim in aims(found)] == [True, True]


def test_an_aim_that_is_just_missed_is_not_met(found: Found) -> None:
    slower = replace(
        found,
        many=replace(found.many, seconds=found.many.seconds * 1.01),
        latencies=(replace(found.latencies[0], p99_ms=250.0), found.latencies[1]),
    )
    assert [aim.met for aim in aims(slower)] == [False, False]


def test_the_exchange_is_held_against_the_faster_faust_echo(found: Found) -> None:
    swapped = replace(found, faust=found.faust_alone, faust_alone=found.faust)
    assert ratios(found)["exchange_64_to_faust_echo"] == ratios(swapped)["exchange_64_to_faust_echo"] == 1.0


def test_what_agencies_spend_is_not_held_against_the_exchange(found: Found) -> None:
    assert ratios(found)["cpu_an_event_exchange_64_to_faust_echo"] == pytest.approx(2.0)


def test_whatever_any_run_lost_is_told(found: Found) -> None:
    lossy = replace(
        found,
        one=replace(found.one, lost=2),
        librdkafka=replace(found.librdkafka, lost=1),
        latencies=(replace(found.latencies[0], lost=4), found.latencies[1]),
    )
    assert document(lossy, FACTS)["lost"] == 7
    assert list(table(lossy, FACTS))[-1] == "lost: 7"


def test_the_json_has_every_run_with_its_cpu_an_event(found: Found) -> None:
    told = json.loads(json.dumps(document(found, FACTS)))
    assert [one["name"] for one in told["throughput"]] == [one.name for one in found.throughputs]
    assert told["throughput"][1]["cpu_s_an_event"] == {"kafka": 0.0008, "release": 0.001, "total": 0.0018}


def test_a_receiver_can_tell_which_event_it_holds() -> None:
    told = [json.loads(line)[NUMBER_FIELD] for line in lines(20, seed=1)]
    assert [number_of(one) for one in told] == list(range(20))


def test_nothing_that_is_driven_makes_the_exchange_tell_anything_by_itself() -> None:
    for line in lines(100, seed=1):
        person = json.loads(line)["person"]
        facts = {f"person.{name}": person[name] for name in ("found_at", "consulted", "why_not_consulted")}
        event = event_of(EVENT_TYPE, builders.BUILDERS[EVENT_TYPE](changes=facts))
        assert alerts_of(event, NOTHING_KNOWN) == ()


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    def people(seed: int) -> list[str]:
        return [json.loads(line)["subject"]["local_ref"] for line in lines(50, seed)]

    assert people(1) == people(1)
    assert not set(people(1)) & set(people(2))
