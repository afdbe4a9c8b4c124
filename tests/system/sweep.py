"""Searches all that is under a folder for canaries in clear: as text, escaped, encoded, or in a segment."""

import base64
import gzip
import os
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.property.canaries import MARK

NUMBER_PREFIX = "9990"
_CHUNK = 8 * 1024 * 1024
_OVERLAP = 4_096
# Record batch of Kafka: base offset, length, leader epoch, magic, checksum, attributes; 61 bytes in all.
_BATCH = struct.Struct(">qiibIh")
_BATCH_BYTES = 61
_LENGTH_FROM = 12
_NO_CODEC, _GZIP = 0, 1


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something was found in clear, and how it was written."""

    where: str
    how: str


def spellings(text: str) -> dict[str, bytes]:
    """How `text`, five ASCII characters or more, may stand in a file."""
    raw = text.encode("ascii")
    found = {
        "utf-8": raw,
        "lower case": raw.lower(),
        "upper case": raw.upper(),
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "utf-32-le": text.encode("utf-32-le"),
        "hex": raw.hex().encode(),
        "hex, upper case": raw.hex().upper().encode(),
        "url": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "url, lower case": "".join(f"%{byte:02x}" for byte in raw).encode(),
        "json": "".join(f"\\u{byte:04x}" for byte in raw).encode(),
        "json, upper case": "".join(f"\\u{byte:04X}" for byte in raw).encode(),
    }
    for shift in range(3):
        # What the bytes before and after are shows in the first and last digit only.
        digits = base64.b64encode(bytes(shift) + raw + bytes(3))
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        found[f"base64, {shift}"] = digits[first:last]
        found[f"base64 for addresses, {shift}"] = digits[first:last].translate(bytes.maketrans(b"+/", b"-_"))
    return found


class Sweep:
    """Knows what to look for.

    Args:
        numbers: NHS numbers; looked for by their first digits, and in plain text exactly.
        dates: ISO dates of birth. instants: microseconds, as decimal digits and as Avro writes them.
    """

    def __init__(self, numbers: Iterable[str], dates: Iterable[str], instants: Iterable[int]) -> None:
        plain = ("utf-8", "lower case", "upper case")
        self._marks = {f"canary as {how}": what for how, what in spellings(MARK).items()}
        self._marks |= {
            f"number as {how}": what
            for how, what in spellings(NUMBER_PREFIX).items()
            if how not in plain and len(what) > len(NUMBER_PREFIX)
        }
        for instant in instants:
            self._marks[f"instant {instant}"] = str(instant).encode()
            self._marks[f"instant {instant} in Avro"] = _zigzag(instant)
        self._numbers = {one.encode() for one in numbers}
        self._dates = {one.encode() for one in dates}
        self.bytes_seen = 0
        self.files_seen = 0
        self.batches: dict[int, int] = {}
        """Kafka's record batches by their compression codec"""

    def folder(self, folder: Path) -> list[Hit]:
        """Every file under `folder`, and what Kafka's segments hold once decompressed."""
        hits: list[Hit] = []
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.files_seen += 1
                where = str(path.relative_to(folder))
                hits += self.parts(where, _pieces(path))
                if path.suffix == ".log" and "data" in path.parts:
                    hits += self.parts(f"{where}, decompressed", self._decompressed(path))
        return hits

    def parts(self, where: str, pieces: Iterable[bytes]) -> list[Hit]:
        """What is found in these pieces."""
        return [Hit(where, how) for piece in pieces for how in self._found(piece)]

    def _found(self, data: bytes) -> Iterator[str]:
        self.bytes_seen += len(data)
        yield from (how for how, what in self._marks.items() if what in data)
        for found in re.findall(rb"(?<![0-9])[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9])", data):
            if found.replace(b" ", b"").replace(b"-", b"") in self._numbers:
                yield "number"
        if not self._dates.isdisjoint(re.findall(rb"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", data)):
            yield "date of birth"

    def _decompressed(self, path: Path) -> Iterator[bytes]:
        data = path.read_bytes()
        at = 0
        while at + _BATCH_BYTES <= len(data):
            _, length, _, _, _, attributes = _BATCH.unpack_from(data, at)
            if length <= 0:
                return
            codec = attributes & 7
            self.batches[codec] = self.batches.get(codec, 0) + 1
            if codec == _GZIP:
                yield gzip.decompress(data[at + _BATCH_BYTES : at + _LENGTH_FROM + length])
            else:
                assert codec == _NO_CODEC, f"{path.name} has batches of codec {codec}: decompress them here"
            at += _LENGTH_FROM + length


def _pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes without its holes; pieces overlap, so that nothing is cut in two."""
    with path.open("rb") as file:
        size, at = os.fstat(file.fileno()).st_size, 0
        while at < size:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                return
            end = os.lseek(file.fileno(), at, os.SEEK_HOLE)
            while at < end:
                file.seek(at)
                yield file.read(min(_CHUNK, end - at) + _OVERLAP)
                at += _CHUNK
            at = end


def _zigzag(number: int) -> bytes:
    left, out = number << 1, bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes((*out, left))


def planted(text: str) -> Mapping[str, bytes]:
    """`text` in every spelling the sweep knows: name of the spelling -> content of a file."""
    return {how: b"\x00\xffnoise " + what + b" noise\xfe\x00" for how, what in spellings(text).items()}
