"""Seals bytes so that any two of several holders open them together, and no one of them alone.

The bytes are sealed under a fresh AES-256-GCM key. For each pair of holders that key is split into two
halves, a random one and its exclusive or with the key: each by itself is 32 random bytes. A holder's halves,
one for each other holder, are sealed to that holder with HPKE. Everything is bound to the context, so that
halves of one thing open no other.
"""

import os
import struct
from collections.abc import Mapping
from itertools import combinations
from typing import Final

from broker.errors import ConfigurationError, IntegrityError
from broker.wire.block import BlockKey
from broker.wire.keys import SEAL_BYTES, OpeningKey, SealingKey

KEY_BYTES: Final = 32
FEWEST_HOLDERS: Final = 2
MOST_HOLDERS: Final = 16

_DOMAIN: Final = b"candour.two-keys.v1\0"
_COUNT: Final = struct.Struct(">BB")
_NAME: Final = struct.Struct(">B")


def seal_for_two(content: bytes, holders: Mapping[str, SealingKey], context: bytes) -> bytes:
    """Seal `content` for any two of `holders`.

    Args:
        holders: name in lower case ASCII -> key, two to sixteen.
        context: what and where the content is; needed again to open.

    Raises:
        ConfigurationError: there are fewer than two holders, or more than sixteen.
    """
    names = sorted(holders)
    if not FEWEST_HOLDERS <= len(names) <= MOST_HOLDERS:
        raise ConfigurationError("Quarantine needs two to sixteen holders of keys.")
    key = os.urandom(KEY_BYTES)
    halves: dict[str, dict[str, bytes]] = {name: {} for name in names}
    for one, other in combinations(names, 2):
        half = os.urandom(KEY_BYTES)
        halves[one][other] = half
        halves[other][one] = _xor(half, key)
    parts = [_COUNT.pack(1, len(names))]
    for name in names:
        own = b"".join(halves[name][other] for other in names if other != name)
        parts += [_NAME.pack(len(name)), name.encode("ascii")]
        parts.append(holders[name].seal(own, _info(name, context)))
    return b"".join(parts) + BlockKey(key).seal(content, _DOMAIN + context)


def holders_of(sealed: bytes) -> tuple[str, ...]:
    """Names of those for whom it was sealed, sorted.

    Raises:
        IntegrityError: it is no such sealed thing.
    """
    return tuple(_read(sealed)[0])


def halves_of(sealed: bytes, holder: str, key: OpeningKey, context: bytes) -> Mapping[str, bytes]:
    """What this holder adds for each other holder: name -> half of that pair's key, 32 bytes.

    Raises:
        IntegrityError: it was not sealed for this holder and key, or not in this context.
    """
    blobs, _ = _read(sealed)
    own = key.open(blobs[holder], _info(holder, context)) if holder in blobs else None
    others = [name for name in blobs if name != holder]
    if own is None or len(own) != KEY_BYTES * len(others):
        raise IntegrityError("This holder's key does not open it.")
    return {name: own[at * KEY_BYTES : (at + 1) * KEY_BYTES] for at, name in enumerate(others)}


def open_with_two(sealed: bytes, one: bytes, other: bytes, context: bytes) -> bytes:
    """The content, by the two halves of one pair.

    Raises:
        IntegrityError: the halves are not of one pair and this thing.
    """
    if len(one) != KEY_BYTES or len(other) != KEY_BYTES:
        raise IntegrityError("A half has 32 bytes.")
    _, body = _read(sealed)
    content = BlockKey(_xor(one, other)).open(body, _DOMAIN + context)
    if content is None:
        raise IntegrityError("These two halves do not open it.")
    return content


def _read(sealed: bytes) -> tuple[dict[str, bytes], bytes]:
    try:
        version, count = _COUNT.unpack_from(sealed)
        at, length = _COUNT.size, SEAL_BYTES + KEY_BYTES * (count - 1)
        blobs: dict[str, bytes] = {}
        for _ in range(count):
            (size,) = _NAME.unpack_from(sealed, at)
            name = sealed[at + 1 : at + 1 + size].decode("ascii")
            at += 1 + size + length
            blobs[name] = sealed[at - length : at]
    except (struct.error, UnicodeDecodeError):
        version = 0
    if version != 1 or len(blobs) != count or at > len(sealed):
        raise IntegrityError("This is not sealed for two holders.")
    return blobs, sealed[at:]


def _info(holder: str, context: bytes) -> bytes:
    return _DOMAIN + holder.encode("ascii") + b"\0" + context


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
