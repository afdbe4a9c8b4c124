"""Runs whole exchanges for tests: real Kafka, real OPA, real workers, each in a folder of its own.

    with RunningExchange(folder, lanes=4, workers=2) as exchange:
        exchange.publish("moor-police", [builders.line("police.s136.detained", record)])

Fixtures are in `conftest.py`: `exchange` is shared by the session, `new_exchange` makes fresh ones.
"""

import hashlib
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from confluent_kafka import Consumer, KafkaError, TopicPartition

from broker.onebox.scrape import scrape
from consumers.kit.language import Language, read_language
from consumers.kit.line import read_line
from consumers.kit.outbox import Outbox
from consumers.kit.profile import Profile, read_profile

CANDOUR = Path(sys.executable).with_name("candour")
COMMAND_S = 600.0
NO_CLOCK_RUNS_OUT = {"CANDOUR_AGREED_MINUTE_MS": "6000000"}
"""For nights that may take longer than the minutes that the area agreed: a minute of theirs is 100"""


@dataclass
class RunningExchange:
    """One exchange. Entering brings it up, leaving stops it and proves that nothing of it runs on.

    Args:
        folder: does not exist yet, or holds an exchange.
        environment: `CANDOUR_<NAME>` settings for its processes, such as `hold_before_commit_ms`.
    """

    folder: Path
    lanes: int = 4
    workers: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    _series: Iterator[int] = field(default_factory=count, init=False, repr=False)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        left = self.processes()
        for process in left:
            process.kill()
        assert not left, f"left running: {[' '.join(one.cmdline()[:4]) for one in left]}"

    def up(self, *options: str, expect: int = 0) -> str:
        """`candour up`; returns what it said."""
        lanes = () if (self.folder / "exchange.json").is_file() else ("--lanes", str(self.lanes))
        return self.command("up", *lanes, "--workers", str(self.workers), *options, expect=expect)

    def down(self) -> None:
        """`candour down`."""
        self.command("down")

    def status(self) -> dict[str, Any]:
        """What `candour status --json` prints."""
        done = self._run("status", "--json")
        found: dict[str, Any] = json.loads(done.stdout)
        assert (done.returncode == 0) == found["well"]
        return found

    def command(self, name: str, *options: str, expect: int = 0) -> str:
        """Any `candour` command that takes `--dir`; fails the test when it exits otherwise than expected."""
        done = self._run(name, *options)
        said = done.stdout + done.stderr
        assert done.returncode == expect, f"candour {name} exited {done.returncode}:\n{said}"
        return said

    def _run(self, name: str, *options: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(CANDOUR), name, *options, "--dir", str(self.folder)],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )

    @property
    def bootstrap(self) -> str:
        """Where its Kafka is."""
        return str(self._settings()["bootstrap"])

    def port(self, part: str) -> int:
        """Port of `kafka`, `opa`, or of a worker's metrics (`release-0`)."""
        return int(self._settings()["ports"][part])

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = json.loads((self.folder / "exchange.json").read_text(encoding="utf-8"))
        return settings

    def part(self, name: str) -> dict[str, Any]:
        """What the supervisor says of one of its processes: state, pid, restarts, exit_code."""
        path = self.folder / "run" / "state.json"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["parts"][name]
        return found

    def pid(self, name: str) -> int | None:
        """Process id of `supervisor`, or of a part while it runs."""
        if name == "supervisor":
            path = self.folder / "run" / "state.json"
            return int(json.loads(path.read_text(encoding="utf-8"))["pid"])
        found = self.part(name)["pid"]
        return None if found is None else int(found)

    def release_workers(self) -> tuple[str, ...]:
        """Names of the release workers."""
        return tuple(f"release-{number}" for number in range(self.workers))

    def metric(self, part: str, name: str, **labels: str) -> float | None:
        """Sum of a worker's samples of this name and labels; None while it does not answer."""
        samples = scrape(self.port(part), timeout_s=5.0)
        if samples is None:
            return None
        wanted = labels.items()
        return sum(one.value for one in samples if one.name == name and wanted <= one.labels.items())

    def total(self, name: str, **labels: str) -> float:
        """A metric summed over the release workers; not a number while one of them does not answer."""
        found = [self.metric(part, name, **labels) for part in self.release_workers()]
        return sum(math.nan if one is None else one for one in found)

    def is_quiet(self, *none_of: str) -> bool:
        """Whether every lane has handled all that stands in its log, and nothing waits for the policy engine.

        Positions are read first: what is handled before them told other lanes in the same transaction.

        Args:
            none_of: metrics of lanes that must be 0 as well.
        """
        positions = self._of_lanes("candour_lane_position")
        counts = [self._of_lanes(name) for name in ("candour_lane_waiting_entries", *none_of)]
        lanes = set(range(self.lanes))
        if any(known.keys() != lanes for known in (positions, *counts)):
            return False
        if any(count for known in counts for count in known.values()):
            return False
        return not self._stands_after({lane: int(position) for lane, position in positions.items()})

    def until_quiet(self, within_s: float = 120.0) -> None:
        """Wait until the lanes have told each other everything."""
        wait_until(self.is_quiet, within_s, "every lane has handled its log", every_s=0.1)

    def _of_lanes(self, name: str) -> dict[int, float]:
        samples = [one for part in self.release_workers() for one in scrape(self.port(part), 5.0) or ()]
        return {int(one.labels["lane"]): one.value for one in samples if one.name == name}

    def _stands_after(self, positions: Mapping[int, int]) -> bool:
        reading = {
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
        }
        reader = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "quiet", **reading})
        reader.assign([TopicPartition("lane-log", lane, offset) for lane, offset in positions.items()])
        left = set(positions)
        try:
            while left:
                message = reader.poll(10.0)
                error = None if message is None else message.error()
                if message is None or error is None or error.code() != KafkaError._PARTITION_EOF:
                    return True
                left.discard(message.partition() or 0)
        finally:
            reader.close()
        return False

    def profile(self, agency: str) -> Profile:
        """The folder of one agency, as its own programs read it."""
        return read_profile(self.folder / "agencies" / agency)

    def publish(self, agency: str, lines: Iterable[str], per_envelope: int = 256) -> None:
        """Publish lines through the agency's kit; returns when Kafka has them all."""
        profile = self.profile(agency)
        language = language_in(profile.schemas)
        events = [read_line(text, at, language, profile.kind) for at, text in enumerate(lines, 1)]
        with Outbox(profile, payloads_per_envelope=per_envelope) as outbox:
            outbox.publish(events)

    def next_series(self) -> int:
        """0, 1, 2: for tests that share this exchange, so that no two make one person or one event id."""
        return next(self._series)

    def processes(self) -> list[psutil.Process]:
        """Every process whose command line names the exchange's folder."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return any(str(self.folder) in word for word in process.cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False


_languages: dict[bytes, Language] = {}


@cache
def language_in(schemas: Path) -> Language:
    """The published language of one agency's folder; read once, for it takes a while and does not change."""
    held = hashlib.sha256()
    for path in sorted(path for path in schemas.rglob("*") if path.is_file()):
        held.update(str(path.relative_to(schemas)).encode() + b"\0" + path.read_bytes() + b"\0")
    # Each agency of each exchange has a copy of its own, and they say the same.
    if held.digest() not in _languages:
        _languages[held.digest()] = read_language(schemas)
    return _languages[held.digest()]


def wait_until(true: Callable[[], bool], within_s: float, what: str, every_s: float = 0.2) -> float:
    """Wait until something holds; returns after how many seconds. Fails the test, naming `what`."""
    began_s = time.monotonic()
    while not true():
        assert time.monotonic() - began_s < within_s, f"not within {within_s:.0f} s: {what}"
        time.sleep(every_s)
    return time.monotonic() - began_s
