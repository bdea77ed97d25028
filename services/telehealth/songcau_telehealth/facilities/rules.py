"""The hard rules of remote care that bind facilities and practitioners (Decree 96/2023; domain reference 5.2)."""

from datetime import date, datetime

from songcau_kit.clock import VIETNAM
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_telehealth.errors import (
    CONTRACT_NOT_IN_FORCE,
    FACILITY_NOT_DECLARED,
    OUTSIDE_DECLARED_HOURS,
    OUTSIDE_SCOPE,
)
from songcau_telehealth.facilities import repository
from songcau_telehealth.facilities.model import Practitioner, local_spans


def require_declared(connection: Connection, facility_code: str, service_code: str, day: date) -> None:
    """Refuse remote care by a facility that has not declared the service, or not from that day on (rule 1)."""
    if not repository.is_declared(connection, facility_code, [service_code], day):
        raise DomainError(FACILITY_NOT_DECLARED, details={"facility_code": facility_code, "day": str(day)})


def require_contract(connection: Connection, *, supporting: str, supported: str | None, day: date) -> None:
    """Refuse care through a receiving facility without a contract in force that day (rule 7)."""
    if supported is None or supported == supporting:
        return
    if not repository.has_contract(connection, supporting=supporting, supported=supported, day=day):
        raise DomainError(
            CONTRACT_NOT_IN_FORCE, details={"supporting": supporting, "supported": supported, "day": str(day)}
        )


def require_hours(
    connection: Connection, practitioner_no: int, facility_code: str, *, starts_at: datetime, ends_at: datetime
) -> None:
    """Refuse a period that is not wholly inside the declared hours at this facility (rule 2)."""
    for span in local_spans(starts_at, ends_at, VIETNAM):
        if not repository.covers(connection, practitioner_no, facility_code, span):
            raise DomainError(
                OUTSIDE_DECLARED_HOURS,
                details={"facility_code": facility_code, "starts_at": starts_at.astimezone(VIETNAM).isoformat()},
            )


def require_scope(practitioner: Practitioner, service_code: str) -> None:
    """Refuse a service outside the scope of the licence (rule 2)."""
    if service_code not in practitioner.service_codes:
        raise DomainError(OUTSIDE_SCOPE)
