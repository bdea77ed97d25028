"""Form 01, receipt and appointment slip: made and signed when it is first asked for, the same file for ever after."""

from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.errors import DomainError
from songcau_kit.objects import require_newest
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers import repository_citizens
from songcau_eservices.dossiers.changes import Room
from songcau_eservices.dossiers.opening import Opened, Opening, Reason
from songcau_eservices.errors import RECEIPT_NOT_FOUND
from songcau_eservices.results import repository, wording
from songcau_eservices.results.issuing import Issuing, Order
from songcau_eservices.results.paper import Paper, PaperKind
from songcau_eservices.units.repository_agencies import get_agency


class Receipts:
    """Gives receipts out."""

    def __init__(self, room: Room, issuing: Issuing) -> None:
        self._room = room
        self._opening = Opening(room)
        self._issuing = issuing

    def get(self, call: Call, dossier_id: UUID) -> tuple[bytes, str]:
        """Return the signed slip and the dossier's number; raise RECEIPT_NOT_FOUND before acceptance."""
        with self._opening.opened(call, dossier_id, Reason("GET_RECEIPT", "receipt")) as at:
            dossier = at.whole.dossier
            if not dossier.is_numbered:
                raise DomainError(RECEIPT_NOT_FOUND)
            paper = repository.ask(at.conn, dossier_id, PaperKind.RECEIPT)()
            order = None if paper else self._order(at)
        if paper is None and order is not None:
            paper = self._keep(self._issuing.issue(order, at.seal.data_key))
        if paper is None:
            raise DomainError(RECEIPT_NOT_FOUND)
        return self._issuing.read(paper, at.seal.data_key), dossier.code

    def _order(self, at: Opened) -> Order:
        dossier = at.whole.dossier
        now = self._room.clock.now()
        accepted_on = local_date(dossier.times.accepted_at or now)
        issuing = get_agency(at.conn, dossier.agencies.receiving, accepted_on)
        bodies = wording.Bodies(issuing, get_agency(at.conn, dossier.agencies.authority, accepted_on))
        content = self._room.versions.get(at.conn, dossier.procedure.version_id)
        applicant = at.seal.open_applicant(dossier.id, dossier.sealed.applicant)
        is_organisation = repository_citizens.is_organisation(at.conn, dossier.citizen_id)
        data = wording.receipt(at.whole, applicant, content, bodies, is_organisation=is_organisation)
        return Order(PaperKind.RECEIPT, dossier, issuing, data, now)

    def _keep(self, paper: Paper) -> Paper | None:
        # Two who ask at once make two files; the row decides which one is the receipt.
        with self._room.database.transaction() as conn:
            require_newest(self._room.keys.get(conn, paper.citizen_id), paper.address)
            repository.add(conn, paper)
            return repository.ask(conn, paper.dossier_id, PaperKind.RECEIPT)()
