"""The settings of Kafka that our guarantees rest on, and the topics of design 2.1."""

from pathlib import Path

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind
from broker.onebox import kafka_node
from broker.onebox.record import StartOptions, new_record
from broker.onebox.tools import KAFKA_VERSION, OPA_VERSION
from broker.onebox.topics import topics_of
from broker.registry.registry import AgencyEntry, Place, Registry
from broker.wire.keys import OpeningKey

ROOT = Path(__file__).resolve().parents[3]
DAY_MS = 86_400_000


def registry() -> Registry:
    key = OpeningKey.generate().sealing_key
    desks = {"control-room": key, "street-triage": key}
    entry = AgencyEntry(AgencyKind.POLICE, DeskId("moor-police/control-room"), (), desks)
    return Registry({AgencyId("moor-police"): entry}, {"northmoor": Place("01632 960101")})


def test_topics_are_those_of_the_design() -> None:
    topics = {topic.name: topic for topic in topics_of(registry(), lanes=5)}

    assert {name: topic.partitions for name, topic in topics.items()} == {
        "lane-log": 5,
        "lane-state": 5,
        "decisions": 5,
        "signals": 5,
        "quarantine": 5,
        "from.moor-police": 1,
        "to.moor-police.control-room": 4,
        "to.moor-police.street-triage": 4,
    }
    kept = {name: int(topic.config()["retention.ms"]) for name, topic in topics.items()}
    assert kept["lane-log"] == kept["from.moor-police"] == kept["signals"] == 14 * DAY_MS
    assert kept["quarantine"] == kept["to.moor-police.control-room"] == 30 * DAY_MS
    assert kept["decisions"] == -1


def test_only_the_lane_state_is_compacted_and_what_comes_in_carries_kafkas_own_time() -> None:
    configs = {topic.name: topic.config() for topic in topics_of(registry(), lanes=1)}

    assert [name for name, config in configs.items() if config["cleanup.policy"] == "compact"] == [
        "lane-state"
    ]
    stamped = {
        name for name, config in configs.items() if config["message.timestamp.type"] == "LogAppendTime"
    }
    assert stamped == {"lane-log", "from.moor-police"}
    assert {config["max.message.bytes"] for config in configs.values()} == {str(1024 * 1024)}


def test_kafka_is_set_as_the_lanes_need_it(tmp_path: Path) -> None:
    record = new_record(StartOptions())
    kafka_node.write_config(tmp_path, record)

    lines = (tmp_path / "kafka" / "config" / "server.properties").read_text().splitlines()
    properties = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert properties["auto.create.topics.enable"] == "false"
    assert properties["offsets.retention.minutes"] == str(2**31 - 1)
    assert properties["transaction.abort.timed.out.transaction.cleanup.interval.ms"] == "1000"
    assert properties["transaction.state.log.min.isr"] == "1"
    assert properties["listeners"].startswith(f"PLAINTEXT://127.0.0.1:{record.ports['kafka']},")
    assert all("127.0.0.1" in part for part in properties["listeners"].split(","))


def test_setup_installs_the_versions_that_are_started() -> None:
    script = (ROOT / "deploy" / "tools.sh").read_text()
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text()

    assert f"KAFKA_VERSION={KAFKA_VERSION}\n" in script
    assert f"<kafka.version>{KAFKA_VERSION}</kafka.version>" in pom
    assert f"OPA_VERSION={OPA_VERSION}\n" in script
