"""The header of an envelope: what anyone may see, and what the seal and the signature are bound to."""

import re
import struct
from dataclasses import dataclass
from typing import Final

from broker.errors import PayloadError
from broker.wire.keys import KEY_ID_BYTES, SEAL_BYTES

ENVELOPE_VERSION: Final = 1
"""Fixes the whole suite; there is nothing to negotiate (design 2.1)"""
MAX_ENVELOPE_BYTES: Final = 512 * 1024
STREAM_BYTES: Final = 16
SMALLEST_BUCKET: Final = 9
LARGEST_BUCKET: Final = 18
"""Powers of two of the padded plaintext: 512 B to 256 KiB, the largest that keeps to 512 KiB in all"""

_MAGIC: Final = b"CNDR"
# magic, version, bucket, sequence, time, stream, signing key id, sealing key id
_FIXED: Final = struct.Struct(f">4sBBQQ{STREAM_BYTES}s{KEY_ID_BYTES}s{KEY_ID_BYTES}s")
_NAME: Final = re.compile(rb"[A-Za-z0-9._/-]{1,200}")
_U64: Final = 2**64


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what stream to whom. No person, no event type, no count."""

    sender: str
    """agency id, or `candour`"""
    recipient: str
    """desk, or `candour`"""
    topic: str
    stream: bytes
    """16 opaque bytes; sequences count within it"""
    sequence: int
    """from 0, below 2^64"""
    time_us: int
    """when it was sealed, microseconds since 1970-01-01T00:00Z; never used for order"""
    signing_key_id: bytes
    sealing_key_id: bytes


def write_header(header: Header, bucket: int) -> bytes:
    """The header's bytes, `bucket` being the power of two of the padded plaintext.

    Raises:
        ValueError: a part is outside its limits; the caller's mistake.
    """
    sizes = (len(header.stream), len(header.signing_key_id), len(header.sealing_key_id))
    if sizes != (STREAM_BYTES, KEY_ID_BYTES, KEY_ID_BYTES):
        raise ValueError("stream and key ids have 16 bytes")
    if not (0 <= header.sequence < _U64 and 0 <= header.time_us < _U64):
        raise ValueError("sequence and time are from 0 to 2^64 - 1")
    names = [name.encode("utf-8") for name in (header.sender, header.recipient, header.topic)]
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("sender, recipient and topic are 1 to 200 of A-Z a-z 0-9 . _ / -")
    fixed = _FIXED.pack(
        _MAGIC,
        ENVELOPE_VERSION,
        bucket,
        header.sequence,
        header.time_us,
        header.stream,
        header.signing_key_id,
        header.sealing_key_id,
    )
    return fixed + b"".join(bytes((len(name),)) + name for name in names)


def split_envelope(data: bytes) -> tuple[Header, bytes, bytes, int]:
    """Cut an envelope into header, header bytes, sealed bytes and bucket, checking all that shows outside.

    The bucket fixes the sealed length, so truncated, extended and concatenated envelopes all fail here.

    Raises:
        PayloadError: `envelope_too_large`, `envelope_malformed`.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise PayloadError("envelope_too_large")
    header, at, bucket = _cut(data)
    if len(data) - at != (1 << bucket) + SEAL_BYTES:
        raise PayloadError("envelope_malformed")
    return header, data[:at], data[at:], bucket


def header_of(header_bytes: bytes) -> Header:
    """The header that these bytes are, as `split_envelope` cut them off.

    Raises:
        PayloadError: `envelope_malformed`.
    """
    header, at, _ = _cut(header_bytes)
    if at != len(header_bytes):
        raise PayloadError("envelope_malformed")
    return header


def _cut(data: bytes) -> tuple[Header, int, int]:
    """The header, where it ends, and the bucket."""
    if len(data) < _FIXED.size:
        raise PayloadError("envelope_malformed")
    magic, version, bucket, sequence, time_us, stream, signing_key_id, sealing_key_id = _FIXED.unpack_from(
        data
    )
    if magic != _MAGIC or version != ENVELOPE_VERSION or not SMALLEST_BUCKET <= bucket <= LARGEST_BUCKET:
        raise PayloadError("envelope_malformed")
    at = _FIXED.size
    sender, at = _name(data, at)
    recipient, at = _name(data, at)
    topic, at = _name(data, at)
    header = Header(sender, recipient, topic, stream, sequence, time_us, signing_key_id, sealing_key_id)
    return header, at, bucket


def read_header(data: bytes) -> Header:
    """The header of a whole envelope, unverified: enough to find the keys.

    Raises:
        PayloadError: `envelope_too_large`, `envelope_malformed`.
    """
    return split_envelope(data)[0]


def _name(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + (data[at] if at < len(data) else 0)
    name = data[at + 1 : end]
    if end > len(data) or not _NAME.fullmatch(name):
        raise PayloadError("envelope_malformed")
    return name.decode("ascii"), end
