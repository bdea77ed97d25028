"""Says of a paper whether it is genuine: open to anybody, tells nothing of the person it is about."""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from songcau_kit.database import Database
from songcau_kit.errors import PAYLOAD_TOO_LARGE, DomainError
from songcau_kit.signing import verify_pdf

from songcau_eservices.results import repository
from songcau_eservices.results.paper import Paper, printed
from songcau_eservices.results.signers import Signers

LARGEST = 3 * 1024 * 1024
LONGEST_CODE = 64


class Verdict(StrEnum):
    """What may be said of a paper."""

    VALID = "VALID"
    ALTERED = "ALTERED"
    REVOKED = "REVOKED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Verification:
    """The verdict, and the paper it is about where there is one."""

    verdict: Verdict
    code: str
    paper: Paper | None = None


class Verifying:
    """Verifies papers."""

    def __init__(self, database: Database, signers: Signers) -> None:
        self._database = database
        self._signers = signers

    def verify(self, code: str, pdf: bytes) -> Verification:
        """Judge a code, or a code with the file at hand; raise PAYLOAD_TOO_LARGE.

        A file is genuine when it is byte for byte the one issued and its signature holds.
        """
        if len(pdf) > LARGEST:
            raise DomainError(PAYLOAD_TOO_LARGE, details={"max_bytes": str(LARGEST)})
        code = printed(code[:LONGEST_CODE])
        with self._database.read() as conn:
            paper = repository.find_by_code(conn, code)
        if paper is None:
            return Verification(Verdict.UNKNOWN, code)
        if pdf and not self._is_genuine(paper, pdf):
            return Verification(Verdict.ALTERED, code, paper)
        return Verification(Verdict.REVOKED if paper.revoked_at else Verdict.VALID, code, paper)

    def _is_genuine(self, paper: Paper, pdf: bytes) -> bool:
        if not hmac.compare_digest(hashlib.sha256(pdf).digest(), paper.sha256):
            return False
        return verify_pdf(pdf, self._signers.roots(), at=paper.signed_at).valid
