"""The Merkle tree of RFC 6962: its hashes, its proofs; knows nothing of what the entries say."""
