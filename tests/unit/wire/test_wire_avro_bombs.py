"""Bytes made to hurt: each is refused, at once, in bounded memory."""

import resource
import struct
import subprocess
import sys
import time
import tracemalloc
from typing import Any

import pytest

from broker.errors import PayloadError
from broker.wire.avro import Codec

RECORD: dict[str, Any] = {
    "type": "record",
    "name": "r",
    "fields": [
        {"name": "text", "type": ["null", {"type": "string", "maxLength": 9}]},
        {"name": "list", "type": {"type": "array", "items": "string"}},
        {"name": "map", "type": {"type": "map", "values": "string"}},
        {"name": "raw", "type": "bytes"},
        {"name": "int", "type": "int"},
        {"name": "long", "type": "long"},
        {"name": "flag", "type": "boolean"},
        {"name": "share", "type": "double"},
        {"name": "part", "type": "float"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["a", "b"]}},
        {"name": "rows", "type": {"type": "array", "items": {
            "type": "record", "name": "Row", "fields": [{"name": "a", "type": ["null", "string"]}]}}},
    ],
}  # fmt: skip
CODEC = Codec(RECORD)
GOOD = {
    "text": b"\x02\x02x",
    "list": b"\x02\x02x\x00",
    "map": b"\x02\x02k\x02v\x00",
    "raw": b"\x02r",
    "int": b"\x02",
    "long": b"\x02",
    "flag": b"\x01",
    "share": struct.pack("<d", 0.5),
    "part": struct.pack("<f", 0.5),
    "kind": b"\x02",
    "rows": b"\x02\x02\x02x\x00",
}


def varint(number: int) -> bytes:
    """Zigzag, shortest form, of any size."""
    rest, out = (number << 1) ^ (number >> 70), bytearray()
    rest &= 2**71 - 1
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes((*out, rest))


def body(**parts: bytes) -> bytes:
    return b"".join({**GOOD, **parts}.values())


HUGE = varint(2**40)
BOMBS = {
    "length 2^40": body(text=b"\x02" + HUGE + b"x"),
    "bytes length 2^40": body(raw=HUGE),
    "list count 2^40": body(list=HUGE + b"\x02x"),
    "map count 2^40": body(map=HUGE + b"\x02k\x02v"),
    "row count 2^40": body(rows=HUGE + b"\x00" * 60_000),
    "count 2^62": body(list=varint(2**62)),
    "negative length": body(text=b"\x02" + varint(-3) + b"x"),
    "negative length 2^40": body(raw=varint(-(2**40))),
    "negative count": body(list=varint(-1) + b"\x04\x02x\x00"),
    "negative count 2^40": body(list=varint(-(2**40)) + varint(4) + b"\x02x\x00"),
    "negative count smallest": body(rows=varint(-(2**63)) + varint(4) + b"\x00" * 60_000),
    "two blocks": body(list=b"\x02\x02x\x02\x02y\x00"),
    "varint of 11 bytes": body(long=b"\x80" * 10 + b"\x01"),
    "varint of 60,000 bytes": body(long=b"\x80" * 60_000 + b"\x01"),
    "varint past 64 bits": body(long=b"\xff" * 9 + b"\x7f"),
    "varint without end": b"\xff" * 60_000,
    "varint not shortest": body(long=b"\x82\x00"),
    "length not shortest": body(raw=b"\x82\x00r"),
    "int beyond 32 bits": body(int=varint(2**31)),
    "int below 32 bits": body(int=varint(-(2**31) - 1)),
    "boolean 7": body(flag=b"\x07"),
    "boolean 255": body(flag=b"\xff"),
    "NaN": body(share=struct.pack("<d", float("nan"))),
    "infinity": body(share=struct.pack("<d", float("inf"))),
    "NaN of 32 bits": body(part=struct.pack("<f", float("nan"))),
    "minus infinity of 32 bits": body(part=struct.pack("<f", float("-inf"))),
    "signalling NaN": body(share=b"\x01\x00\x00\x00\x00\x00\xf0\x7f"),
    "map key twice": body(map=b"\x04\x02k\x02v\x02k\x02w\x00"),
    "trailing byte": body() + b"\x00",
    "trailing record": body() * 2,
    "cut": body()[:-1],
    "empty": b"",
    "one byte": b"\x00",
    "union index 2": body(text=b"\x04\x02x"),
    "union index -1": body(text=b"\x01\x02x"),
    "union index 2^40": body(text=HUGE + b"\x02x"),
    "enum index 2": body(kind=b"\x04"),
    "enum index -1": body(kind=b"\x01"),
    "enum index 2^40": body(kind=HUGE),
    "lone surrogate": body(text=b"\x02\x06\xed\xa0\x80"),
    "invalid UTF-8": body(text=b"\x02\x04\xc3\x28"),
    "overlong UTF-8": body(text=b"\x02\x04\xc0\xaf"),
    "JSON": b'{"text": "x"}',
    "container file": b"Obj\x01" + body(),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_at_once_and_in_little_memory(bomb: bytes) -> None:
    tracemalloc.start()
    began_s = time.process_time()
    try:
        with pytest.raises(PayloadError) as caught:
            CODEC.decode(bomb)
        took_s = time.process_time() - began_s
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "bytes_do_not_round_trip"
    assert caught.value.__cause__ is None
    assert took_s < 1.0
    assert peak < 64 * 1024 * 1024


def test_the_record_that_the_bombs_are_made_from_is_good() -> None:
    assert CODEC.encode(CODEC.decode(body())) == body()


def test_the_fullest_payload_that_is_no_bomb_stays_small() -> None:
    full = body(rows=varint(60_000) + b"\x00" * 60_000 + b"\x00")
    tracemalloc.start()
    try:
        assert len(CODEC.decode(full)["rows"]) == 60_000
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_all_bombs_together_do_not_swell_a_process() -> None:
    """tracemalloc does not see what a C extension takes; the kernel does."""
    script = (
        "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_wire_avro_bombs import BOMBS, CODEC\n"
        "from broker.errors import PayloadError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for bomb in BOMBS.values():\n"
        "    try:\n        CODEC.decode(bomb)\n        sys.exit(9)\n"
        "    except PayloadError:\n        pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    limits = (4 * 1024**3, 4 * 1024**3)
    done = subprocess.run(
        [sys.executable, "-c", script, str(__file__).rpartition("/")[0]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limits),
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 64 * 1024
