"""Checks how facts are said to have been verified, before the evidence is kept."""

import re
from datetime import datetime, timedelta

from songcau_kit.errors import DomainError, Violation

from songcau_identity.errors import IDENTITY_FACTS_INVALID
from songcau_identity.model import Evidence

METHODS = frozenset({"VNEID"})
TRANSACTION_ID_FORM = re.compile(r"[!-~]{1,200}")
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


def verify_evidence(evidence: Evidence, *, now: datetime) -> None:
    """Raise IDENTITY_FACTS_INVALID for evidence that proves nothing."""
    checks = {
        "method": evidence.method in METHODS,
        "transaction_id": TRANSACTION_ID_FORM.fullmatch(evidence.transaction_id) is not None,
        "verified_at": evidence.verified_at <= now + CLOCKS_MAY_DIFFER,
    }
    violations = [Violation(f"/evidence/{name}", "INVALID") for name, is_good in checks.items() if not is_good]
    if violations:
        raise DomainError(IDENTITY_FACTS_INVALID, violations=violations)
