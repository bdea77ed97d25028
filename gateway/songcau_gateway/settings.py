"""What the environment may say to the gateway (`GATEWAY_…`); it has no database, so the services' base does not fit."""

import ipaddress
from collections.abc import Iterable
from typing import Literal

import limits
from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY, ProcessSettings


class Settings(ProcessSettings):
    """Settings of the gateway; every default works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, hide_input_in_errors=True)

    address: str = Field(default="127.0.0.1:8080", description="where the HTTP server listens")
    public_url: str = Field(
        default="http://127.0.0.1:8080", description="the address people use, as printed in QR codes"
    )
    identity_address: str = Field(default="127.0.0.1:9101", description="gRPC address of the identity service")
    eservices_address: str = Field(default="127.0.0.1:9102", description="gRPC address of the public services")
    telehealth_address: str = Field(default="127.0.0.1:9103", description="gRPC address of telehealth")
    audit_address: str = Field(default="127.0.0.1:9104", description="gRPC address of the audit log")
    token_issuer: str = Field(default="http://127.0.0.1:8180/realms/songcau", description="the `iss` of access tokens")
    token_audience: str = Field(default="songcau", description="the `aud` of access tokens")
    jwks_url: str = Field(
        default="http://127.0.0.1:8180/realms/songcau/protocol/openid-connect/certs",
        description="the issuer's public keys",
    )
    logout_clients: str = Field(
        default="citizen-app,officer-console",
        description="applications whose logout tokens end sessions here, comma between",
    )
    account_client_id: str = Field(
        default="account-administration", description="the gateway's own client at the token issuer's administration"
    )
    account_client_key: str = Field(
        default="", description="file with that client's RSA key (PEM); empty: the gateway acts on no account"
    )
    account_server_url: str = Field(
        default="", description="where the administration is reached from here; empty: where the issuer's name says"
    )
    idle_days: int = Field(
        default=45, ge=1, description="staff who did not sign in for so long are disabled by `disable-idle-accounts`"
    )
    erasure_ledger_url: str = Field(
        default="file://.songcau/erasure-ledger", description="the ledger of erasures, read by `close-erased-accounts`"
    )
    erasure_ledger_public_key: str = Field(
        default=DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY,
        description="base64 of the Ed25519 key by which entries of the ledger are believed; of one that was replaced "
        "`key:last`, the last entry it signed; blank between",
    )
    peers: str = Field(
        default="",
        description="host:port of a name that resolves to every gateway process, or several, comma between; empty: one",
    )
    step_up_max_age_seconds: int = Field(
        default=600, ge=30, le=86_400, description="how old a sign-in may be for acts that do harm in wrong hands"
    )
    rate_per_address: str = Field(
        default="600/minute", description="token bucket of one address for requests without a valid token"
    )
    rate_per_person: str = Field(default="600/minute", description="token bucket of one signed-in person or system")
    rate_per_client: str = Field(default="6000/minute", description="token bucket of one application")
    rate_failure: Literal["open", "closed"] = Field(
        default="open", description="whether requests pass (open) or get 503 (closed) when the limiter itself fails"
    )
    trusted_proxies: str = Field(
        default="", description="addresses or networks, comma between, whose X-Forwarded-For is believed"
    )
    cors_origins: str = Field(default="", description="origins of browser applications, comma between; empty: none")
    max_body_bytes: int = Field(default=262_144, ge=1024, description="largest JSON body")
    max_upload_bytes: int = Field(default=21_000_000, ge=1024, description="largest upload, all parts together")
    max_header_bytes: int = Field(default=16_384, ge=2048, description="all header lines and the address together")
    max_header_count: int = Field(default=64, ge=16, description="number of header lines")
    request_timeout_seconds: float = Field(
        default=10.0, gt=0, description="a request without a file is answered by then"
    )
    upload_timeout_seconds: float = Field(default=120.0, gt=0, description="a request with a file is answered by then")
    body_timeout_seconds: float = Field(default=15.0, gt=0, description="longest wait for the next piece of a body")
    keep_alive_seconds: int = Field(default=20, ge=1, description="an idle connection is closed after this")
    max_connections: int = Field(default=1000, ge=10, description="more at once get 503")
    drain_delay_seconds: float = Field(
        default=0.0, ge=0, description="time between `not ready` and the end of accepting, for load balancers"
    )
    drain_seconds: int = Field(default=20, ge=1, description="running requests may finish within this")
    docs_enabled: bool = Field(default=True, description="serve /docs and /openapi.json")
    metrics_enabled: bool = Field(default=True, description="serve /metrics on the public address")

    @field_validator("rate_per_address", "rate_per_person", "rate_per_client")
    @classmethod
    def check_rate(cls, value: str) -> str:
        """Refuse a rate that is not like `600/minute`."""
        limits.parse(value)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def check_networks(cls, value: str) -> str:
        """Refuse what is neither an address nor a network."""
        for part in split_list(value):
            ipaddress.ip_network(part, strict=False)
        return value

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        for field in ("token_issuer", "jwks_url", "public_url"):
            if not getattr(self, field).startswith("https://"):
                yield f"{self.variable(field)} must start with https://"
        if DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY in self.erasure_ledger_public_key:
            yield f"{self.variable('erasure_ledger_public_key')} is that of the development key, set one of your own"
        if "*" in self.cors_origins:
            yield f"{self.variable('cors_origins')} must name its origins"


def split_list(value: str) -> list[str]:
    """Return the items of a comma-separated setting."""
    return [part.strip() for part in value.split(",") if part.strip()]
