"""What each agency needs to take part: its own keys, its topics, the exchange's public keys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from broker.domain.identifiers import DeskId, agency_of, role_of
from broker.onebox.record import Record
from broker.registry.catalogue import DELIVERIES, ENDING
from broker.registry.keyring import KeyRing
from broker.registry.registry import Registry
from broker.registry.signed import write_private
from broker.registry.topics import BROKER, DESK_PARTITIONS, from_topic, to_topic
from broker.settings import shipped
from broker.wire.avro import schema_text
from broker.wire.keys import OpeningKey, SigningKey
from broker.wire.versions import DELIVERY_VERSIONS

SIGNING_KEY = "signing.key"


@dataclass(frozen=True, slots=True, repr=False)
class AgencyKeys:
    """An agency's own private keys. In life they never leave the agency; on one machine we make them."""

    signing: SigningKey
    opening: Mapping[DeskId, OpeningKey]


def generate_agency_keys(folder: Path, desks: Sequence[DeskId]) -> AgencyKeys:
    """Makes and keeps an agency's keys: one to sign with, one for each desk to open with."""
    keys = AgencyKeys(SigningKey.generate(), {desk: OpeningKey.generate() for desk in desks})
    write_private(folder / SIGNING_KEY, keys.signing.to_bytes())
    for desk, opening in keys.opening.items():
        write_private(folder / _desk_key(desk), opening.to_bytes())
    return keys


def write_access(folder: Path, record: Record, registry: Registry, keyring: KeyRing) -> None:
    """Writes agency.json and the published language for every agency; at each start, as ports may change."""
    language = _language(shipped("schemas"))
    for agency, entry in registry.agencies.items():
        place = folder / "agencies" / agency
        document = {
            "agency": agency,
            "kind": entry.kind.value,
            "bootstrap": record.bootstrap,
            "topic": from_topic(agency),
            "recipient": BROKER,
            "broker_sealing_key": keyring.ingress.sealing_key.to_bytes().hex(),
            "broker_verify_keys": [keyring.delivery.verify_key.to_bytes().hex()],
            "desks": {
                desk: {
                    "topic": to_topic(desk),
                    "partitions": DESK_PARTITIONS,
                    "opening_key": str(_desk_key(desk)),
                }
                for desk in registry.desks()
                if agency_of(desk) == agency
            },
            "reply_desk": entry.reply_desk,
            "signing_key": SIGNING_KEY,
            "schemas": "schemas",
            "kafka": dict(record.kafka),
        }
        write_private(place / "agency.json", json.dumps(document, indent=1).encode() + b"\n")
        for name, schema in language.items():
            _renew(place / "schemas" / name, schema)


def _language(schemas: Path) -> dict[Path, bytes]:
    """Every schema of today and what deliveries were in earlier versions, by place under `schemas`.

    A desk finds earlier deliveries in its topic, and may be sent them.
    """
    language = {path.relative_to(schemas): path.read_bytes() for path in schemas.rglob(f"*{ENDING}")}
    today = {
        schema_text(json.loads(schema)).encode("utf-8")
        for name, schema in language.items()
        if name.parent == Path(DELIVERIES)
    }
    recorded = {path: path.read_bytes() for path in sorted((schemas / DELIVERY_VERSIONS).rglob("*.json"))}
    older = {path.relative_to(schemas): schema for path, schema in recorded.items() if schema not in today}
    return language | older


def _renew(path: Path, data: bytes) -> None:
    # Hundreds of files for each agency, nearly always as they were: to write each to disk takes seconds.
    if not path.is_file() or path.read_bytes() != data:
        write_private(path, data)


def _desk_key(desk: DeskId) -> Path:
    return Path("desks") / f"{role_of(desk)}.key"
