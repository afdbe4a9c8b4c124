"""Sealed blocks: several items under one of the exchange's own symmetric keys, bound to where they stand."""

import os
import struct
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.errors import ConfigurationError, IntegrityError

_VERSION: Final = b"\x01"
_DOMAIN: Final = b"candour.block.v1\0"
_NONCE_BYTES: Final = 12
_LENGTH: Final = struct.Struct(">I")


class BlockKey:
    """An AES-256-GCM key, 32 bytes. Does not print.

    Nonces are random, so one key is good for 2^32 blocks (NIST SP 800-38D 8.3): 13 years at ten a second.
    """

    __slots__ = ("_aead",)

    def __init__(self, raw: bytes) -> None:
        """Raises ConfigurationError when `raw` has not 32 bytes."""
        if len(raw) != 32:
            raise ConfigurationError("A block key has 32 bytes. Restore the key from its backup.")
        self._aead = AESGCM(raw)

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """nonce | ciphertext | tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plaintext, _DOMAIN + context)

    def open(self, data: bytes, context: bytes) -> bytes | None:
        """The plaintext, or None when it was not sealed under this key and context."""
        try:
            return self._aead.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _DOMAIN + context)
        except (InvalidTag, ValueError):
            return None

    def __repr__(self) -> str:
        return "BlockKey()"


def seal_block(key: BlockKey, context: bytes, items: Sequence[bytes]) -> bytes:
    """Seal `items`, in order, to `context` (where the block stands: topic, partition, kind of row)."""
    parts = [_LENGTH.pack(len(items))]
    for item in items:
        parts.append(_LENGTH.pack(len(item)))
        parts.append(item)
    return _VERSION + key.seal(b"".join(parts), context)


def open_block(key: BlockKey, context: bytes, data: bytes) -> tuple[bytes, ...]:
    """The items of a block.

    Raises:
        IntegrityError: it was not sealed under this key for this context, or is not whole.
    """
    plaintext = key.open(data[1:], context) if data[:1] == _VERSION else None
    if plaintext is None:
        raise IntegrityError("A sealed block does not open under its key and place.")
    items: list[bytes] = []
    at = _LENGTH.size
    try:
        (count,) = _LENGTH.unpack_from(plaintext)
        for _ in range(count):
            (length,) = _LENGTH.unpack_from(plaintext, at)
            at += _LENGTH.size + length
            items.append(plaintext[at - length : at])
    except struct.error:
        at = -1
    if at != len(plaintext):
        raise IntegrityError("A sealed block opens but is not whole.")
    return tuple(items)
