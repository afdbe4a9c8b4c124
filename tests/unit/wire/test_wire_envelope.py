"""Envelopes: what was sealed comes back, and nothing else is let in."""

import struct
from dataclasses import replace

import pytest

from broker.errors import PayloadError
from broker.wire.envelope import (
    MAX_BODY_BYTES,
    Envelope,
    Header,
    Payload,
    grouped,
    leaf,
    open_envelope,
    read_header,
    seal_envelope,
    show_payload,
    verify_shown,
)
from broker.wire.header import MAX_ENVELOPE_BYTES, split_envelope, write_header
from broker.wire.keys import OpeningKey, SigningKey
from broker.wire.merkle import merkle_root

SIGNING = SigningKey.generate()
OPENING = OpeningKey.generate()
HEADER = Header(
    sender="moor-police",
    recipient="candour",
    topic="from.moor-police",
    stream=bytes(range(16)),
    sequence=3,
    time_us=1_763_682_061_000_000,
    signing_key_id=SIGNING.key_id,
    sealing_key_id=OPENING.key_id,
)


def payload(size: int = 300, byte: bytes = b"p") -> Payload:
    return Payload(b"f" * 32, byte * size)


def sealed(*payloads: Payload) -> bytes:
    return seal_envelope(HEADER, payloads or (payload(),), SIGNING, OPENING.sealing_key)


def opened(data: bytes) -> Envelope:
    return open_envelope(data, OPENING, SIGNING.verify_key)


def refused(data: bytes) -> str:
    with pytest.raises(PayloadError) as caught:
        opened(data)
    return caught.value.code


def sealed_plaintext(items: bytes, count: int, bucket: int, *, leaves: list[bytes] | None = None) -> bytes:
    """An envelope of whatever plaintext, properly signed and sealed: what a hostile agency could make."""
    head = write_header(HEADER, bucket)
    signature = SIGNING.sign(
        b"candour.envelope.signature.v1\0" + head + merkle_root(leaves or [leaf(payload())])
    )
    plaintext = (signature + struct.pack(">H", count) + items).ljust(1 << bucket, b"\0")
    return head + OPENING.sealing_key.seal(plaintext, b"candour.envelope.seal.v1\0" + head)


def item(content: Payload, length: int | None = None) -> bytes:
    size = struct.pack(">I", len(content.body) if length is None else length)
    return content.salt + content.fingerprint + size + content.body


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 255, 256])
def test_what_was_sealed_comes_back(count: int) -> None:
    payloads = tuple(payload(size=1 + number, byte=bytes((number % 251,))) for number in range(count))
    envelope = opened(sealed(*payloads))
    assert envelope.payloads == payloads
    assert envelope.header == HEADER == read_header(sealed(*payloads))


def test_the_length_tells_only_the_size_bucket() -> None:
    lengths = {len(sealed(payload(size=size))) for size in (1, 100, 394)}
    assert len(lengths) == 1
    assert len(sealed(payload(size=395))) == lengths.pop() + 512


def test_the_largest_payload_goes_and_a_byte_more_does_not() -> None:
    assert len(opened(sealed(payload(size=MAX_BODY_BYTES))).payloads[0].body) == MAX_BODY_BYTES
    with pytest.raises(PayloadError, match="payload_too_large"):
        sealed(payload(size=MAX_BODY_BYTES + 1))


def test_too_many_payloads_or_too_many_bytes_are_refused_at_sealing() -> None:
    with pytest.raises(PayloadError, match="envelope_too_large"):
        sealed(*[payload(size=1)] * 257)
    with pytest.raises(PayloadError, match="envelope_too_large"):
        sealed(*[payload(size=60_000)] * 5)


def test_any_changed_byte_is_noticed() -> None:
    data = sealed()
    for at in range(0, len(data), 7):
        broken = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        assert refused(broken) in {"envelope_malformed", "envelope_not_opened", "key_unknown"}


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:1],
        lambda data: data[:60],
        lambda data: data[:90],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data + data,
        lambda data: b"CNDR\x02" + data[5:],
        lambda data: b"JSON" + data[4:],
        lambda data: data[:5] + b"\x3f" + data[6:],
        lambda data: data[:70] + b"\xff" + data[71:],
        lambda data: data.replace(b"moor-police", "moor-p\u043elice".encode()[:11], 1),
        lambda data: data.replace(b"moor-police", b"moor\npolice", 1),
    ],
    ids=[
        "empty",
        "one byte",
        "header cut",
        "names cut",
        "a byte short",
        "a byte more",
        "two envelopes",
        "version 2",
        "other magic",
        "bucket 2^63",
        "name beyond the end",
        "homoglyph",
        "newline",
    ],
)
def test_what_is_not_one_envelope_is_malformed(change) -> None:  # type: ignore[no-untyped-def]
    assert refused(change(sealed())) == "envelope_malformed"


def test_size_is_looked_at_before_anything_else() -> None:
    assert refused(b"\xff" * (MAX_ENVELOPE_BYTES + 1)) == "envelope_too_large"
    assert refused(b"\xff" * MAX_ENVELOPE_BYTES) == "envelope_malformed"


def test_the_largest_envelope_keeps_to_512_kib() -> None:
    assert len(sealed(*[payload(size=900)] * 256)) <= MAX_ENVELOPE_BYTES


def test_an_envelope_for_another_key_is_not_opened() -> None:
    other = OpeningKey.generate()
    data = seal_envelope(
        replace(HEADER, sealing_key_id=other.key_id), (payload(),), SIGNING, other.sealing_key
    )
    assert refused(data) == "envelope_not_opened"


def test_an_envelope_of_another_signer_is_refused_by_its_key_id() -> None:
    other = SigningKey.generate()
    data = seal_envelope(
        replace(HEADER, signing_key_id=other.key_id), (payload(),), other, OPENING.sealing_key
    )
    assert refused(data) == "key_unknown"


def test_a_forger_who_names_our_key_does_not_get_in() -> None:
    data = sealed_plaintext(item(payload(byte=b"x")), 1, 9)
    assert refused(data) == "signature_invalid"


def test_a_signature_for_another_topic_does_not_fit() -> None:
    content = payload()
    other = write_header(replace(HEADER, topic="from.moor-pos"), 9)
    signature = SIGNING.sign(b"candour.envelope.signature.v1\0" + other + leaf(content))
    head = write_header(HEADER, 9)
    plaintext = (signature + b"\0\1" + item(content)).ljust(512, b"\0")
    data = head + OPENING.sealing_key.seal(plaintext, b"candour.envelope.seal.v1\0" + head)
    assert refused(data) == "signature_invalid"


@pytest.mark.parametrize(
    ("count", "items", "code"),
    [
        (0, b"", "envelope_malformed"),
        (257, b"", "envelope_malformed"),
        (65_535, b"", "envelope_malformed"),
        (2, item(payload()), "envelope_malformed"),
        (1, item(payload(), length=2**32 - 1), "payload_too_large"),
        (1, item(payload(), length=MAX_BODY_BYTES + 1), "payload_too_large"),
        (1, item(payload(), length=MAX_BODY_BYTES), "envelope_malformed"),
        (1, item(payload(), length=0), "envelope_malformed"),
        (1, item(payload()) + b"\1", "envelope_malformed"),
    ],
)
def test_a_plaintext_that_claims_what_it_does_not_hold_is_refused(
    count: int, items: bytes, code: str
) -> None:
    assert refused(sealed_plaintext(items, count, 9)) == code


def test_padding_beyond_the_smallest_bucket_is_refused() -> None:
    content = payload()
    data = sealed_plaintext(item(content), 1, 10, leaves=[leaf(content)])
    assert refused(data) == "envelope_malformed"
    assert opened(sealed_plaintext(item(content), 1, 9, leaves=[leaf(content)])).payloads == (content,)


def test_neither_payload_nor_envelope_prints_what_it_holds() -> None:
    envelope = opened(sealed(Payload(b"f" * 32, b"Example")))
    assert "Example" not in repr(envelope)


def test_the_header_in_clear_names_no_schema_and_no_count() -> None:
    _, head, _, _ = split_envelope(sealed(payload(), payload()))
    assert b"f" * 32 not in head
    assert (
        split_envelope(sealed(payload(size=1)))[1]
        == split_envelope(sealed(payload(size=1), payload(size=1)))[1]
    )


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_one_payload_can_be_shown_without_the_others(count: int) -> None:
    envelope = opened(sealed(*[payload(byte=bytes((65 + number,))) for number in range(count)]))
    for index in range(count):
        shown = show_payload(envelope, index)
        assert verify_shown(shown, SIGNING.verify_key)
        assert not verify_shown(replace(shown, payload=payload(byte=b"z")), SIGNING.verify_key)
        assert not verify_shown(shown, SigningKey.generate().verify_key)
        assert not verify_shown(replace(shown, proof=(*shown.proof, b"\0" * 32)), SIGNING.verify_key)
        assert not verify_shown(replace(shown, count=shown.count + 8), SIGNING.verify_key)


def test_groups_keep_order_and_fit() -> None:
    payloads = [payload(size=1 + number * 90) for number in range(700)]
    groups = list(grouped(payloads))
    assert [one for group in groups for one in group] == payloads
    assert all(opened(sealed(*group)) for group in groups)
    assert [len(group) for group in grouped(payloads[:10], 4)] == [4, 4, 2]
    assert list(grouped([])) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": ""},
        {"sender": "moor police"},
        {"topic": "x" * 201},
        {"stream": b"short"},
        {"sequence": -1},
        {"sequence": 2**64},
        {"time_us": -1},
    ],
)
def test_a_header_outside_its_limits_cannot_be_sealed(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        seal_envelope(replace(HEADER, **wrong), (payload(),), SIGNING, OPENING.sealing_key)  # type: ignore[arg-type]


def test_the_last_sequence_number_can_be_written() -> None:
    data = seal_envelope(replace(HEADER, sequence=2**64 - 1), (payload(),), SIGNING, OPENING.sealing_key)
    assert read_header(data).sequence == 2**64 - 1
