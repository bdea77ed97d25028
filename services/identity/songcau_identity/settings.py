"""The only reader of the environment of this service: `IDENTITY_…`."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_KEY, ServiceSettings

REALM = "http://127.0.0.1:8180/realms/songcau"
DEVELOPMENT_CLIENT_SECRET = "songcau-development-bridge-client"  # noqa: S105 -- refused outside development
DEVELOPMENT_VNEID_SECRET = "songcau-development-vneid-client"  # noqa: S105 -- refused outside development


class Settings(ServiceSettings):
    """Settings of the identity service and of its VNeID bridge."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_", frozen=True, hide_input_in_errors=True)

    database_url: str = Field("postgresql://127.0.0.1:19432/identity", description="the application's role")
    topics_folder: Path = Field(Path("proto/topics"), description="the topic files, for `work`")
    cursor_key: SecretStr = Field(
        SecretStr(""), description="base64 of 32 bytes that signs page cursors; empty: derived from the index key"
    )
    step_up_max_age_seconds: int = Field(
        600, ge=30, le=86_400, description="how old a sign-in may be for acts that do harm in wrong hands (RFC 9470)"
    )
    look_ups_per_minute: int = Field(
        30, ge=1, le=10_000, description="how many look-ups of citizens one officer has a minute"
    )
    look_ups_per_day: int = Field(
        500, ge=1, le=1_000_000, description="how many look-ups of citizens one officer has a day (Vietnam's)"
    )
    namings_per_minute: int = Field(
        10, ge=1, le=10_000, description="how many other people somebody names by number and full name a minute"
    )
    namings_per_day: int = Field(
        30, ge=1, le=1_000_000, description="how many other people somebody names by number and full name a day"
    )

    look_up_case_days: int = Field(
        3, ge=1, le=31, description="days before and after a look-up in which a case of the citizen explains it"
    )
    look_up_own_act_minutes: int = Field(
        60, ge=0, le=1440, description="minutes after a look-up in which the officer's own act on a case explains it"
    )
    look_up_history_days: int = Field(
        30, ge=1, le=366, description="days back with which an officer's number of look-ups is compared"
    )
    look_ups_without_case: int = Field(
        1,
        ge=1,
        le=10_000,
        description="from how many look-ups without a case of one officer and day an anomaly is told",
    )
    bulk_look_ups_per_hour: int = Field(
        20, ge=1, le=10_000, description="fewer look-ups in an hour are never told as bulk"
    )
    bulk_look_ups_per_day: int = Field(
        60, ge=1, le=1_000_000, description="fewer look-ups in a day are never told as bulk"
    )
    bulk_look_ups_factor: float = Field(
        3.0, ge=1, le=100, description="how many times the officer's or the agency's median is bulk"
    )
    anomaly_years: int = Field(
        5,
        ge=1,
        le=100,
        description="years for which decided anomalies and what they were judged from are kept",
    )
    assisted_session_minutes: int = Field(30, ge=1, le=30, description="how long an assisted session lasts")
    push_url: str = Field(
        "", description="where questions for the electronic identity app are put; empty: citizens answer here only"
    )
    push_client_id: str = Field("songcau", description="how that place knows the platform")
    push_client_secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_VNEID_SECRET), description="the platform's secret there; `work` alone needs it"
    )
    push_timeout_seconds: float = Field(5.0, gt=0, le=30, description="how long one answer of it may take")

    working_day_overrides: dict[date, bool] = Field(
        {}, description='days an authority decided otherwise, as a JSON object: {"2026-08-22": true} is worked'
    )

    commune_boundaries_file: str = Field(
        "",
        description="GeoJSON of the communes of today, property `code`; empty or not there: points decide no address",
    )
    business_register_file: str = Field(
        "", description="JSON file that plays the business register; empty: officers confirm. Development only"
    )
    organisation_cases_of_citizen: int = Field(
        5, ge=1, le=1000, description="how many foundings and proposals about organisations of one citizen may wait"
    )
    organisation_invitations_open: int = Field(
        50, ge=1, le=10_000, description="how many invitations of one organisation may be unanswered"
    )
    controller_name: str = Field("", description="who answers for the data, as notices of a breach name them")
    controller_contact: str = Field("", description="whom the authority can ask: office, telephone number")
    data_holders: tuple[str, ...] = Field(
        ("eservices", "telehealth"), description="services asked for copies and erasures, as a JSON list"
    )
    answer_patience_minutes: int = Field(
        60, ge=1, le=10_000, description="how long a service may take to answer before it is asked again"
    )
    data_copy_days: int = Field(7, ge=1, le=90, description="days a copy of somebody's data can be fetched")
    erasure_ledger_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_ERASURE_LEDGER_KEY),
        description="base64 of the 32 bytes that sign the erasure ledger; `work` alone needs it",
    )

    bridge_address: str = Field("127.0.0.1:8181", description="where the VNeID bridge listens")
    bridge_ops_address: str = Field("127.0.0.1:9131", description="health and metrics of the bridge")
    bridge_issuer: str = Field("http://127.0.0.1:8181", description="the bridge's OIDC issuer, its address outside")
    bridge_signing_keys: str = Field(
        "", description="PEM files of the keys that sign id tokens, comma between; the first signs, all are published"
    )
    bridge_client_id: str = Field("keycloak", description="the broker that signs people in through the bridge")
    bridge_client_secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_CLIENT_SECRET), description="the broker's secret; empty where it uses private_key_jwt"
    )
    bridge_client_jwks_url: str = Field("", description="the broker's public keys, for private_key_jwt")
    bridge_redirect_uris: str = Field(
        f"{REALM}/broker/vneid/endpoint", description="exact redirect addresses of the broker, comma between"
    )

    vneid_authorize_url: str = Field("http://127.0.0.1:8190/oauth2/authorize", description="VNeID's sign-in page")
    vneid_token_url: str = Field("http://127.0.0.1:8190/oauth2/token", description="VNeID's token endpoint")
    vneid_userinfo_url: str = Field("http://127.0.0.1:8190/oauth2/userinfo", description="VNeID's userinfo endpoint")
    vneid_client_id: str = Field("songcau", description="how VNeID knows the platform")
    vneid_client_secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_VNEID_SECRET), description="the platform's secret at VNeID"
    )
    vneid_decryption_key: str = Field("", description="PEM file of the RSA key to which VNeID encrypts its answers")
    vneid_timeout_seconds: float = Field(5.0, gt=0, le=30, description="how long one answer of VNeID may take")

    linker_client_id: str = Field("identity-bridge", description="the bridge's own account at the token issuer")
    linker_key: str = Field("", description="PEM file of the key that signs the bridge's client assertions")
    linker_token_url: str = Field(
        f"{REALM}/protocol/openid-connect/token", description="where the bridge gets its access token"
    )
    linker_target: str = Field("", description="address of CitizenService; empty: IDENTITY_GRPC_ADDRESS")

    @property
    def redirect_uris(self) -> frozenset[str]:
        """The broker's redirect addresses."""
        return frozenset(uri.strip() for uri in self.bridge_redirect_uris.split(",") if uri.strip())

    @property
    def signing_key_files(self) -> tuple[Path, ...]:
        """The key files of the bridge, the signing one first."""
        return tuple(Path(name.strip()) for name in self.bridge_signing_keys.split(",") if name.strip())

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        yield from super().unsafe()
        if self.erasure_ledger_key.get_secret_value() == DEVELOPMENT_ERASURE_LEDGER_KEY:
            yield f"{self.variable('erasure_ledger_key')} is the development key, set one of your own"
        if self.bridge_client_secret.get_secret_value() == DEVELOPMENT_CLIENT_SECRET:
            yield f"{self.variable('bridge_client_secret')} is the development secret, set one of your own"
        if self.vneid_client_secret.get_secret_value() == DEVELOPMENT_VNEID_SECRET:
            yield f"{self.variable('vneid_client_secret')} is the development secret, set the one VNeID gave"
        if self.push_url and self.push_client_secret.get_secret_value() == DEVELOPMENT_VNEID_SECRET:
            yield f"{self.variable('push_client_secret')} is the development secret, set one of your own"
        if self.push_url and not self.push_url.startswith("https://"):
            yield f"{self.variable('push_url')} must start with https://"
        if self.business_register_file:
            yield f"{self.variable('business_register_file')} is a file of invented organisations, leave it empty"
        for field in ("bridge_issuer", "vneid_authorize_url", "vneid_token_url", "vneid_userinfo_url"):
            if not getattr(self, field).startswith("https://"):
                yield f"{self.variable(field)} must start with https://"


def cursor_key(settings: Settings) -> bytes:
    """Return the key of page cursors, the same in every process that serves."""
    given = settings.cursor_key.get_secret_value()
    if given:
        return base64.b64decode(given)
    index_key = base64.b64decode(settings.blind_index_key.get_secret_value())
    return hmac.digest(index_key, b"songcau identity cursors", hashlib.sha256)
