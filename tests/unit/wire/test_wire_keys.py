"""Keys keep their bytes, have ids of both halves, and print nothing private."""

import pytest

from broker.errors import ConfigurationError
from broker.wire.keys import SEAL_BYTES, OpeningKey, SealingKey, SigningKey, VerifyKey

SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def test_keys_are_the_same_after_storing_and_reading() -> None:
    signing, opening = SigningKey.generate(), OpeningKey.generate()
    assert SigningKey.from_bytes(signing.to_bytes()).key_id == signing.key_id
    assert VerifyKey.from_bytes(signing.verify_key.to_bytes()).key_id == signing.key_id
    assert OpeningKey.from_bytes(opening.to_bytes()).key_id == opening.key_id
    assert SealingKey.from_bytes(opening.sealing_key.to_bytes()).key_id == opening.key_id
    sizes = [len(key) for key in (signing.to_bytes(), opening.to_bytes(), opening.sealing_key.to_bytes())]
    assert sizes == [32, 96, 1216]


def test_the_id_of_a_sealing_key_depends_on_both_halves() -> None:
    one, other = OpeningKey.generate().sealing_key.to_bytes(), OpeningKey.generate().sealing_key.to_bytes()
    mixed = {one, other, one[:1184] + other[1184:], other[:1184] + one[1184:]}
    assert len({SealingKey.from_bytes(raw).key_id for raw in mixed}) == 4


def test_private_bytes_are_never_printed() -> None:
    signing, opening = SigningKey.generate(), OpeningKey.generate()
    printed = f"{signing!r} {opening!r} {signing} {opening}"
    assert signing.to_bytes().hex() not in printed
    assert not any(part.hex() in printed for part in (opening.to_bytes()[:64], opening.to_bytes()[64:]))


@pytest.mark.parametrize("raw", SMALL_ORDER)
def test_a_verifying_key_of_small_order_is_refused(raw: str) -> None:
    with pytest.raises(ConfigurationError):
        VerifyKey.from_bytes(bytes.fromhex(raw))


@pytest.mark.parametrize("kind", [SigningKey, VerifyKey, SealingKey, OpeningKey])
@pytest.mark.parametrize("size", [0, 31, 33, 95, 97, 1215, 1217])
def test_bytes_of_another_size_are_no_key(kind: type[SigningKey], size: int) -> None:
    with pytest.raises(ConfigurationError):
        kind.from_bytes(b"\x07" * size)


def test_a_seal_opens_only_with_its_key_and_its_info() -> None:
    opening = OpeningKey.generate()
    sealed = opening.sealing_key.seal(b"text", b"info")
    assert len(sealed) == len(b"text") + SEAL_BYTES
    assert opening.open(sealed, b"info") == b"text"
    assert opening.open(sealed, b"other") is None
    assert OpeningKey.generate().open(sealed, b"info") is None
    assert opening.open(sealed[:40], b"info") is None
