"""The corpus of bad inputs (reliability 5.7): every one gets the code that was written down before."""

import contextlib
import csv
import io
import logging
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from broker.domain.codes import NOTICES, REASONS, REJECTIONS
from tests import builders
from tests.corpus.every_case import CASES
from tests.corpus.gate import ARRIVED, DETAINED, GIVEN, PLANNED, TAKEN, URGENT, Answers, Gate
from tests.property.canaries import MARK

ROOT = Path(__file__).parents[3]
Row = Mapping[str, str]
with (ROOT / "tests/corpus/bad_inputs.csv").open(encoding="utf-8", newline="") as _file:
    ROWS: tuple[Row, ...] = tuple(csv.DictReader(_file))
COLUMNS = ("code", "when urgent", "at the kit")
RANGES = ((1, 8), (10, 16), (20, 27), (30, 39), (40, 49), (50, 56), (60, 66), (70, 76))
"""Numbers of reliability 5.7; there are no others"""
NO_REPLY = {TAKEN, "repeated", "alarm", "refused_at_start", "refused_by_lint"}
"""What becomes of an input that is no code of a list"""
HERE = "here"


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("gate"))


@cache
def fed(gate: Gate, number: str) -> tuple[Answers, str]:
    """What became of an input, and everything that was printed or logged meanwhile."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            answers = CASES[number](gate)
    finally:
        logging.getLogger().removeHandler(handler)
    return answers, heard.getvalue()


def _params() -> list[object]:
    return [
        pytest.param(
            row,
            id=row["case"],
            marks=[pytest.mark.xfail(raises=AssertionError, strict=True, reason=row["open"])]
            if row["open"]
            else [],
        )
        for row in ROWS
    ]


@pytest.mark.parametrize("row", _params())
def test_each_bad_input_gets_its_code(gate: Gate, row: Row) -> None:
    answers, _ = fed(gate, row["case"])
    found = {column: answers[column].code for column in COLUMNS if row[column]}
    assert found == {column: row[column] for column in COLUMNS if row[column]}, row["input"]


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_no_part_of_a_bad_input_is_in_what_is_said_of_it(gate: Gate, row: Row) -> None:
    answers, heard = fed(gate, row["case"])
    for words in (heard, *(told.code + told.words for told in answers.values())):
        for planted in gate.planted:
            assert planted not in words


@pytest.mark.parametrize("settled", [PLANNED, URGENT], ids=["planned", "urgent"])
def test_what_the_bad_inputs_are_made_from_is_good(gate: Gate, settled: Mapping[str, str]) -> None:
    """Else an input could be refused for another reason than its own."""
    for event_type in (ARRIVED, DETAINED):
        assert gate.record(event_type, **settled).code == TAKEN
        line = builders.line(event_type, gate.event(event_type, **settled))
        assert gate.line(line, event_type).code == TAKEN
        assert gate.bytes_both(lambda same: gate.encoded(**same))["code"].code == TAKEN
    assert MARK.encode() in gate.encoded()
    for event_type in (GIVEN, "person.objection.raised", "person.permission.withdrawn"):
        assert gate.record(event_type, setting=settled["setting"]).code == TAKEN


def test_the_corpus_names_every_number_without_gap_and_no_other() -> None:
    asked = [f"B-{number:02d}" for first, last in RANGES for number in range(first, last + 1)]
    named = [row["case"] for row in ROWS]
    assert list(dict.fromkeys(one[:4] for one in named)) == asked
    assert len(set(named)) == len(named)


def test_no_entry_is_without_a_test_and_no_test_without_an_entry() -> None:
    assert {row["case"] for row in ROWS if HERE in _shown_by(row)} == set(CASES)
    for row in ROWS:
        shown = _shown_by(row)
        assert shown, row["case"]
        assert any(row[column] for column in COLUMNS), row["case"]
        for test in shown:
            assert test == HERE or _exists(test), f"{row['case']}: {test}"


def test_every_code_is_of_a_published_list() -> None:
    known = {*REJECTIONS, *NOTICES, *REASONS, *NO_REPLY}
    assert {row[column] for row in ROWS for column in COLUMNS if row[column]} <= known


def test_an_open_entry_names_who_closes_it_and_why_it_is_open() -> None:
    for row in ROWS:
        assert not row["open"] or re.fullmatch(r"[a-z -]+: .{30,}", row["open"]), row["case"]


def _shown_by(row: Row) -> list[str]:
    return [one.strip() for one in row["shown by"].split(" + ") if one.strip()]


@cache
def _source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _exists(test: str) -> bool:
    """Whether there is such a test: `file::test`, or `system:` and its label there."""
    path, _, name = test.partition("::")
    if name:
        return re.search(rf"^(def )?{re.escape(name)}\b", _source(path), re.MULTILINE) is not None
    label = test.removeprefix("system: ")
    if label.startswith("test_"):
        return f"def {label}(" in _source("tests/system/test_bad_input.py")
    return f'"{label}"' in _source("tests/system/bad_inputs.py")
