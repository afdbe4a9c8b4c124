"""The Merkle tree over an envelope's payloads, in the shape of RFC 6962."""

import hashlib
from collections.abc import Sequence


def leaf_hash(salt: bytes, fingerprint: bytes, body: bytes) -> bytes:
    """SHA-256(0x00 | salt | fingerprint | payload), 32 bytes (design 2.1)."""
    return hashlib.sha256(b"\x00" + salt + fingerprint + body).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over at least one leaf, 32 bytes.

    Raises:
        ValueError: there is no leaf.
    """
    if not leaves:
        raise ValueError("a tree has at least one leaf")
    level = list(leaves)
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The sibling hashes from leaf `index` up to the root.

    Raises:
        ValueError: there is no such leaf.
    """
    return proof_in(tree_levels(leaves), index)


def tree_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Every level of the tree from the leaves up, so that the proofs of many leaves cost one tree."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        levels.append(_parents(levels[-1]))
    return levels


def proof_in(levels: Sequence[Sequence[bytes]], index: int) -> tuple[bytes, ...]:
    """The proof of leaf `index` in the tree that `tree_levels` made.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < len(levels[0]):
        raise ValueError("no such leaf")
    proof: list[bytes] = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        index //= 2
    return tuple(proof)


def root_by_proof(leaf: bytes, index: int, count: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that `proof` leads to from leaf `index` of `count`; None when the proof has another shape."""
    if not 0 <= index < count:
        return None
    root, taken = leaf, 0
    while count > 1:
        sibling = index ^ 1
        if sibling < count:
            if taken == len(proof):
                return None
            root = _node(root, proof[taken]) if sibling > index else _node(proof[taken], root)
            taken += 1
        index //= 2
        count = (count + 1) // 2
    return root if taken == len(proof) else None


def _parents(level: list[bytes]) -> list[bytes]:
    # An odd node moves up unpaired, which gives the same tree as RFC 6962's split at a power of two.
    parents = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        parents.append(level[-1])
    return parents
