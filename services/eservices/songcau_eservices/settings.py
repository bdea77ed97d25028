"""The only reader of this service's environment: variables ESERVICES_<NAME>."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the public services."""

    model_config = SettingsConfigDict(
        env_prefix="ESERVICES_", frozen=True, hide_input_in_errors=True, validate_default=True
    )

    database_url: str = Field(default="postgresql://127.0.0.1:54329/eservices", description="the application's role")
    grpc_address: str = Field(default="127.0.0.1:9102", description="where the gRPC server listens")
    ops_address: str = Field(default="127.0.0.1:9112", description="health and metrics of `serve`")
    work_ops_address: str = Field(default="127.0.0.1:9122", description="health and metrics of `work`")
