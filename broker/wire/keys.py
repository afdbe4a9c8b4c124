"""Keys as they are stored and named: signing, verifying, sealing, opening."""

import hashlib
from collections.abc import Callable
from typing import Final, Self, TypeVar

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from broker.errors import ConfigurationError

KEY_ID_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64
SEAL_BYTES: Final = 1136
"""What sealing adds: ML-KEM-768 ciphertext 1,088, X25519 share 32, AES-256-GCM tag 16"""

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_MLKEM_SEED: Final = 64
_MLKEM_PUBLIC: Final = 1184
_X25519: Final = 32
_FIELD_PRIME: Final = 2**255 - 19
# The y coordinates of Ed25519's points of small order: under such a key one signature fits any message.
_WEAK_Y: Final = frozenset(
    {
        0,
        1,
        _FIELD_PRIME - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
        ),
    }
)
_Key = TypeVar("_Key")


def _key_id(domain: bytes, public: bytes) -> bytes:
    return hashlib.sha256(domain + b"\0" + public).digest()[:KEY_ID_BYTES]


def _read(make: Callable[[bytes], _Key], raw: bytes, kind: str) -> _Key:
    try:
        return make(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError(f"These bytes are no {kind} key. Restore the key from its backup.") from None


class VerifyKey:
    """An Ed25519 public key, 32 bytes. Prints its id only."""

    __slots__ = ("_key", "key_id")

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.key_id: bytes = _key_id(b"candour.key.signing.v1", key.public_bytes_raw())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises ConfigurationError when `raw` is no such key, or one of small order (B-08)."""
        y = (int.from_bytes(raw, "little") & (2**255 - 1)) % _FIELD_PRIME
        if len(raw) != 32 or y in _WEAK_Y:
            raise ConfigurationError("These bytes are no verifying key. Restore the key from its backup.")
        return cls(_read(Ed25519PublicKey.from_public_bytes, raw, "verifying"))

    def to_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._key.public_bytes_raw()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's over `message`."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"VerifyKey({self.key_id.hex()})"


class SigningKey:
    """An Ed25519 private key, 32 bytes. Prints its id only."""

    __slots__ = ("_key", "verify_key")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verify_key = VerifyKey(key.public_key())

    @classmethod
    def generate(cls) -> Self:
        """A new key from the system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises ConfigurationError when `raw` is no such key."""
        return cls(_read(Ed25519PrivateKey.from_private_bytes, raw, "signing"))

    def to_bytes(self) -> bytes:
        """The 32 private bytes. Store them 0600."""
        return self._key.private_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """16 bytes, the id of its public half."""
        return self.verify_key.key_id

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, 64 bytes."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id.hex()})"


class SealingKey:
    """A hybrid public key: ML-KEM-768 (1,184 bytes) then X25519 (32). Prints its id only."""

    __slots__ = ("_hybrid", "_raw", "key_id")

    def __init__(self, mlkem: MLKEM768PublicKey, x25519: X25519PublicKey) -> None:
        self._hybrid = MLKEM768X25519PublicKey(mlkem, x25519)
        self._raw = mlkem.public_bytes_raw() + x25519.public_bytes_raw()
        self.key_id: bytes = _key_id(b"candour.key.sealing.v1", self._raw)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises ConfigurationError when `raw` is not 1,216 bytes of such a key."""
        return cls(
            _read(MLKEM768PublicKey.from_public_bytes, raw[:_MLKEM_PUBLIC], "sealing"),
            _read(X25519PublicKey.from_public_bytes, raw[_MLKEM_PUBLIC:], "sealing"),
        )

    def to_bytes(self) -> bytes:
        """Both public halves, 1,216 bytes."""
        return self._raw

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """HPKE base mode (RFC 9180), single shot; `SEAL_BYTES` longer than `plaintext`; bound to `info`."""
        return _SUITE.encrypt(plaintext, self._hybrid, info=info)

    def __repr__(self) -> str:
        return f"SealingKey({self.key_id.hex()})"


class OpeningKey:
    """A hybrid private key: ML-KEM-768 seed (64 bytes) then X25519 (32). Prints its id only."""

    __slots__ = ("_hybrid", "_raw", "sealing_key")

    def __init__(self, mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> None:
        self._hybrid = MLKEM768X25519PrivateKey(mlkem, x25519)
        self._raw = mlkem.private_bytes_raw() + x25519.private_bytes_raw()
        self.sealing_key = SealingKey(mlkem.public_key(), x25519.public_key())

    @classmethod
    def generate(cls) -> Self:
        """A new key from the system's random source."""
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises ConfigurationError when `raw` is not 96 bytes of such a key."""
        if len(raw) != _MLKEM_SEED + _X25519:
            raise ConfigurationError("These bytes are no opening key. Restore the key from its backup.")
        return cls(
            _read(MLKEM768PrivateKey.from_seed_bytes, raw[:_MLKEM_SEED], "opening"),
            _read(X25519PrivateKey.from_private_bytes, raw[_MLKEM_SEED:], "opening"),
        )

    def to_bytes(self) -> bytes:
        """The 96 private bytes. Store them 0600."""
        return self._raw

    @property
    def key_id(self) -> bytes:
        """16 bytes, the id of its public half."""
        return self.sealing_key.key_id

    def open(self, sealed: bytes, info: bytes) -> bytes | None:
        """The plaintext, or None when `sealed` was not made for this key and `info`."""
        try:
            return _SUITE.decrypt(sealed, self._hybrid, info=info)
        except (InvalidTag, ValueError):
            return None

    def __repr__(self) -> str:
        return f"OpeningKey({self.key_id.hex()})"
