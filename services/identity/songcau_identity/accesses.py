"""Shows citizens who touched their data, in every service, and takes in what the other services report."""

import hashlib
import re
from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection, Database
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.organisations import repository as organisations
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repositories import accesses as repository
from songcau_identity.repositories import citizens
from songcau_identity.repositories.accesses import AccessFilter, AccessRecord
from songcau_identity.representations.covering import Covering
from songcau_identity.representations.model import Scope

MOST_CODES = 20
CODE = re.compile(r"[A-Za-z][A-Za-z_]{0,63}")
CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
FORMS = {"client_ids": CLIENT, "on_behalf_of": ID}


@dataclass(frozen=True)
class AccessPage:
    """One page of the list; the cursor of the next is empty on the last."""

    accesses: tuple[AccessRecord, ...]
    next_cursor: str


class AccessList:
    """The use case ListOwnAccesses."""

    def __init__(self, *, database: Database, cursors: CursorSigner, covering: Covering) -> None:
        self._database = database
        self._covering = covering
        self._cursors = cursors

    def list_own(
        self, asker: Asker, access: Access, wanted: AccessFilter, *, page_size: int, cursor: str
    ) -> AccessPage:
        """Return one page, newest first, with what was met under the ids of records merged into the citizen's.

        Whoever stands for a citizen, or represents an organisation by law, sees that list. Raises CITIZEN_NOT_FOUND,
        NOT_REPRESENTED, INVALID_REQUEST and CURSOR_INVALID.
        """
        check_filter(wanted)
        size = page_size_of(page_size)
        with self._database.read() as conn:
            meant = self._covering.meant(conn, asker, access, scopes=(Scope.ACCESS_READ,))
            is_organisation = organisations.find(conn, meant) is not None
            family = (meant,) if is_organisation else citizens.find_family(conn, meant)
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects[:] = [family[0]]
            access.organisations.update(family if is_organisation else ())
            place = list_name(family[0], wanted)
            before = read_position(self._cursors, cursor, of=place)
            every_record = with_merged_records(conn, wanted)
            if wanted.for_others:
                found = repository.list_for_others(
                    conn, asker.caller.subject, every_record, before=before, limit=size + 1
                )
            else:
                found = repository.list_accesses(conn, family, every_record, before=before, limit=size + 1)
        page = tuple(found[:size])
        if len(found) <= size:
            return AccessPage(page, "")
        last = Position(page[-1].occurred_at, page[-1].entry_id)
        return AccessPage(page, write_position(self._cursors, last, of=place))


def check_filter(wanted: AccessFilter) -> None:
    """Raise INVALID_REQUEST for what is no code or id, for too many of them and for a span that holds no time."""
    wrong = [
        Violation(f"/{name}", "INVALID")
        for name, codes in wanted.codes().items()
        if len(codes) > MOST_CODES or not all(FORMS.get(name, CODE).fullmatch(code) for code in codes)
    ]
    if wanted.since is not None and wanted.until is not None and wanted.since >= wanted.until:
        wrong.append(Violation("/until", "INVALID"))
    if wrong:
        raise DomainError(INVALID_REQUEST, violations=wrong)


def with_merged_records(conn: Connection, wanted: AccessFilter) -> AccessFilter:
    """Return the filter with every record of whom it names: entries keep the id that was true when they were made."""
    if not wanted.on_behalf_of:
        return wanted
    records = citizens.find_families(conn, [UUID(one) for one in wanted.on_behalf_of])
    return replace(wanted, on_behalf_of=tuple(map(str, records)))


def list_name(citizen_id: UUID, wanted: AccessFilter) -> str:
    """Return what cursors of one list carry, so that none goes on in another with other filters."""
    unfiltered = AccessFilter(for_others=wanted.for_others)
    chosen = "" if wanted == unfiltered else hashlib.sha256(repr(wanted).encode()).hexdigest()
    return f"{citizen_id}/{wanted.for_others}{chosen}"


def take_in(conn: Connection, access: AccessRecord) -> None:
    """Add what another service reported, in the consumer's transaction."""
    repository.insert_access(conn, access)
