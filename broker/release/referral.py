"""Referrals that nobody has taken on yet, each with its clock: what a lane keeps of them (R42)."""

import hmac
import json
import struct
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field

from broker.domain.event import Event
from broker.domain.vocabulary import URGENT
from broker.errors import IntegrityError
from broker.release.fold import part

POLICE_CALL = "police.mh_call.triaged"
ASKED = frozenset({"crisis.self_referral.received", "crisis.carer_call.received", "crisis.referral.received"})
"""A crisis team was asked to see somebody: by them, by who cares for them, by another agency"""
CRISIS_ACCEPTANCE = "crisis.referral.accepted"

_DUE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral and its clock. Times are microseconds since 1970-01-01T00:00Z, of the log."""

    publisher: str
    event_id: str
    place: str
    subject: str = field(repr=False)
    opened_at_us: int
    due_at_us: int
    """nobody has taken it on by then: a safety gap"""

    def pack(self) -> bytes:
        """The value of its row: canonical JSON."""
        return json.dumps(astuple(self), separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, data: bytes) -> "Referral":
        """The referral of a row.

        Raises:
            IntegrityError: it is no such row.
        """
        try:
            return cls(*json.loads(data))
        except (TypeError, ValueError) as error:
            raise IntegrityError("a referral's row cannot be read") from error

    def row_key(self, secret: bytes) -> bytes:
        """Sorts by when it is due; tells in clear neither whose nor which it is."""
        name = f"{self.publisher}|{self.event_id}".encode()
        digest = hmac.digest(secret, b"candour/referral-row/v1|" + name, "sha256")
        return _DUE.pack(self.due_at_us) + digest[:8]


class Referrals:
    """The open referrals of one lane."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Referral] = {}

    def add(self, referral: Referral) -> None:
        """Somebody must take it on."""
        self._open[referral.publisher, referral.event_id] = referral

    def remove(self, referral: Referral) -> None:
        """Its clock has stopped."""
        del self._open[referral.publisher, referral.event_id]

    def find(self, publisher: str, event_id: str) -> Referral | None:
        """The open referral that this event made, if it is open."""
        return self._open.get((publisher, event_id))

    def of_subject(self, subject: str) -> tuple[Referral, ...]:
        """Every open referral of this subject."""
        return tuple(one for one in self._open.values() if one.subject == subject)

    def due(self, until_us: int) -> Iterator[Referral]:
        """Those whose time is over, first due first."""
        yield from sorted(
            (one for one in self._open.values() if one.due_at_us <= until_us),
            key=lambda one: (one.due_at_us, one.publisher, one.event_id),
        )

    def next_due_us(self) -> int | None:
        """When the first of them is due; None where none is open."""
        return min((one.due_at_us for one in self._open.values()), default=None)

    def __len__(self) -> int:
        return len(self._open)


def is_left_alone(event: Event) -> bool:
    """Whether police do not go and have passed the call to nobody: told at once, however it is labelled."""
    if event.spec.event_type != POLICE_CALL:
        return False
    person = part(event, "person")
    return person.get("decision") == "not_deploy" and person.get("passed_to") is None


def opens_referral(event: Event) -> bool:
    """Whether somebody must take this person on within the agreed minutes."""
    if event.setting not in URGENT:
        return False
    if event.spec.event_type == POLICE_CALL:
        return part(event, "person").get("decision") != "deploy"
    return event.spec.event_type in ASKED
