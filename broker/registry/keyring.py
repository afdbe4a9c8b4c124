"""The exchange's own private keys: read from its key folder once, derived on demand, never printed."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from broker.errors import ConfigurationError
from broker.registry.signed import write_private
from broker.wire.block import BlockKey
from broker.wire.keys import OpeningKey, SigningKey

MASTER_BYTES = 32
MASTERS = ("placement", "lane", "ledger", "desk", "pseudonym", "delivery_id", "commitment")
"""One random 32-byte secret each, so that giving one up (rotation, erasure) touches nothing else"""

# AES-SIV takes two keys of 32 bytes, one for the synthetic IV and one for encryption (RFC 5297).
PSEUDONYM_KEY_BYTES = 64


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class KeyRing:
    """Every private key of the exchange. Does not print, does not compare.

    Keys of lanes, desks and routes are derived with HKDF-SHA256 from their master and the name of
    what they are for, so that a new lane or desk needs no new file; each is derived once.
    """

    ingress: OpeningKey
    """opens what agencies seal to the exchange"""
    delivery: SigningKey
    """signs what the exchange seals to desks"""
    placement: bytes
    """places subjects in lanes (design 2.3); 32 bytes"""
    delivery_id: bytes
    """makes delivery ids that repeat for the same delivery only; 32 bytes"""
    commitment: bytes
    """ties a decision to the bytes of its event; 32 bytes"""
    _masters: Mapping[str, bytes]
    _blocks: dict[str, BlockKey] = field(default_factory=dict)
    _derived: dict[str, bytes] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "KeyRing()"

    @classmethod
    def generate(cls, folder: Path) -> "KeyRing":
        """Make every key anew, one file of mode 0600 each.

        Raises:
            ConfigurationError: the folder holds keys already. A key that went would take its data with it.
        """
        if folder.is_dir() and any(folder.glob("*.key")):
            raise ConfigurationError("the key folder holds keys already; they are never written over")
        write_private(folder / "ingress.key", OpeningKey.generate().to_bytes())
        write_private(folder / "delivery.key", SigningKey.generate().to_bytes())
        for name in MASTERS:
            write_private(folder / f"{name}.key", os.urandom(MASTER_BYTES))
        return cls.load(folder)

    @classmethod
    def load(cls, folder: Path) -> "KeyRing":
        """Read every key.

        Raises:
            ConfigurationError: lists each file that is missing, open to others or of the wrong size.
        """
        faults: list[str] = []
        masters = {name: _read(folder, name, faults) for name in MASTERS}
        faults += [
            f"{name}.key is not {MASTER_BYTES} bytes"
            for name, raw in masters.items()
            if raw and len(raw) != MASTER_BYTES
        ]
        ingress = _read(folder, "ingress", faults)
        delivery = _read(folder, "delivery", faults)
        if faults:
            raise ConfigurationError("keys of the exchange: " + "; ".join(faults))
        return cls(
            ingress=OpeningKey.from_bytes(ingress),
            delivery=SigningKey.from_bytes(delivery),
            placement=masters["placement"],
            delivery_id=masters["delivery_id"],
            commitment=masters["commitment"],
            _masters=masters,
        )

    def lane_key(self, lane: int) -> BlockKey:
        """Seals the entries and the state of one lane."""
        return self._block("lane", str(lane))

    def ledger_key(self) -> BlockKey:
        """Seals the blocks of decisions."""
        return self._block("ledger", "decisions")

    def desk_key(self, desk: str) -> bytes:
        """Keys the partition, streams and event ids of one desk; 32 bytes."""
        return self._derive("desk", desk, MASTER_BYTES)

    def pseudonym_key(self, route: str) -> bytes:
        """AES-SIV key of one route (desk kind and purpose, design 2.3); 64 bytes."""
        return self._derive("pseudonym", route, PSEUDONYM_KEY_BYTES)

    def _block(self, master: str, name: str) -> BlockKey:
        known = self._blocks.get(f"{master}|{name}")
        if known is None:
            known = BlockKey(self._derive(master, name, MASTER_BYTES))
            self._blocks[f"{master}|{name}"] = known
        return known

    def _derive(self, master: str, name: str, length: int) -> bytes:
        label = f"{master}|{name}"
        known = self._derived.get(label)
        if known is None:
            info = b"candour.key.v1\x00" + label.encode()
            known = HKDF(SHA256(), length, salt=None, info=info).derive(self._masters[master])
            self._derived[label] = known
        return known


def _read(folder: Path, name: str, faults: list[str]) -> bytes:
    path = folder / f"{name}.key"
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            faults.append(f"{name}.key may be read by others than its owner: chmod 600")
        return path.read_bytes()
    except OSError:
        faults.append(f"{name}.key cannot be read")
        return b""
