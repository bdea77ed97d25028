"""The audit service on a database of its own for each test: its log only grows, so nothing of it can be emptied."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from songcau_kit.clock import FixedClock
from songcau_kit.migrations import migrate
from support.audit_service import AuditLog, running_log
from support.erasure_ledgers import begin_ledger
from support.merkle_oracle import MerkleOracle
from support.token_issuer import TokenIssuer

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def audit_clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture(scope="session")
def audit_issuer(audit_clock: FixedClock) -> Iterator[TokenIssuer]:
    with TokenIssuer(audit_clock) as issuer:
        yield issuer


@pytest.fixture
def audit_log(
    postgres_url_factory: Callable[[str], str], audit_issuer: TokenIssuer, audit_clock: FixedClock, tmp_path: Path
) -> Iterator[AuditLog]:
    """Return the running service with an empty log."""
    url = postgres_url_factory("audit")
    migrate(url, package="songcau_audit")
    with running_log(url, audit_issuer, audit_clock, erasure_ledger_url=begin_ledger(tmp_path)) as log:
        yield log


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MerkleOracle]:
    """Return the transparency log of Go's modules; skips where Go is not installed."""
    if not MerkleOracle.is_possible():
        pytest.skip("Go is not installed: the second opinion on the audit log cannot be had")
    oracle = MerkleOracle.build(Path(tmp_path_factory.mktemp("oracle")))
    yield oracle
    oracle.close()
