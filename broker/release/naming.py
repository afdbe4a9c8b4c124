"""Names that a desk gets for subjects, events and incidents: its own pseudonyms, which we can turn back."""

import base64
import hashlib
import hmac
import struct
import uuid
from collections.abc import Callable
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from broker.domain.identifiers import AgencyId, DeskId, EventId, agency_of, event_id_bytes
from broker.domain.subjects import reference_subject
from broker.domain.vocabulary import AgencyKind, Purpose

# Identifiers are padded to a multiple of this, so that a pseudonym's length tells nothing of what it names.
_PAD = 32
# Lane, event id, publisher: an agency's name has 40 letters at most, so every event's name is as long.
_EVENT = struct.Struct(">I16s44s")


class NamedEvent(NamedTuple):
    """An event as the exchange knows it: what stands behind each desk's own name for it."""

    lane: int
    """that decided it"""
    publisher: AgencyId
    event_id: EventId

    def pack(self) -> bytes:
        """64 bytes, whoever published it."""
        return _EVENT.pack(self.lane, event_id_bytes(self.event_id), self.publisher.encode("ascii"))

    @classmethod
    def unpack(cls, data: bytes) -> "NamedEvent":
        """The event of these 64 bytes."""
        lane, event_id, publisher = _EVENT.unpack(data)
        name = AgencyId(publisher.rstrip(b"\0").decode("ascii"))
        return cls(lane, name, EventId(str(uuid.UUID(bytes=event_id))))

    def __str__(self) -> str:
        return f"{self.lane}|{self.publisher}|{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "NamedEvent":
        """The event of what `str` wrote.

        Raises:
            ValueError: it is no such text.
        """
        lane, publisher, event_id = text.split("|")
        return cls(int(lane), AgencyId(publisher), EventId(event_id))


class Naming:
    """Pseudonyms by AES-SIV (RFC 5297) under a key of the route: desk kind and purpose (design 2.3).

    The agency is bound in, so that two agencies on one route cannot join their feeds; event and
    incident names bind the desk. An agency sees the identifiers it issued as issued.
    """

    def __init__(self, pseudonym_key: Callable[[str], bytes]) -> None:
        self._key = pseudonym_key
        self._ciphers: dict[str, AESSIV] = {}

    def subject(
        self, desk: DeskId, kind: AgencyKind, purpose: Purpose, subject: str, *, within: bool = False
    ) -> str:
        """This desk's name for a subject: its own reference as issued, else a pseudonym `s_...`.

        Args:
            within: the event comes from the desk's own agency. Roles count inside an agency too (4.5),
                so that the desk knows no more by a name than by the fields: always a pseudonym.
        """
        issued = _issued(subject, agency_of(desk))
        if issued is not None and not within:
            return issued
        return "s_" + self._hide(f"{kind}|{purpose}", f"subject|{agency_of(desk)}", subject)

    def event(self, desk: DeskId, kind: AgencyKind, purpose: Purpose, event: NamedEvent) -> str:
        """This desk's name for an event; tells neither its publisher nor its lane, and can be cited."""
        return "e_" + self._seal(f"{kind}|{purpose}", f"event|{desk}", event.pack())

    def event_behind(self, desk: DeskId, kind: AgencyKind, purpose: Purpose, name: str) -> NamedEvent | None:
        """The event that a desk means when it cites its name; None where it never was one of its."""
        try:
            sealed = base64.urlsafe_b64decode(name.removeprefix("e_"))
            cipher = self._cipher(f"{kind}|{purpose}")
            return NamedEvent.unpack(cipher.decrypt(sealed, [f"event|{desk}".encode()]))
        except (ValueError, InvalidTag, struct.error):
            return None

    def reference(
        self,
        desk: DeskId,
        kind: AgencyKind,
        purpose: Purpose,
        issuer: AgencyId,
        reference: str,
        *,
        within: bool = False,
    ) -> str:
        """This desk's name for another agency's reference (incident, episode, local); its own as issued.

        Args:
            within: as of `subject`.
        """
        if issuer == agency_of(desk) and not within:
            return reference
        return "i_" + self._hide(f"{kind}|{purpose}", f"reference|{desk}|{issuer}", reference)

    def subject_behind(self, desk: DeskId, kind: AgencyKind, purpose: Purpose, name: str) -> str | None:
        """The subject that a desk means when it cites its pseudonym; None where it never was one of its."""
        try:
            sealed = base64.urlsafe_b64decode(name.removeprefix("s_"))
            context = f"subject|{agency_of(desk)}".encode()
            padded = self._cipher(f"{kind}|{purpose}").decrypt(sealed, [context])
        except (ValueError, InvalidTag):
            return None
        return padded.rstrip(b"\0").decode()

    def _hide(self, route: str, context: str, identifier: str) -> str:
        raw = identifier.encode()
        return self._seal(route, context, raw.ljust(-(-max(len(raw), 1) // _PAD) * _PAD, b"\0"))

    def _seal(self, route: str, context: str, padded: bytes) -> str:
        sealed = self._cipher(route).encrypt(padded, [context.encode()])
        return base64.urlsafe_b64encode(sealed).decode("ascii")

    def _cipher(self, route: str) -> AESSIV:
        known = self._ciphers.get(route)
        if known is None:
            known = self._ciphers[route] = AESSIV(self._key(route))
        return known


def delivery_id(key: bytes, *parts: str) -> str:
    """A delivery's id: the same for the same event, desk and purpose, whatever is repeated; 32 hex digits.

    Not from offsets, which a rebuilt topic changes, nor from the body, through which a hidden field
    would show (reliability 3.5).
    """
    return hmac.digest(key, b"candour/did/v1|" + "|".join(parts).encode(), hashlib.sha256)[:16].hex()


def _issued(subject: str, agency: AgencyId) -> str | None:
    prefix = reference_subject(agency, "")
    return subject[len(prefix) :] if subject.startswith(prefix) else None
