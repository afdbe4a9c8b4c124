"""What a run of the bench came to, as JSON and as a table. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from broker.proof.bench.run import Found
from broker.proof.bench.running import Throughput

P99_AIM_MS = 250.0
_AGENCIES = ("publisher", "receivers")
_PROCESSES = ("kafka", "opa", "intake", "release", "echo", "publisher", "receivers")


@dataclass(frozen=True, slots=True)
class Aim:
    """Something the exchange set out to reach."""

    aim: str
    figure: float
    met: bool


def aims(found: Found) -> tuple[Aim, ...]:
    """The aims, and whether this run met them."""
    ratio = found.many.events_per_s / _faust(found).events_per_s
    slowest = min(found.latencies, key=lambda one: one.per_second)
    return (
        Aim("envelopes of 64 carry at least the events/s of the Faust echo", round(ratio, 3), ratio >= 1.0),
        Aim(
            f"p99 under {P99_AIM_MS:.0f} ms at {slowest.per_second:.0f} events/s",
            round(slowest.p99_ms, 1),
            slowest.p99_ms < P99_AIM_MS,
        ),
    )


def ratios(found: Found) -> dict[str, float]:
    """Events/s of one run as a share of another's; the last is of CPU, which a busy machine blurs least."""
    faust = _faust(found)
    pairs = {
        "exchange_64_to_faust_echo": (found.many, faust),
        "exchange_1_to_faust_echo": (found.one, faust),
        "exchange_64_to_exchange_1": (found.many, found.one),
        "exchange_64_to_librdkafka_echo": (found.many, found.librdkafka),
    }
    shown = {name: upper.events_per_s / lower.events_per_s for name, (upper, lower) in pairs.items()}
    shown["cpu_an_event_exchange_64_to_faust_echo"] = _broker_cpu_s(found.many) / _broker_cpu_s(faust)
    return shown


def _faust(found: Found) -> Throughput:
    """The faster one: what a Faust user would have chosen on this machine."""
    return max(found.faust, found.faust_alone, key=lambda one: one.events_per_s)


def _broker_cpu_s(one: Throughput) -> float:
    """CPU an event of what stands between publisher and receivers."""
    return sum(spent for name, spent in one.cpu_s.items() if name not in _AGENCIES) / one.events


def document(found: Found, facts: Mapping[str, Any]) -> dict[str, Any]:
    """One object with the names of the printed table (design 4)."""
    return {
        **facts,
        "throughput": [one.to_json() for one in found.throughputs],
        "latency": [asdict(one) for one in found.latencies],
        "ratios": ratios(found),
        "aims": [asdict(one) for one in aims(found)],
        "lost": found.lost,
    }


def table(found: Found, facts: Mapping[str, Any]) -> Iterator[str]:
    """The table, line by line; at most 110 characters wide."""
    machine = facts["machine"]
    yield (
        f"{facts['date']}, {machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB, "
        f"load before {machine['load_before']}; {facts['lanes']} lanes, {facts['workers']} workers a stage"
    )
    yield ""
    yield f"{'':28}{'events/s':>9}{'deliv./s':>9}   microseconds of CPU an event"
    shown = [name for name in _PROCESSES if any(name in one.cpu_s for one in found.throughputs)]
    yield f"{'':46}" + "".join(f"{name:>10}" for name in (*shown, "total"))
    for one in found.throughputs:
        yield _row(one, shown)
    yield ""
    yield f"{'latency':28}{'samples':>9}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}"
    for late in found.latencies:
        name = f"{late.per_second:.0f} events/s"
        yield f"{name:28}{late.samples:>9}{late.p50_ms:>9.1f}{late.p99_ms:>9.1f}{late.worst_ms:>9.1f}"
    yield ""
    for name, value in ratios(found).items():
        yield f"{name.replace('_', ' '):44}{value:>8.2f}"
    yield ""
    for aim in aims(found):
        yield f"{'met    ' if aim.met else 'NOT MET'}  {aim.aim}: {aim.figure}"
    yield f"lost: {found.lost}"


def _row(one: Throughput, shown: list[str]) -> str:
    spent = [1e6 * one.cpu_s[name] / one.events if name in one.cpu_s else None for name in shown]
    cells = [f"{value:>10.0f}" if value is not None else f"{'':>10}" for value in spent]
    total = 1e6 * sum(one.cpu_s.values()) / one.events
    deliveries = one.deliveries / one.seconds
    return f"{one.name:28}{one.events_per_s:>9.0f}{deliveries:>9.0f}{''.join(cells)}{total:>10.0f}"
