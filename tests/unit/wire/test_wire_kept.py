"""What is kept of a payload has one spelling, and proves whose it is; nothing else is read as that."""

import os

import pytest

from broker.errors import IntegrityError
from broker.wire.envelope import Envelope, Header, Payload, open_envelope, open_unverified, seal_envelope
from broker.wire.kept import (
    Kept,
    KeptKind,
    keeper_again,
    kept_bytes,
    kept_envelope,
    kept_payload,
    kept_taken,
    pack_kept,
    unpack_kept,
)
from broker.wire.keys import OpeningKey, SigningKey

SIGNING, OTHER, OPENING = SigningKey.generate(), SigningKey.generate(), OpeningKey.generate()


def envelope(count: int) -> Envelope:
    header = Header(
        "moor-pos", "candour", "from.moor-pos", bytes(16), 1, 2, SIGNING.key_id, OPENING.sealing_key.key_id
    )
    payloads = [Payload(os.urandom(32), b"payload %d" % number) for number in range(count)]
    data = seal_envelope(header, payloads, SIGNING, OPENING.sealing_key)
    assert open_unverified(data, OPENING) == open_envelope(data, OPENING, SIGNING.verify_key)
    return open_unverified(data, OPENING)


@pytest.mark.parametrize("count", [1, 2, 5, 256])
def test_one_payload_proves_its_signer_without_its_neighbours(count: int) -> None:
    opened = envelope(count)
    for index in {0, count // 2, count - 1}:
        kept = unpack_kept(pack_kept(kept_payload(opened, index)))
        assert kept.payloads == (opened.payloads[index],)
        assert kept.signed_by(SIGNING.verify_key)
        assert not kept.signed_by(OTHER.verify_key)


def test_an_envelope_kept_whole_proves_its_signer_and_gives_each_payload() -> None:
    opened = envelope(3)
    kept = unpack_kept(pack_kept(kept_envelope(opened)))
    assert kept.signed_by(SIGNING.verify_key)
    for index in range(3):
        assert keeper_again(kept)(index) == kept_payload(opened, index)


def test_a_changed_payload_or_place_proves_nothing() -> None:
    kept = kept_payload(envelope(4), 1)
    (payload,) = kept.payloads
    for changed in (
        Kept(kept.kind, (Payload(payload.fingerprint, b"other", payload.salt),), *_rest(kept)),
        Kept(kept.kind, kept.payloads, kept.header_bytes, kept.signature, 2, kept.count, kept.proof),
        Kept(kept.kind, kept.payloads, kept.header_bytes, bytes(64), 1, kept.count, kept.proof),
    ):
        assert not changed.signed_by(SIGNING.verify_key)


def test_what_is_no_envelope_is_kept_to_its_first_64_kib() -> None:
    kept = unpack_kept(pack_kept(kept_bytes(b"x" * 70_000)))
    assert (kept.kind, len(kept.raw), kept.is_whole) == (KeptKind.BYTES, 65_536, False)


def test_what_was_taken_in_has_a_salt_of_its_own() -> None:
    one, two = kept_taken(bytes(32), b"body"), kept_taken(bytes(32), b"body")
    assert one.payloads[0].body == two.payloads[0].body
    assert pack_kept(one) != pack_kept(two)


def test_what_is_cut_or_longer_is_not_read() -> None:
    data = pack_kept(kept_payload(envelope(2), 0))
    for changed in (b"", data[:10], data[:-1], b"\x09" + data[1:]):
        with pytest.raises(IntegrityError):
            unpack_kept(changed)


def test_it_prints_nothing_of_what_it_holds() -> None:
    assert "payload 0" not in repr(kept_payload(envelope(1), 0))
    assert "secret" not in repr(kept_bytes(b"secret"))


def _rest(kept: Kept) -> tuple[bytes, bytes, int, int, tuple[bytes, ...]]:
    return kept.header_bytes, kept.signature, kept.index, kept.count, kept.proof
