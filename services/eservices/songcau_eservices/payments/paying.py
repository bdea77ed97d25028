"""The citizen pays: a request over the whole fee is opened at a provider, or the open one shown again."""

import itertools
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.clock import VIETNAM
from songcau_kit.database import Connection
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers.changes import Answer, Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.model import FinanceCause
from songcau_eservices.dossiers.opening import Opening, Reason
from songcau_eservices.dossiers.steps import with_finance
from songcau_eservices.errors import DOSSIER_NOT_FOUND, PAYMENT_NOT_FOUND
from songcau_eservices.payments import repository, return_addresses
from songcau_eservices.payments.payment import Payment, PaymentState
from songcau_eservices.payments.vietqr import Account, memo_of, vietqr

OPEN_FOR = timedelta(hours=24)
LONGEST_URL = 500
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Collector:
    """Where the money goes: the account and the provider's page."""

    account: Account
    page: str


PAYMENT = TypeAdapter(Payment)


class Paying:
    """Opens and reads payments."""

    def __init__(self, room: Room, changes: Changes, collector: Collector) -> None:
        self._room = room
        self._changes = changes
        self._opening = Opening(room)
        self._collector = collector

    def create(self, change: Change, return_url: str) -> Payment:
        """Open a request over what of the fee is unpaid; raise FEE_NOT_DUE where nothing is to be paid now."""
        check_return_url(return_url)
        shown: list[Payment] = []

        def act(scene: Scene) -> Step:
            payment, writes = self._open(scene, return_url)
            shown.append(return_addresses.opened(payment, scene.seal))
            return Step(with_finance(scene.dossier, FinanceCause.REQUEST_OPENED), writes=writes)

        return self._changes.run_for(change, act, Answer(PAYMENT, lambda _: shown[0]))

    def get(self, call: Call, payment_id: UUID) -> Payment:
        """Return one payment of a dossier the caller may see; raise PAYMENT_NOT_FOUND."""
        with self._room.database.read() as conn:
            payment = repository.find(conn, payment_id)
        if payment is None:
            raise DomainError(PAYMENT_NOT_FOUND)
        try:
            with self._opening.opened(
                call, payment.dossier_id, Reason("GET_PAYMENT", "payment", str(payment_id))
            ) as at:
                return return_addresses.opened(payment, at.seal)
        except DomainError as error:
            if error.reason is DOSSIER_NOT_FOUND:
                raise DomainError(PAYMENT_NOT_FOUND) from None
            raise

    def _open(self, scene: Scene, return_url: str) -> tuple[Payment, list[Callable[[Connection], None]]]:
        pending = repository.find_pending(scene.conn, scene.dossier.id)
        if pending is not None and pending.expires_at > scene.now:
            return pending, []
        payment = self._request(scene, return_url)
        writes: list[Callable[[Connection], None]] = [lambda conn: repository.add(conn, payment)]
        if pending is not None:
            expired = pending.id
            writes.insert(0, lambda conn: repository.move(conn, expired, PaymentState.FAILED))
        return payment, writes

    def _request(self, scene: Scene, return_url: str) -> Payment:
        dossier = scene.dossier
        name = dossier.code or dossier.reference
        code = _free_code(name, scene.now, repository.codes_of(scene.conn, dossier.id))
        amount, memo = dossier.fee_due, memo_of(name)
        query = {"code": code, "amount": str(amount), "memo": memo}
        payment_id = self._room.clock.new_id()
        return Payment(
            payment_id,
            code,
            dossier.id,
            dossier.citizen_id,
            amount,
            PaymentState.PENDING,
            vietqr(self._collector.account, amount=amount, memo=memo),
            f"{self._collector.page}?{urlencode(query)}",
            scene.now,
            scene.now + OPEN_FOR,
            return_url_enc=scene.seal.return_url(payment_id, return_url),
        )


def _free_code(name: str, now: datetime, taken: Container[str]) -> str:
    """Return the code of the first second from now on that no other request of the dossier has."""
    seconds = (now.astimezone(VIETNAM) + timedelta(seconds=later) for later in itertools.count())
    return next(code for at in seconds if (code := f"{name}-{at:%Y%m%d%H%M%S}") not in taken)


def check_return_url(url: str) -> None:
    """Raise INVALID_REQUEST for an address that is no https page, nor http on this machine; empty is fine."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        is_fine = False
    if not is_fine or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise DomainError(INVALID_REQUEST, violations=[Violation("/return_url", "URL_NOT_ALLOWED")])
