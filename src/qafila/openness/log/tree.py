"""Proofs from a Merkle tree whose full subtrees can be looked up (RFC 6962, 2.1); the verifier checks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qafila.openness.verifier import EMPTY_ROOT, leaf_hash, node_hash, root_of

__all__ = [
    "EMPTY_ROOT",
    "Node",
    "leaf_hash",
    "node_hash",
    "prove_consistency",
    "prove_inclusion",
    "root_at",
    "root_of",
]

Node = Callable[[int, int], bytes]
"""The root of the full subtree of 2**level leaves that is the index-th of its level."""


def of_leaves(leaves: Sequence[bytes]) -> Node:
    """The lookup over leaf hashes in memory. It hashes anew for each question: for small trees and tests."""
    return lambda level, index: root_of(leaves[index << level : (index + 1) << level])


def root_at(size: int, node: Node) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _over(0, size, node) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The proof that a leaf is in the tree of `size` leaves, from its sibling upward.

    Raises IndexError where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"there is no entry {index} among {size}")
    start, end, proof = 0, size, []
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(start, middle, node))
            start = middle
    return proof[::-1]


def prove_consistency(size1: int, size2: int, node: Node) -> list[bytes]:
    """The proof that the tree of size2 leaves continues the one of size1; empty where either is 0 or both are equal.

    Raises IndexError where size1 is the larger.
    """
    if size1 > size2:
        raise IndexError(f"a log of {size1} entries cannot continue as one of {size2}")
    if size1 in (0, size2):
        return []
    start, end, whole, proof = 0, size2, True, []
    while size1 < end:
        middle = start + _largest_power_below(end - start)
        if size1 <= middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(_over(start, end, node))
    return proof[::-1]


def _over(start: int, end: int, node: Node) -> bytes:
    """The root over start <= i < end, where start is a multiple of a power of two that is no less than the length."""
    length = end - start
    level = length.bit_length() - 1
    if length == 1 << level:
        return node(level, start >> level)
    middle = start + _largest_power_below(length)
    return node_hash(_over(start, middle, node), _over(middle, end, node))


def _largest_power_below(n: int) -> int:
    return 1 << (n - 1).bit_length() - 1
