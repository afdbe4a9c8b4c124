"""The unit on the wire, both directions: 1 to 256 payloads under one signature and one seal (design 2.1)."""

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from broker.errors import PayloadError
from broker.wire.header import (
    LARGEST_BUCKET,
    MAX_ENVELOPE_BYTES,
    SMALLEST_BUCKET,
    Header,
    read_header,
    split_envelope,
    write_header,
)
from broker.wire.keys import SIGNATURE_BYTES, OpeningKey, SealingKey, SigningKey, VerifyKey
from broker.wire.merkle import inclusion_proof, leaf_hash, merkle_root, root_by_proof

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_ENVELOPE_BYTES",
    "MAX_PAYLOADS",
    "Envelope",
    "Header",
    "Payload",
    "ShownPayload",
    "grouped",
    "leaf",
    "new_salt",
    "open_envelope",
    "open_unverified",
    "read_header",
    "seal_envelope",
    "show_payload",
    "signed_message",
    "verify_shown",
]

MAX_PAYLOADS: Final = 256
MAX_BODY_BYTES: Final = 64 * 1024
"""Of one payload's Avro bytes"""
FINGERPRINT_BYTES: Final = 32
SALT_BYTES: Final = 16

_SEAL_DOMAIN: Final = b"candour.envelope.seal.v1\0"
_SIGNATURE_DOMAIN: Final = b"candour.envelope.signature.v1\0"
_COUNT: Final = struct.Struct(">H")
_ITEM: Final = struct.Struct(f">{SALT_BYTES}s{FINGERPRINT_BYTES}sI")
_FRONT: Final = SIGNATURE_BYTES + _COUNT.size


def new_salt() -> bytes:
    """16 random bytes, so that a leaf that is shown alone tells nothing of its neighbours."""
    return os.urandom(SALT_BYTES)


@dataclass(frozen=True, slots=True)
class Payload:
    """One Avro body with the fingerprint of its writer's schema. Prints neither body nor salt."""

    fingerprint: bytes
    """SHA-256 of the whole schema, 32 bytes"""
    body: bytes = field(repr=False)
    """1 byte to 64 KiB"""
    salt: bytes = field(default_factory=new_salt, repr=False)
    """16 bytes"""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that has been opened and verified."""

    header: Header
    payloads: tuple[Payload, ...]
    header_bytes: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownPayload:
    """One payload with all that proves who sent it, and nothing of the payloads it travelled with."""

    header_bytes: bytes
    signature: bytes
    payload: Payload
    index: int
    count: int
    proof: tuple[bytes, ...]


def leaf(payload: Payload) -> bytes:
    """The payload's leaf in the envelope's tree, 32 bytes."""
    return leaf_hash(payload.salt, payload.fingerprint, payload.body)


def grouped(payloads: Iterable[Payload], most: int = MAX_PAYLOADS) -> Iterator[tuple[Payload, ...]]:
    """Cut payloads, in order, into groups of at most `most` that each fit one envelope."""
    group: list[Payload] = []
    size = _FRONT
    for payload in payloads:
        more = _ITEM.size + len(payload.body)
        if group and (len(group) == most or size + more > 1 << LARGEST_BUCKET):
            yield tuple(group)
            group, size = [], _FRONT
        group.append(payload)
        size += more
    if group:
        yield tuple(group)


def seal_envelope(
    header: Header, payloads: Sequence[Payload], signing_key: SigningKey, sealing_key: SealingKey
) -> bytes:
    """Sign, pad and seal. The header's key ids must be those of the keys given.

    Raises:
        PayloadError: `payload_too_large`; `envelope_too_large` (more than 256 payloads or 256 KiB of them).
        ValueError: the header, a salt or a fingerprint is not well formed, or there is no payload.
    """
    if (header.signing_key_id, header.sealing_key_id) != (signing_key.key_id, sealing_key.key_id):
        raise ValueError("the header names other keys")
    items = _items(payloads)
    bucket = max(SMALLEST_BUCKET, (_FRONT + len(items) - 1).bit_length())
    if bucket > LARGEST_BUCKET:
        raise PayloadError("envelope_too_large")
    header_bytes = write_header(header, bucket)
    root = merkle_root([leaf(payload) for payload in payloads])
    signature = signing_key.sign(signed_message(header_bytes, root))
    plaintext = (signature + _COUNT.pack(len(payloads)) + items).ljust(1 << bucket, b"\0")
    return header_bytes + sealing_key.seal(plaintext, _SEAL_DOMAIN + header_bytes)


def open_envelope(data: bytes, opening_key: OpeningKey, verify_key: VerifyKey) -> Envelope:
    """Open, then verify. Whether sender, recipient and topic are the right ones is the caller's question.

    Raises:
        PayloadError: `envelope_too_large`, `envelope_malformed`, `envelope_not_opened`, `payload_too_large`,
            `key_unknown` (the header names another signing key), `signature_invalid`.
    """
    cut = split_envelope(data)
    if cut[0].signing_key_id != verify_key.key_id:
        raise PayloadError("key_unknown")
    envelope = _opened(*cut, opening_key)
    root = merkle_root([leaf(payload) for payload in envelope.payloads])
    if not verify_key.verifies(envelope.signature, signed_message(envelope.header_bytes, root)):
        raise PayloadError("signature_invalid")
    return envelope


def open_unverified(data: bytes, opening_key: OpeningKey) -> Envelope:
    """Open only: nobody vouches for what it holds. To be kept, never to be taken in.

    Raises:
        PayloadError: `envelope_too_large`, `envelope_malformed`, `envelope_not_opened`, `payload_too_large`.
    """
    return _opened(*split_envelope(data), opening_key)


def _opened(
    header: Header, header_bytes: bytes, sealed: bytes, bucket: int, opening_key: OpeningKey
) -> Envelope:
    if header.sealing_key_id != opening_key.key_id:
        raise PayloadError("envelope_not_opened")
    plaintext = opening_key.open(sealed, _SEAL_DOMAIN + header_bytes)
    if plaintext is None:
        raise PayloadError("envelope_not_opened")
    payloads = _read_payloads(plaintext, bucket)
    return Envelope(header, payloads, header_bytes, plaintext[:SIGNATURE_BYTES])


def show_payload(envelope: Envelope, index: int) -> ShownPayload:
    """What proves payload `index` to a third party without the others.

    Raises:
        ValueError: there is no such payload.
    """
    proof = inclusion_proof([leaf(payload) for payload in envelope.payloads], index)
    count = len(envelope.payloads)
    return ShownPayload(
        envelope.header_bytes, envelope.signature, envelope.payloads[index], index, count, proof
    )


def verify_shown(shown: ShownPayload, verify_key: VerifyKey) -> bool:
    """Whether `verify_key` signed an envelope of this header that held this payload."""
    root = root_by_proof(leaf(shown.payload), shown.index, shown.count, shown.proof)
    return root is not None and verify_key.verifies(shown.signature, signed_message(shown.header_bytes, root))


def signed_message(header_bytes: bytes, root: bytes) -> bytes:
    """What a sender signs: the domain, the header and the root of the payloads' tree."""
    return _SIGNATURE_DOMAIN + header_bytes + root


def _items(payloads: Sequence[Payload]) -> bytes:
    if not payloads:
        raise ValueError("an envelope has at least one payload")
    if len(payloads) > MAX_PAYLOADS:
        raise PayloadError("envelope_too_large")
    parts: list[bytes] = []
    for payload in payloads:
        if len(payload.salt) != SALT_BYTES or len(payload.fingerprint) != FINGERPRINT_BYTES:
            raise ValueError("a salt has 16 bytes and a fingerprint 32")
        if not payload.body or len(payload.body) > MAX_BODY_BYTES:
            raise PayloadError("payload_too_large")
        parts.append(_ITEM.pack(payload.salt, payload.fingerprint, len(payload.body)))
        parts.append(payload.body)
    return b"".join(parts)


def _read_payloads(plaintext: bytes, bucket: int) -> tuple[Payload, ...]:
    (count,) = _COUNT.unpack_from(plaintext, SIGNATURE_BYTES)
    if not 1 <= count <= MAX_PAYLOADS:
        raise PayloadError("envelope_malformed")
    payloads: list[Payload] = []
    at = _FRONT
    for _ in range(count):
        if at + _ITEM.size > len(plaintext):
            raise PayloadError("envelope_malformed")
        salt, fingerprint, length = _ITEM.unpack_from(plaintext, at)
        at += _ITEM.size
        if length > MAX_BODY_BYTES:
            raise PayloadError("payload_too_large")
        if length == 0 or at + length > len(plaintext):
            raise PayloadError("envelope_malformed")
        payloads.append(Payload(fingerprint, plaintext[at : at + length], salt))
        at += length
    # One spelling only: the smallest bucket, and zeros up to its end.
    if max(SMALLEST_BUCKET, (at - 1).bit_length()) != bucket or plaintext.count(0, at) != len(plaintext) - at:
        raise PayloadError("envelope_malformed")
    return tuple(payloads)
