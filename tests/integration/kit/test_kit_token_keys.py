"""Wrapping keys in a real PKCS#11 token: they never leave it, and the token may be away for a while."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType
from pydantic import SecretStr
from songcau_kit._token import module_at
from songcau_kit.data_keys import DataKeys
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt, encrypt
from songcau_kit.keyring import Keyring, KeyringError, Wrapped, entry_of, new_key
from songcau_kit.settings import ServiceSettings
from songcau_kit.wrapping_keys import JoinedKeys, open_wrapping_keys
from support.soft_token import PIN, soft_token


@pytest.fixture
def token(tmp_path, monkeypatch):
    """Return a fresh token; the module of this process starts anew with it."""
    token = soft_token(tmp_path, f"songcau-{uuid.uuid4().hex[:8]}", monkeypatch)
    with module_at(token.module).turn:
        module_at(token.module).restart()
    return token


def opened(sources: str, pin: str = PIN, **settings) -> JoinedKeys:
    return open_wrapping_keys(
        ServiceSettings(wrapping_key_sources=sources, wrapping_token_pin=SecretStr(pin), **settings)
    )


@pytest.fixture
def keys(token) -> JoinedKeys:
    keys = opened(token.address())
    keys.add(1)
    return keys


def refused(call) -> tuple[str, str]:
    with pytest.raises(DomainError) as refusal:
        call()
    assert refusal.value.reason.status == ("INTERNAL" if "INVALID" in refusal.value.reason.code else "UNAVAILABLE")
    return refusal.value.reason.code, refusal.value.details.get("cause", "")


def make_key(token, key_id: bytes, bits: int = 256, **attributes: bool) -> None:
    with module_at(token.module).turn:
        door = module_at(token.module).find(token.label, "")
        session = door.open(rw=True)
        template = {getattr(Attribute, name): value for name, value in attributes.items()}
        session.generate_key(KeyType.AES, bits, store=True, id=key_id, label="wrapping", template=template)
        session.close()


def test_what_the_token_wraps_it_opens_again_for_the_same_person_only(keys):
    key = new_key()
    wrapped = keys.wrap(key, bound_to=b"a")

    assert wrapped.version == 1
    assert keys.unwrap(wrapped, bound_to=b"a") == key
    assert refused(lambda: keys.unwrap(wrapped, bound_to=b"b"))[0] == "DATA_KEY_INVALID"


def test_the_key_cannot_be_taken_out_of_the_token(keys, token):
    with module_at(token.module).turn:
        session = module_at(token.module).find(token.label, "").open()
        (key,) = session.get_objects({Attribute.LABEL: "wrapping"})
        assert (key[Attribute.NEVER_EXTRACTABLE], key[Attribute.ALWAYS_SENSITIVE], key[Attribute.WRAP]) == (
            True,
            True,
            False,
        )
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = key[Attribute.VALUE]
        with pytest.raises(pkcs11.PKCS11Error):
            key[Attribute.LABEL] = "another"
        session.close()


def test_every_flipped_bit_and_every_cut_of_a_wrapped_key_is_noticed_and_costs_no_session(keys, token):
    wrapped = keys.wrap(new_key(), bound_to=b"a")
    blob, starts = wrapped.blob, module_at(token.module).starts
    flips = [bytes(byte ^ (1 << bit % 8) if at == bit // 8 else byte for at, byte in enumerate(blob))
             for bit in range(len(blob) * 8)]  # fmt: skip
    for false in [*flips, *(blob[:cut] for cut in range(len(blob))), blob + b"x"]:
        assert refused(lambda false=false: keys.unwrap(Wrapped(1, false), bound_to=b"a"))[0] == "DATA_KEY_INVALID"
    assert module_at(token.module).starts == starts


def test_a_new_version_wraps_and_the_old_one_opens(keys):
    old = keys.wrap(b"k" * 32, bound_to=b"a")
    keys.add(2)

    new = keys.wrap(b"k" * 32, bound_to=b"a")
    assert (keys.current, keys.versions, new.version) == (2, {1, 2}, 2)
    assert keys.unwrap(old, bound_to=b"a") == keys.unwrap(new, bound_to=b"a") == b"k" * 32
    assert refused(lambda: keys.unwrap(replace(new, version=1), bound_to=b"a"))[0] == "DATA_KEY_INVALID"
    with pytest.raises(KeyringError, match="has version 2 already"):
        keys.add(2)


def test_a_process_that_has_not_heard_of_a_version_asks_the_token_when_it_meets_a_row_of_it(keys, token):
    other = opened(token.address())
    assert other.current == 1
    keys.add(2)
    new = keys.wrap(b"k" * 32, bound_to=b"a")
    time.sleep(1.0)

    assert other.unwrap(new, bound_to=b"a") == b"k" * 32
    assert refused(lambda: other.unwrap(replace(new, version=9), bound_to=b"a"))[0] == "WRAPPING_VERSION_UNKNOWN"


def test_an_address_with_an_id_names_that_version_only(keys, token):
    old = keys.wrap(b"k" * 32, bound_to=b"a")
    keys.add(2)
    fixed = opened(token.address().replace("?", ";id=%00%00%00%01?"))

    assert (fixed.current, fixed.versions) == (1, {1})
    assert fixed.unwrap(old, bound_to=b"a") == b"k" * 32
    with pytest.raises(KeyringError, match="without"):
        fixed.add(3)


def test_a_wrong_pin_is_tried_once_only(token, keys):
    """A token locks itself after a few."""
    with module_at(token.module).turn:
        module_at(token.module).restart()
    wrong = opened(token.address(), pin="000000")
    tries = []
    token_of = module_at(token.module)
    find = token_of.find

    def counting(label, serial):
        tries.append(label)
        return find(label, serial)

    token_of.find = counting
    try:
        for _ in range(20):
            assert refused(lambda: wrong.wrap(new_key(), bound_to=b"a")) == ("WRAPPING_KEY_UNAVAILABLE", "PIN_REFUSED")
    finally:
        del token_of.find
    assert len(tries) == 1
    assert keys.unwrap(keys.wrap(b"k" * 32, bound_to=b"a"), bound_to=b"a") == b"k" * 32


def test_a_missing_pin_is_a_fault_of_the_settings(token):
    with pytest.raises(KeyringError, match="needs the PIN"):
        opened(token.address(), pin="")


def test_a_token_without_a_key_wraps_nothing_and_falls_back_on_no_other_source(token):
    keys = opened(f"env: {token.address()}", wrapping_keys=SecretStr(entry_of(1, b"e" * 32)))

    assert keys.versions == {1}
    assert refused(lambda: keys.wrap(new_key(), bound_to=b"a")) == ("WRAPPING_KEY_UNAVAILABLE", "KEY_MISSING")


def test_a_token_that_does_not_exist_is_away(token):
    keys = opened(token.address().replace(token.label, "no-such-token"))

    assert refused(lambda: keys.wrap(new_key(), bound_to=b"a")) == ("WRAPPING_KEY_UNAVAILABLE", "TOKEN_AWAY")


@pytest.mark.parametrize(
    ("bits", "attributes"),
    [(256, {"EXTRACTABLE": True, "SENSITIVE": True}), (256, {"SENSITIVE": False, "EXTRACTABLE": False}), (128, {})],
)
def test_a_key_that_could_leave_the_token_or_is_too_short_is_not_used(keys, token, bits, attributes):
    make_key(token, b"\x02", bits, **({"SENSITIVE": True, "EXTRACTABLE": False} | attributes))

    assert opened(token.address()).versions == {1}


def test_two_keys_of_one_version_are_refused(keys, token):
    make_key(token, b"\x01", SENSITIVE=True, EXTRACTABLE=False)

    assert refused(lambda: opened(token.address()).current) == ("WRAPPING_KEY_UNAVAILABLE", "KEYS_AMBIGUOUS")


def test_a_token_that_was_away_and_comes_back_needs_no_restart(keys, token):
    wrapped = keys.wrap(b"k" * 32, bound_to=b"a")
    token.take_away()
    for _ in range(3):
        assert refused(lambda: keys.unwrap(wrapped, bound_to=b"a")) == ("WRAPPING_KEY_UNAVAILABLE", "TOKEN_AWAY")
        assert refused(lambda: keys.wrap(new_key(), bound_to=b"a")) == ("WRAPPING_KEY_UNAVAILABLE", "TOKEN_AWAY")
    token.put_back()
    time.sleep(1.1)

    assert keys.unwrap(wrapped, bound_to=b"a") == b"k" * 32


def test_while_the_token_is_away_the_file_still_opens_what_it_holds(token, keys):
    before = Keyring.parse(entry_of(7, b"e" * 32))
    old = before.wrap(b"k" * 32, bound_to=b"a")
    both = opened(f"env: {token.address()}", wrapping_keys=SecretStr(entry_of(7, b"e" * 32)))
    new = both.wrap(b"k" * 32, bound_to=b"a")
    token.take_away()

    assert both.unwrap(old, bound_to=b"a") == b"k" * 32
    assert refused(lambda: both.unwrap(new, bound_to=b"a"))[0] == "WRAPPING_KEY_UNAVAILABLE"


def test_eight_threads_share_a_token_that_restarts_under_them(keys, token):
    wrapped = {bytes([number]): keys.wrap(bytes([number]) * 32, bound_to=bytes([number])) for number in range(8)}
    until = time.monotonic() + 6

    def work(number: int) -> tuple[int, set[str]]:
        name, done, refusals = bytes([number]), 0, set()
        while time.monotonic() < until:
            try:
                again = keys.wrap(keys.unwrap(wrapped[name], bound_to=name), bound_to=name)
                assert keys.unwrap(again, bound_to=name) == name * 32
                done += 1
            except DomainError as refusal:
                refusals.add(refusal.details["cause"])
                time.sleep(0.05)
        return done, refusals

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(work, number) for number in range(8)]
        time.sleep(1)
        with module_at(token.module).turn:
            module_at(token.module).restart()
        time.sleep(1)
        token.take_away()
        time.sleep(1)
        token.put_back()
        results = [future.result(30) for future in running]
    for name, one in wrapped.items():
        assert keys.unwrap(one, bound_to=name) == name * 32
    assert all(done > 10 for done, _ in results), results
    assert set().union(*(refusals for _, refusals in results)) == {"TOKEN_AWAY"}


def test_data_keys_live_on_a_token_as_on_any_other_wrapping_key(database, fixed_clock, keys, token):
    place = Place("citizens", "name_enc", "1")
    with database.transaction() as conn:
        made = DataKeys(keys, fixed_clock).get_or_create(conn, UUID(int=1))
    sealed = encrypt(made, place, "x")
    token.take_away()
    with database.read() as conn:
        away = DataKeys(keys, fixed_clock)
        assert refused(lambda: away.get(conn, UUID(int=1))) == ("WRAPPING_KEY_UNAVAILABLE", "TOKEN_AWAY")
    token.put_back()
    time.sleep(1.1)
    with database.read() as conn:
        assert decrypt(DataKeys(keys, fixed_clock).get(conn, UUID(int=1)), place, sealed) == b"x"
