"""A real schema registry on a free port, which keeps nothing, for the length of a module's tests."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from broker.onebox.tools import find_tools
from broker.settings import cache_folder

VERSION = "2.6.13.Final"
START_S = 120.0


class RealRegistry:
    """Apicurio Registry, in memory. `url` is where it speaks Confluent's protocol."""

    def __init__(self, log: Path) -> None:
        jar = cache_folder() / f"registry-{VERSION}" / f"apicurio-registry-app-{VERSION}-runner.jar"
        if not jar.is_file():
            pytest.fail(f"{jar} is missing: deploy/registry.sh fetches it", pytrace=False)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/apis/ccompat/v7"
        java = find_tools(os.environ).java
        settings = ["-Xmx256m", "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={port}"]
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [java, *settings, "-jar", jar], stdout=self._log, stderr=subprocess.STDOUT, cwd=jar.parent
        )

    def __enter__(self) -> Self:
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/subjects", timeout=2):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        self.__exit__(None, None, None)
        pytest.fail(f"the registry did not start: {self._log.name}", pytrace=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()
