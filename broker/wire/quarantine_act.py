"""The form in which governance tells the exchange what two holders do with a payload in quarantine.

It travels in an envelope as any payload does, but it is no event: it is about the exchange's own books, has
no person and goes to nobody, so it stands in no catalogue and no agreement can name it. Where it resubmits a
payload, that payload follows it in the same envelope as it came: salt, fingerprint, bytes.
"""

from collections.abc import Mapping
from typing import Any, Final

from broker.wire.avro import Codec


def _text(limit: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": limit}


def _fixed(name: str, size: int) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size}


def _enum(name: str, *symbols: str) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": list(symbols)}


def _record(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": key, "type": type_} for key, type_ in fields.items()],
    }


SCHEMA: Final[Mapping[str, Any]] = {
    **_record(
        "quarantine_act",
        event_id=_text(36),
        occurred_at={"type": "long", "logicalType": "timestamp-micros"},
        act=_enum("Act", "opened", "resubmitted", "discarded"),
        quarantine_id=_text(80),
        kept_sha256=_fixed("KeptSha256", 32),
        reason=_enum("Reason", "find_fault", "mended", "sent_again", "not_genuine", "not_needed"),
        publisher=_text(40),
        first=_record("First", holder=_text(40), signature=_fixed("FirstSignature", 64)),
        second=_record("Second", holder=_text(40), signature=_fixed("SecondSignature", 64)),
        carried=[
            "null",
            _record(
                "Carried",
                kind={"type": "int"},
                header={"type": "bytes", "maxLength": 1024},
                signature=_fixed("CarriedSignature", 64),
                index={"type": "int"},
                count={"type": "int"},
                proof={"type": "array", "items": _fixed("ProofHash", 32), "maxItems": 16},
                payloads={"type": "int"},
            ),
        ],
    ),
    "namespace": "candour",
}
"""`publisher`: whose payload it is. `carried`: what proves whose bytes follow, and how many payloads"""

ACT_CODEC: Final = Codec(SCHEMA)
