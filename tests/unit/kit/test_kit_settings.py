"""Settings: defaults for a laptop, none of them outside development, no secret on any screen."""

import base64

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import (
    DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY,
    DEVELOPMENT_WRAPPING_KEYS,
    ServiceSettings,
    load_settings,
)

OWN_KEY = base64.b64encode(b"o" * 32).decode()
SAFE = {
    "DEMO_ENVIRONMENT": "production",
    "DEMO_WRAPPING_KEYS": f"1:{OWN_KEY}",
    "DEMO_BLIND_INDEX_KEY": OWN_KEY,
    "DEMO_ERASURE_LEDGER_PUBLIC_KEY": OWN_KEY,
    "DEMO_TOKEN_ISSUER": "https://id.example/realms/songcau",
    "DEMO_JWKS_URL": "https://id.example/realms/songcau/certs",
}


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="DEMO_")
    slots: int = 3


@pytest.fixture
def environment(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return put


def test_a_laptop_needs_no_variable():
    settings = Settings()
    assert settings.environment == "development"
    assert (settings.grpc_address, settings.token_audience, settings.slots) == ("127.0.0.1:9101", "songcau", 3)


def test_variables_have_the_services_prefix(environment):
    environment(DEMO_SLOTS="7", SLOTS="8", DEMO_LOG_FORMAT="json")
    assert (Settings().slots, Settings().log_format) == (7, "json")


def test_production_starts_with_values_of_its_own(environment):
    environment(**SAFE)
    assert Settings().environment == "production"


@pytest.mark.parametrize("where", ["staging", "production"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEMO_WRAPPING_KEYS": DEVELOPMENT_WRAPPING_KEYS}, "DEMO_WRAPPING_KEYS holds the development key"),
        (
            {"DEMO_WRAPPING_KEYS": f"{DEVELOPMENT_WRAPPING_KEYS},2:{OWN_KEY}"},
            "DEMO_WRAPPING_KEYS holds the development key",
        ),
        (
            {"DEMO_BLIND_INDEX_KEY": ServiceSettings().blind_index_key.get_secret_value()},
            "DEMO_BLIND_INDEX_KEY is the development key",
        ),
        (
            {"DEMO_ERASURE_LEDGER_PUBLIC_KEY": DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY},
            "DEMO_ERASURE_LEDGER_PUBLIC_KEY is that of the development key",
        ),
        ({"DEMO_TOKEN_ISSUER": "http://id.example/realms/songcau"}, "DEMO_TOKEN_ISSUER must start with https://"),
        ({"DEMO_JWKS_URL": "http://id.example/certs"}, "DEMO_JWKS_URL must start with https://"),
        ({"DEMO_CRASH_AT": "database.before_commit"}, "DEMO_CRASH_AT must be empty"),
    ],
)
def test_each_unsafe_value_is_refused_outside_development(environment, where, change, sentence):
    environment(**(SAFE | {"DEMO_ENVIRONMENT": where} | change))
    with pytest.raises(ValidationError, match=rf"not fit for {where}: .*{sentence}"):
        Settings()


def test_all_faults_are_told_at_once(environment):
    environment(DEMO_ENVIRONMENT="production")
    with pytest.raises(SystemExit) as caught:
        load_settings(Settings)
    text = str(caught.value)
    for name in ("DEMO_WRAPPING_KEYS", "DEMO_BLIND_INDEX_KEY", "DEMO_TOKEN_ISSUER", "DEMO_JWKS_URL"):
        assert name in text
    assert "Traceback" not in text
    assert DEVELOPMENT_WRAPPING_KEYS not in text


def test_a_wrong_value_is_named_but_not_shown(environment):
    environment(DEMO_SLOTS="s3cret-typed-in-the-wrong-place")
    with pytest.raises(SystemExit, match="DEMO_SLOTS: ") as caught:
        load_settings(Settings)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ValidationError) as raw:
        Settings()
    assert "s3cret" not in str(raw.value)


def test_nothing_secret_is_shown(environment):
    environment(DEMO_WRAPPING_KEYS=f"1:{OWN_KEY}", DEMO_DATABASE_URL="postgresql://app:p%40ss@db/identity")
    settings = Settings()
    for shown in (repr(settings), str(settings)):
        assert OWN_KEY not in shown
        assert "p%40ss" not in shown
        assert "postgresql://app:•••@db/identity" in shown


def test_settings_do_not_change_once_read():
    with pytest.raises(ValidationError):
        Settings().slots = 9


def test_a_service_adds_what_it_finds_unsafe(environment):
    class Own(Settings):
        pin: SecretStr = SecretStr("0000")

        def unsafe(self):
            yield from super().unsafe()
            if self.pin.get_secret_value() == "0000":
                yield f"{self.variable('pin')} is everybody's"

    environment(**SAFE)
    with pytest.raises(ValidationError, match="DEMO_PIN is everybody's"):
        Own()
