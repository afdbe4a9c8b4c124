"""The two keys at the root of an exchange: one signs the registry, one signs policy bundles.

Workers need neither: they get the root's public half, and OPA gets the bundle key's.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from broker.errors import ConfigurationError
from broker.registry.signed import write_private
from broker.wire.keys import SigningKey, VerifyKey

ROOT_PUBLIC = Path("broker") / "root.pub"
ROOT_PRIVATE = Path("governance") / "root.key"
BUNDLE_PUBLIC = Path("policy") / "signing.pub.pem"
BUNDLE_PRIVATE = Path("governance") / "bundle-signing.pem"


def generate_roots(folder: Path) -> SigningKey:
    """Makes both keys; returns the one that signs the registry.

    OPA verifies no Ed25519, hence ECDSA P-256 (ES256) for bundles.
    """
    root = SigningKey.generate()
    write_private(folder / ROOT_PRIVATE, root.to_bytes())
    write_private(folder / ROOT_PUBLIC, root.verify_key.to_bytes())
    bundle = generate_private_key(SECP256R1())
    write_private(
        folder / BUNDLE_PRIVATE,
        bundle.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    public = bundle.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_private(folder / BUNDLE_PUBLIC, public)
    return root


def root_verify_key(folder: Path) -> VerifyKey:
    """What the registry is checked with.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        return VerifyKey.from_bytes((folder / ROOT_PUBLIC).read_bytes())
    except OSError:
        raise ConfigurationError(f"{folder / ROOT_PUBLIC} cannot be read") from None
