"""What the environment may say to a service: good defaults on a laptop, none of them accepted outside development."""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_VERIFIER_KEY = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}|file:/\S+")
_URL_PASSWORD = re.compile(r"(?<=:)[^:/@]+(?=@)")


def _development_key(use: str) -> str:
    """Return a key that everybody can compute, base64, 32 bytes."""
    return base64.b64encode(hashlib.sha256(f"songcau development only: {use}".encode()).digest()).decode()


DEVELOPMENT_WRAPPING_KEYS = f"1:{_development_key('wrapping')}"
LONGEST_WITHOUT_CHECKPOINT_S = 900
LONGEST_WITHOUT_HEARTBEAT_S = 60
DEVELOPMENT_BLIND_INDEX_KEY = _development_key("blind index")
DEVELOPMENT_ERASURE_LEDGER_KEY = _development_key("erasure ledger")
# The public half of it; a constant, since computing it needs what not every process that reads settings has.
DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY = "W18s3yE7YtzvujaJQOgyvj6DAYosD1uds/RewIgKoLY="


class ProcessSettings(BaseSettings):
    """The settings every process has; a part of the platform adds its own and gives the prefix of its variables."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True, validate_default=True)

    environment: Literal["development", "staging", "production"] = Field(
        default="development", description="where the process runs; anything but development refuses unsafe defaults"
    )
    tls_certificate: Path | None = Field(
        default=None,
        description="PEM certificate chain of the process towards the others; wanted outside development where it "
        "serves or calls gRPC, read anew when it changes",
    )
    tls_key: Path | None = Field(default=None, description="PEM key of that certificate")
    tls_authorities: tuple[Path, ...] = Field(
        default=(),
        description="PEM authorities whose certificates are believed, a JSON list of files and of folders of `*.crt`",
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="coloured lines or one JSON object a line"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="the least level written"
    )

    @model_validator(mode="after")
    def refuse_what_is_unsafe(self) -> Self:
        """Refuse development's defaults everywhere else, each with a sentence."""
        if self.environment != "development":
            faults = list(self.unsafe())
            if faults:
                raise ValueError(f"not fit for {self.environment}: " + "; ".join(faults))
        return self

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development; a part with own secrets extends this."""
        return ()

    @classmethod
    def variable(cls, field: str) -> str:
        """Return the environment variable that sets a field."""
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, _URL_PASSWORD.sub("•••", value) if isinstance(value, str) and "://" in value else value


class ServiceSettings(ProcessSettings):
    """The settings every service has."""

    database_url: str = Field(default="postgresql://127.0.0.1:19432/songcau", description="the application's role")
    migration_database_url: str = Field(default="", description="the migrator's role; empty: the application's")
    bus_url: str = Field(
        default="postgresql://127.0.0.1:19432/bus", description="the event bus: postgresql:// or kafka://"
    )
    grpc_address: str = Field(default="127.0.0.1:9101", description="where the gRPC server listens")
    ops_address: str = Field(default="127.0.0.1:9111", description="health and metrics of `serve`")
    work_ops_address: str = Field(default="127.0.0.1:9121", description="health and metrics of `work`")
    token_issuer: str = Field(default="http://127.0.0.1:8180/realms/songcau", description="the `iss` of access tokens")
    token_audience: str = Field(default="songcau", description="the `aud` of access tokens")
    jwks_url: str = Field(
        default="http://127.0.0.1:8180/realms/songcau/protocol/openid-connect/certs",
        description="the issuer's public keys",
    )
    wrapping_keys: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_WRAPPING_KEYS),
        description="`version:base64` of 32 bytes, comma between, last is current",
    )
    wrapping_key_sources: str = Field(
        default="env:",
        description="blank between, the last wraps: `env:` (`…_WRAPPING_KEYS`), `file:/path` with the same form, "
        "`pkcs11:token=…;object=…?module-path=…`",
    )
    wrapping_token_pin: SecretStr = Field(
        default=SecretStr(""), description="the PIN of the token of a `pkcs11:` source"
    )
    blind_index_key: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_BLIND_INDEX_KEY), description="base64 of 32 bytes; changing it means reindexing"
    )
    object_store_url: str = Field(default="file://.songcau/objects", description="file:// or s3://")
    audit_log_max_age_seconds: int | None = Field(
        default=None,
        ge=0,
        description="sensitive writes stop when the newest checkpoint of the audit log is older; empty: 900, in "
        "development 0, which lets them go on",
    )
    audit_log_keys: str = Field(
        default="",
        description="public keys of the audit log whose checkpoints are believed, or `file:/path` of them, blank "
        "between; two while one takes the place of the other; empty: none is believed",
    )
    exchange_store_url: str = Field(
        default="file://.songcau/exchange",
        description="where services hand parts of copies to identity, sealed; one place for all",
    )
    erasure_ledger_url: str = Field(
        default="file://.songcau/erasure-ledger",
        description="the ledger of erasures, one for all services; outside of every database and its backups",
    )
    erasure_ledger_public_key: str = Field(
        default=DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY,
        description="base64 of the Ed25519 key by which entries of the ledger are believed; of one that was replaced "
        "`key:last`, the last entry it signed; blank between",
    )
    crash_at: str = Field(default="", description="names of crash points, for tests of recovery; development only")

    @field_validator("audit_log_keys")
    @classmethod
    def check_log_keys(cls, value: str) -> str:
        """Refuse what is no verifier key."""
        if not all(_VERIFIER_KEY.fullmatch(key) for key in value.split()):
            raise ValueError("a key of the audit log is `name+key id+base64` or `file:/path` of some")
        return value

    @property
    def oldest_audit_checkpoint_seconds(self) -> int:
        """How old the newest checkpoint may be for sensitive writes; 0: it does not count."""
        if self.audit_log_max_age_seconds is not None:
            return self.audit_log_max_age_seconds
        return 0 if self.environment == "development" else LONGEST_WITHOUT_CHECKPOINT_S

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        name = self.variable
        if self.audit_log_max_age_seconds == 0:
            yield f"{name('audit_log_max_age_seconds')} must not be 0, sensitive writes wait for the audit log"
        is_used = "env:" in self.wrapping_key_sources.split()
        if is_used and _development_key("wrapping") in self.wrapping_keys.get_secret_value():
            yield f"{name('wrapping_keys')} holds the development key, set keys of your own"
        if self.blind_index_key.get_secret_value() == DEVELOPMENT_BLIND_INDEX_KEY:
            yield f"{name('blind_index_key')} is the development key, set a key of your own"
        if DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY in self.erasure_ledger_public_key:
            yield f"{name('erasure_ledger_public_key')} is that of the development key, set one of your own"
        for field in ("token_issuer", "jwks_url"):
            if not getattr(self, field).startswith("https://"):
                yield f"{name(field)} must start with https://"
        if self.crash_at:
            yield f"{name('crash_at')} must be empty"


class CopyingSettings(ServiceSettings):
    """The settings of a service that keeps copies of who may act for whom and who agreed to what."""

    copies_max_age_seconds: int | None = Field(
        default=None,
        ge=0,
        description="nobody acts for another, and nothing rests on a copied consent, once nothing was heard of "
        "identity for longer; empty: 60, in development 0, which lets them go on",
    )

    @property
    def oldest_copies_seconds(self) -> int:
        """How old the copies may be for what rests on them; 0: it does not count."""
        if self.copies_max_age_seconds is not None:
            return self.copies_max_age_seconds
        return 0 if self.environment == "development" else LONGEST_WITHOUT_HEARTBEAT_S

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        yield from super().unsafe()
        if self.copies_max_age_seconds == 0:
            yield f"{self.variable('copies_max_age_seconds')} must not be 0, an end must have its effect everywhere"


S = TypeVar("S", bound=ProcessSettings)


def load_settings(kind: type[S]) -> S:
    """Read the environment; leave the process with one sentence per wrong setting instead of a traceback."""
    try:
        return kind()
    except ValidationError as error:
        lines = [
            f"  {kind.variable(str(fault['loc'][0])) + ': ' if fault['loc'] else ''}{fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise SystemExit("the settings are not usable:\n" + "\n".join(lines)) from None
