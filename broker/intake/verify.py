"""Verify: is this envelope from the agency that owns its topic, signed for that topic, sealed to us?"""

from broker.domain.identifiers import AgencyId
from broker.errors import PayloadError
from broker.registry.keyring import KeyRing
from broker.registry.registry import Registry
from broker.registry.topics import BROKER
from broker.wire.envelope import Envelope, open_envelope, read_header


def verify(
    data: bytes | None, owner: AgencyId, topic: str, at_us: int, registry: Registry, keyring: KeyRing
) -> Envelope:
    """The opened envelope, once all of this holds: size, sender, topic, recipient, key, seal, signature.

    Kafka never shows a consumer which principal wrote a record, so topic, claimed sender and owner of
    the key are compared here (T1).

    Args:
        owner: the agency whose topic it came in through.
        at_us: when the log took it in, microseconds since 1970-01-01T00:00Z; keys count at that instant.

    Raises:
        PayloadError: with the code of the first thing that does not hold.
    """
    if not data:
        raise PayloadError("envelope_malformed")
    header = read_header(data)
    if header.sender != owner:
        raise PayloadError("sender_not_topic_owner")
    if header.topic != topic or header.recipient != BROKER:
        raise PayloadError("topic_mismatch")
    key = registry.verify_key(owner, header.signing_key_id, at_us)
    if key is None:
        raise PayloadError("key_unknown")
    return open_envelope(data, keyring.ingress, key)
