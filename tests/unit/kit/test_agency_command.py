"""`candour agency` as a person or a program meets it: what it prints, and what it ends with."""

import io
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from broker.cli.main import main
from broker.wire.envelope import open_envelope

LINE: dict[str, Any] = {
    "event_type": "police.s136.detained",
    "occurred_at": "2026-11-20T23:41:00+00:00",
    "setting": "emergency_live",
    "purpose": "P1",
    "core": {"area": "northmoor", "urgency": "emergency"},
    "subject": {"local_ref": "NICHE-77", "family_name": "Example"},
}
REPLY = {
    "code": None,
    "message": "It was taken.",
    "applied_point": None,
    "fields": [],
    "handled_by": [],
    "phone": None,
    "offset": None,
    "index": None,
    "sha256": None,
    "quarantine_id": None,
}


def candour(world, *words: str) -> int:
    return main(["agency", *words, "--dir", str(world.folder.parents[1])])


def write(tmp_path: Path, *lines: dict[str, Any] | str) -> str:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return str(path)


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def in_topic(world, count: int) -> list[str]:
    """The event ids in the agency's topic, once there are `count`."""
    profile = world.profile
    consumer = Consumer(
        {"bootstrap.servers": profile.bootstrap, "group.id": "x", "enable.partition.eof": True}
    )
    consumer.assign([TopicPartition(profile.topic, 0, 0)])
    codec = world.language.events["police.s136.detained"]
    found: list[str] = []
    while True:
        message = consumer.poll(10)
        assert message is not None
        if message.error() is not None:
            if len(found) >= count:
                break
            continue
        envelope = open_envelope(message.value(), world.exchange_opens, profile.signing_key.verify_key)
        found.extend(codec.decode(payload.body)["event_id"] for payload in envelope.payloads)
    consumer.close()
    return found


def answering(world, count: int, statuses: list[dict[str, Any]]) -> threading.Thread:
    """An exchange that replies to the first `count` events, in order."""
    codec = next(found for kind, found in world.language.deliveries.values() if kind == "reply")

    def answer() -> None:
        event_ids = in_topic(world, count)
        replies = [
            (codec, {**REPLY, "delivery_id": f"r-{number}", "event_id": event_id, **status})
            for number, (event_id, status) in enumerate(zip(event_ids, statuses, strict=False))
        ]
        world.put(world.sealed(*replies))

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_a_file_is_published_and_each_line_answered(world, tmp_path, capsys) -> None:
    assert candour(world, "publish", "moor-police", write(tmp_path, LINE, "", LINE), "--json") == 0
    results = printed(capsys)
    assert [(result["line"], result["status"], result["code"]) for result in results] == [
        (1, "accepted", None),
        (3, "accepted", None),
    ]
    assert set(results[0]) == {"line", "event_id", "status", "code", "message"}
    assert in_topic(world, 2) == [result["event_id"] for result in results]


def test_one_bad_line_publishes_none_and_names_line_and_field(world, tmp_path, capsys) -> None:
    bad = {**LINE, "subject": {"surname": "secret-7"}}
    assert candour(world, "publish", "moor-police", write(tmp_path, LINE, bad, "{"), "--json") == 2
    out, told = capsys.readouterr()
    assert "Line 2: subject.surname" in told
    assert "Line 3" in told
    assert "Nothing was published" in told
    assert "secret-7" not in told + out
    assert [json.loads(line)["status"] for line in out.splitlines()] == ["rejected", "rejected"]
    assert in_topic(world, 0) == []
    assert not (world.folder / "outbox.sqlite").exists()


def test_from_standard_input_each_line_stands_alone(world, monkeypatch, capsys) -> None:
    text = f"{json.dumps(LINE)}\nnonsense\n{json.dumps(LINE)}\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert candour(world, "publish", "moor-police", "-", "--json") == 1
    results = sorted(printed(capsys), key=lambda result: result["line"])
    assert [result["status"] for result in results] == ["accepted", "rejected", "accepted"]
    assert len(in_topic(world, 2)) == 2


def test_with_wait_the_final_status_is_the_exchanges_reply(world, tmp_path, capsys) -> None:
    statuses = [
        {"status": "accepted"},
        {"status": "applied", "applied_point": "p-1"},
        {"status": "rejected", "code": "field_invalid", "fields": ["subject.phone"]},
    ]
    exchange = answering(world, 3, statuses)
    assert (
        candour(world, "publish", "moor-police", write(tmp_path, LINE, LINE, LINE), "--wait", "--json") == 1
    )
    exchange.join()
    results = sorted(printed(capsys), key=lambda result: result["line"])
    assert [result["status"] for result in results] == ["accepted", "applied", "rejected"]
    assert results[1]["applied_point"] == "p-1"
    assert results[2]["code"] == "field_invalid"
    assert "applied_point" not in results[0]


def test_with_wait_an_urgent_event_tells_who_acts_and_whom_to_ring(world, tmp_path, capsys) -> None:
    told = {"handled_by": ["moor-ambulance", "northmoor-crisis"], "phone": "01632 960101"}
    exchange = answering(world, 1, [{"status": "accepted", **told}])
    assert candour(world, "publish", "moor-police", write(tmp_path, LINE), "--wait", "--json") == 0
    exchange.join()
    (result,) = printed(capsys)
    assert {key: result[key] for key in told} == told
    again = write(tmp_path, {**LINE, "event_id": result["event_id"]})
    exchange = answering(
        world, 2, [{"status": "not_delivered", "code": "waiting"}, {"status": "accepted", **told}]
    )
    assert candour(world, "publish", "moor-police", again, "--wait") == 0
    exchange.join()
    out = capsys.readouterr().out
    assert "accepted" in out
    assert "handled by moor-ambulance, northmoor-crisis  phone 01632 960101" in out


def test_without_a_reply_in_time_the_line_is_accepted_and_the_end_is_1(world, tmp_path, capsys) -> None:
    words = ("publish", "moor-police", write(tmp_path, LINE), "--wait", "--timeout", "0.3", "--json")
    assert candour(world, *words) == 1
    (result,) = printed(capsys)
    assert (result["status"], result["code"]) == ("accepted", "no_reply_yet")


def test_an_urgent_event_with_a_bad_number_goes_and_the_publisher_is_told(world, tmp_path, capsys) -> None:
    line = {**LINE, "subject": {"nhs_number": "9990000019"}}
    assert candour(world, "publish", "moor-police", write(tmp_path, line)) == 0
    out, told = capsys.readouterr()
    assert "Line 1: subject.nhs_number" in told
    assert "9990000019" not in told + out


def test_kafka_away_ends_in_70_and_keeps_the_events(world, tmp_path, capsys) -> None:
    world.rewrite(bootstrap="127.0.0.1:1", kafka={"delivery.timeout.ms": "300"})
    assert candour(world, "publish", "moor-police", write(tmp_path, LINE), "--json") == 70
    (result,) = printed(capsys)
    assert (result["status"], result["code"]) == ("waiting", "kafka_not_confirmed")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("publish", "moor-army", "x"), "There are: moor-police"),
        (("publish", "../moor-police", "x"), "holds no agency"),
        (("publish", "moor-police", "/nowhere.jsonl"), "cannot be read"),
        (("receive", "moor-police"), "Its desks: moor-police/control-room"),
        (("receive", "moor-police/nobody"), "Its desks: moor-police/control-room"),
    ],
)
def test_wrong_use_is_met_with_what_is_there(world, capsys, words: tuple[str, ...], told: str) -> None:
    assert candour(world, *words) == 2
    assert told in capsys.readouterr().err


def test_receive_prints_deliveries_and_ends_in_3_when_something_was_forged(world, capsys) -> None:
    codec = next(found for kind, found in world.language.deliveries.values() if kind == "reply")
    answer = {**REPLY, "delivery_id": "r-1", "event_id": "e-1", "status": "accepted"}
    world.put(world.sealed((codec, answer)), world.sealed((codec, answer), sender="moor-pos"))
    assert candour(world, "receive", "moor-police/control-room", "--json") == 3
    out, told = capsys.readouterr()
    assert json.loads(out)["kind"] == "reply"
    assert "sender_not_topic_owner" in told


def test_receive_tells_of_a_later_reply_whom_to_ring(world, capsys) -> None:
    codec = next(found for kind, found in world.language.deliveries.values() if kind == "reply")
    later = {"status": "not_handled", "code": "referral_not_taken", "phone": "01632 960121"}
    answer = {**REPLY, "delivery_id": "r-1", "event_id": "e-1", **later}
    world.put(world.sealed((codec, answer)))
    assert candour(world, "receive", "moor-police/control-room") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "not_handled (referral_not_taken)" in line
    assert line.endswith("phone 01632 960121")


def test_what_another_agency_wrote_cannot_drive_the_terminal(world, capsys) -> None:
    codec = next(found for kind, found in world.language.deliveries.values() if kind == "reply")
    message = "red\x1b[31m \u202egnp.exe\nline"
    answer = {**REPLY, "delivery_id": "r-1", "event_id": "e-1", "status": "accepted", "message": message}
    world.put(world.sealed((codec, answer)))
    assert candour(world, "receive", "moor-police/control-room") == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    assert "\x1b" not in out
    assert "\u202e" not in out
