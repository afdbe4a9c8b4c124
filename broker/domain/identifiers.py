"""Identifiers, each with a type of its own, and the checked NHS number."""

import re
from typing import NewType

from broker.errors import PayloadError

AgencyId = NewType("AgencyId", str)
"""`moor-police`"""
DeskId = NewType("DeskId", str)
"""`moor-police/control-room`: an agency and a role in it"""
EventId = NewType("EventId", str)
"""The publisher's own name for its event: a UUID in lower case with hyphens; the idempotency key"""
EventType = NewType("EventType", str)
"""`police.s136.detained` (4.6)"""
FieldName = NewType("FieldName", str)
"""Dotted: `person.detained_at`, `subject.family_name`, `core.area`; a common field has no dot"""
AgreementId = NewType("AgreementId", str)
SubscriptionId = NewType("SubscriptionId", str)
"""`desk|event_type|purpose`"""
PolicyRevision = NewType("PolicyRevision", str)
QuestionHash = NewType("QuestionHash", str)
"""First 32 hexadecimal digits of SHA-256 over the question's canonical JSON"""
LaneNumber = NewType("LaneNumber", int)

NO_AGREEMENT = AgreementId("none")

_NHS_NUMBER = re.compile(r"[0-9]{10}")
_PHONE = re.compile(r"[0-9+][0-9 ]{2,23}")
# Modulus 11 with weights 10 to 2 over the first nine digits (NHS Data Dictionary, NHS NUMBER).
_NHS_WEIGHTS = range(10, 1, -1)


def agency_of(desk: DeskId) -> AgencyId:
    """The agency part of a desk."""
    return AgencyId(desk.partition("/")[0])


def role_of(desk: DeskId) -> str:
    """The role part of a desk."""
    return desk.partition("/")[2]


def is_nhs_number(text: str) -> bool:
    """Whether `text` is ten ASCII digits that satisfy modulus 11.

    Full-width digits, spaces and trailing newlines are refused: each variant would hash to another
    subject and so escape that person's wishes (reliability 4.4, B-30 to B-39).
    """
    if not _NHS_NUMBER.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _NHS_WEIGHTS, strict=False))
    check = (11 - total % 11) % 11
    return check != 10 and check == int(text[9])


def is_phone_number(text: str) -> bool:
    """Whether `text` is a telephone number as an area or a clock writes it: digits and spaces, 3 to 24."""
    return _PHONE.fullmatch(text) is not None


def event_id_bytes(event_id: EventId) -> bytes:
    """The 16 bytes of an event id.

    Raises:
        PayloadError: `event_id_invalid`, when it is no UUID in its canonical spelling.
    """
    raw = event_id.replace("-", "")
    try:
        value = bytes.fromhex(raw)
    except ValueError:
        value = b""
    # fromhex skips white space, so the length is checked besides.
    if len(value) != 16 or len(raw) != 32 or event_id != _spelt(raw):
        raise PayloadError("event_id_invalid", ("event_id",))
    return value


def _spelt(raw: str) -> str:
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}".lower()
