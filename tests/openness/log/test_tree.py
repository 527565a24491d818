import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.openness.log import tree
from qafila.openness.verifier import Broken, verify_consistency, verify_inclusion


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962, 2.1 writes it, with no thought of speed."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


ENTRIES = [bytes([i]) for i in range(130)]
HASHES = [tree.leaf_hash(entry) for entry in ENTRIES]


@cache
def root(size: int) -> bytes:
    return by_definition(ENTRIES[:size])


def test_roots_are_those_of_the_definition() -> None:
    for size in range(131):
        assert tree.root_of(HASHES[:size]) == root(size)
        assert tree.root_at(size, tree.of_leaves(HASHES)) == root(size)


def test_inclusion_proofs_are_those_published_in_draft_ietf_plants_merkle_tree_certs() -> None:
    # "Subtree Test Vectors": one SHA-256 over the proofs of all entries in all subtrees of trees up to 130 entries
    told = hashlib.sha256()
    for end in range(131):
        for start in range(end):
            if start % (1 << (end - start - 1).bit_length()):
                continue
            leaves = HASHES[start:end]
            for index in range(start, end):
                proof = tree.prove_inclusion(index - start, end - start, tree.of_leaves(leaves))
                line = f"{index} [{start}, {end})" + "".join(f" {node.hex()}" for node in proof)
                told.update(f"{line}\n".encode())
    assert told.hexdigest() == "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_proof_holds_and_no_other_does(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    proof = tree.prove_inclusion(index, size, tree.of_leaves(HASHES))
    verify_inclusion(index, size, HASHES[index], proof, root(size))
    for other in {index ^ 1, (index + 1) % size} - {index}:
        with pytest.raises(Broken):
            verify_inclusion(other, size, HASHES[index], proof, root(size))
    with pytest.raises(Broken):
        verify_inclusion(index, size, HASHES[index], [*proof, HASHES[0]], root(size))
    with pytest.raises(Broken):
        verify_inclusion(size, size, HASHES[index], proof, root(size))


def test_consistency_holds_between_all_sizes_and_only_with_their_roots() -> None:
    for size2 in range(1, 70):
        for size1 in range(1, size2 + 1):
            proof = tree.prove_consistency(size1, size2, tree.of_leaves(HASHES))
            verify_consistency(size1, size2, root(size1), root(size2), proof)
            with pytest.raises(Broken):
                verify_consistency(size1, size2, root(size1), root(size2 + 1), proof)
            with pytest.raises(Broken):
                verify_consistency(size1, size2, root(size1 + 1), root(size2), proof)
            if size1 > 1:
                with pytest.raises(Broken):
                    verify_consistency(size1 - 1, size2, root(size1), root(size2), proof)


def test_what_there_is_not_cannot_be_proved() -> None:
    with pytest.raises(IndexError, match="no entry 5 among 5"):
        tree.prove_inclusion(5, 5, tree.of_leaves(HASHES))
    with pytest.raises(IndexError, match="log of 6"):
        tree.prove_consistency(6, 5, tree.of_leaves(HASHES))
    with pytest.raises(Broken, match="empty tree"):
        verify_consistency(0, 5, root(0), root(5), [])
