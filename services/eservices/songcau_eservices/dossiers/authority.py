"""Which agencies a dossier belongs to: who may receive it and, from the procedure's version, who decides."""

import re
from datetime import date

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.text import fold
from songcau_units.agencies import Agency, AgencyKind

from songcau_eservices.catalogue.model import AuthorityLevel, ProcedureContent
from songcau_eservices.errors import AGENCY_CANNOT_RECEIVE, AGENCY_NOT_FOUND
from songcau_eservices.units.repository_agencies import get_agency, list_agencies

CODE = re.compile(r"[GH][0-9]{2}(\.[0-9]{1,3}){0,3}")
MOST = 500
POLICE = "cong an"


def receiving_agency(conn: Connection, code: str, on: date) -> Agency:
    """Return the agency that shall receive; raise AGENCY_NOT_FOUND or AGENCY_CANNOT_RECEIVE."""
    agency = known_agency(conn, code, on)
    if not agency.receives_dossiers:
        raise DomainError(AGENCY_CANNOT_RECEIVE, details={"agency_code": code})
    return agency


def known_agency(conn: Connection, code: str, on: date) -> Agency:
    """Return an agency by the code somebody gave; raise AGENCY_NOT_FOUND, for what is no code at all too."""
    if CODE.fullmatch(code) is None:
        raise DomainError(AGENCY_NOT_FOUND, details={"agency_code": code if code.isprintable() else ""})
    return get_agency(conn, code, on)


def authority_agency(conn: Connection, content: ProcedureContent, receiving: Agency, on: date) -> Agency:
    """Return who decides: the version names a kind of body, the place of reception says which commune's.

    A body of the whole province is found by its name. Where the list of agencies holds none that fits, the receiving
    agency keeps the dossier in hand.
    """
    wanted = fold(content.authority)
    if AuthorityLevel.COMMUNE in content.authority_levels or not content.authority_levels:
        return _of_unit(conn, receiving, on, is_police=wanted.startswith(POLICE))
    for agency in list_agencies(conn, on, limit=MOST):
        name = fold(agency.name)
        if agency.unit_code is None and wanted and (name.startswith(wanted) or wanted.startswith(name)):
            return agency
    return receiving


def _of_unit(conn: Connection, receiving: Agency, on: date, *, is_police: bool) -> Agency:
    kind = AgencyKind.POLICE if is_police else AgencyKind.COMMUNE
    if receiving.kind is kind or receiving.unit_code is None:
        return receiving
    found = list_agencies(conn, on, kind=kind, unit_code=receiving.unit_code, limit=1)
    return found[0] if found else receiving
