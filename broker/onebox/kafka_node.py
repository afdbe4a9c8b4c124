"""One Kafka node in KRaft mode on loopback: its settings, its format, its command line."""

import base64
import subprocess
import uuid
from pathlib import Path

from broker.errors import DependencyError
from broker.onebox.ports import LOOPBACK
from broker.onebox.record import CONTROLLER, KAFKA, Record
from broker.onebox.tools import Tools
from broker.registry.signed import write_private

FORMAT_TIMEOUT_S = 60.0
MAX_MESSAGE_BYTES = 1024 * 1024

# The broker's own topics get few partitions: each costs files and start-up time, and one node gains nothing.
_FIXED = """\
process.roles=broker,controller
node.id=1
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT

# Topics are made at creation, each with its own rules; a misspelt name must fail.
auto.create.topics.enable=false
message.max.bytes={max_message_bytes}

# One node.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1

# A group's offsets never expire: with no worker for that long everything would be fetched again.
offsets.retention.minutes=2147483647
# A worker that died in an open transaction holds up read_committed readers no longer than this.
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
# After a kill the node waits this long for its former self before it takes its partitions again.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
# Workers join at once; there is nobody to wait for.
group.initial.rebalance.delay.ms=0

num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=16777216
log.retention.check.interval.ms=300000
"""

_LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}{UTC} %p %c{1} %m%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
"""

_FORMAT_JVM = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# The quick compiler only: at a few events a second the other took half of a young Kafka's processor time.
_NODE_JVM = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-Djava.awt.headless=true",
)


def write_config(folder: Path, record: Record) -> None:
    """Writes server.properties and log4j2.properties for the ports of today."""
    config = folder / "kafka" / "config"
    port, controller = record.ports[KAFKA], record.ports[CONTROLLER]
    lines = _FIXED.format(max_message_bytes=MAX_MESSAGE_BYTES) + (
        f"listeners=PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}\n"
        f"advertised.listeners=PLAINTEXT://{LOOPBACK}:{port}\n"
        f"controller.quorum.voters=1@{LOOPBACK}:{controller}\n"
        f"log.dirs={folder / 'kafka' / 'data'}\n"
    )
    write_private(config / "server.properties", lines.encode())
    write_private(config / "log4j2.properties", _LOGGING.encode())


def cluster_id(random: bytes) -> str:
    """A Kafka cluster's id from 16 random bytes: base64url that no command line takes for an option."""
    # One id in 64 would begin with a hyphen.
    return base64.urlsafe_b64encode(bytes([random[0] & 0x7F]) + random[1:]).decode().rstrip("=")


def format_storage(folder: Path, tools: Tools) -> None:
    """Prepares the node's empty data folder; needs `write_config` first.

    Raises:
        DependencyError: Kafka's tool failed; what it said is in logs/kafka-format.log.
    """
    arguments = [
        "format",
        "--cluster-id",
        cluster_id(uuid.uuid4().bytes),
        "--config",
        str(_server_properties(folder)),
    ]
    command = [*_java(folder, tools, _FORMAT_JVM), "kafka.tools.StorageTool", *arguments]
    with (folder / "logs" / "kafka-format.log").open("wb") as log:
        try:
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=FORMAT_TIMEOUT_S,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    if code != 0:
        raise DependencyError(f"Kafka's data folder could not be formatted: see {log.name}")


def command(folder: Path, tools: Tools) -> list[str]:
    """What starts the node."""
    return [*_java(folder, tools, _NODE_JVM), "kafka.Kafka", str(_server_properties(folder))]


def _server_properties(folder: Path) -> Path:
    return folder / "kafka" / "config" / "server.properties"


def _java(folder: Path, tools: Tools, options: tuple[str, ...]) -> list[str]:
    logging = folder / "kafka" / "config" / "log4j2.properties"
    return [
        str(tools.java),
        *options,
        f"-Dlog4j2.configurationFile={logging}",
        "-cp",
        f"{tools.kafka_libs}/*",
    ]
