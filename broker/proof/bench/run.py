"""One run of the bench, on a Kafka that has compiled its own code before anything is measured."""

from dataclasses import dataclass

from broker.proof.bench.echoes import bodies, through_echo
from broker.proof.bench.latency import latency
from broker.proof.bench.running import Latency, Running, Throughput
from broker.proof.bench.throughput import through_exchange

MANY, ONE = 64, 1
"""Payloads in an envelope: when it is busy, and when it is not grouped at all"""
WARM_UP_EVENTS = 4_000
"""A Java process spends more on compiling than on working at first; who comes first would pay for all"""
RATES_PER_S = (20.0, 100.0)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that one run measured."""

    many: Throughput
    one: Throughput
    faust: Throughput
    """with as many processes as the exchange has release workers"""
    faust_alone: Throughput
    """with one process"""
    librdkafka: Throughput
    latencies: tuple[Latency, ...]

    @property
    def throughputs(self) -> tuple[Throughput, ...]:
        """Every run at full speed, in the order of the table."""
        faust = (self.faust,) if self.faust is self.faust_alone else (self.faust, self.faust_alone)
        return (self.many, self.one, *faust, self.librdkafka)

    @property
    def lost(self) -> int:
        """Results that did not come, or came that should not have."""
        runs: tuple[Throughput | Latency, ...] = (*self.throughputs, *self.latencies)
        return sum(one.lost for one in runs)


def measure(running: Running, events: int) -> Found:
    """Measure everything once.

    Args:
        events: with envelopes of 64 and in each echo; ungrouped envelopes carry a quarter of them.
    """
    say, workers = running.say, running.settings.workers
    say("warming Kafka up, not measured")
    through_exchange(running, WARM_UP_EVENTS, MANY, seed=1)
    messages = bodies(running, events, seed=2)
    say(f"librdkafka echo, Faust echo, {events} events each")
    librdkafka = through_echo(running, "librdkafka", 1, messages)
    faust_alone = through_echo(running, "faust", 1, messages)
    faust = faust_alone if workers == 1 else through_echo(running, "faust", workers, messages)
    many = _from_cold(running, events, MANY, seed=3)
    one = _from_cold(running, events // 4, ONE, seed=4)
    latencies = []
    for number, rate in enumerate(RATES_PER_S):
        say(f"latency at {rate:.0f} events/s")
        latencies.append(latency(running, rate, seed=5 + number))
    return Found(many, one, faust, faust_alone, librdkafka, tuple(latencies))


def _from_cold(running: Running, events: int, per_envelope: int, seed: int) -> Throughput:
    running.say(
        f"exchange, new workers that remember no answer, envelopes of {per_envelope}, {events} events"
    )
    running.renew_workers()
    return through_exchange(running, events, per_envelope, seed)
