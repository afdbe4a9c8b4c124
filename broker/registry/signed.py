"""Signed JSON on disk: a document and its Ed25519 signature side by side, written whole or not at all."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from broker.errors import IntegrityError
from broker.wire.keys import SigningKey, VerifyKey


def write_signed(folder: Path, name: str, document: Mapping[str, object], key: SigningKey) -> None:
    """Write `<name>.json` and `<name>.sig`, mode 0600.

    The signature covers the document's name too, so that one signed document cannot stand in for another.
    """
    data = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=True).encode("ascii") + b"\n"
    write_private(folder / f"{name}.sig", key.sign(_message(name, data)))
    write_private(folder / f"{name}.json", data)


def read_signed(folder: Path, name: str, key: VerifyKey) -> dict[str, object]:
    """The document, once its signature has been checked.

    Raises:
        IntegrityError: a file is missing, the signature does not fit, or what was signed is no JSON object.
    """
    try:
        data = (folder / f"{name}.json").read_bytes()
        signature = (folder / f"{name}.sig").read_bytes()
    except OSError:
        raise IntegrityError(f"{name}.json or {name}.sig cannot be read") from None
    if not key.verifies(signature, _message(name, data)):
        raise IntegrityError(f"{name}.json does not carry the root key's signature")
    try:
        document = json.loads(data)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise IntegrityError(f"{name}.json is signed but is no JSON object")
    return document


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; the file is readable by its owner only and on disk on return.

    Raises:
        OSError: it cannot be written; `path` is as it was, and nothing of `data` is left beside it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _message(name: str, data: bytes) -> bytes:
    return b"candour.signed.v1\x00" + name.encode("ascii") + b"\x00" + data
