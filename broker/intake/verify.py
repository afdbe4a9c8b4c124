"""Verify: is this envelope from the agency that owns its topic, signed for that topic, sealed to us?"""

from broker.domain.identifiers import AgencyId
from broker.errors import PayloadError
from broker.registry.keyring import KeyRing
from broker.registry.registry import Registry
from broker.registry.topics import BROKER, from_topic
from broker.wire.envelope import Envelope, open_envelope, open_unverified, read_header
from broker.wire.header import Header, header_of
from broker.wire.kept import Kept, kept_bytes, kept_envelope

_MAY_BE_GENUINE = frozenset({"key_unknown", "signature_invalid"})


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
    _check_way(header, owner, topic)
    key = registry.verify_key(owner, header.signing_key_id, at_us)
    if key is None:
        raise PayloadError("key_unknown")
    return open_envelope(data, keyring.ingress, key)


def verify_again(kept: Kept, owner: AgencyId, at_us: int, registry: Registry) -> None:
    """Raises PayloadError unless what was kept is its owner's, signed with a key that counts at `at_us`.

    Its way and its signature are checked as of a payload that comes the first time; it was opened then.
    """
    header = header_of(kept.header_bytes)
    _check_way(header, owner, from_topic(owner))
    key = registry.verify_key(owner, header.signing_key_id, at_us)
    if key is None:
        raise PayloadError("key_unknown")
    if not kept.signed_by(key):
        raise PayloadError("signature_invalid")


def unproven(data: bytes, code: str, keyring: KeyRing) -> Kept:
    """What is kept of a record that is no genuine envelope.

    Args:
        code: why it is none. An envelope that only lacks a key that we know is kept whole, opened: its
            agency may have changed its key before it told us.
    """
    if code in _MAY_BE_GENUINE:
        try:
            return kept_envelope(open_unverified(data, keyring.ingress))
        except PayloadError:
            return kept_bytes(data)
    return kept_bytes(data)


def _check_way(header: Header, owner: AgencyId, topic: str) -> None:
    if header.sender != owner:
        raise PayloadError("sender_not_topic_owner")
    if header.topic != topic or header.recipient != BROKER:
        raise PayloadError("topic_mismatch")
