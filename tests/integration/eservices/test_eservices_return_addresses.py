"""The address a payer goes back to stands nowhere in plain, and what an older release left in plain is sealed."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import psycopg
import pytest
from songcau.eservices.v1 import payment_service_pb2 as pb
from songcau_eservices.payments.return_addresses import PlainReturnAddresses
from songcau_kit import resealing
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.resealing import Resealing
from songcau_kit.wrapping_keys import open_wrapping_keys
from support.dossier_world import DossierWorld, Person, key

BACK = "https://app.example/CANARY-ACCOUNT/back?a=1&b=x+y%20z"
PLAIN = "select count(*) from payments where strpos(pay_url, 'return_url=') > 0"


def open_payment(world: DossierWorld, person: Person, **fields: Any) -> Any:
    request = pb.CreatePaymentRequest(
        **({"request_id": key(), "dossier_id": world.submitted(person).id, "return_url": BACK} | fields)
    )
    return world.payments.CreatePayment(request, metadata=world.as_citizen(person)).payment


def get(world: DossierWorld, person: Person, payment: Any) -> Any:
    request = pb.GetPaymentRequest(payment_id=payment.id)
    return world.payments.GetPayment(request, metadata=world.as_citizen(person)).payment


def query_of(payment: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(payment.pay_url).query, keep_blank_values=True)


def leave_in_plain(world: DossierWorld, payment: Any, address: str = BACK) -> None:
    """Write the row as the release before wrote it."""
    world.execute(
        "update payments set pay_url = pay_url || %s, return_url_enc = null where id = %s",
        f"&{urlencode({'return_url': address})}",
        payment.id,
    )


@pytest.fixture
def component(dossier_world: DossierWorld) -> Any:
    database = Database(dossier_world.url, max_size=2, application_name="eservices-work")
    yield Resealing(database, PlainReturnAddresses(keys_of(dossier_world)).seal_portion)
    database.close()


def keys_of(world: DossierWorld) -> DataKeys:
    return DataKeys(open_wrapping_keys(world.settings), world.clock)


def test_the_way_back_is_shown_to_the_payer_and_stands_nowhere_in_plain(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    payment = open_payment(world, person)
    assert query_of(payment)["return_url"] == [BACK]
    assert query_of(payment)["code"] == [payment.code]
    assert get(world, person, payment).pay_url == payment.pay_url
    assert open_payment(world, person, dossier_id=payment.dossier_id).pay_url == payment.pay_url
    with psycopg.connect(world.url) as connection:
        for (table,) in connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            for (row,) in connection.execute(f"select t::text from {table} t").fetchall():
                assert "CANARY-ACCOUNT" not in row, table
                assert b"CANARY-ACCOUNT".hex() not in row, table


def test_without_a_way_back_the_page_is_asked_for_none(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    assert query_of(open_payment(world, person, return_url=""))["return_url"] == [""]


def test_rows_of_the_release_before_are_read_before_and_after_they_are_sealed(
    dossier_world: DossierWorld, component: Resealing
):
    world, person = dossier_world, dossier_world.person()
    payment, other = open_payment(world, person), open_payment(world, person, return_url="")
    leave_in_plain(world, payment)
    leave_in_plain(world, other, "")
    assert world.rows(PLAIN) == [(2,)]
    for resealed in (0, 2):
        assert (component.reseal() if resealed else 0) == resealed
        assert query_of(get(world, person, payment)) == query_of(payment)
        assert query_of(get(world, person, other))["return_url"] == [""]
    assert (world.rows(PLAIN), component.reseal()) == ([(0,)], 0)


def test_sealing_goes_on_where_it_stopped_and_waits_for_nobody(
    dossier_world: DossierWorld, component: Resealing, monkeypatch: pytest.MonkeyPatch
):
    world, person = dossier_world, dossier_world.person()
    for _ in range(4):
        leave_in_plain(world, open_payment(world, person))
    monkeypatch.setattr(resealing, "BATCH", 2)
    with psycopg.connect(world.url) as other:
        other.execute("select from payments order by id limit 1 for update")
        assert (component.reseal(), component.reseal()) == (2, 1)
    assert (component.reseal(), component.reseal()) == (1, 0)


def test_of_an_erased_citizen_no_way_back_is_kept(dossier_world: DossierWorld, component: Resealing):
    world, person = dossier_world, dossier_world.person()
    leave_in_plain(world, open_payment(world, person))
    database = Database(world.url, max_size=2, application_name="eservices-test")
    with database.transaction() as connection:
        keys_of(world).destroy(connection, UUID(person.citizen_id))
    database.close()
    assert component.reseal() == 1
    assert world.rows("select count(*) from payments where return_url_enc is not null") == [(0,)]
    assert world.rows(PLAIN) == [(0,)]
