"""Names that a desk gets for subjects, events and incidents: its own pseudonyms, which we can turn back."""

import base64
import hashlib
import hmac
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from broker.domain.identifiers import AgencyId, DeskId, agency_of
from broker.domain.vocabulary import AgencyKind, Purpose

# Identifiers are padded to a multiple of this, so that a pseudonym's length tells nothing of what it names.
_PAD = 32


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
        issued = _issued(subject, "ref", agency_of(desk))
        if issued is not None and not within:
            return issued
        return "s_" + self._hide(f"{kind}|{purpose}", f"subject|{agency_of(desk)}", subject)

    def event(self, desk: DeskId, kind: AgencyKind, purpose: Purpose, event_id: str) -> str:
        """This desk's name for an event."""
        return "e_" + self._hide(f"{kind}|{purpose}", f"event|{desk}", event_id)

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
        padded = raw.ljust(-(-max(len(raw), 1) // _PAD) * _PAD, b"\0")
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


def _issued(subject: str, form: str, agency: AgencyId) -> str | None:
    prefix = f"{form}:{agency}:"
    return subject[len(prefix) :] if subject.startswith(prefix) else None
