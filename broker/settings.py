"""The settings of one exchange, read once from its folder; nothing else reads such files."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from broker.errors import ConfigurationError

EXCHANGE_FILE = "exchange.json"
FORMAT_VERSION = 1
MAX_LANES = 1024

TUNING_MINIMUM = {
    "hold_before_commit_ms": 0,
    "session_timeout_s": 1,
    "heartbeat_s": 1,
    "max_batch": 1,
    "lane_queue_bytes": 64 * 1024,
    "reply_overdue_s": 1,
    "agreed_minute_ms": 1,
}
"""What may stand under `tuning` in exchange.json, each with its least value"""


@dataclass(frozen=True, slots=True)
class Settings:
    """One exchange as its processes see it (design 2.2, 2.6).

    `kafka` holds further librdkafka settings (TLS, SASL) for a Kafka that is not ours; it does not print.
    """

    folder: Path
    bootstrap: str
    opa_urls: tuple[str, ...]
    lanes: int
    workers: int
    hold_before_commit_ms: int = 0
    """Tests only: keeps each lane transaction open this long before its commit"""
    session_timeout_s: int = 10
    heartbeat_s: int = 1
    max_batch: int = 256
    """Waiting entries that one lane transaction decides again at most"""
    lane_queue_bytes: int = 4 * 1024 * 1024
    reply_overdue_s: int = 60
    """An urgent event that waits longer than this has its publisher told to ring (design 2.4)"""
    agreed_minute_ms: int = 60_000
    """Length of a minute of policies/clocks.yaml; shorter in demonstrations and tests"""
    release_group: str = "candour-release"
    intake_group: str = "candour-intake"
    metrics_host: str = "127.0.0.1"
    kafka: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def keys_folder(self) -> Path:
        """The broker's own keys, 0600 each."""
        return self.folder / "broker" / "keys"

    @property
    def policy_folder(self) -> Path:
        """Holds one folder per policy revision, and `current`."""
        return self.folder / "policy"

    @property
    def agencies_folder(self) -> Path:
        """One folder per agency of the model area, each what that agency's kit reads."""
        return self.folder / "agencies"

    @property
    def logs_folder(self) -> Path:
        """One file per process."""
        return self.folder / "logs"

    @property
    def run_folder(self) -> Path:
        """What the running supervisor says of itself."""
        return self.folder / "run"

    @property
    def schemas_folder(self) -> Path:
        """The published language, as shipped."""
        return shipped("schemas")

    def current_revision(self) -> str:
        """The policy revision that new lanes start under.

        Raises:
            ConfigurationError: the folder holds no policy yet.
        """
        try:
            return (self.policy_folder / "current").read_text(encoding="ascii").strip()
        except OSError:
            raise ConfigurationError(f"{self.policy_folder}/current cannot be read: no policy yet") from None


def shipped(name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """A folder that comes with Candour (`schemas`, `policies`): in a checkout beside the packages.

    `CANDOUR_SCHEMAS` and `CANDOUR_POLICIES` name another for one process tree; tests of a language that
    has grown use them.
    """
    if chosen := environment.get(f"CANDOUR_{name.upper()}"):
        return Path(chosen)
    package = Path(__file__).resolve().parent
    beside = package.parent / name
    return beside if beside.is_dir() else package / "_shipped" / name


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where an exchange lives when nobody says otherwise (XDG base directories)."""
    data = environment.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "candour" / "exchange"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where `deploy/setup.sh` keeps Kafka and OPA."""
    if chosen := environment.get("CANDOUR_CACHE"):
        return Path(chosen).expanduser()
    return Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "candour"


def load_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads `exchange.json` of an exchange's folder.

    `CANDOUR_BOOTSTRAP`, `CANDOUR_OPA_URLS` (comma-separated) and `CANDOUR_<NAME>` for each name under
    `tuning` override the file for one process tree; tests use them.

    Raises:
        ConfigurationError: there is no exchange, or with everything that is wrong in its settings.
    """
    path = folder / EXCHANGE_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationError(f"{path} cannot be read; `candour up` makes an exchange") from None
    except ValueError:
        raise ConfigurationError(f"{path} is not JSON; restore it from a backup") from None
    return parse_settings(folder, document, environment)


def parse_settings(folder: Path, document: object, environment: Mapping[str, str]) -> Settings:
    """Checks the content of `exchange.json`, pure.

    Raises:
        ConfigurationError: everything that is wrong, at once.
    """
    if not isinstance(document, dict):
        raise ConfigurationError(f"{folder}/{EXCHANGE_FILE} must hold one object")
    reader = _Reader(document, environment)
    settings = Settings(
        folder=folder,
        bootstrap=reader.text("bootstrap"),
        opa_urls=reader.urls("opa_urls"),
        lanes=reader.number("lanes", 1, MAX_LANES),
        workers=reader.number("workers", 1, MAX_LANES),
        kafka=reader.words("kafka"),
    )
    tuning = reader.tuning()
    if document.get("version") != FORMAT_VERSION:
        reader.faults.append(f"version must be {FORMAT_VERSION}")
    if reader.faults:
        raise ConfigurationError(f"{folder}/{EXCHANGE_FILE}: " + "; ".join(reader.faults))
    return replace(settings, **tuning)


class _Reader:
    """Reads one value after the other and keeps what is wrong, so that it can all be said at once."""

    def __init__(self, document: Mapping[str, object], environment: Mapping[str, str]) -> None:
        self._document = document
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str) -> str:
        value = self._environment.get(f"CANDOUR_{name.upper()}") or self._document.get(name)
        if isinstance(value, str) and value:
            return value
        self.faults.append(f"{name} must be a text")
        return ""

    def urls(self, name: str) -> tuple[str, ...]:
        override = self._environment.get(f"CANDOUR_{name.upper()}")
        value = override.split(",") if override else self._document.get(name)
        if isinstance(value, list) and value and all(_is_url(item) for item in value):
            return tuple(item.rstrip("/") for item in value)
        self.faults.append(f"{name} must be a list of http:// or https:// addresses")
        return ()

    def number(self, name: str, least: int, most: int) -> int:
        return self._checked(name, self._document.get(name), least, most)

    def words(self, name: str) -> dict[str, str]:
        value = self._document.get(name, {})
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return value
        self.faults.append(f"{name} must be an object of texts")
        return {}

    def tuning(self) -> dict[str, Any]:
        given = self._document.get("tuning", {})
        if not isinstance(given, dict):
            self.faults.append("tuning must be an object")
            return {}
        for name in sorted(set(given) - set(TUNING_MINIMUM)):
            self.faults.append(f"tuning.{name} is not a setting")
        chosen: dict[str, Any] = {}
        for name, least in TUNING_MINIMUM.items():
            override = self._environment.get(f"CANDOUR_{name.upper()}")
            value = given.get(name) if override is None else _as_number(override)
            if value is not None:
                chosen[name] = self._checked(f"tuning.{name}", value, least, sys.maxsize)
        return chosen

    def _checked(self, name: str, value: object, least: int, most: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.faults.append(f"{name} is not a whole number in its range")
        return 0


def _is_url(item: object) -> bool:
    return isinstance(item, str) and item.startswith(("http://", "https://"))


def _as_number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
