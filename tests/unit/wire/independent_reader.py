"""Reads an envelope with `cryptography` and the description of the format; imports nothing of ours."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite


def seed(name: str) -> bytes:
    """A published test key: SHA-256 of a label. Good for vectors and for nothing else."""
    return hashlib.sha256(f"candour test vector key: {name}".encode()).digest()


def signing_key(party: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed(f"{party} ed25519"))


def opening_bytes(party: str) -> bytes:
    return b"".join(seed(f"{party} {part}") for part in ("mlkem d", "mlkem z", "x25519"))


def opening_key(party: str) -> MLKEM768X25519PrivateKey:
    raw = opening_bytes(party)
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(raw[:64]), X25519PrivateKey.from_private_bytes(raw[64:])
    )


def read(data: bytes, key: MLKEM768X25519PrivateKey, verify: Ed25519PublicKey) -> dict[str, Any]:
    """Header and payloads of one envelope; raises when anything is off."""
    header: dict[str, Any] = {"magic": data[:4].decode(), "version": data[4], "bucket": data[5]}
    header["sequence"] = int.from_bytes(data[6:14], "big")
    header["time_us"] = int.from_bytes(data[14:22], "big")
    for name, start in (("stream", 22), ("signing_key_id", 38), ("sealing_key_id", 54)):
        header[name] = data[start : start + 16].hex()
    at = 70
    for name in ("sender", "recipient", "topic"):
        header[name] = data[at + 1 : at + 1 + data[at]].decode("ascii")
        at += 1 + data[at]
    head, sealed = data[:at], data[at:]
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    plain = suite.decrypt(sealed, key, info=b"candour.envelope.seal.v1\0" + head)
    assert len(plain) == 2 ** header["bucket"]
    payloads, at = [], 66
    for _ in range(int.from_bytes(plain[64:66], "big")):
        salt, fingerprint = plain[at : at + 16], plain[at + 16 : at + 48]
        length = int.from_bytes(plain[at + 48 : at + 52], "big")
        payloads.append((salt, fingerprint, plain[at + 52 : at + 52 + length]))
        at += 52 + length
    assert not any(plain[at:])
    leaves = [hashlib.sha256(b"\x00" + b"".join(payload)).digest() for payload in payloads]
    verify.verify(plain[:64], b"candour.envelope.signature.v1\0" + head + root(leaves))
    return {
        "header": header,
        "payloads": [{"fingerprint": print_.hex(), "body": body.hex()} for _, print_, body in payloads],
    }


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, as it is written there: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()
