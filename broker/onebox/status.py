"""`candour status`: how every part of an exchange is, at a glance and as one object."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException

from broker.domain.quarantine import KeptState
from broker.kafka import admin
from broker.onebox import opa_process
from broker.onebox.locks import is_running
from broker.onebox.ports import answers
from broker.onebox.record import Record, read_record
from broker.onebox.scrape import Sample, scrape, worker_is_ready
from broker.onebox.state import ExchangeState, PartState, Phase, read_state
from broker.settings import Settings, load_settings

KAFKA_ANSWERS_S = 3.0
OLDEST_UNDECIDED_S = 60.0
"""An undecided entry older than this is a reason to look (design 2.4)"""

_LANE_FIGURES = {
    "position": "candour_lane_position",
    "lag": "candour_lane_lag_entries",
    "oldest_undecided_s": "candour_lane_oldest_undecided_seconds",
    "waiting": "candour_lane_waiting_entries",
    "asked": "candour_lane_asked",
    "decided": "candour_lane_decided",
    "balance_difference": "candour_lane_books_difference",
    "quarantine_kept": "candour_lane_quarantine_kept",
    "quarantine_resubmitted": "candour_lane_quarantine_resubmitted",
    "quarantine_discarded": "candour_lane_quarantine_discarded",
    "quarantine_expired": "candour_lane_quarantine_expired",
    "quarantine_difference": "candour_lane_quarantine_difference",
}


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One process. `state` is the supervisor's word; `ready` its own, where it has one."""

    state: str
    pid: int | None
    restarts: int
    exit_code: int | None
    port: int | None
    ready: bool | None


@dataclass(frozen=True, slots=True)
class Status:
    """What `candour status --json` prints."""

    well: bool
    running: bool
    phase: str
    folder: str
    bootstrap: str
    kafka_answers: bool
    opa_urls: Sequence[str]
    opa_answers: bool
    policy_revision: str
    opa_revision: str | None
    lanes_at_creation: int
    parts: Mapping[str, PartStatus] = field(default_factory=dict)
    lanes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """lane number -> position, lag, oldest_undecided_s, waiting, asked, decided, balance_difference,
    quarantine_kept and so on"""
    quarantine: Mapping[str, int] = field(default_factory=dict)
    """payloads in all lanes: kept, resubmitted, discarded, expired"""
    faults: Sequence[str] = ()
    """Everything that makes it unwell, one sentence each"""

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def status(folder: Path) -> Status:
    """Looks at everything at once; changes nothing.

    Raises:
        ConfigurationError: there is no exchange in this folder.
    """
    record = read_record(folder)
    settings = load_settings(folder)
    running = is_running(folder / "run")
    state = read_state(folder / "run") if running else None
    workers = [name for name in record.worker_names() if state is not None and name in state.parts]
    with ThreadPoolExecutor(max_workers=4 + 2 * len(workers)) as pool:
        kafka = pool.submit(_kafka_answers, settings)
        opa = pool.submit(opa_process.revision_served, settings.opa_urls[0])
        ready = {name: pool.submit(worker_is_ready, record.ports[name]) for name in workers}
        samples = {name: pool.submit(scrape, record.ports[name]) for name in workers}
    figures = lane_figures([taken for future in samples.values() if (taken := future.result())])
    parts = _parts(record, state, {name: future.result() for name, future in ready.items()})
    revision = settings.current_revision()
    faults = [
        *_process_faults(state, parts),
        *([] if kafka.result() else [f"Kafka at {settings.bootstrap} does not answer"]),
        *_opa_faults(settings, revision, opa.result()),
        *(_lane_faults(record, figures) if workers else []),
    ]
    return Status(
        well=not faults,
        running=running,
        phase=state.phase.value if state else Phase.STOPPED.value,
        folder=str(folder),
        bootstrap=settings.bootstrap,
        kafka_answers=kafka.result(),
        opa_urls=settings.opa_urls,
        opa_answers=opa.result() is not None,
        policy_revision=revision,
        opa_revision=opa.result(),
        lanes_at_creation=record.lanes,
        parts=parts,
        lanes=figures,
        quarantine=quarantine_figures(figures),
        faults=faults,
    )


def lane_figures(scrapes: Sequence[Sequence[Sample]]) -> dict[str, dict[str, float]]:
    """The lanes' figures from the scrapes of all workers, by lane number."""
    names = {metric: figure for figure, metric in _LANE_FIGURES.items()}
    figures: dict[str, dict[str, float]] = {}
    for samples in scrapes:
        for sample in samples:
            if sample.name in names and "lane" in sample.labels:
                figures.setdefault(sample.labels["lane"], {})[names[sample.name]] = sample.value
    return dict(sorted(figures.items(), key=lambda item: int(item[0])))


def quarantine_figures(figures: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    """What has become of every payload in quarantine, over all lanes that tell."""
    return {
        str(state): round(sum(lane.get(f"quarantine_{state}", 0) for lane in figures.values()))
        for state in KeptState
    }


def _kafka_answers(settings: Settings) -> bool:
    host, _, port = settings.bootstrap.split(",")[0].rpartition(":")
    # Asked first since the client library complains at length of a port that nobody listens on.
    if not answers(host, int(port)):
        return False
    try:
        admin(settings).list_topics(timeout=KAFKA_ANSWERS_S)
    except KafkaException:
        return False
    return True


def _parts(record: Record, state: ExchangeState | None, ready: Mapping[str, bool]) -> dict[str, PartStatus]:
    return {
        name: PartStatus(
            state=part.state.value,
            pid=part.pid,
            restarts=part.restarts,
            exit_code=part.exit_code,
            port=record.ports.get(name),
            ready=ready.get(name),
        )
        for name, part in (state.parts if state else {}).items()
    }


def _process_faults(state: ExchangeState | None, parts: Mapping[str, PartStatus]) -> list[str]:
    if state is None:
        return ["the exchange is not running: candour up"]
    faults = [] if state.phase is Phase.RUNNING else [f"the exchange is {state.phase.value}"]
    for name, part in parts.items():
        if part.state != PartState.RUNNING:
            ended = "" if part.exit_code is None else f" (exit {part.exit_code})"
            faults.append(f"{name} is {part.state}{ended}: see logs/{name}.log")
        elif part.ready is False:
            faults.append(f"{name} is not ready")
    return faults


def _opa_faults(settings: Settings, revision: str, served: str | None) -> list[str]:
    if served is None:
        return [f"OPA at {settings.opa_urls[0]} does not answer, or has no policy"]
    return [] if served == revision else [f"OPA answers by revision {served}, not {revision}"]


def _lane_faults(record: Record, figures: Mapping[str, Mapping[str, float]]) -> list[str]:
    faults = [f"lane {lane}: nobody has it" for lane in range(record.lanes) if str(lane) not in figures]
    for lane, figure in figures.items():
        if figure.get("balance_difference"):
            faults.append(f"lane {lane}: the books differ by {figure['balance_difference']:.0f}")
        if figure.get("quarantine_difference"):
            lost = figure["quarantine_difference"]
            faults.append(f"lane {lane}: the books of quarantine differ by {lost:.0f}")
        if figure.get("oldest_undecided_s", 0) > OLDEST_UNDECIDED_S:
            faults.append(
                f"lane {lane}: an entry has been undecided for {figure['oldest_undecided_s']:.0f} s"
            )
    return faults
