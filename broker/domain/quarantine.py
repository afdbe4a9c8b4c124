"""Quarantine: what may be done with a payload that was not taken in, and what the two who do it sign."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

QUARANTINE_ACT_FORMAT = "candour.quarantine_act.v1"
KEPT_US = 30 * 24 * 60 * 60 * 1_000_000
"""How long a payload is kept, and can be acted upon: as long as the topic `quarantine` keeps it (30 days)"""
REQUEST_US = 24 * 60 * 60 * 1_000_000
"""How long a request counts that one holder has signed: half a decision does not lie about for weeks"""

_LENGTH = struct.Struct(">I")
_DOMAIN = "candour.quarantine.request.v1"


class QuarantineAct(StrEnum):
    """What two holders do together with one payload in quarantine."""

    OPENED = "opened"
    """its bytes were looked at"""
    RESUBMITTED = "resubmitted"
    """it came in again, under the rules of that day"""
    DISCARDED = "discarded"
    """it will not come in"""


class ActReason(StrEnum):
    """Why; a closed list, so that no text about a person gets into the record."""

    FIND_FAULT = "find_fault"
    MENDED = "mended"
    SENT_AGAIN = "sent_again"
    NOT_GENUINE = "not_genuine"
    NOT_NEEDED = "not_needed"


class KeptState(StrEnum):
    """What has become of a payload in quarantine; each is in exactly one of these."""

    KEPT = "kept"
    RESUBMITTED = "resubmitted"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    """kept for 30 days, and nobody did anything"""


BECOMES: Mapping[QuarantineAct, KeptState] = {
    QuarantineAct.OPENED: KeptState.KEPT,
    QuarantineAct.RESUBMITTED: KeptState.RESUBMITTED,
    QuarantineAct.DISCARDED: KeptState.DISCARDED,
}
"""What an act makes of a payload that is kept"""


@dataclass(frozen=True, slots=True)
class Request:
    """One act on one payload, as the first holder asks for it."""

    event_id: str
    """names the act: a UUID in lower case with hyphens; sent again it counts once"""
    occurred_at_us: int
    """when the first holder signed, microseconds since 1970-01-01T00:00Z"""
    act: QuarantineAct
    quarantine_id: str
    kept_sha256: bytes
    """of what is kept, 32 bytes: the act is about these bytes and no others"""
    reason: ActReason
    first: str
    """holder who asks"""

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Request":
        """The request that a decoded act holds."""
        return cls(
            record["event_id"],
            record["occurred_at"],
            QuarantineAct(record["act"]),
            record["quarantine_id"],
            record["kept_sha256"],
            ActReason(record["reason"]),
            record["first"]["holder"],
        )

    def to_record(self, publisher: str, signature: bytes) -> dict[str, Any]:
        """An act as far as the first holder makes it, to be encoded once the second has signed.

        Args:
            publisher: whose payload it is.
            signature: the first holder's, of `first_statement`.
        """
        return {
            "event_id": self.event_id,
            "occurred_at": self.occurred_at_us,
            "act": self.act.value,
            "quarantine_id": self.quarantine_id,
            "kept_sha256": self.kept_sha256,
            "reason": self.reason.value,
            "publisher": publisher,
            "first": {"holder": self.first, "signature": signature},
            "carried": None,
        }


def pack_record(record: bytes, sealed: bytes) -> bytes:
    """One item of the topic `quarantine`.

    Args:
        record: canonical JSON: names and codes, no value.
        sealed: what is kept, sealed for two holders; empty for an act.
    """
    return _LENGTH.pack(len(record)) + record + sealed


def unpack_record(item: bytes) -> tuple[dict[str, Any], bytes]:
    """The record of an item, and what is sealed.

    Raises:
        ValueError: it is no such item.
    """
    try:
        (length,) = _LENGTH.unpack_from(item)
    except struct.error:
        raise ValueError("an item of quarantine cannot be read") from None
    record = json.loads(item[_LENGTH.size : _LENGTH.size + length])
    if not isinstance(record, dict):
        raise ValueError("an item of quarantine cannot be read")
    return record, item[_LENGTH.size + length :]


def first_statement(request: Request) -> bytes:
    """What the first holder signs."""
    return _canonical([_DOMAIN, "first", *_parts(request)])


def second_statement(request: Request, first_signature: bytes, second: str) -> bytes:
    """What the second holder signs: the same, with the first one's signature and their own name."""
    return _canonical([_DOMAIN, "second", *_parts(request), first_signature.hex(), second])


def _parts(request: Request) -> list[object]:
    return [
        request.event_id,
        request.occurred_at_us,
        str(request.act),
        request.quarantine_id,
        request.kept_sha256.hex(),
        str(request.reason),
        request.first,
    ]


def _canonical(parts: list[object]) -> bytes:
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=True).encode("ascii")
