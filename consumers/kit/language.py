"""The published language as an agency needs it: a codec for each event type, and for each delivery."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.domain.identifiers import EventType
from broker.domain.vocabulary import AgencyKind, DeliveryKind
from broker.errors import ConfigurationError, PayloadError
from broker.wire.avro import Codec
from broker.wire.resolve import Carry, compile_raise
from broker.wire.versions import DELIVERY_VERSIONS, read_versions

REPLY_SCHEMA = "delivery.reply"
RETURNED_SCHEMA = "delivery.returned"
_KINDS = {REPLY_SCHEMA: DeliveryKind.REPLY, RETURNED_SCHEMA: DeliveryKind.RETURNED}


@dataclass(frozen=True, slots=True)
class Language:
    """Every schema of one release of the published language."""

    events: Mapping[EventType, Codec]
    publishers: Mapping[EventType, frozenset[AgencyKind]]
    deliveries: Mapping[bytes, tuple[DeliveryKind, Codec]]
    """by fingerprint of the whole schema, today's first, then older versions"""
    older: Mapping[bytes, tuple[Codec, Carry | None]] = field(default_factory=dict)
    """fingerprint of an older delivery -> today's codec, and what carries a record up to it"""

    def read_delivery(self, fingerprint: bytes, body: bytes) -> tuple[DeliveryKind, Codec, dict[str, Any]]:
        """A delivery as a record of today's schema, whatever version it was written in.

        Raises:
            PayloadError: `schema_unknown`; `bytes_do_not_round_trip` or `payload_too_large`.
        """
        known = self.deliveries.get(fingerprint)
        if known is None:
            raise PayloadError("schema_unknown")
        kind, codec = known
        record = codec.decode(body)
        today, raised = self.older.get(fingerprint, (codec, None))
        return kind, today, record if raised is None else raised(record)


def read_language(folder: Path) -> Language:
    """Read every schema under `folder` and its `deliveries`, and what deliveries were in earlier versions.

    Raises:
        ConfigurationError: the folder holds no schema, or one that is not sound.
    """
    events = [_read(path) for path in sorted(folder.glob("*.avsc"))]
    deliveries = {path.stem: _read(path) for path in sorted((folder / "deliveries").glob("*.avsc"))}
    if not events or not deliveries:
        raise ConfigurationError(
            f"{folder} holds no schemas. Restore it, or put its place right in agency.json."
        )
    known = {codec.fingerprint: (_kind(codec), codec) for codec in deliveries.values()}
    older: dict[bytes, tuple[Codec, Carry | None]] = {}
    for name, recorded in read_versions(folder / DELIVERY_VERSIONS).items():
        for codec in (Codec(one.schema) for one in recorded if one.fingerprint not in known):
            today = deliveries.get(name, codec)
            older[codec.fingerprint] = today, compile_raise(codec.shape, today.shape)
            known[codec.fingerprint] = _kind(codec), codec
    return Language(
        events={_name(codec): codec for codec in events},
        publishers={_name(codec): _publishers(codec) for codec in events},
        deliveries=known,
        older=older,
    )


def _read(path: Path) -> Codec:
    try:
        return Codec(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise ConfigurationError(f"{path} cannot be read as a schema. Restore it.") from None


def _name(codec: Codec) -> EventType:
    return EventType(f"{codec.schema.get('namespace', '')}.{codec.schema['name']}".lstrip("."))


def _publishers(codec: Codec) -> frozenset[AgencyKind]:
    return frozenset(AgencyKind(kind) for kind in codec.schema.get("publishers", ()))


def _kind(codec: Codec) -> DeliveryKind:
    return _KINDS.get(_name(codec), DeliveryKind.EVENT)
