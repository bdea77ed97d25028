"""The only reader of this service's environment: variables ESERVICES_<NAME>."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import CopyingSettings

_DEVELOPMENT_SECRET = (
    "whsec_" + base64.b64encode(hashlib.sha256(b"songcau development only: payment").digest()).decode()
)


class Settings(CopyingSettings):
    """Settings of the public services."""

    model_config = SettingsConfigDict(
        env_prefix="ESERVICES_", frozen=True, hide_input_in_errors=True, validate_default=True
    )

    database_url: str = Field(default="postgresql://127.0.0.1:19432/eservices", description="the application's role")
    grpc_address: str = Field(default="127.0.0.1:9102", description="where the gRPC server listens")
    ops_address: str = Field(default="127.0.0.1:9112", description="health and metrics of `serve`")
    work_ops_address: str = Field(default="127.0.0.1:9122", description="health and metrics of `work`")
    identity_address: str = Field(default="127.0.0.1:9101", description="the identity service's gRPC server")
    public_url: str = Field(
        default="http://127.0.0.1:8080", description="where people reach the gateway; printed in QR codes"
    )
    largest_attachment_bytes: int = Field(
        default=20 * 1024 * 1024, gt=0, le=100 * 1024 * 1024, description="largest file of a dossier"
    )
    step_up_max_age_seconds: int = Field(
        default=600, ge=30, le=86_400, description="how old a sign-in may be for decisions on dossiers (RFC 9470)"
    )
    first_dossier_number: int = Field(default=1, ge=1, description="where an agency's numbers of a day start")
    payment_secrets: dict[str, SecretStr] = Field(
        default={"simulator": SecretStr(_DEVELOPMENT_SECRET)},
        description="webhook secret (`whsec_…`) of each payment provider, as a JSON object",
    )
    payment_page_url: str = Field(
        default="http://127.0.0.1:8191/pay", description="page of the provider where citizens pay"
    )
    collector_bin: str = Field(
        default="970415", pattern=r"^[0-9]{6}$", description="bank identification number of the collecting account"
    )
    collector_account: str = Field(
        default="113366668888", pattern=r"^[0-9A-Z]{1,19}$", description="the collecting account"
    )
    collector_name: str = Field(
        default="KHO BAC",
        pattern=r"^[A-Za-z0-9 .]{1,25}$",
        description="name of the collecting account, without accents",
    )
    dossier_retention_years: int = Field(
        default=10,
        ge=0,
        le=100,
        description="years a dossier that was handed in stays after its end, whoever asks for erasure; 0: none",
    )
    signer_folder: Path = Field(
        default=Path(".songcau/signers/eservices"),
        description="development authority, used where no signer key is given; made when missing",
    )
    signer_key: Path | None = Field(default=None, description="PEM key that signs results")
    signer_certificate: Path | None = Field(default=None, description="PEM certificate of that key")
    signer_chain: tuple[Path, ...] = Field(default=(), description="intermediate certificates, as a JSON list")
    signer_roots: tuple[Path, ...] = Field(default=(), description="roots that verification trusts, as a JSON list")

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        yield from super().unsafe()
        secrets = [secret.get_secret_value() for secret in self.payment_secrets.values()]
        if _DEVELOPMENT_SECRET in secrets:
            yield f"{self.variable('payment_secrets')} holds the development secret, set the provider's own"
        if not (self.signer_key and self.signer_certificate and self.signer_roots):
            yield f"{self.variable('signer_key')}, {self.variable('signer_certificate')} and roots must be set"
        for field in ("public_url", "payment_page_url"):
            if not getattr(self, field).startswith("https://"):
                yield f"{self.variable(field)} must start with https://"
