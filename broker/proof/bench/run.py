"""One run of the bench, in the order that is fair to all: what warms Kafka up comes first and is an echo."""

from dataclasses import dataclass

from broker.proof.bench.echoes import bodies, through_echo
from broker.proof.bench.latency import latency
from broker.proof.bench.running import Latency, Running, Throughput
from broker.proof.bench.throughput import through_exchange

MANY, ONE = 64, 1
"""Payloads in an envelope: when it is busy, and when it is not grouped at all"""
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
    say("librdkafka echo")
    messages = bodies(running, events, seed=1)
    librdkafka = through_echo(running, "librdkafka", 1, messages)
    say(f"exchange, envelopes of {MANY}, {events} events")
    many = through_exchange(running, events, MANY, seed=2)
    say("Faust echo")
    faust = through_echo(running, "faust", workers, messages)
    faust_alone = faust if workers == 1 else through_echo(running, "faust", 1, messages)
    latencies = []
    for number, rate in enumerate(RATES_PER_S):
        say(f"latency at {rate:.0f} events/s")
        latencies.append(latency(running, rate, seed=3 + number))
    say("new workers, which remember no answer")
    running.renew_workers()
    say(f"exchange, envelopes of {ONE}, {events // 4} events")
    one = through_exchange(running, events // 4, ONE, seed=9)
    return Found(many, one, faust, faust_alone, librdkafka, tuple(latencies))
