"""Hashes and proofs of RFC 6962: published values, every small tree, and an implementation of others as judge."""

import random

import pytest
from songcau_kit.merkle.hashing import EMPTY_ROOT, LeafHashes, leaf_hash, root_hash
from songcau_kit.merkle.proofs import (
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)
from support.merkle_oracle import MerkleOracle, OracleError

# The test vectors of the Certificate Transparency project: eight inputs and the root after each.
PUBLISHED_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = range(1, 34)


def leaves_of(size: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(size)]


def tree(leaves: list[bytes]) -> tuple[LeafHashes, bytes]:
    hashes = LeafHashes([leaf_hash(leaf) for leaf in leaves])
    return hashes, root_hash(hashes, len(leaves))


def test_roots_are_those_that_certificate_transparency_published():
    leaves = [bytes.fromhex(leaf) for leaf in PUBLISHED_LEAVES]
    assert [tree(leaves[:size])[1].hex() for size in range(1, 9)] == PUBLISHED_ROOTS
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_of_a_tree_is_proved_at_its_place_and_nowhere_else(size: int):
    leaves = leaves_of(size)
    hashes, root = tree(leaves)
    for index in range(size):
        proof = inclusion_proof(hashes, index, size)
        check_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
        for wrong in (index - 1, index + 1):
            with pytest.raises(ProofError):
                check_inclusion(leaf_hash(leaves[index]), wrong, size, proof, root)


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_continues_each_smaller_one_and_no_changed_one(size: int):
    hashes, root = tree(leaves_of(size))
    for old_size in range(size + 1):
        _, old_root = tree(leaves_of(old_size))
        proof = consistency_proof(hashes, old_size, size)
        check_consistency((old_size, old_root), (size, root), proof)
        if old_size:
            _, forged_root = tree([b"forged", *leaves_of(old_size)[1:]])
            with pytest.raises(ProofError):
                check_consistency((old_size, forged_root), (size, root), proof)


@pytest.mark.parametrize("size", [2, 3, 7, 8, 21])
def test_a_proof_with_any_part_changed_left_out_or_added_proves_nothing(size: int):
    leaves = leaves_of(size)
    hashes, root = tree(leaves)
    proof = inclusion_proof(hashes, 1, size)
    altered = [proof[:-1], [*proof, root], [*proof, b""]]
    altered += [[*proof[:at], bytes(32), *proof[at + 1 :]] for at in range(len(proof))]
    for wrong in altered:
        with pytest.raises(ProofError):
            check_inclusion(leaf_hash(leaves[1]), 1, size, wrong, root)
    old = (size - 1, tree(leaves[:-1])[1])
    proof = consistency_proof(hashes, size - 1, size)
    for wrong in [
        [],
        proof[:-1],
        [*proof, root],
        *([*proof[:at], bytes(32), *proof[at + 1 :]] for at in range(len(proof))),
    ]:
        with pytest.raises(ProofError):
            check_consistency(old, (size, root), wrong)


def test_a_log_that_became_smaller_or_changed_at_the_same_size_is_refused():
    _, small = tree(leaves_of(3))
    _, large = tree(leaves_of(5))
    with pytest.raises(ProofError, match="smaller"):
        check_consistency((5, large), (3, small), [])
    with pytest.raises(ProofError, match="two roots"):
        check_consistency((5, large), (5, small), [])
    with pytest.raises(ProofError, match="two roots"):
        check_consistency((0, small), (5, large), [])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 100, 257])
def test_another_implementation_makes_the_same_roots_and_proofs(size: int, oracle: MerkleOracle):
    leaves = leaves_of(size)
    hashes, root = tree(leaves)
    assert oracle.digest("root", leaves=leaves) == root
    for index in {0, size // 2, size - 1}:
        assert oracle.hashes("prove_inclusion", leaves=leaves, index=index) == inclusion_proof(hashes, index, size)
    for old_size in {1, (size + 1) // 2, size}:
        assert oracle.hashes("prove_consistency", leaves=leaves, old=old_size) == consistency_proof(
            hashes, old_size, size
        )


FORGERIES = {
    "an inserted entry": lambda leaves: [*leaves[:2], b"inserted", *leaves[2:]],
    "a deleted entry": lambda leaves: [*leaves[:2], *leaves[3:]],
    "an edited entry": lambda leaves: [*leaves[:2], b"edited", *leaves[3:]],
    "two entries in another order": lambda leaves: [leaves[1], leaves[0], *leaves[2:]],
    "a fork after the checkpoint's beginning": lambda leaves: [*leaves[:4], *(b"fork %d" % n for n in range(9))],
}


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
def test_another_implementation_and_ours_detect(forgery: str, oracle: MerkleOracle):
    leaves, seen = leaves_of(12), 7
    _, seen_root = tree(leaves[:seen])
    forged = FORGERIES[forgery](leaves)
    hashes, root = tree(forged)
    proof = consistency_proof(hashes, seen, len(forged))
    with pytest.raises(OracleError):
        oracle.ask("check_consistency", old=seen, was=seen_root, new=len(forged), root=root, proof=proof)
    with pytest.raises(ProofError):
        check_consistency((seen, seen_root), (len(forged), root), proof)


def test_another_implementation_and_ours_detect_a_log_cut_off(oracle: MerkleOracle):
    leaves, seen = leaves_of(12), 7
    _, seen_root = tree(leaves[:seen])
    _, cut_root = tree(leaves[:5])
    with pytest.raises(OracleError):
        oracle.ask("check_consistency", old=seen, was=seen_root, new=5, root=cut_root, proof=[])
    with pytest.raises(ProofError):
        check_consistency((seen, seen_root), (5, cut_root), [])


def test_another_implementation_accepts_our_proofs_of_random_trees(oracle: MerkleOracle):
    chance = random.Random(20261127)
    for _ in range(60):
        size = chance.randrange(1, 700)
        leaves = leaves_of(size)
        hashes, root = tree(leaves)
        index, old_size = chance.randrange(size), chance.randrange(1, size + 1)
        proof = inclusion_proof(hashes, index, size)
        assert oracle.ask("check_inclusion", new=size, root=root, index=index, leaf=leaves[index], proof=proof)
        old_root = tree(leaves[:old_size])[1]
        proof = consistency_proof(hashes, old_size, size)
        assert oracle.ask("check_consistency", old=old_size, was=old_root, new=size, root=root, proof=proof)
