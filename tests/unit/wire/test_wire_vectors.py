"""The committed vectors open, with our code and with code that shares nothing with it but `cryptography`."""

import ast
import json
from pathlib import Path
from typing import Any

import independent_reader
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.wire.avro import Codec
from broker.wire.envelope import open_envelope
from broker.wire.keys import OpeningKey, SealingKey, VerifyKey

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
VECTORS = sorted(FOLDER.glob("*.json"))


@pytest.fixture(params=VECTORS, ids=lambda path: path.stem)
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return loaded


def test_there_is_a_vector_for_each_direction() -> None:
    assert [path.stem for path in VECTORS] == ["agency_to_exchange", "exchange_to_desk"]


def test_a_vector_opens_with_cryptography_alone(vector: dict[str, Any]) -> None:
    read = independent_reader.read(
        bytes.fromhex(vector["envelope"]),
        independent_reader.opening_key(vector["recipient"]),
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["verify_key"])),
    )
    assert read["payloads"] == vector["payloads"]
    assert vector["header"].items() <= read["header"].items()
    assert (read["header"]["sender"], read["header"]["recipient"]) == (vector["sender"], vector["recipient"])


def test_the_independent_reader_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(independent_reader.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {name.partition(".")[0] for name in imported} == {"hashlib", "typing", "cryptography"}


def test_a_vector_opens_with_our_code_and_reads_as_its_records(vector: dict[str, Any]) -> None:
    opening_key = OpeningKey.from_bytes(independent_reader.opening_bytes(vector["recipient"]))
    verify_key = VerifyKey.from_bytes(bytes.fromhex(vector["verify_key"]))
    envelope = open_envelope(bytes.fromhex(vector["envelope"]), opening_key, verify_key)
    codec = Codec(vector["schema"])
    assert [codec.decode(payload.body) for payload in envelope.payloads] == vector["records"]
    assert {payload.fingerprint for payload in envelope.payloads} == {codec.fingerprint}


def test_the_public_keys_of_a_vector_belong_to_its_labels(vector: dict[str, Any]) -> None:
    sealing = SealingKey.from_bytes(bytes.fromhex(vector["sealing_key"]))
    assert (
        sealing.key_id == OpeningKey.from_bytes(independent_reader.opening_bytes(vector["recipient"])).key_id
    )
    assert sealing.key_id.hex() == vector["header"]["sealing_key_id"]
    public = independent_reader.signing_key(vector["sender"]).public_key().public_bytes_raw()
    assert public.hex() == vector["verify_key"]
