"""Where a payer goes back to: an address of the app they use, which tells of them, so it is sealed."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.payments import repository
from songcau_eservices.payments.payment import Payment

NAME = "return_url"


def opened(payment: Payment, seal: Seal) -> Payment:
    """Return a payment whose `pay_url` leads back to the app, for somebody who may see it."""
    if payment.return_url_enc is None:
        return payment
    address = seal.open_return_url(payment.id, payment.return_url_enc)
    return replace(payment, pay_url=f"{payment.pay_url}&{urlencode({NAME: address})}", return_url_enc=None)


class PlainReturnAddresses:
    """Return addresses as releases before this one left them: in plain, within `pay_url`."""

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    def seal_portion(self, conn: Connection, limit: int) -> int:
        """Seal at most so many and return how many there were; of an erased citizen nothing is kept."""
        plain = repository.lock_plain(conn, limit)
        for payment in plain:
            page, address = _parted(payment.pay_url)
            repository.seal_return_url(conn, payment.id, page, self._sealed(conn, payment, address))
        return len(plain)

    def _sealed(self, conn: Connection, payment: Payment, address: str) -> bytes | None:
        try:
            return Seal(self._keys.get(conn, payment.citizen_id)).return_url(payment.id, address)
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            return None


def _parted(pay_url: str) -> tuple[str, str]:
    """Return the provider's page without the way back, and the way back."""
    parts = urlsplit(pay_url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    page = urlunsplit(parts._replace(query=urlencode([(name, value) for name, value in query if name != NAME])))
    return page, next((value for name, value in query if name == NAME), "")
