"""The tree over payloads has the shape of RFC 6962, and its proofs prove that and nothing else."""

import hashlib

import independent_reader
import pytest

from broker.wire.merkle import inclusion_proof, leaf_hash, merkle_root, root_by_proof

LEAVES = [hashlib.sha256(bytes((number,))).digest() for number in range(70)]


@pytest.mark.parametrize("count", range(1, 70))
def test_the_root_is_that_of_the_rfc(count: int) -> None:
    assert merkle_root(LEAVES[:count]) == independent_reader.root(LEAVES[:count])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7, 8, 33])
def test_each_proof_leads_to_the_root_and_no_other_does(count: int) -> None:
    leaves = LEAVES[:count]
    for index in range(count):
        proof = inclusion_proof(leaves, index)
        assert root_by_proof(leaves[index], index, count, proof) == merkle_root(leaves)
        assert root_by_proof(LEAVES[69], index, count, proof) != merkle_root(leaves)
        if proof:
            assert root_by_proof(leaves[index], index, count, proof[:-1]) is None
        assert root_by_proof(leaves[index], count, count, proof) is None


def test_an_empty_tree_and_a_leaf_beyond_it_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        merkle_root([])
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(LEAVES[:2], 2)


def test_salt_fingerprint_and_body_each_change_the_leaf() -> None:
    assert len({leaf_hash(b"s", b"f", b"b"), leaf_hash(b"t", b"f", b"b"), leaf_hash(b"s", b"g", b"b")}) == 3
