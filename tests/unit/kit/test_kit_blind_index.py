"""The blind index: equal values meet, everything else stays apart."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_kit.blind_index import BlindIndex

INDEX = BlindIndex(b"i" * 32)


@given(st.text(), st.text(), st.text(), st.text())
def test_two_digests_are_equal_only_for_the_same_field_and_value(field, value, other_field, other_value):
    is_same = (field, value) == (other_field, other_value)

    assert (INDEX.of(field, value) == INDEX.of(other_field, other_value)) == is_same


def test_another_key_gives_another_digest_of_32_bytes():
    digest = INDEX.of("id_number", "019000000001")

    assert len(digest) == 32
    assert digest != BlindIndex(b"j" * 32).of("id_number", "019000000001")


def test_the_key_is_read_from_base64():
    assert BlindIndex.parse(base64.b64encode(b"i" * 32).decode()).of("f", "v") == INDEX.of("f", "v")


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "***"])
def test_a_short_or_broken_key_is_refused(text):
    with pytest.raises(ValueError, match="blind index key"):
        BlindIndex.parse(text)
