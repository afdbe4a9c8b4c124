"""Writes the vectors anew, with the published test keys of invented parties."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from broker.wire.avro import Codec
from broker.wire.envelope import Header, Payload, seal_envelope
from broker.wire.keys import OpeningKey, SigningKey

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "unit" / "wire"))

from independent_reader import opening_bytes, seed  # noqa: E402

SCHEMA: dict[str, Any] = {
    "type": "record",
    "namespace": "vector",
    "name": "seen",
    "fields": [
        {"name": "event_id", "type": {"type": "string", "maxLength": 36}},
        {"name": "occurred_at", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "family_name", "type": ["null", {"type": "string", "maxLength": 80}]},
        {"name": "languages", "type": {"type": "array", "items": "string", "maxItems": 8}},
    ],
}
RECORDS: list[dict[str, Any]] = [
    {
        "event_id": f"01939c2e-0000-7000-8000-00000000000{number}",
        "occurred_at": None if number == 3 else 1_763_682_060_000_000 + number,
        "family_name": name,
        "languages": languages,
    }
    for number, (name, languages) in enumerate(
        [("Example", ["en"]), ("Exämple", []), (None, ["cy", "en"])], start=1
    )
]
DIRECTIONS = {
    "agency_to_exchange": ("moor-police", "candour", "from.moor-police"),
    "exchange_to_desk": ("candour", "northmoor-crisis/crisis-line", "to.northmoor-crisis.crisis-line"),
}


def vector(sender: str, recipient: str, topic: str) -> dict[str, Any]:
    codec = Codec(SCHEMA)
    signing_key = SigningKey.from_bytes(seed(f"{sender} ed25519"))
    opening_key = OpeningKey.from_bytes(opening_bytes(recipient))
    header = Header(
        sender=sender,
        recipient=recipient,
        topic=topic,
        stream=hashlib.sha256(b"candour test vector stream").digest()[:16],
        sequence=7,
        time_us=1_763_682_061_000_000,
        signing_key_id=signing_key.key_id,
        sealing_key_id=opening_key.key_id,
    )
    payloads = [Payload(codec.fingerprint, codec.encode(record)) for record in RECORDS]
    return {
        "warning": "Published test keys, derived from public labels. They protect nothing.",
        "sender": sender,
        "recipient": recipient,
        "verify_key": signing_key.verify_key.to_bytes().hex(),
        "sealing_key": opening_key.sealing_key.to_bytes().hex(),
        "header": {
            "topic": topic,
            "stream": header.stream.hex(),
            "sequence": header.sequence,
            "time_us": header.time_us,
            "signing_key_id": header.signing_key_id.hex(),
            "sealing_key_id": header.sealing_key_id.hex(),
        },
        "schema": SCHEMA,
        "payloads": [{"fingerprint": p.fingerprint.hex(), "body": p.body.hex()} for p in payloads],
        "records": RECORDS,
        "envelope": seal_envelope(header, payloads, signing_key, opening_key.sealing_key).hex(),
    }


if __name__ == "__main__":
    for name, parties in DIRECTIONS.items():
        text = json.dumps(vector(*parties), indent=1, ensure_ascii=False)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")
