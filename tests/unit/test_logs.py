"""Logs: nothing but names, codes and numbers gets into a line, whoever writes it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from broker.logs import KEYS, get_log

CANARY = "Wilhelmina-Q"

NOISY = f"""
import logging, sys, threading, warnings
from broker.logs import get_log, start_logs
start_logs()
get_log("release").info("batch released", lane=3, code="opa_timeout", subject="{CANARY}", state="{CANARY} x")
try:
    raise ValueError("{CANARY}")
except ValueError:
    for name in ("faust.agents", "mode", "aiokafka.consumer", "asyncio", "librdkafka"):
        log = logging.getLogger(name)
        log.addHandler(logging.StreamHandler(sys.stdout))
        log.exception("the value was %s", "{CANARY}", stack_info=True)
warnings.warn("{CANARY}")
logging.getLogger("faust").error("{CANARY} %d", "not a number")
def fails(value): raise KeyError(value)
thread = threading.Thread(target=fails, args=["{CANARY}"]); thread.start(); thread.join()
fails("{CANARY}")
"""


def run_noisy() -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "-c", NOISY], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"}
    )
    assert done.returncode == 1
    return [json.loads(line) for line in done.stderr.splitlines()], done.stdout + done.stderr


def test_no_text_of_a_library_an_exception_or_a_forbidden_key_reaches_a_log() -> None:
    _, everything = run_noisy()

    assert CANARY not in everything


def test_what_remains_is_enough_to_see_what_happened_and_where() -> None:
    lines, _ = run_noisy()

    ours = lines[0]
    assert (ours["logger"], ours["event"], ours["lane"], ours["code"]) == (
        "release",
        "batch released",
        3,
        "opa_timeout",
    )
    assert ours["dropped"] == 2
    assert {line["logger"] for line in lines if line.get("error") == "ValueError"} == {
        "faust.agents",
        "mode",
        "aiokafka.consumer",
        "asyncio",
        "librdkafka",
    }
    last = lines[-1]
    assert (last["event"], last["error"]) == ("uncaught exception", "KeyError")
    assert "<string>:" in last["place"]


@pytest.mark.parametrize(
    "fields", [{"subject": "x"}, {"lane": "3"}, {"code": "two words"}, {"outcome": "Zoë"}, {"code": 7}]
)
def test_in_tests_a_line_that_breaks_the_rules_raises(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not for a log"):
        get_log("test").info("something happened", **fields)


def test_the_name_of_an_event_has_words_only() -> None:
    with pytest.raises(ValueError, match="name of the event"):
        get_log("test").info("person 9990000018 seen")


def test_no_key_can_hold_a_person() -> None:
    assert not set(KEYS) & {
        "subject",
        "name",
        "value",
        "payload",
        "message",
        "text",
        "event_id",
        "nhs_number",
    }
