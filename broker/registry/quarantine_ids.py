"""Ids of payloads in quarantine: each tells the exchange, and nobody else, in which lane it stands."""

import base64
import binascii
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from broker.registry.keyring import KeyRing

PREFIX = "q-"
_PLACE = struct.Struct(">IQI")
_CONTEXT = [b"candour/quarantine-id/v1"]
_ROUTE = "quarantine"


class KeptPlace(NamedTuple):
    """Where a payload in quarantine stands: its lane, and the place of its entry there."""

    lane: int
    offset: int
    number: int


def quarantine_id(keyring: KeyRing, place: KeptPlace) -> str:
    """`q-` and 52 letters and digits; the same for the same place, and no lane shows in it."""
    sealed = _cipher(keyring).encrypt(_PLACE.pack(*place), _CONTEXT)
    return PREFIX + base64.b32encode(sealed).decode("ascii").rstrip("=").lower()


def place_behind(keyring: KeyRing, name: str) -> KeptPlace | None:
    """The place that an id names; None where this exchange never gave it out."""
    letters = name.removeprefix(PREFIX).upper()
    try:
        sealed = base64.b32decode(letters + "=" * (-len(letters) % 8))
        place = KeptPlace._make(_PLACE.unpack(_cipher(keyring).decrypt(sealed, _CONTEXT)))
    except (ValueError, binascii.Error, InvalidTag, struct.error):
        return None
    # One spelling only: what names the same place otherwise is no id of ours.
    return place if quarantine_id(keyring, place) == name else None


def _cipher(keyring: KeyRing) -> AESSIV:
    return AESSIV(keyring.pseudonym_key(_ROUTE))
