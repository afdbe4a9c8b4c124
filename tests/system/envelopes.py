"""Envelopes as nobody should send them, built from the wire format's own parts."""

import os
import struct
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from broker.wire.envelope import Header, Payload, leaf
from broker.wire.header import write_header
from broker.wire.keys import SealingKey, SigningKey
from broker.wire.merkle import merkle_root
from consumers.kit.profile import Profile

_SEAL, _SIGNATURE = b"candour.envelope.seal.v1\0", b"candour.envelope.signature.v1\0"
_ITEM = struct.Struct(">16s32sI")
_SMALLEST, _LARGEST = 9, 18


class Forge:
    """Seals what it is told to, in the name of one agency."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        # One of its own: two forges are two programs.
        self.stream = os.urandom(16)
        self._sent = 0

    def header(self, **changes: Any) -> Header:
        """The header this agency would write, but for the changes."""
        self._sent += 1
        profile = self.profile
        usual = Header(
            sender=profile.agency,
            recipient=profile.exchange,
            topic=profile.topic,
            stream=self.stream,
            sequence=self._sent,
            time_us=time.time_ns() // 1_000,
            signing_key_id=profile.signing_key.key_id,
            sealing_key_id=profile.sealing_key.key_id,
        )
        return replace(usual, **changes)

    def seal(
        self,
        payloads: Sequence[Payload],
        *,
        signing_key: SigningKey | None = None,
        sealing_key: SealingKey | None = None,
        signature: bytes | None = None,
        items: bytes | None = None,
        count: int | None = None,
        **header: Any,
    ) -> bytes:
        """An envelope. Each part can be replaced by what it should not be.

        Args:
            items: what stands where the payloads would; `count`: how many it claims there are.
        """
        made = b"".join(_ITEM.pack(one.salt, one.fingerprint, len(one.body)) + one.body for one in payloads)
        inner = made if items is None else items
        size = 66 + len(inner)
        bucket = min(max(_SMALLEST, (size - 1).bit_length()), _LARGEST)
        head = write_header(self.header(**header), bucket)
        root = merkle_root([leaf(one) for one in payloads]) if payloads else bytes(32)
        signed = (signing_key or self.profile.signing_key).sign(_SIGNATURE + head + root)
        front = (signature or signed) + struct.pack(">H", len(payloads) if count is None else count)
        plaintext = (front + inner).ljust(1 << bucket, b"\0")
        return head + (sealing_key or self.profile.sealing_key).seal(plaintext, _SEAL + head)

    @staticmethod
    def item(fingerprint: bytes, body: bytes, claimed: int) -> bytes:
        """One payload that claims a length of its own."""
        return _ITEM.pack(os.urandom(16), fingerprint, claimed) + body


def varint(number: int) -> bytes:
    """A number as Avro writes it: zigzag, seven bits a byte."""
    left = (number << 1) ^ (number >> 63) if number < 0 else number << 1
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)
