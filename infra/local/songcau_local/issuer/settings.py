"""Settings of the development issuer, given by the stack that starts it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IssuerSettings(BaseSettings):
    """Everything the issuer needs; it exists for development and refuses every other environment."""

    model_config = SettingsConfigDict(env_prefix="ISSUER_", env_file=None)

    environment: Literal["development"] = Field(description="anything but development is refused")
    address: str = Field("127.0.0.1:8180", description="where the issuer listens")
    public_url: str = Field("http://127.0.0.1:8180", description="its address in tokens and redirects")
    realm_file: Path = Field(description="the realm file Keycloak imports too")
    people_file: Path = Field(description="demo staff accounts")
    state_folder: Path = Field(description="keys and accounts kept over restarts")
