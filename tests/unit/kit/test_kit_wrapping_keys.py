"""Where wrapping keys come from: the setting, a file that may change, several sources at once."""

import base64
import os
from pathlib import Path

import pytest
from pydantic import SecretStr
from songcau_kit._file_keys import FileKeys
from songcau_kit._token_address import TokenAddress
from songcau_kit.errors import DomainError
from songcau_kit.keyring import Keyring, KeyringError, new_key
from songcau_kit.settings import DEVELOPMENT_WRAPPING_KEYS, ServiceSettings
from songcau_kit.wrapping_keys import JoinedKeys, open_wrapping_keys


def text(*versions: int) -> str:
    return ",".join(f"{v}:{base64.b64encode(bytes([v]) * 32).decode()}" for v in versions)


def replace(file: Path, content: str) -> None:
    """Put a new file in the place of the old one, as a mounted Secret changes."""
    fresh = file.with_suffix(".new")
    fresh.write_text(content)
    fresh.replace(file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "wrapping-keys"
    file.write_text(text(1))
    return file


def opened(sources: str, **settings) -> JoinedKeys:
    return open_wrapping_keys(ServiceSettings(wrapping_key_sources=sources, **settings))


def test_a_laptop_takes_its_keys_from_the_setting():
    keys = open_wrapping_keys(ServiceSettings())

    assert (keys.current, keys.versions) == (1, {1})
    assert keys.unwrap(keys.wrap(b"k" * 32, bound_to=b"a"), bound_to=b"a") == b"k" * 32


def test_a_file_gives_its_keys_and_a_changed_file_its_new_ones_without_a_restart(file):
    keys = opened(f"file:{file}")
    old = keys.wrap(b"k" * 32, bound_to=b"a")
    replace(file, text(1, 2))

    assert (keys.current, keys.versions) == (2, {1, 2})
    assert keys.unwrap(old, bound_to=b"a") == b"k" * 32
    assert keys.wrap(b"k" * 32, bound_to=b"a").version == 2


def test_a_file_that_is_swapped_by_a_link_is_noticed_too(tmp_path):
    for name, versions in (("one", (1,)), ("two", (1, 2))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "keys").write_text(text(*versions))
    (tmp_path / "data").symlink_to("one")
    keys = opened(f"file:{tmp_path}/data/keys")
    (tmp_path / "fresh").symlink_to("two")
    (tmp_path / "fresh").replace(tmp_path / "data")

    assert keys.current == 2


@pytest.mark.parametrize("content", ["", "half a", "1:short", None])
def test_a_file_that_becomes_unusable_leaves_the_keys_as_they_were(file, content):
    keys = opened(f"file:{file}")
    old = keys.wrap(b"k" * 32, bound_to=b"a")
    if content is None:
        file.unlink()
    else:
        replace(file, content)

    assert keys.unwrap(old, bound_to=b"a") == b"k" * 32
    replace(file, text(1, 2))
    assert keys.current == 2


@pytest.mark.parametrize("content", ["", "half a", None])
def test_a_file_that_is_unusable_from_the_beginning_is_refused(file, content):
    file.unlink()
    if content is not None:
        file.write_text(content)

    with pytest.raises(KeyringError):
        opened(f"file:{file}")


def test_the_development_key_in_a_file_is_refused_elsewhere(file):
    file.write_text(f"{text(7)}\n{DEVELOPMENT_WRAPPING_KEYS}\n")
    refused = DEVELOPMENT_WRAPPING_KEYS.partition(":")[2]

    with pytest.raises(KeyringError, match="holds the development key"):
        FileKeys(file, refused=refused)
    assert FileKeys(file).versions == {7, 1}


def test_a_new_key_in_a_file_becomes_the_current_one_and_keeps_the_others(file):
    keys = opened(f"file:{file}")
    keys.add(2)

    assert (keys.current, keys.versions) == (2, {1, 2})
    assert opened(f"file:{file}").current == 2
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_takes_no_new_key_and_stays_as_it_is(file):
    keys = opened(f"file:{file}")
    file.with_name(f".{file.name}.{os.getpid()}").mkdir()

    with pytest.raises(KeyringError, match="cannot be written"):
        keys.add(2)
    assert keys.versions == {1}


def test_a_setting_takes_no_new_key_from_here():
    with pytest.raises(KeyringError, match="changed there"):
        open_wrapping_keys(ServiceSettings()).add(2)


def test_while_moving_the_last_source_wraps_and_each_opens_what_it_holds(file):
    replace(file, text(3))
    before = Keyring.parse(text(1, 2))
    old = before.wrap(b"k" * 32, bound_to=b"a")
    keys = opened(f"env: file:{file}", wrapping_keys=SecretStr(text(1, 2)))

    assert (keys.current, keys.versions) == (3, {1, 2, 3})
    assert keys.unwrap(old, bound_to=b"a") == b"k" * 32
    new = keys.wrap(b"k" * 32, bound_to=b"a")
    assert new.version == 3
    with pytest.raises(DomainError, match="WRAPPING_VERSION_UNKNOWN"):
        before.unwrap(new, bound_to=b"a")


def test_two_sources_with_one_version_are_refused_before_either_opens_anything(file):
    keys = opened(f"env: file:{file}", wrapping_keys=SecretStr(text(1)))

    with pytest.raises(KeyringError, match="same version"):
        _ = keys.versions
    with pytest.raises(KeyringError, match="same version"):
        keys.unwrap(keys.wrap(new_key(), bound_to=b"a"), bound_to=b"a")


@pytest.mark.parametrize(
    "sources",
    ["", "  ", "vault:x", "file:relative", "file://host/path", "file:/nowhere/at/all", "1:AAAA", "env:x", "pkcs11:"],
)
def test_an_unusable_source_is_refused_in_a_sentence(sources):
    with pytest.raises(KeyringError):
        opened(sources)


def test_the_address_of_a_token_is_read_as_rfc_7512_writes_it():
    address = TokenAddress.parse(
        "pkcs11:token=The%20Software%20Token;serial=42;object=wrap;id=%00%02;type=secret-key?module-path=/usr/lib/p.so"
    )

    assert address == TokenAddress("The Software Token", "wrap", Path("/usr/lib/p.so"), serial="42", key_id=b"\x00\x02")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("pkcs11:object=o?module-path=/p", "lacks token"),
        ("pkcs11:token=t?module-path=/p", "lacks object"),
        ("pkcs11:token=t;object=o", "lacks module-path"),
        ("pkcs11:token=t;object=o?module-path=/p&pin-value=1234", "the PIN has a setting of its own"),
        ("pkcs11:token=t;object=o?module-path=/p&pin-source=/x", "the PIN has a setting of its own"),
        ("pkcs11:token=t;object=o;type=private?module-path=/p", "secret-key"),
        ("pkcs11:token=t;token=u;object=o?module-path=/p", "once"),
        ("pkcs11:token=t;object=o;slot-id=1?module-path=/p", "may not have slot-id"),
    ],
)
def test_an_address_that_lacks_something_or_says_too_much_is_refused(address, sentence):
    with pytest.raises(KeyringError, match=sentence) as refusal:
        TokenAddress.parse(address)
    assert "1234" not in str(refusal.value)


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(KeyringError, match="no PKCS#11 module at /nowhere"):
        opened("pkcs11:token=t;object=o?module-path=/nowhere", wrapping_token_pin=SecretStr("1234"))
