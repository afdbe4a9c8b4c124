"""
Runs one fuzz target until it has used its CPU time or found something (reliability 5.5):

    python -m tests.fuzz payload --cpu-seconds 120 --folder DIR [libFuzzer's own options]

CPU time, so that a busy machine tries no less. DIR keeps the corpus for the next run; what the target
failed on is left there as `crash-...`. Exit 0: nothing found. The last line tells what was done.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import atheris

# Only what reads bytes of strangers; the compiled reader shows the fuzzer nothing (reliability E23).
with atheris.instrument_imports(
    include=[
        "broker.wire",
        "broker.intake",
        "broker.registry.event_reader",
        "fastavro._read_py",
        "fastavro.io",
    ]
):
    from tests.fuzz.envelope import EnvelopeTarget
    from tests.fuzz.payload import PayloadTarget

TARGETS = {"envelope": EnvelopeTarget, "payload": PayloadTarget}
MOST_CPU_S = 3.0
"""For one input. The longest take 0.05 s; CPU time too grows where others share the core and its caches"""
MOST_KIB = 64 * 1024
"""By which one input may raise the peak of memory"""


class Limited:
    """A target that may take no more than its time and memory, and ends the process when all is used."""

    def __init__(self, target: EnvelopeTarget | PayloadTarget, cpu_seconds: float) -> None:
        self._target, self._cpu_seconds = target, cpu_seconds
        self._runs, self._longest_s, self._largest_kib = 0, 0.0, 0
        self._began_s = time.process_time()

    def __call__(self, data: bytes) -> None:
        before_s, before_kib = time.process_time(), _peak_kib()
        self._target(data)
        took_s, grew_kib = time.process_time() - before_s, _peak_kib() - before_kib
        assert took_s < MOST_CPU_S, f"took {took_s:.1f} s"
        assert grew_kib < MOST_KIB, f"took {grew_kib // 1024} MB"
        self._runs += 1
        self._longest_s = max(self._longest_s, took_s)
        self._largest_kib = max(self._largest_kib, grew_kib)
        if time.process_time() - self._began_s > self._cpu_seconds:
            self._end()

    def _end(self) -> None:
        done = {
            "runs": self._runs,
            "accepted": self._target.accepted,
            "cpu_s": round(time.process_time() - self._began_s, 1),
            "longest_ms": round(1_000 * self._longest_s, 1),
            "largest_mb": round(self._largest_kib / 1024, 1),
        }
        print(json.dumps(done), flush=True)
        # libFuzzer would end at a wall clock's time or never.
        os._exit(0)


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Seed the corpus, then fuzz."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--cpu-seconds", type=float, default=120.0)
    parser.add_argument("--folder", type=Path, required=True)
    options, rest = parser.parse_known_args()
    folder: Path = options.folder
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    target = TARGETS[options.target].made(Path(tempfile.mkdtemp(prefix="candour-fuzz-")))
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-artifact_prefix={folder}/",
        "-timeout=60",
        "-max_len=70000",
        *rest,
    ]
    atheris.Setup(arguments, Limited(target, options.cpu_seconds))
    atheris.Fuzz()


main()
