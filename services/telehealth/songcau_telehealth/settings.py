"""What the environment may say to this service; read once, in `app.py`."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import CopyingSettings


class Settings(CopyingSettings):
    """The settings of telehealth, from `TELEHEALTH_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="TELEHEALTH_", frozen=True, hide_input_in_errors=True, validate_default=True
    )

    database_url: str = Field(default="postgresql://127.0.0.1:19432/telehealth", description="the application's role")
    grpc_address: str = Field(default="127.0.0.1:9103", description="where the gRPC server listens")
    ops_address: str = Field(default="127.0.0.1:9113", description="health and metrics of `serve`")
    work_ops_address: str = Field(default="127.0.0.1:9123", description="health and metrics of `work`")
    public_url: str = Field(
        default="http://127.0.0.1:8080", description="where people reach the gateway; printed in QR codes"
    )
    signer_folder: Path = Field(
        default=Path(".songcau/signers/telehealth"),
        description="`<practitioner id>.key` and `.pem`, and `root.pem`; development makes what is missing",
    )
    staff_acr_level: int = Field(default=2, ge=1, le=4, description="least sign-in level of staff in care")
    step_up_max_age_seconds: int = Field(
        default=600, ge=30, le=86_400, description="how old a sign-in may be for signing a summary (RFC 9470)"
    )
    hold_minutes: int = Field(default=15, ge=1, le=1440, description="how long an offered slot is held")
    request_days: int = Field(default=14, ge=1, le=90, description="days until an unscheduled request expires")
    check_in_opens_minutes: int = Field(default=120, ge=1, description="minutes before the slot that check-in opens")
    no_show_grace_minutes: int = Field(default=15, ge=0, description="minutes after the start until anybody is missing")
    unheld_hours: int = Field(default=24, ge=1, description="hours after the slot before the platform closes it unheld")
    child_below_years: int = Field(default=16, ge=1, le=18, description="below this age a representative is recorded")
    consent_versions: tuple[str, ...] = Field(default=("care-1",), description="consent texts in use, as a JSON list")
    record_retention_years: int = Field(
        default=10, ge=0, le=100, description="years a health record stays after its end (Circular 33/2025)"
    )
    treatment_list: Path | None = Field(
        default=None, description="TOML file of the Circular 30/2023 list; empty takes the one in the package"
    )
    sweep_seconds: float = Field(default=5.0, gt=0, description="pause between two looks for expired holds")

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        yield from super().unsafe()
        if not self.public_url.startswith("https://"):
            yield f"{self.variable('public_url')} must start with https://"
