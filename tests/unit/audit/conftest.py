from collections.abc import Iterator

import pytest
from support.merkle_oracle import MerkleOracle


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MerkleOracle]:
    """Return the transparency log of Go's modules; skips where Go is not installed."""
    if not MerkleOracle.is_possible():
        pytest.skip("Go is not installed: the second opinion on the audit log cannot be had")
    oracle = MerkleOracle.build(tmp_path_factory.mktemp("oracle"))
    yield oracle
    oracle.close()
