"""The audit log: accesses in a Merkle tree, signed and witnessed checkpoints, proofs."""
