"""What `candour quarantine` prints: the table, what was done, and to two people the bytes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from broker.domain.quarantine import KeptState, Request
from broker.domain.vocabulary import ReplyStatus
from broker.errors import PayloadError
from broker.explain.quarantine import Item
from broker.registry.event_reader import EventReader
from broker.wire.envelope import Payload
from broker.wire.kept import Kept
from consumers.kit.delivery import Reply
from consumers.kit.reading import to_json

_STATES = (KeptState.KEPT, KeptState.RESUBMITTED, KeptState.DISCARDED)
_SHORT = 14
"""Characters of an id that the table shows: enough to name it by"""


def document(items: Sequence[Item], shown: Sequence[Item]) -> dict[str, Any]:
    """What `quarantine list --json` prints: the books of thirty days, and each payload that was asked for."""
    return {**_books(items), "items": [one.document() for one in shown]}


def table(items: Sequence[Item], shown: Sequence[Item]) -> Iterator[str]:
    """The same, to be read."""
    yield ", ".join(f"{count} {state}" for state, count in _books(items).items())
    if not shown:
        return
    yield ""
    yield f"{'id':{_SHORT}} {'taken in':17} {'publisher':18} {'code':26} {'bytes':>7} {'state':11} opened"
    for one in shown:
        record = one.record
        name = one.quarantine_id[:_SHORT]
        fields = f"  {', '.join(record['fields'])}" if record["fields"] else ""
        yield (
            f"{name} {_at(record['kept_at_us'])} {record['publisher']:18} {record['code']:26} "
            f"{record['size']:>7} {one.state:11} {one.opened or ''}{fields}"
        ).rstrip()


def done(request: Request, second: str, reply: Reply) -> dict[str, Any]:
    """What was asked of the exchange, and its answer."""
    return {
        "quarantine_id": request.quarantine_id,
        "act": str(request.act),
        "reason": str(request.reason),
        "holders": [request.first, second],
        "act_id": request.event_id,
        "on_record": reply.status is ReplyStatus.APPLIED,
        "code": reply.code,
    }


def pages(kept: Kept, reader: EventReader) -> list[dict[str, Any]]:
    """Each payload: read, where a schema of today reads it, else as hexadecimal digits."""
    if not kept.payloads:
        return [{"kind": kept.kind.name.lower(), "bytes": kept.raw.hex()}]
    return [_page(kept, one, reader) for one in kept.payloads]


def _page(kept: Kept, payload: Payload, reader: EventReader) -> dict[str, Any]:
    known: dict[str, Any] = {"kind": kept.kind.name.lower(), "fingerprint": payload.fingerprint.hex()}
    try:
        spec = reader.spec_of(payload.fingerprint)
        known["event_type"] = spec.event_type
        shape = reader.catalogue.codecs[spec.event_type].shape
        return {**known, "event": to_json(shape, reader.record(payload.fingerprint, payload.body))}
    except PayloadError as error:
        return {**known, "code": error.code, "bytes": payload.body.hex()}


def _books(items: Sequence[Item]) -> dict[str, int]:
    counted = Counter(one.state for one in items)
    return {str(state): counted[state] for state in _STATES}


def _at(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%d %H:%MZ")
