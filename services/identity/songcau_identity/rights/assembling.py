"""Makes the copy of a request out of the parts that came: one JSON and one PDF, closed under the citizen's key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import ValidationError
from songcau_kit.data_copy import CopyPart, DataCopy, MissingPart
from songcau_kit.data_copying import Gather, parcel_label
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import decrypt
from songcau_kit.logs import get_logger
from songcau_kit.objects import ObjectStore
from songcau_kit.parcels import open_parcel
from songcau_kit.subject_answers import PROVIDE_DATA_COPY, Answering

from songcau_identity.officers import Desk
from songcau_identity.repositories import citizens
from songcau_identity.rights import repository
from songcau_identity.rights import repository_copies as copies
from songcau_identity.rights import repository_parts as parts
from songcau_identity.rights.asking import exchange_place
from songcau_identity.rights.copy_paper import render_copy
from songcau_identity.rights.model import OPEN, ActorKind, RequestAct, RequestState, SubjectRequest
from songcau_identity.rights.repository_copies import StoredCopy
from songcau_identity.rights.repository_parts import Answer, Part, PartState
from songcau_identity.rights.steps import take

AT_ONCE = 5
_log = get_logger(__name__)


@dataclass(frozen=True)
class Keeping:
    """Where parts come from, and how long a copy can be fetched."""

    exchange: ObjectStore
    lifetime: timedelta


class Assembling:
    """Makes copies; several processes at once make each of them once."""

    def __init__(self, desk: Desk, gather: Gather, keeping: Keeping, answering: Answering) -> None:
        self._desk = desk
        self._gather = gather
        self._keeping = keeping
        self._answering = answering

    def run(self) -> int:
        """Make copies whose parts are there; return how many requests were looked at."""
        with self._desk.database.read() as conn:
            found = parts.list_ready_copies(conn, limit=AT_ONCE)
            requests = [repository.find_request(conn, one) for one in found]
        for request in requests:
            if request is not None:
                self._assemble(request)
        return len(found)

    def expire(self) -> int:
        """Remove what nobody can fetch any more."""
        with self._desk.database.transaction() as conn:
            return copies.expire(conn, self._desk.clock.now())

    def _assemble(self, request: SubjectRequest) -> None:
        with self._desk.database.transaction() as conn:
            known = parts.list_parts(conn, request.subject_request_id)
            private_key = self._private_key(conn, request)
        provided = [part for part in known if part.state is PartState.PROVIDED]
        opened = {part.holder: self._open(request, part, private_key) for part in provided}
        broken = [holder for holder, part in opened.items() if part is None]
        if broken and request.state in OPEN:
            self._mark_broken(request, broken)
            return
        missing = [_missing(part, is_broken=part.holder in broken) for part in known if opened.get(part.holder) is None]
        with self._desk.database.transaction() as conn:
            family = citizens.find_family(conn, request.citizen_id)
            own = self._gather(conn, family)
        copy = DataCopy(
            subject_request_id=str(request.subject_request_id),
            citizen_id=str(request.citizen_id),
            made_at=self._desk.clock.now(),
            parts=(own, *(part for part in opened.values() if part is not None)),
            missing=tuple(missing),
        )
        self._keep(request, copy, render_copy(copy))
        for part in provided:
            self._keeping.exchange.delete(part.address)

    def _private_key(self, conn: Connection, request: SubjectRequest) -> bytes:
        exchange = parts.find_exchange(conn, request.subject_request_id)
        if exchange is None:
            return b""
        data_key = self._desk.data_keys.get(conn, request.citizen_id)
        return decrypt(data_key, exchange_place(request.subject_request_id), exchange[1])

    def _open(self, request: SubjectRequest, part: Part, private_key: bytes) -> CopyPart | None:
        """Return what a service provided; None where the parcel is gone, broken or somebody else's."""
        label = parcel_label(request.subject_request_id, part.holder)
        try:
            content = open_parcel(private_key, self._keeping.exchange.get(label), label=label)
            opened = CopyPart.model_validate_json(content)
        except (DomainError, ValidationError) as error:
            _log.warning("copy_part_broken", holder=part.holder, cause=type(error).__name__)
            return None
        return opened if opened.holder == part.holder else None

    def _mark_broken(self, request: SubjectRequest, holders: Sequence[str]) -> None:
        with self._desk.database.transaction() as conn:
            parts.ask(conn, request.subject_request_id, holders, self._desk.clock.now())
            for holder in holders:
                broken = Answer(request.subject_request_id, holder, PartState.FAILED, failure="PARCEL_INVALID")
                parts.answer(conn, broken, self._desk.clock.now())

    def _keep(self, request: SubjectRequest, copy: DataCopy, pdf: bytes) -> None:
        plain = copy.model_dump_json(indent=2).encode()
        with self._desk.database.transaction() as conn:
            held = repository.hold_request(conn, request.subject_request_id)
            if held is None or held.state in (RequestState.REFUSED, RequestState.WITHDRAWN):
                return
            data_key = self._desk.data_keys.get(conn, request.citizen_id)
            stored = StoredCopy(
                request.subject_request_id,
                request.citizen_id,
                copies.seal(data_key, request.subject_request_id, "json_enc", plain),
                copies.seal(data_key, request.subject_request_id, "pdf_enc", pdf),
                copy.made_at,
                copy.made_at + self._keeping.lifetime,
            )
            if copies.insert_copy(conn, stored) and held.state in OPEN:
                take(self._desk, conn, held, RequestAct.COMPLETE, ActorKind.SYSTEM)
            self._answering.note(conn, request.citizen_id, PROVIDE_DATA_COPY, request.subject_request_id)


def _missing(part: Part, *, is_broken: bool) -> MissingPart:
    state: Literal["ASKED", "FAILED"] = "FAILED" if is_broken or part.state is PartState.FAILED else "ASKED"
    return MissingPart(holder=part.holder, state=state, cause="PARCEL_INVALID" if is_broken else part.failure)
