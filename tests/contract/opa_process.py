"""A real OPA on a free port, for the length of one test; and a way of asking that outlasts a busy machine."""

import asyncio
import os
import signal
import socket
import subprocess
from pathlib import Path

import aiohttp
import pytest

from broker.ask.client import Asked, Asker
from broker.ask.opa.client import AskClient
from broker.domain.identifiers import PolicyRevision
from broker.domain.question import Question
from broker.settings import cache_folder

START_S = 60
PATIENT_S = 5.0
"""For one question, where nothing hangs on how fast OPA is"""
BACK_S = 60
MOST_TRIES = 5


def opa_binary() -> Path:
    found = os.environ.get("CANDOUR_OPA")
    path = Path(found) if found else cache_folder() / "opa-1.22.2" / "bin" / "opa"
    if not path.is_file():
        pytest.fail(f"{path} is missing: set CANDOUR_OPA, or let `make test` fetch it", pytrace=False)
    return path


class RealOpa:
    """One OPA on a port of its own; ends with the test."""

    def __init__(self, bundle: Path | None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._bundle = bundle
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns once it serves, its bundle if it has one."""
        self._launch()
        async with aiohttp.ClientSession() as session:
            for _ in range(START_S * 20):
                await asyncio.sleep(0.05)
                try:
                    async with session.get(f"{self.url}/health?bundles") as reply:
                        if reply.status == 200:
                            return
                except aiohttp.ClientError:
                    continue
        pytest.fail(f"OPA did not start in {START_S} s")

    def _launch(self) -> None:
        command = [
            opa_binary(),
            "run",
            "--server",
            "--addr",
            f"127.0.0.1:{self._port}",
            "--log-level",
            "error",
        ]
        if self._bundle is not None:
            command += ["--set", f"bundles.candour.resource=file://{self._bundle}"]
        self.process = subprocess.Popen(command)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


async def ask_patiently(asker: Asker, questions: list[Question], revision: PolicyRevision) -> Asked:
    """What is answered within some tries."""
    asked = await asker.ask(questions, revision)
    for _ in range(MOST_TRIES):
        # A busy machine may have kept the engine from answering in time; what it answered is kept.
        if asked.missing:
            await asyncio.wait_for(asker.wait_until_back(revision), BACK_S)
            asked = await asker.ask(questions, revision)
    return asked


async def ask_of_bundle(bundle: Path, questions: list[Question], revision: PolicyRevision) -> Asked:
    """The answers of an OPA that is started with this bundle and ends with the asking."""
    opa = RealOpa(bundle)
    asker = Asker([AskClient(opa.url, PATIENT_S)])
    try:
        await opa.start()
        return await ask_patiently(asker, questions, revision)
    finally:
        await asker.close()
        opa.stop()
