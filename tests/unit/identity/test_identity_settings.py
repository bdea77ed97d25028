"""Settings: a laptop needs none, production takes none of development's."""

import pytest
from pydantic import ValidationError
from songcau_identity.app import cursor_key
from songcau_identity.settings import Settings


def test_a_laptop_needs_no_setting():
    settings = Settings()
    assert settings.redirect_uris == {"http://127.0.0.1:8180/realms/songcau/broker/vneid/endpoint"}
    assert settings.signing_key_files == ()


def test_production_refuses_every_default_of_development_by_name():
    with pytest.raises(ValidationError) as caught:
        Settings(environment="production")
    for name in ("WRAPPING_KEYS", "BRIDGE_CLIENT_SECRET", "VNEID_CLIENT_SECRET", "BRIDGE_ISSUER", "VNEID_TOKEN_URL"):
        assert f"IDENTITY_{name}" in str(caught.value)


def test_secrets_do_not_show():
    text = repr(Settings()) + str(Settings())
    assert "songcau-development" not in text


def test_the_cursor_key_is_the_same_in_every_process_and_no_other_key():
    settings = Settings()
    assert cursor_key(settings) == cursor_key(Settings())
    assert cursor_key(settings) not in settings.blind_index_key.get_secret_value().encode()
    assert len(cursor_key(settings)) == 32


def test_lists_are_separated_by_commas():
    settings = Settings(
        bridge_signing_keys="a.pem, b.pem", bridge_redirect_uris="https://a.example/x, https://b.example/y"
    )
    assert [str(file) for file in settings.signing_key_files] == ["a.pem", "b.pem"]
    assert settings.redirect_uris == {"https://a.example/x", "https://b.example/y"}
