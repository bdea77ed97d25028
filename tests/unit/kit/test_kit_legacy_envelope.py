"""The envelope form of older state systems: what was closed opens, what was touched does not."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from songcau_kit.legacy_envelope import (
    Envelope,
    EnvelopeError,
    EnvelopeOpener,
    close_envelope,
    new_private_key,
    public_key_of,
)

PRIVATE = new_private_key()
PUBLIC = public_key_of(PRIVATE)
OPENER = EnvelopeOpener(PRIVATE)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_was_closed_opens_again(data):
    assert OPENER.open(close_envelope(data, PUBLIC)) == data


def test_the_data_is_aes_ecb_so_equal_blocks_look_equal():
    data = base64.b64decode(close_envelope(b"0123456789abcdef" * 2, PUBLIC).data)
    assert data[:16] == data[16:32]


def test_another_key_opens_nothing():
    with pytest.raises(EnvelopeError):
        EnvelopeOpener(new_private_key()).open(close_envelope(b"x" * 64, PUBLIC))


@pytest.mark.parametrize(
    "envelope",
    [Envelope("", ""), Envelope("AAAA", "AAAA"), Envelope("không phải base64", "AAAA"), Envelope("A", "=")],
)
def test_what_is_no_envelope_is_refused_without_a_word_of_why(envelope):
    with pytest.raises(EnvelopeError) as caught:
        OPENER.open(envelope)
    assert str(caught.value) == "the envelope cannot be opened"


def test_a_cut_envelope_is_refused():
    envelope = close_envelope(b"x" * 64, PUBLIC)
    cut = base64.b64encode(base64.b64decode(envelope.data)[:-1]).decode()
    with pytest.raises(EnvelopeError):
        OPENER.open(Envelope(cut, envelope.key))


def test_only_rsa_keys_are_taken():
    with pytest.raises(ValueError, match=r"load|deserialize|PEM"):
        EnvelopeOpener(b"no key at all")
