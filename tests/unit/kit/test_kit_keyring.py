"""The wrapping keys: their form in the settings, and what they open."""

import base64

import pytest
from songcau_kit.errors import DomainError
from songcau_kit.keyring import Keyring, KeyringError, Wrapped, new_key


def entry(version: int, byte: bytes = b"k") -> str:
    return f"{version}:{base64.b64encode(byte * 32).decode()}"


def test_the_last_entry_wraps_and_every_entry_opens():
    old = Keyring.parse(entry(1))
    both = Keyring.parse(f"{entry(1)}, {entry(2, b'n')}\n")
    key = new_key()

    assert (both.current, both.versions) == (2, {1, 2})
    assert both.unwrap(old.wrap(key, bound_to=b"a"), bound_to=b"a") == key
    assert both.unwrap(both.wrap(key, bound_to=b"a"), bound_to=b"a") == key


def test_a_wrapped_key_opens_only_for_what_it_is_bound_to():
    keyring = Keyring.parse(entry(1))
    wrapped = keyring.wrap(new_key(), bound_to=b"a")

    with pytest.raises(DomainError, match="DATA_KEY_INVALID"):
        keyring.unwrap(wrapped, bound_to=b"b")


def test_a_key_wrapped_under_another_version_does_not_open_by_relabelling():
    keyring = Keyring.parse(f"{entry(1)},{entry(2)}")
    wrapped = keyring.wrap(new_key(), bound_to=b"a")

    with pytest.raises(DomainError, match="DATA_KEY_INVALID"):
        keyring.unwrap(Wrapped(1, wrapped.blob), bound_to=b"a")


def test_a_missing_version_is_named():
    wrapped = Keyring.parse(entry(7)).wrap(new_key(), bound_to=b"a")

    with pytest.raises(DomainError, match="WRAPPING_VERSION_UNKNOWN") as refusal:
        Keyring.parse(entry(1)).unwrap(wrapped, bound_to=b"a")
    assert refusal.value.details == {"version": "7"}


def test_every_flipped_bit_of_a_wrapped_key_is_noticed():
    keyring = Keyring.parse(entry(1))
    wrapped = keyring.wrap(new_key(), bound_to=b"a")

    for bit in range(len(wrapped.blob) * 8):
        changed = bytearray(wrapped.blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DomainError, match="DATA_KEY_INVALID"):
            keyring.unwrap(Wrapped(1, bytes(changed)), bound_to=b"a")


@pytest.mark.parametrize(
    "text", ["", " , ", "abc", "1:short", "0:" + "A" * 44, "x:" + "A" * 44, "1:@@@", f"{entry(1)},{entry(1)}"]
)
def test_an_unusable_setting_is_refused_without_being_repeated(text):
    with pytest.raises(KeyringError) as refusal:
        Keyring.parse(text)

    assert "@@@" not in str(refusal.value)
    assert "AAAA" not in str(refusal.value)


def test_a_keyring_shows_no_key():
    assert "kkkk" not in repr(Keyring.parse(entry(1)))
