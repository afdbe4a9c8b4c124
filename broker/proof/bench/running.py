"""The exchange under measurement, as whoever started it hands it over; and what one measurement came to."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from broker.settings import Settings

PATIENCE_S = 20.0
"""Without anything new for so long, a run is over, and what is not there is lost"""


@dataclass(frozen=True, slots=True)
class Running:
    """A running exchange. Only its owner may start and stop parts of it."""

    settings: Settings
    pids: Callable[[], Mapping[str, int]]
    """part (`kafka`, `opa`, `intake-0`, ...) -> process id, as it is now"""
    renew_workers: Callable[[], None]
    """Ends every worker in order and returns when new ones are ready: they remember no answer"""
    say: Callable[[str], None]
    """Shows one line of progress"""


@dataclass(frozen=True, slots=True)
class Throughput:
    """One run at full speed."""

    name: str
    events: int
    seconds: float
    """from the first call of publish until the last result was committed and read"""
    deliveries: int
    cpu_s: Mapping[str, float]
    """process -> CPU seconds of the whole run"""
    lost: int = 0
    """results that did not come, or came that should not have"""
    facts: Mapping[str, float] = field(default_factory=dict)
    """what else is worth a line, such as the mean number of payloads in an envelope"""

    @property
    def events_per_s(self) -> float:
        """Events a second."""
        return self.events / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        """One JSON object; CPU in seconds an event."""
        shown = asdict(self)
        shown["events_per_s"] = self.events_per_s
        shown["deliveries_per_s"] = self.deliveries / self.seconds if self.seconds else 0.0
        shown["cpu_s_an_event"] = {name: spent / self.events for name, spent in self.cpu_s.items()}
        shown["cpu_s_an_event"]["total"] = sum(self.cpu_s.values()) / self.events
        return shown


@dataclass(frozen=True, slots=True)
class Latency:
    """From the call of publish until a recipient holds the opened fields, at one rate."""

    per_second: float
    samples: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    lost: int
