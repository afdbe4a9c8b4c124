"""A process of the bench: says when it is ready, waits for the word, tells as JSON what it found."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from broker.errors import RestartError

READY = "ready"
_END_S = 10.0


class Child:
    """One `python -m broker.proof.bench.<name>`. Leaving ends it."""

    def __init__(self, name: str, *arguments: str) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"broker.proof.bench.{name}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Raises RestartError when the process ends instead."""
        while self._line() != READY:
            pass

    def go(self) -> None:
        """Give the word."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def result(self) -> dict[str, Any]:
        """What it found. Raises RestartError when it ends without a word."""
        while not (line := self._line()).startswith("{"):
            pass
        found: dict[str, Any] = json.loads(line)
        return found

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RestartError(f"the bench's {self._name} ended early with {self._process.wait()}")
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def serve(work: Callable[[], Mapping[str, Any]]) -> None:
    """In the process: say ready, wait for the word, work, tell."""
    say(READY)
    sys.stdin.readline()
    say(json.dumps(dict(work())))


def say(line: str) -> None:
    """One line to the process that started us."""
    print(line, flush=True)
