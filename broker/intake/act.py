"""Act: what two holders do with a payload in quarantine, as governance says it, and what comes again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from broker.domain.identifiers import EventId, event_id_bytes
from broker.domain.quarantine import QuarantineAct
from broker.domain.vocabulary import AgencyKind
from broker.errors import PayloadError
from broker.intake.decode import UnreadableError
from broker.registry.keyring import KeyRing
from broker.registry.quarantine_ids import KeptPlace, place_behind
from broker.wire.envelope import Payload
from broker.wire.kept import Kept, carried, pack_kept
from broker.wire.quarantine_act import ACT_CODEC


@dataclass(frozen=True, slots=True)
class Act:
    """One act, as far as it can be checked without knowing what is kept."""

    event_id: EventId
    place: KeptPlace
    """of the payload in quarantine"""
    publisher: str
    """whose payload it is said to be; the lane knows"""
    brings: Kept | None
    """what comes in again"""
    follows: int
    """payloads of the envelope, after this one, that belong to it"""


class UnreadableActError(UnreadableError):
    """A refusal that also knows how many payloads belong to the act."""

    def __init__(self, error: PayloadError, event_id: str, follows: int) -> None:
        super().__init__(error, event_id)
        self.follows = follows


def read_act(body: bytes, after: Sequence[Payload], kind: AgencyKind, keyring: KeyRing) -> Act:
    """Read and check an act.

    Args:
        after: the payloads that follow it in its envelope.
        kind: of the agency that published it.

    Raises:
        PayloadError: it cannot be read, or somebody else than governance published it.
        UnreadableActError: it can be read and makes no sense.
    """
    if kind is not AgencyKind.GOVERNANCE:
        raise PayloadError("publisher_not_entitled")
    record = ACT_CODEC.decode(body)
    event_id, given = EventId(record["event_id"]), record["carried"]
    event_id_bytes(event_id)
    follows = given["payloads"] if given is not None else 0
    try:
        return _checked(record, event_id, after, follows, keyring)
    except PayloadError as error:
        raise UnreadableActError(error, event_id, max(0, follows)) from None


def _checked(
    record: dict[str, Any], event_id: EventId, after: Sequence[Payload], follows: int, keyring: KeyRing
) -> Act:
    if faults := ACT_CODEC.limits(record):
        raise PayloadError("field_invalid", faults)
    place = place_behind(keyring, record["quarantine_id"])
    if place is None:
        raise PayloadError("quarantine_unknown", ("quarantine_id",))
    again = record["act"] == QuarantineAct.RESUBMITTED
    if again != (record["carried"] is not None) or not 0 <= follows <= len(after):
        raise PayloadError("field_invalid", ("carried",))
    brings = _brought(record, tuple(after[:follows])) if again else None
    return Act(event_id, place, record["publisher"], brings, follows)


def _brought(record: dict[str, Any], payloads: tuple[Payload, ...]) -> Kept:
    given = record["carried"]
    kept = carried(
        given["kind"],
        payloads,
        given["header"],
        given["signature"],
        given["index"],
        given["count"],
        tuple(given["proof"]),
    )
    # Two people signed for these very bytes and no others.
    if hashlib.sha256(pack_kept(kept)).digest() != record["kept_sha256"]:
        raise PayloadError("quarantine_unknown", ("kept_sha256",))
    return kept
