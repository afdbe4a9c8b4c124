"""fastavro's messages quote values: none of its text reaches a log, a reply or an exception of ours."""

import logging
import struct
import traceback
from pathlib import Path
from unittest import mock

import pytest

from broker.errors import PayloadError
from tests import builders
from tests.corpus.gate import ARRIVED, Gate
from tests.property.canaries import MARK

QUOTING = f"<{MARK} 9990000018> of type <class 'str'> expected int"


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("gate"))


@pytest.mark.parametrize(
    "raised",
    [
        ValueError(QUOTING),
        TypeError(QUOTING),
        KeyError(QUOTING),
        EOFError(QUOTING),
        OverflowError(QUOTING),
        struct.error(QUOTING),
        UnicodeDecodeError("utf-8", QUOTING.encode(), 0, 1, QUOTING),
        RecursionError(QUOTING),
        MemoryError(QUOTING),
        RuntimeError(QUOTING),
        Exception(QUOTING),
    ],
    ids=lambda raised: type(raised).__name__,
)
def test_whatever_fastavro_raises_is_a_code_and_nothing_else(
    gate: Gate, raised: Exception, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        mock.patch("fastavro.schemaless_reader", side_effect=raised),
    ):
        told = gate.body(gate.encoded())
    assert told.code == "bytes_do_not_round_trip"
    heard = capsys.readouterr()
    for said in (told.words, caplog.text, heard.out, heard.err):
        assert MARK not in said


def test_not_even_a_traceback_of_our_exception_quotes_it() -> None:
    codec = builders.codec(ARRIVED)
    for read in (codec.decode, codec.read_again):
        quoting = mock.patch("fastavro.schemaless_reader", side_effect=ValueError(QUOTING))
        with quoting, pytest.raises(PayloadError) as caught:
            read(codec.encode(builders.BUILDERS[ARRIVED]()))
        assert MARK not in "".join(traceback.format_exception(caught.value))


def test_nothing_of_ours_prints_what_fastavro_says() -> None:
    """Only the wire, and the linter of schemas that we write ourselves, call it at all."""
    ours = Path(__file__).parents[3]
    users = {
        str(path.relative_to(ours))
        for folder in ("broker", "consumers")
        for path in (ours / folder).rglob("*.py")
        if "import fastavro" in path.read_text(encoding="utf-8")
    }
    assert users == {"broker/wire/avro.py"}
