"""Bytes that were not taken in, as they are kept: with what proves whose they are, to come again one day."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from broker.errors import IntegrityError, PayloadError
from broker.wire.envelope import (
    MAX_BODY_BYTES,
    Envelope,
    Payload,
    leaf,
    new_salt,
    signed_message,
)
from broker.wire.header import header_of
from broker.wire.keys import VerifyKey
from broker.wire.merkle import merkle_root, proof_in, root_by_proof, tree_levels

_FIXED: Final = struct.Struct(">BHHHHB")
_ITEM: Final = struct.Struct(">16s32sI")
_HASH_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64


class KeptKind(IntEnum):
    """What is kept of something that was not taken in."""

    PAYLOAD = 1
    """one payload, and the proof that its publisher signed it"""
    ENVELOPE = 2
    """an envelope that opens and that nobody's known key has signed: header, signature, every payload"""
    BYTES = 3
    """what is no envelope of ours: its first 64 KiB"""
    TAKEN = 4
    """a payload whose proof was checked when it was taken in, and is not at hand any more"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one payload or envelope. Prints its kind only."""

    kind: KeptKind
    payloads: tuple[Payload, ...] = field(default=(), repr=False)
    header_bytes: bytes = field(default=b"", repr=False)
    signature: bytes = field(default=b"", repr=False)
    index: int = 0
    """of the payload in its envelope"""
    count: int = 0
    """payloads in that envelope"""
    proof: tuple[bytes, ...] = field(default=(), repr=False)
    raw: bytes = field(default=b"", repr=False)
    """of `BYTES`: as they came"""

    @property
    def is_whole(self) -> bool:
        """Whether it holds payloads that could be taken in."""
        return bool(self.payloads)

    def signed_by(self, key: VerifyKey) -> bool:
        """Whether this key signed these payloads under this header."""
        leaves = [leaf(payload) for payload in self.payloads]
        root = (
            root_by_proof(leaves[0], self.index, self.count, self.proof)
            if len(leaves) == 1
            else merkle_root(leaves)
            if len(leaves) == self.count
            else None
        )
        return root is not None and key.verifies(self.signature, signed_message(self.header_bytes, root))


def kept_payload(envelope: Envelope, index: int) -> Kept:
    """One payload of a verified envelope, with its proof and nothing of its neighbours."""
    return keeper(envelope)(index)


def keeper(envelope: Envelope) -> Callable[[int], Kept]:
    """Keeps any payload of a verified envelope; however many of 256 are bad, its tree is made once."""
    levels: list[list[bytes]] = []

    def keep(index: int) -> Kept:
        if not levels:
            levels.extend(tree_levels([leaf(payload) for payload in envelope.payloads]))
        return Kept(
            KeptKind.PAYLOAD,
            (envelope.payloads[index],),
            envelope.header_bytes,
            envelope.signature,
            index,
            len(envelope.payloads),
            proof_in(levels, index),
        )

    return keep


def kept_envelope(envelope: Envelope) -> Kept:
    """Everything in an envelope that was opened and not verified."""
    return Kept(
        KeptKind.ENVELOPE,
        envelope.payloads,
        envelope.header_bytes,
        envelope.signature,
        count=len(envelope.payloads),
    )


def keeper_again(kept: Kept) -> Callable[[int], Kept]:
    """Keeps any payload of an envelope that was kept whole and is proven now.

    What holds one payload is kept as it is.
    """
    if kept.kind is not KeptKind.ENVELOPE:
        return lambda _: kept
    header = header_of(kept.header_bytes)
    return keeper(Envelope(header, kept.payloads, kept.header_bytes, kept.signature))


def kept_bytes(data: bytes) -> Kept:
    """What is no envelope of ours; what is longer than a payload may be is cut off."""
    return Kept(KeptKind.BYTES, raw=data[:MAX_BODY_BYTES])


def kept_taken(fingerprint: bytes, body: bytes) -> Kept:
    """A payload that was taken in. Its salt is new: what hashes this tells nothing of the body."""
    return Kept(KeptKind.TAKEN, (Payload(fingerprint, body, new_salt()),), count=1)


def pack_kept(kept: Kept) -> bytes:
    """The one spelling of what is kept."""
    fixed = _FIXED.pack(
        kept.kind, len(kept.header_bytes), kept.index, kept.count, len(kept.payloads), len(kept.proof)
    )
    signature = kept.signature.ljust(_SIGNATURE_BYTES, b"\0")
    items = [_ITEM.pack(one.salt, one.fingerprint, len(one.body)) + one.body for one in kept.payloads]
    return b"".join((fixed, kept.header_bytes, signature, *kept.proof, *items, kept.raw))


def unpack_kept(data: bytes) -> Kept:
    """What `pack_kept` made these bytes from.

    Raises:
        IntegrityError: they are no such bytes.
    """
    try:
        kind, header, index, count, payloads, proofs = _FIXED.unpack_from(data)
        at = _FIXED.size
        header_bytes = data[at : at + header]
        at += header
        signature = data[at : at + _SIGNATURE_BYTES]
        at += _SIGNATURE_BYTES
        end = at + proofs * _HASH_BYTES
        proof = tuple(data[place : place + _HASH_BYTES] for place in range(at, end, _HASH_BYTES))
        found = list(_items(data, end, payloads))
        at = end + sum(_ITEM.size + len(one.body) for one in found)
        kept = Kept(KeptKind(kind), tuple(found), header_bytes, signature, index, count, proof, raw=data[at:])
    except (struct.error, ValueError):
        raise IntegrityError("What is kept of a payload cannot be read.") from None
    if pack_kept(kept) != data:
        raise IntegrityError("What is kept of a payload is not whole.")
    return kept


def carried(
    kind: int,
    payloads: tuple[Payload, ...],
    header_bytes: bytes,
    signature: bytes,
    index: int,
    count: int,
    proof: tuple[bytes, ...],
) -> Kept:
    """What an act of governance carries along, put together again.

    Raises:
        PayloadError: `field_invalid`: it cannot be what was kept of a payload.
    """
    known = kind in {KeptKind.PAYLOAD, KeptKind.ENVELOPE, KeptKind.TAKEN}
    sizes = all(len(one) == _HASH_BYTES for one in proof) and len(signature) == _SIGNATURE_BYTES
    if not known or not sizes or not payloads:
        raise PayloadError("field_invalid", ("carried",))
    return Kept(KeptKind(kind), payloads, header_bytes, signature, index, count, proof)


def _items(data: bytes, at: int, count: int) -> Iterator[Payload]:
    for _ in range(count):
        salt, fingerprint, length = _ITEM.unpack_from(data, at)
        at += _ITEM.size
        yield Payload(fingerprint, data[at : at + length], salt)
        at += length
