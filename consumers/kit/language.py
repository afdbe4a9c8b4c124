"""The published language as an agency needs it: a codec for each event type, and for each delivery."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from broker.domain.identifiers import EventType
from broker.domain.vocabulary import AgencyKind, DeliveryKind
from broker.errors import ConfigurationError
from broker.wire.avro import Codec

REPLY_SCHEMA = "delivery.reply"


@dataclass(frozen=True, slots=True)
class Language:
    """Every schema of one release of the published language."""

    events: Mapping[EventType, Codec]
    publishers: Mapping[EventType, frozenset[AgencyKind]]
    deliveries: Mapping[bytes, tuple[DeliveryKind, Codec]]
    """by fingerprint of the whole schema"""


def read_language(folder: Path) -> Language:
    """Read every schema under `folder` and its `deliveries`.

    Raises:
        ConfigurationError: the folder holds no schema, or one that is not sound.
    """
    events = [_read(path) for path in sorted(folder.glob("*.avsc"))]
    deliveries = [_read(path) for path in sorted((folder / "deliveries").glob("*.avsc"))]
    if not events or not deliveries:
        raise ConfigurationError(
            f"{folder} holds no schemas. Restore it, or put its place right in agency.json."
        )
    return Language(
        events={_name(codec): codec for codec in events},
        publishers={_name(codec): _publishers(codec) for codec in events},
        deliveries={codec.fingerprint: (_kind(codec), codec) for codec in deliveries},
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
    return DeliveryKind.REPLY if _name(codec) == REPLY_SCHEMA else DeliveryKind.EVENT
