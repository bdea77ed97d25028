"""Settings of the simulators, given by the stack that starts them."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SimulatorSettings(BaseSettings):
    """Everything the simulators need; they exist for development and refuse every other environment."""

    model_config = SettingsConfigDict(env_prefix="SIMULATOR_", frozen=True)

    environment: Literal["development"] = Field(description="anything but development is refused")
    vneid_address: str = Field("127.0.0.1:8190", description="where the VNeID simulator listens")
    payment_address: str = Field("127.0.0.1:8191", description="where the payment simulator listens")
    portal_address: str = Field("127.0.0.1:8192", description="where the national portal simulator listens")
    messages_address: str = Field("127.0.0.1:8193", description="where the message sink listens")
    hospital_address: str = Field("127.0.0.1:8194", description="where the hospital's system publishes its keys")
    hospital_key: Path | None = Field(
        None, description="the RSA key the hospital's system signs with; none: no hospital"
    )
    payment_callback_url: str = Field(
        "http://127.0.0.1:8080/v1/payment-notifications/simulator", description="where payments are reported"
    )
    payment_secret: SecretStr = Field(description="signs payment reports (Standard Webhooks, `whsec_…`)")
    vneid_client_id: str = Field("songcau", description="how VNeID knows the platform")
    vneid_client_secret: SecretStr = Field(description="the platform's secret at VNeID")
    vneid_redirect_uri: str = Field("http://127.0.0.1:8181/callback", description="where VNeID sends people back")
    vneid_partner_key: Path = Field(description="the platform's RSA key; VNeID encrypts to its public half")
    people_file: Path = Field(description="the persons VNeID knows")
    state_folder: Path = Field(description="keys kept over restarts")
