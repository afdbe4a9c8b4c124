"""What leaves the exchange for one desk: deliveries of events, and replies to publishers, not yet sealed."""

from dataclasses import dataclass, field

from broker.domain.identifiers import DeskId
from broker.domain.vocabulary import ReplyStatus


@dataclass(frozen=True, slots=True)
class Delivery:
    """One minimised record for one desk. Does not print what it holds."""

    desk: DeskId
    delivery_id: str
    subject: str = field(repr=False)
    """canonical subject; chooses the partition, never leaves"""
    fingerprint: bytes
    """of the delivery schema, 32 bytes"""
    body: bytes = field(repr=False)
    """the minimised record, encoded"""


@dataclass(frozen=True, slots=True)
class PayloadName:
    """Which payload is in quarantine: where its publisher put it, its hash, and its id there."""

    offset: int
    """in the publisher's own topic"""
    index: int
    """of the payload in its envelope"""
    sha256: str
    """of its bytes; of an envelope that could not be opened, of all of it; 64 hexadecimal digits"""
    quarantine_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a publisher is told of its own payload. Names fields, never their values."""

    event_id: str | None
    status: ReplyStatus
    code: str | None = None
    message: str = ""
    fields: tuple[str, ...] = ()
    applied_point: str | None = None
    """for a wish: where it took effect; opaque and different for each agency"""
    handled_by: tuple[str, ...] = ()
    """agencies that must act and were reached, or that took the referral on; sorted"""
    phone: str | None = None
    """whom to ring, where ringing may be needed"""
    payload: PayloadName | None = None
    """of a payload that is in quarantine: which one"""
