"""exchange.json as the onebox writes it: what was chosen at creation, and the ports of today."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from broker.errors import ConfigurationError, UsageError
from broker.onebox.ports import LOOPBACK, free_port, is_free
from broker.registry.signed import write_private
from broker.settings import EXCHANGE_FILE, FORMAT_VERSION, Settings, load_settings

KAFKA, CONTROLLER, OPA = "kafka", "controller", "opa"
STAGES = ("intake", "release")


@dataclass(frozen=True, slots=True)
class Record:
    """What `candour up` needs to start an exchange. Ports are those of processes of our own on loopback."""

    lanes: int
    workers: int
    bootstrap: str
    """of Kafka: ours (`ports` names `kafka`) or one that was there already"""
    opa_urls: tuple[str, ...]
    ports: Mapping[str, int]
    """kafka, controller, opa, intake-0..., release-0... (the workers' metrics)"""
    prepared: bool = False
    """Topics, genesis rows and first offsets are there; from now on a missing row is a loss (design 2.2.2)"""
    tuning: Mapping[str, int] = field(default_factory=dict)
    kafka: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Client settings for a Kafka that asks for TLS"""

    @property
    def own_kafka(self) -> bool:
        """Whether the exchange runs Kafka itself."""
        return KAFKA in self.ports

    @property
    def own_opa(self) -> bool:
        """Whether the exchange runs OPA itself."""
        return OPA in self.ports

    def worker_names(self) -> tuple[str, ...]:
        """`intake-0`, `release-0`, ...: names of processes, log files and ports."""
        return tuple(f"{stage}-{worker}" for stage in STAGES for worker in range(self.workers))


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What the caller of `candour up` asked for; None where nothing was said."""

    lanes: int | None = None
    workers: int | None = None
    kafka_port: int | None = None
    opa_port: int | None = None
    bootstrap: str | None = None
    opa_url: str | None = None


def new_record(asked: StartOptions) -> Record:
    """The record of a new exchange.

    Raises:
        UsageError: two options exclude each other, or a chosen port is taken.
    """
    if asked.bootstrap and asked.kafka_port:
        raise UsageError("--bootstrap names a Kafka that is there already; --kafka-port starts one: choose")
    if asked.opa_url and asked.opa_port:
        raise UsageError("--opa-url names an OPA that is there already; --opa-port starts one: choose")
    record = Record(
        lanes=asked.lanes or 8,
        workers=asked.workers or 1,
        bootstrap=asked.bootstrap or "",
        opa_urls=(asked.opa_url,) if asked.opa_url else (),
        ports={},
    )
    return with_ports(record, asked)


def refuse_other_lanes(record: Record, asked: StartOptions) -> None:
    """Raises UsageError when another number of lanes is asked for than the exchange has (design 2.2.8)."""
    if asked.lanes is not None and asked.lanes != record.lanes:
        raise UsageError(
            f"this exchange has {record.lanes} lanes, fixed at creation: with {asked.lanes} a person's next "
            "event would go to another lane than their wishes. Leave --lanes out and scale with --workers, "
            "or make a new exchange with --dir"
        )


def changed_record(record: Record, asked: StartOptions) -> Record:
    """The record of an existing exchange with what may change at a start: workers, ports, addresses.

    Raises:
        UsageError: what is asked would need a migration.
    """
    refuse_other_lanes(record, asked)
    if asked.bootstrap and record.own_kafka:
        raise UsageError("this exchange keeps its data in a Kafka of its own; --bootstrap is for creation")
    if asked.kafka_port and not record.own_kafka:
        raise UsageError("this exchange uses a Kafka that is not its own; --kafka-port does not apply")
    if asked.opa_port and not record.own_opa:
        raise UsageError("this exchange uses an OPA that is not its own; --opa-port does not apply")
    ports = {name: port for name, port in record.ports.items() if not (asked.opa_url and name == OPA)}
    return with_ports(
        replace(
            record,
            workers=asked.workers or record.workers,
            bootstrap=asked.bootstrap or record.bootstrap,
            opa_urls=(asked.opa_url,) if asked.opa_url else record.opa_urls,
            ports=ports,
        ),
        asked,
    )


def with_ports(record: Record, asked: StartOptions) -> Record:
    """The record with a free port for each process of its own: the chosen, else last time's, else another.

    Raises:
        UsageError: a chosen port is taken.
    """
    chosen = {KAFKA: asked.kafka_port, OPA: asked.opa_port}
    names = list(record.worker_names())
    if record.own_kafka or not record.bootstrap:
        names += [KAFKA, CONTROLLER]
    if record.own_opa or not record.opa_urls:
        names.append(OPA)
    ports: dict[str, int] = {}
    for name in names:
        ports[name] = _port(name, chosen.get(name), record.ports.get(name), ports)
    return replace(
        record,
        ports=ports,
        bootstrap=f"{LOOPBACK}:{ports[KAFKA]}" if KAFKA in ports else record.bootstrap,
        opa_urls=(f"http://{LOOPBACK}:{ports[OPA]}",) if OPA in ports else record.opa_urls,
    )


def _port(name: str, chosen: int | None, last: int | None, others: Mapping[str, int]) -> int:
    if chosen is not None:
        if not is_free(chosen):
            raise UsageError(f"port {chosen} for {name} is taken; choose another or leave the option out")
        return chosen
    if last is not None and last not in others.values() and is_free(last):
        return last
    return free_port(others.values())


def write_record(folder: Path, record: Record) -> None:
    """Replaces exchange.json in one step, mode 0600."""
    document = {
        "version": FORMAT_VERSION,
        "lanes": record.lanes,
        "workers": record.workers,
        "bootstrap": record.bootstrap,
        "opa_urls": list(record.opa_urls),
        "ports": dict(record.ports),
        "prepared": record.prepared,
        "tuning": dict(record.tuning),
        "kafka": dict(record.kafka),
    }
    write_private(folder / EXCHANGE_FILE, json.dumps(document, indent=1).encode() + b"\n")


def read_record(folder: Path) -> Record:
    """Reads exchange.json back.

    Raises:
        ConfigurationError: there is none, or with everything that is wrong in it.
    """
    settings: Settings = load_settings(folder, environment={})
    document: dict[str, Any] = json.loads((folder / EXCHANGE_FILE).read_text(encoding="utf-8"))
    ports = document.get("ports")
    if not isinstance(ports, dict) or not all(isinstance(port, int) for port in ports.values()):
        raise ConfigurationError(f"{folder}/{EXCHANGE_FILE}: ports must be an object of port numbers")
    return Record(
        lanes=settings.lanes,
        workers=settings.workers,
        bootstrap=settings.bootstrap,
        opa_urls=settings.opa_urls,
        ports=ports,
        prepared=document.get("prepared") is True,
        tuning=document.get("tuning", {}),
        kafka=settings.kafka,
    )
