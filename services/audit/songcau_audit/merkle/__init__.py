"""The Merkle tree of RFC 6962 and its tiles; knows nothing of what the entries say."""
