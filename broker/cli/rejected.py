"""`candour agency rejected`: which of an agency's payloads were not taken in, why, and its own bytes."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from broker.domain.identifiers import EventType
from broker.errors import PayloadError, UsageError
from broker.registry.signed import write_private
from consumers.kit.language import Language
from consumers.kit.reading import to_json
from consumers.kit.rejected import Rejected


def document(one: Rejected) -> dict[str, Any]:
    """One object of `--json`: names, codes and numbers."""
    return {
        "quarantine_id": one.payload.quarantine_id,
        "event_id": one.event_id,
        "code": one.code,
        "message": one.message,
        "fields_at_fault": list(one.fields),
        "offset": one.payload.offset,
        "index": one.payload.index,
        "sha256": one.payload.sha256,
        "bytes_returned": None if one.content is None else len(one.content),
    }


def table(found: Sequence[Rejected]) -> Iterator[str]:
    """The same, to be read."""
    yield f"{len(found)} payloads were not taken in within the last thirty days"
    for one in found:
        told = one.payload
        fields = f"  {', '.join(one.fields)}" if one.fields else ""
        yield f"{told.quarantine_id[:14]}  {one.code}{fields}  {one.message}"
        back = "its bytes came back" if one.content is not None else "not proven to be yours: no bytes"
        yield f"    event {one.event_id or '-'}, offset {told.offset}, payload {told.index}; {back}"


def write(found: Sequence[Rejected], folder: Path, language: Language) -> int:
    """Write the bytes of each, as they came, and where a schema reads them the event as JSON beside it.

    Returns:
        how many payloads were written.

    Raises:
        UsageError: the folder cannot be written.
    """
    written = 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in found:
            if one.content is None:
                continue
            write_private(folder / f"{one.payload.quarantine_id}.avro", one.content)
            event = _event(one, language)
            if event is not None:
                text = json.dumps(event, ensure_ascii=False) + "\n"
                write_private(folder / f"{one.payload.quarantine_id}.json", text.encode("utf-8"))
            written += 1
    except OSError:
        raise UsageError(f"{folder} cannot be written. Give another with --out.") from None
    return written


def _event(one: Rejected, language: Language) -> dict[str, Any] | None:
    for event_type, codec in language.events.items():
        if codec.fingerprint.hex() == one.fingerprint and one.content is not None:
            try:
                read = to_json(codec.shape, codec.decode(one.content))
            except PayloadError:
                return None
            return {"event_type": EventType(event_type), **read}
    return None
