"""Finds the programs that the exchange starts: Java with Kafka's libraries, and OPA."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from broker.errors import ConfigurationError
from broker.settings import cache_folder

KAFKA_VERSION = "4.1.2"
OPA_VERSION = "1.22.2"


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs are."""

    java: Path
    kafka_libs: Path
    opa: Path


def find_tools(
    environment: Mapping[str, str] = os.environ, *, own_kafka: bool = True, own_opa: bool = True
) -> Tools:
    """The programs that `make setup` put in the cache, and Java.

    Args:
        own_kafka, own_opa: whether the exchange starts them; what it does not start may be missing.

    Raises:
        ConfigurationError: names each that is missing and what installs it.
    """
    faults = []
    cache = cache_folder(environment)
    java = _java(environment)
    if own_kafka and java is None:
        faults.append("Java is missing: apt-get install openjdk-17-jre-headless")
    libs = cache / f"kafka-{KAFKA_VERSION}" / "libs"
    if own_kafka and not libs.is_dir():
        faults.append(f"Kafka {KAFKA_VERSION} is not in {cache}: make setup")
    opa = cache / f"opa-{OPA_VERSION}" / "bin" / "opa"
    if own_opa and not opa.is_file():
        faults.append(f"OPA {OPA_VERSION} is not in {cache}: make setup")
    if faults:
        raise ConfigurationError("; ".join(faults))
    return Tools(java or Path("java"), libs, opa)


def _java(environment: Mapping[str, str]) -> Path | None:
    if home := environment.get("JAVA_HOME"):
        candidate = Path(home) / "bin" / "java"
        if candidate.is_file():
            return candidate
    found = shutil.which("java", path=environment.get("PATH"))
    return Path(found) if found else None
