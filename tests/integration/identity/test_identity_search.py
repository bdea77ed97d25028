"""Search over encrypted fields: what finds, in which order, and what no digest may stand on."""

import psycopg
import pytest
from songcau_identity.vault import FEWEST_VALUES, SEARCHABLE
from songcau_kit.errors import DomainError
from support.identity_service import Identity
from support.record_acts import look_up, own_profile

DIGESTS = """select table_name || '.' || column_name from information_schema.columns
    where table_schema = 'public' and column_name like '%%\\_bix'"""
INDEXED = """select i.tablename || '.' || a.attname from pg_indexes i
    join pg_class c on c.relname = i.indexname join pg_attribute a on a.attrelid = c.oid
    where i.schemaname = 'public'"""


@pytest.mark.parametrize("typed", ["0912345678", "+84912345678", "0912 345 678", "84912345678"])
def test_a_telephone_number_finds_everybody_who_gave_it_however_it_is_typed(identity: Identity, typed: str):
    for number, phone in (("1", "0912345678"), ("2", "+84 912 345 678"), ("3", "0912345679")):
        identity.link(number=f"01918500000{number}", full_name=f"Hoàng Thị Thử {'ABC'[int(number) - 1]}", phone=phone)
    assert [hit.full_name[-1] for hit in look_up(identity, phone_number=typed)] == ["A", "B"]


def test_a_telephone_number_that_was_changed_finds_no_longer(identity: Identity):
    identity.link(phone="0912345678")
    identity.link(phone="0912345679")
    assert look_up(identity, phone_number="0912345678") == []
    assert len(look_up(identity, phone_number="0912345679")) == 1


def test_no_telephone_number_is_a_refusal_that_says_so(identity: Identity):
    with pytest.raises(DomainError) as caught:
        look_up(identity, phone_number="113")
    assert caught.value.reason.code == "LOOK_UP_INVALID"
    assert [(v.pointer, v.code) for v in caught.value.violations] == [("/phone_number", "NOT_A_PHONE_NUMBER")]


def test_a_profile_of_an_older_release_is_found_once_its_citizen_signed_in_again(identity: Identity):
    identity.link(phone="0912345678")
    with psycopg.connect(identity.url) as connection:
        connection.execute("update citizen_profiles set phone_number_bix = null")
    assert look_up(identity, phone_number="0912345678") == []
    again = identity.link()
    assert again.citizen.version == 1
    assert own_profile(identity, again.citizen.citizen_id).phone_number == "+84912345678"
    assert len(look_up(identity, phone_number="0912345678")) == 1


def test_hits_stand_in_vietnamese_order_behind_those_written_as_searched(identity: Identity):
    names = ["Lý Thị Ba", "Lý Thị Bà", "Lỳ Thị Bả", "Lý Thí Ba", "LÝ THỊ BẢ", "Ly Thi Bá"]
    for number, name in enumerate(names):
        identity.link(number=f"01918500000{number}", full_name=name)
    found = [hit.full_name for hit in look_up(identity, full_name="lý thị bả")]
    assert found == ["LÝ THỊ BẢ", "Lý Thí Ba", "Lý Thị Ba", "Lý Thị Bà", "Lỳ Thị Bả", "Ly Thi Bá"]


def test_names_in_an_old_font_encoding_are_refused_by_name(identity: Identity):
    with pytest.raises(DomainError) as caught:
        look_up(identity, full_name="NguyÔn V¨n Thö")
    assert [(v.pointer, v.code) for v in caught.value.violations] == [("/full_name", "LEGACY_ENCODING")]


def test_no_digest_stands_on_a_field_with_few_values(identity: Identity):
    columns = {row[0] for row in identity.rows(DIGESTS)}
    assert columns == set(SEARCHABLE)
    assert all(values >= FEWEST_VALUES for values in SEARCHABLE.values())
    indexed = {row[0] for row in identity.rows(INDEXED)}
    assert not {column for column in indexed if column.endswith("_enc")}


def test_every_search_goes_by_an_index(identity: Identity):
    indexed = {row[0] for row in identity.rows(INDEXED)}
    assert set(SEARCHABLE) - {"citizen_profiles.name_exact_bix"} <= indexed
