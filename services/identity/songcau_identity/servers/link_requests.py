"""Reads a LinkCitizen message into the words of the use case."""

from datetime import UTC

from songcau.identity.v1 import citizen_pb2, citizen_service_pb2
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.errors import IDENTITY_FACTS_INVALID
from songcau_identity.facts import StatedFacts
from songcau_identity.linking import LinkRequest
from songcau_identity.model import AccountKind, AuthenticationLevel, Evidence, IdentityLevel
from songcau_identity.servers.admission import read_request_id
from songcau_identity.servers.orders import read_paper_number

ACCOUNT_KINDS = {
    citizen_pb2.ACCOUNT_KIND_CITIZEN: AccountKind.CITIZEN,
    citizen_pb2.ACCOUNT_KIND_ORGANISATION: AccountKind.ORGANISATION,
}
IDENTITY_LEVELS = {
    citizen_pb2.IDENTITY_LEVEL_1: IdentityLevel.LEVEL_1,
    citizen_pb2.IDENTITY_LEVEL_2: IdentityLevel.LEVEL_2,
}


def read_link_request(request: citizen_service_pb2.LinkCitizenRequest) -> LinkRequest:
    """Return the request; raises INVALID_REQUEST and IDENTITY_FACTS_INVALID."""
    request_id = read_request_id(request.request_id)
    return LinkRequest(request_id, read_facts(request.facts), read_evidence(request.evidence))


def read_facts(facts: citizen_service_pb2.VerifiedFacts) -> StatedFacts:
    """Return the facts as they were stated."""
    return StatedFacts(
        account_kind=ACCOUNT_KINDS.get(facts.account_kind),
        number=Personal(facts.number),
        full_name=Personal(facts.full_name),
        birth_date=Personal(facts.birth_date),
        identity_level=IDENTITY_LEVELS.get(facts.identity_level),
        phone_number=Personal(facts.phone_number),
        nationality=facts.nationality,
        papers=tuple(read_paper_number(paper) for paper in facts.papers),
    )


def read_evidence(evidence: citizen_service_pb2.VerificationEvidence) -> Evidence:
    """Return the evidence; raises IDENTITY_FACTS_INVALID where a level or the time is missing."""
    checks = {
        "verified_at": evidence.HasField("verified_at"),
        "authentication_level": evidence.authentication_level in tuple(AuthenticationLevel),
    }
    violations = [Violation(f"/evidence/{name}", "REQUIRED") for name, is_given in checks.items() if not is_given]
    if violations:
        raise DomainError(IDENTITY_FACTS_INVALID, violations=violations)
    return Evidence(
        method=evidence.method,
        verified_at=evidence.verified_at.ToDatetime(tzinfo=UTC),
        transaction_id=evidence.transaction_id,
        authentication_level=AuthenticationLevel(evidence.authentication_level),
    )
