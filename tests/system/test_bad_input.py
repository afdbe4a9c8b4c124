"""Whatever arrives on a topic is answered with a code; the worker goes on; no value of it is in any log."""

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, Message, Producer

from broker.domain.codes import STREAM_CODES
from broker.wire.envelope import Payload
from consumers.kit.delivery import Reply
from consumers.kit.replies import ReplyWatch
from tests import builders
from tests.conftest import MakeExchange
from tests.exchange import RunningExchange, language_in, wait_until
from tests.faults.evidence import Evidence, gather
from tests.property.canaries import MARK
from tests.system.bad_inputs import ARRIVED, BAD_NUMBER, HUGE, BadInput, Inputs
from tests.system.envelopes import Forge, varint

pytestmark = pytest.mark.exchange

AGENCIES = ("moor-pos", "moor-police", "moor-person")
REPLY_S = 90.0
MOST_BYTES = 300_000_000
CORE = {"occurred_at", "core.area", "core.urgency", "core.need"}


@dataclass(frozen=True)
class Answered:
    """A bad input, where it stood, and what its publisher was told; the good event that came next."""

    bad: BadInput
    offset: int
    reply: Reply
    good: str
    good_reply: Reply


class Desk:
    """Puts bytes into an agency's topic and hears the exchange's replies to it."""

    def __init__(self, exchange: RunningExchange, agency: str) -> None:
        profile = exchange.profile(agency)
        self.topic = profile.topic
        self._watch = ReplyWatch(profile, language_in(profile.schemas))
        limit = {"message.max.bytes": 1_000_000, "compression.type": "none"}
        self._producer = Producer({"bootstrap.servers": profile.bootstrap, "log_level": 3, **limit})
        self.heard: list[Reply] = []
        self.noticed: list[Reply] = []

    def put(self, value: bytes | None) -> int:
        """Append one record; returns its offset."""
        offsets: list[int] = []

        def landed(error: KafkaError | None, message: Message) -> None:
            assert error is None, error
            offsets.append(int(message.offset() or 0))

        self._producer.produce(self.topic, value, partition=0, on_delivery=landed)
        assert self._producer.flush(REPLY_S) == 0
        return offsets[0]

    def hear(self, count: int) -> list[Reply]:
        """Wait until `count` replies were heard in all."""
        until_s = time.monotonic() + REPLY_S
        while len(self.heard) < count:
            assert time.monotonic() < until_s, f"{len(self.heard)} of {count} replies"
            self.listen()
        return self.heard

    def listen(self) -> None:
        """Hear what there is. A forged envelope leaves a gap in the stream, and that is told besides.

        What is told later of an event that was taken in (`delivered`, `not_handled`) is no answer.
        """
        for reply in self._watch.poll():
            if reply.code in STREAM_CODES:
                self.noticed.append(reply)
            elif reply.is_answer:
                self.heard.append(reply)

    def close(self) -> None:
        self._watch.close()


class Room:
    """One exchange, its agencies' desks, and everything bad that was put into it."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.exchange = exchange
        forges = {agency: Forge(exchange.profile(agency)) for agency in AGENCIES}
        self.inputs = Inputs(forges, time.time_ns() // 1_000)
        self.desks = {agency: Desk(exchange, agency) for agency in AGENCIES}

    def answered(self, bad: BadInput) -> Answered:
        """Put it in, then a good event; wait for the replies to both."""
        desk = self.desks[bad.agency]
        record, good = self.inputs.good(bad.agency)
        before = len(desk.heard)
        offset = desk.put(bad.value)
        desk.put(good)
        both = desk.hear(before + 2)[before:]
        (good_reply,) = [one for one in both if one.event_id == record["event_id"]]
        (reply,) = [one for one in both if one is not good_reply]
        return Answered(bad, offset, reply, record["event_id"], good_reply)


@pytest.fixture(scope="module")
def room(module_exchange: MakeExchange) -> Iterator[Room]:
    room = Room(module_exchange(lanes=4, workers=1))
    yield room
    for desk in room.desks.values():
        desk.close()


@pytest.fixture(scope="module")
def answered(room: Room) -> Sequence[Answered]:
    return [room.answered(bad) for bad in room.inputs.all()]


@pytest.fixture(scope="module")
def evidence(room: Room, answered: Sequence[Answered]) -> Evidence:
    return gather(room.exchange.folder)


def test_each_bad_input_gets_its_code_and_a_reply_and_the_next_good_event_is_delivered(
    room: Room, answered: Sequence[Answered], evidence: Evidence
) -> None:
    quarantined = {
        (leaf.record["topic"], leaf.record["offset"]): leaf.record
        for leaf in evidence.leaves
        if leaf.kind == "quarantined"
    }
    gone = {leaf.record["event_id"] for leaf in evidence.decisions() if leaf.record["extent"] != "none"}
    print(f"\n{'bad input':34} {'code':28} {'reply':9} {'named':6} next good event")
    for one in answered:
        bad, reply = one.bad, one.reply
        delivered = one.good in gone or bad.agency == "moor-person"
        named = "yes" if reply.event_id else "no"
        print(f"{bad.name:34} {reply.code or '-':28} {reply.status:9} {named:6} {one.good_reply.status}")
        assert (reply.status, reply.code) == ("accepted" if bad.accepted else "rejected", bad.code), bad.name
        assert reply.event_id == bad.event_id, bad.name
        assert set(reply.fields_at_fault) == set(bad.fields), bad.name
        assert one.good_reply.status in {"accepted", "applied"}, bad.name
        assert delivered, bad.name
        record = quarantined.get((room.desks[bad.agency].topic, one.offset))
        assert (record is None) == bad.accepted, bad.name
        assert record is None or (record["code"], record["event_id"]) == (bad.code, bad.event_id), bad.name
    assert len(answered) >= 40


def test_a_bad_identifier_in_an_emergency_leaves_the_core_and_nothing_else(
    answered: Sequence[Answered], evidence: Evidence
) -> None:
    ids = [one.bad.event_id for one in answered if one.bad.code == "identifier_dropped"]
    assert len(ids) == 3
    for event_id in ids:
        decisions = [leaf.record for leaf in evidence.decisions() if leaf.record["event_id"] == event_id]
        by_desk = {one["desk"]: (one["extent"], set(one["fields"])) for one in decisions}
        assert by_desk["northmoor-crisis/crisis-line"] == ("core", CORE)
        assert all(fields <= CORE for _, fields in by_desk.values())
        assert not [desk for desk in by_desk if desk.startswith("moor-police/")]


def test_a_bad_optional_field_of_an_urgent_event_is_left_out_and_the_rest_goes(
    answered: Sequence[Answered], evidence: Evidence
) -> None:
    (event_id,) = [one.bad.event_id for one in answered if one.bad.code == "field_dropped"]
    (decision,) = [
        leaf.record
        for leaf in evidence.decisions()
        if leaf.record["event_id"] == event_id and leaf.record["desk"] == "northmoor-crisis/crisis-line"
    ]
    assert decision["extent"] == "minimised"
    assert "shareable_summary" not in decision["fields"]
    assert {"person.presenting_safety_facts", "subject.family_name"} <= set(decision["fields"])


def test_the_same_payload_again_is_answered_again_and_decided_once(room: Room) -> None:
    desk = room.desks["moor-pos"]
    record = room.inputs.record()
    payload = room.inputs.payload(room.inputs.arrived, record)
    before = len(desk.heard)
    for _ in range(3):
        # Sealed anew each time, as a retry of an outbox is.
        desk.put(room.inputs.forges["moor-pos"].seal([payload]))
    replies = desk.hear(before + 3)[before:]
    assert {(one.event_id, one.status, one.delivery_id) for one in replies} == {
        (record["event_id"], "accepted", replies[0].delivery_id)
    }
    found = gather(room.exchange.folder)
    decisions = [leaf.record for leaf in found.decisions() if leaf.record["event_id"] == record["event_id"]]
    assert len({one["subscription"] for one in decisions}) == len(decisions) > 0


def test_another_event_under_the_same_id_is_refused_and_the_first_stands(room: Room) -> None:
    desk, forge, codec = room.desks["moor-pos"], room.inputs.forges["moor-pos"], room.inputs.arrived
    first = room.inputs.record()
    other = {**first, "shareable_summary": f"{MARK} another"}
    before = len(desk.heard)
    desk.put(forge.seal([room.inputs.payload(codec, first)]))
    desk.put(forge.seal([room.inputs.payload(codec, other)]))
    told = [(one.event_id, one.status, one.code) for one in desk.hear(before + 2)[before:]]
    assert told == [
        (first["event_id"], "accepted", None),
        (first["event_id"], "rejected", "event_id_conflict"),
    ]
    sent = [one for one in gather(room.exchange.folder).deliveries if f"{MARK} another" in str(one.record)]
    assert sent == []


def test_an_envelope_out_of_its_place_is_told_and_its_events_go(room: Room) -> None:
    exchange, agency = room.exchange, "moor-police"
    forge, desk = Forge(exchange.profile(agency)), room.desks[agency]
    before = len(desk.noticed)
    steps: list[tuple[int, dict[str, int], list[str]]] = [
        (0, {}, []),
        (1, {}, []),
        (4, {}, ["sequence_gap"]),
        (4, {}, ["sequence_repeated"]),
        (2, {}, ["sequence_back"]),
        (5, {"time_us": time.time_ns() // 1_000 + 365 * 86_400_000_000}, ["sealed_ahead"]),
        (2**64 - 1, {}, ["sequence_gap"]),
        (6, {}, ["sequence_back"]),
        (7, {}, []),
    ]
    for sequence, changes, _ in steps:
        payload = Payload(builders.codec("police.s136.detained").fingerprint, room.inputs.detained_body())
        heard = len(desk.heard)
        desk.put(forge.seal([payload], sequence=sequence, **changes))
        (reply,) = desk.hear(heard + 1)[heard:]
        assert reply.status == "accepted"
    expected = [code for _, _, codes in steps for code in codes]
    wait_until(lambda: desk.listen() or len(desk.noticed) - before >= len(expected), 20, "notices")
    told = desk.noticed[before:]
    assert [one.code for one in told] == expected
    assert all((one.status, one.event_id, one.phone) == ("accepted", None, None) for one in told)
    assert all(one.message for one in told)
    records = [leaf.record for leaf in gather(exchange.folder).leaves if leaf.kind == "stream_noticed"]
    mine = [one for one in records if one["stream"] == forge.stream.hex()]
    assert [one["code"] for one in mine] == expected
    assert [one["highest_before"] for one in mine][:2] == [1, 4]
    assert exchange.total("candour_stream_notices_total") >= len(expected)


def test_a_bad_payload_does_not_take_its_neighbours_along(room: Room) -> None:
    desk, forge, codec = room.desks["moor-pos"], room.inputs.forges["moor-pos"], room.inputs.arrived
    records = [room.inputs.record() for _ in range(10)]
    payloads = [room.inputs.payload(codec, record) for record in records]
    broken = [type(one)(one.fingerprint, one.body + b"\0") for one in payloads[:5]]
    before = len(desk.heard)
    desk.put(forge.seal([payload for pair in zip(broken, payloads[5:], strict=True) for payload in pair]))
    told = desk.hear(before + 10)[before:]
    assert sorted(str(one.code) for one in told) == ["None"] * 5 + ["bytes_do_not_round_trip"] * 5
    assert {one.event_id for one in told if one.code is None} == {one["event_id"] for one in records[5:]}


def test_no_worker_ended_or_grew_beyond_300_mb(room: Room, answered: Sequence[Answered]) -> None:
    desk, forge, print_ = (
        room.desks["moor-pos"],
        room.inputs.forges["moor-pos"],
        room.inputs.arrived.fingerprint,
    )
    before = len(desk.heard)
    for _ in range(10):
        # As large and as many as fit, each body a text that claims 2^40 bytes.
        desk.put(forge.seal([Payload(print_, varint(HUGE) + bytes(950)) for _ in range(256)]))
    told = desk.hear(before + 2_560)[before:]
    assert {one.code for one in told} == {"bytes_do_not_round_trip"}
    for worker in ("intake-0", "release-0"):
        part = room.exchange.part(worker)
        assert (part["state"], part["restarts"]) == ("running", 0)
        status = Path(f"/proc/{part['pid']}/status").read_text(encoding="ascii")
        (peak,) = [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        print(f"{worker}: at most {peak / 1e6:.0f} MB resident")
        assert peak < MOST_BYTES


def test_no_value_of_a_bad_input_is_in_any_log_or_on_any_metrics_page(
    room: Room, answered: Sequence[Answered]
) -> None:
    pages = [
        path.read_bytes() for path in sorted((room.exchange.folder / "logs").rglob("*")) if path.is_file()
    ]
    assert len(pages) >= 5
    for worker in ("intake-0", "release-0"):
        with urllib.request.urlopen(f"http://127.0.0.1:{room.exchange.port(worker)}/metrics") as page:
            pages.append(page.read())
    values = [MARK.encode(), BAD_NUMBER.encode(), builders.PEOPLE[0].family_name.encode()]
    for page in pages:
        for value in values:
            assert value not in page


def test_a_bad_line_is_named_with_its_field_and_none_of_the_file_is_published(
    room: Room, tmp_path: Path
) -> None:
    good = builders.line(ARRIVED, room.inputs.record())
    bad = [
        ('"no object"', "Line 2"),
        (good[:-40], "Line 2"),
        (_changed(good, "event_type", f"{MARK}.no.such"), "event_type"),
        (_changed(good, "occurred_at", None), "occurred_at"),
        (_changed(good, "occurred_at", "yesterday"), "occurred_at"),
        (_changed(good, "setting", MARK), "setting"),
        (_changed(good, "no_such_field", MARK), "no_such_field"),
        (_changed(good, "event_id", MARK), "event_id"),
        (_changed(good, "setting", "planned", "subject", "nhs_number", BAD_NUMBER), "subject.nhs_number"),
    ]
    file = tmp_path / "lines.jsonl"
    desk = room.desks["moor-pos"]
    before = desk.put(b"")
    for line, named in bad:
        file.write_text("\n".join([good, line, good]), encoding="utf-8")
        said = room.exchange.command("agency", "publish", "moor-pos", str(file), expect=2)
        assert "Line 2" in said, said
        assert named in said, said
        assert MARK not in said
        assert BAD_NUMBER not in said
    assert desk.put(b"") == before + 1


def _changed(line: str, name: str, value: object, *rest: str) -> str:
    record = json.loads(line)
    record[name] = value
    if rest:
        part, key, inner = rest
        record[part][key] = inner
    return json.dumps(record)
