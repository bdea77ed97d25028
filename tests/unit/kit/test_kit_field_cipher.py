"""A ciphertext is good in one place, for one citizen, under one key version, with every bit as it was."""

import copy
import pickle
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_kit.data_keys import DataKey
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt, decrypt_text, encrypt
from songcau_kit.protection_errors import CIPHERTEXT_INVALID

SECRET = bytes(range(32))
KEY = DataKey(UUID(int=1), 1, SECRET)
PLACE = Place("citizens", "name_enc", "row-1")
words = st.text(min_size=1, max_size=20)
places = st.builds(Place, table=words, column=words, row=words)
keys = st.builds(DataKey, st.uuids(), st.integers(1, 65535), st.binary(min_size=32, max_size=32))


def refuses(key: DataKey, place: Place, blob: bytes) -> bool:
    try:
        decrypt(key, place, blob)
    except DomainError as refusal:
        return refusal.reason is CIPHERTEXT_INVALID
    return False


@given(keys, places, st.binary(max_size=300))
def test_what_is_encrypted_comes_back(key, place, plain):
    assert decrypt(key, place, encrypt(key, place, plain)) == plain


def test_text_comes_back_as_text():
    assert decrypt_text(KEY, PLACE, encrypt(KEY, PLACE, "Nguyễn Thị Thử Nghiệm")) == "Nguyễn Thị Thử Nghiệm"


def test_equal_fields_never_look_equal():
    assert len({encrypt(KEY, PLACE, "019000000001") for _ in range(500)}) == 500


@given(places, places)
def test_a_field_moved_to_another_place_never_opens(place, other):
    blob = encrypt(KEY, place, "x")

    assert refuses(KEY, other, blob) == (place != other)


@given(st.uuids(), st.uuids())
def test_a_field_moved_to_another_citizen_never_opens_even_under_the_same_secret(owner, other):
    blob = encrypt(DataKey(owner, 1, SECRET), PLACE, "x")

    assert refuses(DataKey(other, 1, SECRET), PLACE, blob) == (owner != other)


@given(st.integers(1, 65535), st.integers(1, 65535))
def test_a_field_of_another_key_version_never_opens_even_with_its_header_rewritten(version, other):
    blob = encrypt(DataKey(UUID(int=1), version, SECRET), PLACE, "x")
    reader = DataKey(UUID(int=1), other, SECRET)
    rewritten = blob[:1] + other.to_bytes(2, "big") + blob[3:]

    assert refuses(reader, PLACE, blob) == (version != other)
    assert refuses(reader, PLACE, rewritten) == (version != other)


def test_every_flipped_bit_is_noticed():
    blob = encrypt(KEY, PLACE, "x")

    for bit in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        assert refuses(KEY, PLACE, bytes(changed)), bit


def test_parts_of_a_place_do_not_run_into_each_other():
    blob = encrypt(KEY, Place("ab", "c", "d"), "x")

    assert refuses(KEY, Place("a", "bc", "d"), blob)
    assert refuses(KEY, Place("ab", "", "cd"), blob)


def test_a_refusal_names_the_column_and_nothing_of_the_row_or_the_value():
    with pytest.raises(DomainError) as refusal:
        decrypt(KEY, replace(PLACE, row="row-2"), encrypt(KEY, PLACE, "x"))

    assert refusal.value.details == {"table": "citizens", "column": "name_enc"}


def test_a_key_shows_itself_nowhere_and_leaves_its_process_never():
    assert SECRET.hex() not in repr(KEY)
    assert str(SECRET) not in repr(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        copy.copy(KEY)


def test_the_keys_of_two_purposes_differ():
    assert len({KEY.derive("field.1"), KEY.derive("object.1"), KEY.derive("address.1"), SECRET}) == 4
