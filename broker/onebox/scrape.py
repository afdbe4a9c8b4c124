"""Reads the workers' metrics: Prometheus' text format, from loopback ports of our own."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from broker.onebox.ports import LOOPBACK

_LARGEST_ANSWER = 8 * 1024 * 1024
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)(?: [0-9-]+)?")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a scrape."""

    name: str
    labels: Mapping[str, str]
    value: float


def parse_samples(text: str) -> Iterator[Sample]:
    """The samples of a scrape, in order; comments and lines that are none are left out."""
    for line in text.splitlines():
        match = _SAMPLE.fullmatch(line.strip())
        if match is None:
            continue
        try:
            value = float(match[3])
        except ValueError:
            continue
        yield Sample(match[1], dict(_LABEL.findall(match[2] or "")), value)


def worker_is_ready(port: int, timeout_s: float = 0.5) -> bool:
    """Whether the worker that serves its metrics there says that it is ready."""
    return _get(port, "/ready", timeout_s) is not None


def scrape(port: int, timeout_s: float = 2.0) -> tuple[Sample, ...] | None:
    """All samples of one worker; None when it does not answer."""
    text = _get(port, "/metrics", timeout_s)
    return None if text is None else tuple(parse_samples(text))


def _get(port: int, path: str, timeout_s: float) -> str | None:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=timeout_s) as answer:
            return str(answer.read(_LARGEST_ANSWER).decode("utf-8", "replace"))
    except (OSError, ValueError, urllib.error.URLError):
        return None
