"""A folder of policies that a test may change, the engine, and keys that sign bundles."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from key_pair import KeyPair

from broker.policy.bundle import build_signed_bundle
from broker.policy.engine import find_opa
from broker.settings import shipped


@pytest.fixture(scope="session")
def opa() -> Path:
    return find_opa()


@pytest.fixture(scope="session")
def schemas() -> Path:
    return shipped("schemas")


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the shipped policies."""
    return Path(shutil.copytree(shipped("policies"), tmp_path / "policies"))


@pytest.fixture
def edit(policies: Path) -> Callable[[str, str, str], None]:
    """Replaces text that must be there in one of the copied files."""

    def replace(name: str, old: str, new: str) -> None:
        text = (policies / name).read_text(encoding="utf-8")
        assert old in text
        (policies / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture(scope="session")
def make_keys(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], KeyPair]:
    def make() -> KeyPair:
        folder = tmp_path_factory.mktemp("keys")
        key = ec.generate_private_key(ec.SECP256R1())
        pair = KeyPair(folder / "key.pem", folder / "key.pub.pem")
        pair.private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        pair.public.write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        return pair

    return make


@pytest.fixture(scope="session")
def keys(make_keys: Callable[[], KeyPair]) -> KeyPair:
    return make_keys()


@pytest.fixture(scope="session")
def bundle(opa: Path, schemas: Path, keys: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped policies, compiled and signed."""
    out = tmp_path_factory.mktemp("bundle")
    return build_signed_bundle(shipped("policies"), schemas, opa, keys.private, out).bundle_path
