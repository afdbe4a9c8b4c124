"""What is sealed for two opens for every pair of holders, and for no single one of them, whoever it is."""

from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import ConfigurationError, IntegrityError
from broker.wire.keys import OpeningKey
from broker.wire.two_keys import KEY_BYTES, halves_of, holders_of, open_with_two, seal_for_two

KEYS = {name: OpeningKey.generate() for name in ("anna", "bo", "cem", "dora", "eve")}
CONTEXT = b"q-1"
COUNTS = (2, 3, 5)


def sealed_for(count: int, content: bytes) -> tuple[list[str], bytes]:
    names = list(KEYS)[:count]
    return names, seal_for_two(content, {name: KEYS[name].sealing_key for name in names}, CONTEXT)


def opened_by(sealed: bytes, one: str, two: str) -> bytes:
    mine = halves_of(sealed, one, KEYS[one], CONTEXT)[two]
    yours = halves_of(sealed, two, KEYS[two], CONTEXT)[one]
    return open_with_two(sealed, mine, yours, CONTEXT)


@given(content=st.binary(max_size=300), count=st.sampled_from(COUNTS))
@settings(max_examples=30)
def test_every_pair_of_holders_opens_it(content: bytes, count: int) -> None:
    names, sealed = sealed_for(count, content)
    assert holders_of(sealed) == tuple(sorted(names))
    for one, other in permutations(names, 2):
        assert opened_by(sealed, one, other) == content


@given(content=st.binary(min_size=16, max_size=300), count=st.sampled_from(COUNTS))
@settings(max_examples=30)
def test_no_single_holder_opens_it(content: bytes, count: int) -> None:
    """Exhaustive over holders: everything one of them can get at, alone, with itself and with nothing."""
    names, sealed = sealed_for(count, content)
    for name in names:
        own = [*halves_of(sealed, name, KEYS[name], CONTEXT).values(), bytes(KEY_BYTES)]
        for one, other in product(own, own):
            with pytest.raises(IntegrityError):
                open_with_two(sealed, one, other, CONTEXT)
        for somebody in set(names) - {name}:
            with pytest.raises(IntegrityError):
                halves_of(sealed, somebody, KEYS[name], CONTEXT)
    assert content not in sealed


@given(content=st.binary(max_size=300))
@settings(max_examples=30)
def test_halves_of_two_pairs_or_of_two_things_open_nothing(content: bytes) -> None:
    names, sealed = sealed_for(3, content)
    _, again = sealed_for(3, content)
    halves = {name: halves_of(sealed, name, KEYS[name], CONTEXT) for name in names}
    others = {name: halves_of(again, name, KEYS[name], CONTEXT) for name in names}
    for one, two, three in permutations(names):
        with pytest.raises(IntegrityError):
            open_with_two(sealed, halves[one][two], halves[two][three], CONTEXT)
    for one, two in combinations(names, 2):
        with pytest.raises(IntegrityError):
            open_with_two(sealed, halves[one][two], others[two][one], CONTEXT)


@given(content=st.binary(min_size=1, max_size=100), data=st.data())
@settings(max_examples=60)
def test_in_another_place_or_changed_in_one_bit_it_does_not_open(content: bytes, data: st.DataObject) -> None:
    (one, two), sealed = sealed_for(2, content)
    with pytest.raises(IntegrityError):
        halves_of(sealed, one, KEYS[one], b"q-2")
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
    with pytest.raises((IntegrityError, KeyError)):
        opened_by(changed, one, two)


@pytest.mark.parametrize("count", [0, 1])
def test_for_fewer_than_two_nothing_is_sealed(count: int) -> None:
    with pytest.raises(ConfigurationError, match="two"):
        sealed_for(count, b"x")
