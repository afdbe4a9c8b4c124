"""An act on a payload in quarantine: one holder asks, another agrees, perhaps on another machine."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.cli.files import write_for_owner
from broker.domain.quarantine import (
    ActReason,
    QuarantineAct,
    Request,
    first_statement,
    second_statement,
)
from broker.errors import IntegrityError, UsageError
from broker.onebox.holders import HolderKeys
from broker.registry.registry import Holder
from broker.wire.envelope import Payload
from broker.wire.kept import Kept, pack_kept, unpack_kept
from broker.wire.quarantine_act import ACT_CODEC
from broker.wire.two_keys import halves_of, open_with_two

REQUEST_FORMAT = "candour.quarantine_request.v1"
_HALF = b"candour.quarantine.half.v1\0"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the first holder hands to the second. Does not print."""

    request: Request
    signature: bytes
    publisher: str
    code: str
    sealed: bytes
    """the payload as it is kept; empty where it need not be opened"""
    halves: Mapping[str, bytes]
    """for each other holder the first one's half of their key, sealed to that holder"""

    def __repr__(self) -> str:
        return f"Asked({self.request.act}, {self.request.quarantine_id})"


def ask(
    request: Request,
    record: Mapping[str, Any],
    sealed: bytes,
    keys: HolderKeys,
    holders: Mapping[str, Holder],
) -> Asked:
    """The first holder's part: the request, signed; for whoever agrees, the first half of the key.

    Args:
        record: of the payload in quarantine, as it is listed.
        sealed: its bytes, where the act needs them.
        keys: the first holder's own.

    Raises:
        IntegrityError: the bytes were not sealed for this holder.
    """
    context = request.quarantine_id.encode("ascii")
    mine = halves_of(sealed, keys.name, keys.opening, context) if sealed else {}
    halves = {
        name: holders[name].sealing_key.seal(half, _info(request, name))
        for name, half in mine.items()
        if name in holders
    }
    signature = keys.signing.sign(first_statement(request))
    return Asked(request, signature, record["publisher"], record["code"], sealed, halves)


def agree(asked: Asked, keys: HolderKeys, holders: Mapping[str, Holder]) -> tuple[bytes, Kept | None]:
    """The second holder's part: the act for governance to publish, and what was kept where it was opened.

    Raises:
        UsageError: the second holder is the first.
        IntegrityError: the request is not the first holder's, or the bytes do not open.
    """
    request = asked.request
    first = holders.get(request.first)
    if keys.name == request.first:
        raise UsageError(f"{keys.name} asked for it; another holder must agree.")
    if first is None or not first.verify_key.verifies(asked.signature, first_statement(request)):
        raise IntegrityError(f"The request does not carry the signature of {request.first}.")
    kept = _opened(asked, keys) if asked.sealed else None
    record = request.to_record(asked.publisher, asked.signature)
    second = keys.signing.sign(second_statement(request, asked.signature, keys.name))
    record["second"] = {"holder": keys.name, "signature": second}
    if request.act is QuarantineAct.RESUBMITTED:
        if kept is None or not kept.is_whole:
            raise UsageError("What is kept holds no payload: it can be opened and discarded only.")
        record["carried"] = _carried(kept)
    return ACT_CODEC.encode(record), kept


def carries(act: QuarantineAct, kept: Kept | None) -> tuple[Payload, ...]:
    """The payloads that go with the act in its envelope, as they came."""
    return kept.payloads if kept is not None and act is QuarantineAct.RESUBMITTED else ()


def write_request(path: Path, asked: Asked) -> None:
    """Write what the second holder needs, readable by its owner only.

    Raises:
        UsageError: it cannot be written.
    """
    request = asked.request
    document = {
        "format": REQUEST_FORMAT,
        "act": request.act.value,
        "quarantine_id": request.quarantine_id,
        "kept_sha256": request.kept_sha256.hex(),
        "event_id": request.event_id,
        "occurred_at_us": request.occurred_at_us,
        "reason": request.reason.value,
        "first": request.first,
        "signature": asked.signature.hex(),
        "publisher": asked.publisher,
        "code": asked.code,
        "sealed": asked.sealed.hex(),
        "halves": {name: half.hex() for name, half in asked.halves.items()},
    }
    write_for_owner(path, json.dumps(document, indent=1).encode("ascii") + b"\n", "--out")


def read_request(path: Path) -> Asked:
    """Read what the first holder wrote.

    Raises:
        UsageError: it is no such file.
    """
    try:
        given = json.loads(path.read_text(encoding="ascii"))
        if given["format"] != REQUEST_FORMAT:
            raise ValueError
        request = Request(
            given["event_id"],
            int(given["occurred_at_us"]),
            QuarantineAct(given["act"]),
            given["quarantine_id"],
            bytes.fromhex(given["kept_sha256"]),
            ActReason(given["reason"]),
            given["first"],
        )
        halves = {str(name): bytes.fromhex(half) for name, half in given["halves"].items()}
        sealed = bytes.fromhex(given["sealed"])
        signature = bytes.fromhex(given["signature"])
        return Asked(request, signature, given["publisher"], given["code"], sealed, halves)
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{path} is no request of a holder. Ask for it anew.") from None


def _opened(asked: Asked, keys: HolderKeys) -> Kept:
    request = asked.request
    context = request.quarantine_id.encode("ascii")
    theirs = keys.opening.open(asked.halves.get(keys.name, b""), _info(request, keys.name))
    if theirs is None:
        raise IntegrityError(f"The request holds nothing that opens for {keys.name}.")
    mine = halves_of(asked.sealed, keys.name, keys.opening, context)[request.first]
    kept = unpack_kept(open_with_two(asked.sealed, theirs, mine, context))
    if hashlib.sha256(pack_kept(kept)).digest() != request.kept_sha256:
        raise IntegrityError("What is kept is not what the request is about.")
    return kept


def _carried(kept: Kept) -> dict[str, Any]:
    return {
        "kind": int(kept.kind),
        "header": kept.header_bytes,
        "signature": kept.signature.ljust(64, b"\0"),
        "index": kept.index,
        "count": kept.count,
        "proof": list(kept.proof),
        "payloads": len(kept.payloads),
    }


def _info(request: Request, other: str) -> bytes:
    return _HALF + "|".join((request.quarantine_id, request.first, other)).encode("ascii")
