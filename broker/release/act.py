"""Act: may these two do this with that payload in quarantine? Their signatures and the lane's row say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from broker.domain.quarantine import (
    BECOMES,
    REQUEST_US,
    QuarantineAct,
    Request,
    first_statement,
    second_statement,
)
from broker.errors import PayloadError
from broker.lanes.block import Entry
from broker.registry.quarantine_ids import place_behind
from broker.registry.registry import Holder
from broker.release.book import Book, Place
from broker.release.kept_row import KeptRow
from broker.release.means import Means
from broker.wire.quarantine_act import ACT_CODEC

UNKNOWN = "quarantine_unknown"
CLOSED = "quarantine_closed"
NOT_TWO = "two_people_needed"
NOT_AGAIN = "not_resubmittable"


@dataclass(frozen=True, slots=True)
class Done:
    """An act that counts, with the row as it leaves it."""

    request: Request
    second: str
    """the other holder"""
    row_place: Place
    row: KeptRow
    brings: tuple[Entry, ...] = ()
    """what comes in again, each under its own subject"""


def done(means: Means, book: Book, act: bytes, brings: Sequence[Entry], at_us: int) -> Done:
    """The act that two holders signed, checked against their keys and against what is kept in this lane.

    Args:
        book: of the lane that the payload is kept in.
        act: as governance published it.
        brings: what Intake made of the payloads that came with it.
        at_us: when the log took it in.

    Raises:
        PayloadError: `two_people_needed`, `quarantine_unknown`, `quarantine_closed`, `not_resubmittable`.
    """
    record = ACT_CODEC.decode(act)
    request = Request.of_record(record)
    _check_two(means.registry.holders, request, record, at_us)
    place, row = _row(means, book, request, at_us)
    if not row.is_kept:
        raise PayloadError(CLOSED, ("quarantine_id",))
    again: tuple[Entry, ...] = ()
    if request.act is QuarantineAct.RESUBMITTED:
        again = _again(row, request, brings)
    second = str(record["second"]["holder"])
    return Done(request, second, place, replace(row, state=BECOMES[request.act]), again)


def _check_two(
    holders: Mapping[str, Holder], request: Request, record: Mapping[str, Any], at_us: int
) -> None:
    second = record["second"]["holder"]
    one, other = holders.get(request.first), holders.get(second)
    if one is None or other is None or request.first == second:
        raise PayloadError(NOT_TWO, ("first", "second"))
    signature = record["first"]["signature"]
    if not one.verify_key.verifies(signature, first_statement(request)):
        raise PayloadError(NOT_TWO, ("first",))
    statement = second_statement(request, signature, second)
    if not other.verify_key.verifies(record["second"]["signature"], statement):
        raise PayloadError(NOT_TWO, ("second",))
    if not abs(at_us - request.occurred_at_us) <= REQUEST_US:
        raise PayloadError(NOT_TWO, ("occurred_at",))


def _row(means: Means, book: Book, request: Request, at_us: int) -> tuple[Place, KeptRow]:
    found = place_behind(means.keyring, request.quarantine_id)
    # Intake brought the act to the lane that its id names.
    place = None if found is None else Place(found.offset, found.number)
    row = None if place is None else book.kept(place)
    if place is None or row is None or row.is_over(at_us):
        raise PayloadError(UNKNOWN, ("quarantine_id",))
    if row.kept_sha256 != request.kept_sha256.hex():
        raise PayloadError(UNKNOWN, ("kept_sha256",))
    return place, row


def _again(row: KeptRow, request: Request, brings: Sequence[Entry]) -> tuple[Entry, ...]:
    if not row.can_come_again or not brings or any(one.publisher != row.publisher for one in brings):
        raise PayloadError(NOT_AGAIN, ("act",))
    # They stand where they first stood, so that their publisher knows which of its payloads is meant.
    return tuple(
        replace(
            one,
            topic=row.topic,
            offset=row.offset,
            index=row.index + number,
            origin=request.quarantine_id,
        )
        for number, one in enumerate(brings)
    )
