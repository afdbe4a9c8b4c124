"""Bytes that nobody thought of: two CPU minutes for each target, and proof that the fuzzer is not blind."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from broker.wire import avro, envelope
from tests.fuzz.envelope import EnvelopeTarget
from tests.fuzz.payload import PayloadTarget

CPU_SECONDS = float(os.environ.get("FUZZ_CPU_SECONDS", "120"))
FOLDER = os.environ.get("FUZZ_FOLDER")
"""Keeps what was found worth trying for the next run"""
SEED = () if FOLDER else ("-seed=1",)
"""libFuzzer's. A test begins alike each time, as far as new keys allow; who fuzzes on wants other inputs"""
TARGETS = ("envelope", "payload")
PULSE = re.compile(r"^#\d+\s+\w+\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
WALL_S = 1_800
LEAST_ACCEPTED = 0.005
"""Of all runs: less, and hardly anything behind the decoder would be tried"""


@dataclass(frozen=True)
class Done:
    """What one target came to."""

    exit_code: int
    said: str
    folder: Path

    @property
    def counts(self) -> Mapping[str, Any]:
        return json.loads(self.said.strip().splitlines()[-1])  # type: ignore[no-any-return]

    @property
    def features(self) -> tuple[int, int]:
        """libFuzzer's count of what was reached: by the seeds, and at the end."""
        found = [int(features) for _, features in PULSE.findall(self.said)]
        return found[0], found[-1]

    def crash(self) -> str:
        """What it failed on, and why."""
        (found,) = [*self.folder.glob("crash-*"), *self.folder.glob("timeout-*")]
        told = base64.b64encode(found.read_bytes()).decode()
        return f"{found.name}, as base64: {told}\nIt becomes a row of tests/corpus.\n{self.said[-3_000:]}"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Done]:
    """Both targets, side by side."""
    pytest.importorskip("atheris", reason="atheris has no wheel for this Python: nothing was fuzzed")
    root = Path(FOLDER).absolute() if FOLDER else tmp_path_factory.mktemp("fuzz")
    started = {}
    for target in TARGETS:
        folder = root / target
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz", target, "--folder", str(folder)]
        with (folder / "said.log").open("w", encoding="utf-8") as log:
            command += ["--cpu-seconds", str(CPU_SECONDS), *SEED]
            started[target] = folder, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        codes = {target: process.wait(WALL_S) for target, (_, process) in started.items()}
    finally:
        for _, process in started.values():
            process.kill()
            process.wait()
    return {
        target: Done(codes[target], (folder / "said.log").read_text(encoding="utf-8"), folder)
        for target, (folder, _) in started.items()
    }


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_two_cpu_minutes(done: Mapping[str, Done], target: str) -> None:
    one = done[target]
    assert one.exit_code == 0, one.crash()
    first, last = one.features
    print(f"\n{target}: {dict(one.counts)}, features {first} -> {last}")
    assert one.counts["cpu_s"] >= CPU_SECONDS
    assert one.counts["accepted"] >= LEAST_ACCEPTED * one.counts["runs"]
    # A fuzzer that sees nothing of the reader learns nothing (reliability E23).
    assert last > first


@pytest.fixture(scope="module")
def payloads(tmp_path_factory: pytest.TempPathFactory) -> PayloadTarget:
    return PayloadTarget.made(tmp_path_factory.mktemp("payloads"))


@pytest.fixture(scope="module")
def envelopes(tmp_path_factory: pytest.TempPathFactory) -> EnvelopeTarget:
    return EnvelopeTarget.made(tmp_path_factory.mktemp("envelopes"))


def test_what_fuzzing_begins_with_is_good(payloads: PayloadTarget, envelopes: EnvelopeTarget) -> None:
    before = payloads.accepted
    for seed in payloads.seeds():
        payloads(seed)
    assert payloads.accepted - before >= 26 * 2
    for seed in envelopes.seeds():
        envelopes(seed)


def test_bytes_with_two_spellings_are_noticed(payloads: PayloadTarget) -> None:
    """What the target must catch, were the comparison after decoding left out."""
    loose = mock.patch.object(avro.Codec, "decode", avro.Codec.read_again)
    with loose, pytest.raises(AssertionError, match="two spellings"):
        payloads(payloads.input(0, odd(payloads) + b"\0"))


def test_readers_that_disagree_are_noticed(payloads: PayloadTarget) -> None:
    other = mock.patch("fastavro._read_py.schemaless_reader", side_effect=EOFError)
    with other, pytest.raises(AssertionError, match="disagree"):
        payloads(payloads.input(0, odd(payloads)))


def test_a_stage_that_fails_is_noticed(payloads: PayloadTarget) -> None:
    failing = mock.patch("broker.release.admit.fold", side_effect=ArithmeticError)
    event = next(one for one in payloads.seeds() if one[:2] != bytes(2))
    payloads(event)
    with failing, pytest.raises(AssertionError, match="a stage failed"):
        payloads(event)


def test_an_envelope_with_two_spellings_is_noticed(envelopes: EnvelopeTarget) -> None:
    class Loose(bytes):
        def count(self, _: Any, start: int = 0) -> int:  # type: ignore[override]
            return len(self) - start

    read = envelope._read_payloads
    inside = next(one for one in envelopes.seeds() if one[:1] == b"\1")
    envelopes(inside)
    loose = mock.patch.object(envelope, "_read_payloads", lambda text, bucket: read(Loose(text), bucket))
    with loose, pytest.raises(AssertionError, match="two spellings"):
        envelopes(inside + b"x")


def odd(payloads: PayloadTarget) -> bytes:
    """The body of the one seed that is no event."""
    (found,) = [seed[2:] for seed in payloads.seeds() if seed[:2] == bytes(2)]
    return found
