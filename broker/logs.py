"""Logs: JSON lines of a name and a closed list of codes and numbers; no value of an event can get in."""

import json
import logging
import os
import re
import sys
import threading
import time
from types import TracebackType
from typing import Any, Final, TextIO

_NUMBER = "number"
_CODE = "code"

# fmt: off
_NUMBERS = (
    "age_s", "attempt", "batch", "bytes", "count", "decisions", "delay_ms", "deliveries", "duration_ms",
    "entries", "events", "exit_code", "generation", "index", "lag", "lane", "lanes", "limit", "offset",
    "partition", "pid", "port", "position", "questions", "restarts", "rss_bytes", "signal", "waiting",
    "worker", "workers",
)
_CODES = (
    "agency", "code", "desk", "error", "event_type", "extent", "level", "logger", "outcome", "part",
    "place", "reason", "revision", "stage", "state", "topic",
)
# fmt: on
KEYS: Final = {**dict.fromkeys(_NUMBERS, _NUMBER), **dict.fromkeys(_CODES, _CODE)}
"""All that a line may carry besides its time, level, logger and event name"""

_EVENT = re.compile(r"[a-z][a-z ,'-]{2,79}")
_CODE_TEXT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,119}")


class Log:
    """Writes lines under one logger's name.

    Raises:
        ValueError: in tests (strict), when a key is not in `KEYS` or a value is neither code nor number;
            otherwise that key is dropped and counted under `dropped`.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"candour.{name}")

    def info(self, event: str, **fields: object) -> None:
        """Something happened that operators may want to see."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Something is off and is being dealt with."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Something needs a person."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, object]) -> None:
        faults = [key for key, value in fields.items() if not _allowed(key, value)]
        event_fits = _EVENT.fullmatch(event) is not None
        if strict() and (faults or not event_fits):
            raise ValueError(f"not for a log: {', '.join(faults) or 'the name of the event'}")
        line = {key: value for key, value in fields.items() if key not in faults}
        if faults:
            line["dropped"] = len(faults)
        self._logger.log(level, event if event_fits else "event without a name", extra={"candour": line})


def get_log(name: str) -> Log:
    """The log of one part (`intake`, `release`, `supervisor`...)."""
    return Log(name)


def strict() -> bool:
    """Whether a line that breaks the rules raises: under pytest, and where CANDOUR_STRICT_LOGS is 1."""
    return os.environ.get("CANDOUR_STRICT_LOGS") == "1" or "PYTEST_VERSION" in os.environ


def start_logs(stream: TextIO | None = None) -> None:
    """Takes over all logging of this process: every line goes to `stream` (default stderr) as JSON.

    Libraries (Faust, mode, aiokafka, librdkafka, asyncio) keep their loggers, but of what they say only the
    logger's name, the level and the exception's class are kept, whatever handlers they add later. An
    uncaught exception leaves its class and the places it passed through, never its text.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("candour").setLevel(logging.INFO)
    logging.setLogRecordFactory(_bare_record)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def places_of(traceback: TracebackType | None) -> str:
    """Where an exception came from, innermost last: `broker/lanes/lane.py:120`; at most three places."""
    places = []
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        places.append(f"{'/'.join(path.split('/')[-3:])}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " < ".join(reversed(places[-3:]))


def _allowed(key: str, value: object) -> bool:
    kind = KEYS.get(key)
    if value is None or kind is None:
        return kind is not None
    if kind == _NUMBER:
        return isinstance(value, int | float)
    return isinstance(value, str) and _CODE_TEXT.fullmatch(value) is not None


def _bare_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A record without its text, unless it is one of ours; `extra` is added by logging afterwards."""
    record = logging.LogRecord(*args, **kwargs)
    if record.name.startswith("candour."):
        return record
    raised = record.exc_info[0] if record.exc_info else None
    record.msg = "library message"
    record.args = None
    record.exc_info = None
    record.exc_text = None
    record.stack_info = None
    record.raised = raised.__name__ if raised else None
    return record


def _uncaught(
    kind: type[BaseException], raised: BaseException | None, traceback: TracebackType | None
) -> None:
    del raised  # its text may hold a value
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("candour.process").error(
        "uncaught exception", extra={"candour": {"error": kind.__name__, "place": places_of(traceback)}}
    )


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "at": f"{when}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name.removeprefix("candour."),
            "event": record.getMessage(),
        }
        if raised := getattr(record, "raised", None):
            line["error"] = raised
        line.update(getattr(record, "candour", {}))
        return json.dumps(line, ensure_ascii=True)
