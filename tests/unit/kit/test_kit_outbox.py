"""The outbox groups, counts on over restarts, and loses nothing that it took."""

import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from broker.errors import DependencyError
from broker.wire.envelope import Envelope, open_envelope
from consumers.kit.line import OutgoingEvent, read_line
from consumers.kit.outbox import Outbox


def events(world, count: int, size: int = 10) -> list[OutgoingEvent]:
    made = []
    for number in range(count):
        line: dict[str, Any] = {
            "event_type": "police.s136.detained",
            "occurred_at": "2026-11-20T23:41:00+00:00",
            "setting": "urgent",
            "purpose": "P1",
            "core": {"area": "northmoor", "urgency": "urgent"},
            "subject": {"local_ref": f"NICHE-{number}", "address": "x" * size},
        }
        made.append(read_line(json.dumps(line), number + 1, world.language, world.profile.kind))
    return made


def published(world) -> list[Envelope]:
    """Every envelope in the agency's topic, opened as the exchange does."""
    profile = world.profile
    consumer = Consumer(
        {"bootstrap.servers": profile.bootstrap, "group.id": "x", "enable.partition.eof": True}
    )
    consumer.assign([TopicPartition(profile.topic, 0, 0)])
    found: list[Envelope] = []
    while True:
        message = consumer.poll(10)
        assert message is not None
        if message.error() is not None:
            break
        verify_key = profile.signing_key.verify_key
        found.append(open_envelope(message.value() or b"", world.exchange_opens, verify_key))
    consumer.close()
    return found


def test_a_file_of_events_travels_in_as_few_envelopes_as_hold_it(world) -> None:
    made = events(world, 300)
    with Outbox(world.profile) as outbox:
        assert outbox.publish(made) == tuple(event.event_id for event in made)
    envelopes = published(world)
    assert sum(len(envelope.payloads) for envelope in envelopes) == 300
    assert len(envelopes) <= 4
    assert [payload.body for envelope in envelopes for payload in envelope.payloads] == [
        event.body for event in made
    ]


def test_large_events_are_spread_over_envelopes_that_each_fit(world) -> None:
    with Outbox(world.profile) as outbox:
        outbox.publish(events(world, 12, size=60_000))
    assert sum(len(envelope.payloads) for envelope in published(world)) == 12


def test_a_single_event_goes_after_the_linger(world) -> None:
    with Outbox(world.profile) as outbox:
        assert outbox.submit(events(world, 1)[0]).result(timeout=5)


def test_sequences_count_on_within_one_stream_over_restarts(world) -> None:
    for _ in range(3):
        with Outbox(world.profile, payloads_per_envelope=2) as outbox:
            outbox.publish(events(world, 4))
    headers = [envelope.header for envelope in published(world)]
    assert [header.sequence for header in headers] == list(range(6))
    assert len({header.stream for header in headers}) == 1
    assert {(header.sender, header.recipient, header.topic) for header in headers} == {
        ("moor-police", "candour", "from.moor-police")
    }


def test_what_kafka_did_not_confirm_is_kept_sealed_and_goes_first_next_time(world) -> None:
    good = world.profile.bootstrap
    world.rewrite(bootstrap="127.0.0.1:1", kafka={"delivery.timeout.ms": "300"})
    made = events(world, 2)
    with Outbox(world.profile) as outbox, pytest.raises(DependencyError, match="kafka_not_confirmed"):
        outbox.publish(made)
    assert b"NICHE-0" not in (world.folder / "outbox.sqlite").read_bytes()
    world.rewrite(bootstrap=good, kafka={})
    with Outbox(world.profile) as outbox:
        assert outbox.left_over == 1
        outbox.publish(events(world, 1))
    envelopes = published(world)
    assert [envelope.header.sequence for envelope in envelopes] == [0, 1]
    assert [payload.body for payload in envelopes[0].payloads] == [event.body for event in made]
    with Outbox(world.profile) as outbox:
        assert outbox.left_over == 0


def test_a_closed_outbox_takes_nothing(world) -> None:
    outbox = Outbox(world.profile)
    outbox.close()
    with pytest.raises(DependencyError):
        outbox.submit(events(world, 1)[0]).result(timeout=5)


def test_a_full_disk_fails_the_event_and_does_not_hang(world, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("consumers.kit.store.OutboxStore.add", full)
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    with Outbox(world.profile) as outbox, pytest.raises(DependencyError):
        outbox.submit(events(world, 1)[0]).result(timeout=5)
    assert Path(world.folder / "outbox.sqlite").exists()
