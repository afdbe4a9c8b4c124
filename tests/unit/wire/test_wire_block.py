"""Blocks open under their key and place, whole, or not at all."""

import pytest

from broker.errors import ConfigurationError, IntegrityError
from broker.wire.block import BlockKey, open_block, seal_block

KEY = BlockKey(b"k" * 32)
ITEMS = (b"first", b"", b"third" * 1000)


@pytest.mark.parametrize("items", [(), (b"",), ITEMS], ids=["none", "one empty", "three"])
def test_a_block_gives_back_its_items_in_order(items: tuple[bytes, ...]) -> None:
    assert open_block(KEY, b"lane-log/3", seal_block(KEY, b"lane-log/3", items)) == items


def test_a_block_moved_to_another_place_does_not_open() -> None:
    with pytest.raises(IntegrityError):
        open_block(KEY, b"lane-log/4", seal_block(KEY, b"lane-log/3", ITEMS))


def test_a_block_of_another_key_does_not_open() -> None:
    with pytest.raises(IntegrityError):
        open_block(BlockKey(b"o" * 32), b"lane-log/3", seal_block(KEY, b"lane-log/3", ITEMS))


def test_a_changed_or_cut_block_does_not_open() -> None:
    data = seal_block(KEY, b"c", (b"item",))
    for at in range(len(data)):
        with pytest.raises(IntegrityError):
            open_block(KEY, b"c", data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :])
        with pytest.raises(IntegrityError):
            open_block(KEY, b"c", data[:at])


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\0\0\0\1",
        b"\0\0\0\1\0\0\0\5abc",
        b"\xff\xff\xff\xff",
        b"\0\0\0\0x",
        b"\0\0\0\1\xff\xff\xff\xff",
    ],
)
def test_a_block_that_opens_but_claims_too_much_is_refused(plaintext: bytes) -> None:
    with pytest.raises(IntegrityError):
        open_block(KEY, b"c", b"\x01" + KEY.seal(plaintext, b"c"))


def test_the_same_items_never_look_the_same() -> None:
    assert seal_block(KEY, b"c", ITEMS) != seal_block(KEY, b"c", ITEMS)


def test_a_key_has_32_bytes_and_does_not_print() -> None:
    with pytest.raises(ConfigurationError):
        BlockKey(b"k" * 16)
    assert "6b" not in repr(KEY)
    assert "kk" not in repr(KEY)
