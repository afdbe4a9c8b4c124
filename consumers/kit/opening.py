"""One message of a desk's topic becomes deliveries or refusals: is it genuine, for us, and can we read it?"""

from dataclasses import dataclass

from broker.errors import PayloadError
from broker.wire.envelope import Envelope, open_envelope, read_header
from consumers.kit.delivery import Received, received
from consumers.kit.language import Language
from consumers.kit.profile import DeskProfile, Profile


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something in our topic that the exchange did not send to us, or that we cannot read."""

    code: str
    """word from `broker.domain.codes.REJECTIONS`"""
    topic: str
    partition: int
    offset: int


def open_message(data: bytes | None, profile: Profile, desk: DeskProfile) -> Envelope:
    """Open and verify one message of the desk's topic.

    Raises:
        PayloadError: it is malformed, another's, for another desk or topic, or does not open.
    """
    header = read_header(data or b"")
    if header.sender != profile.exchange:
        raise PayloadError("sender_not_topic_owner")
    if header.recipient != desk.desk or header.topic != desk.topic:
        raise PayloadError("topic_mismatch")
    verify_key = profile.verify_keys.get(header.signing_key_id)
    if verify_key is None:
        raise PayloadError("key_unknown")
    return open_envelope(data or b"", desk.opening_key, verify_key)


def read_deliveries(envelope: Envelope, language: Language) -> tuple[list[Received], list[str]]:
    """What the envelope holds, and the codes of payloads that cannot be read."""
    found: list[Received] = []
    refused: list[str] = []
    for payload in envelope.payloads:
        try:
            found.append(received(*language.read_delivery(payload.fingerprint, payload.body)))
        except PayloadError as error:
            refused.append(error.code)
    return found, refused
