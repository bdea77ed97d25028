"""The identity service as it runs: a real database, real gRPC, real tokens."""

from collections.abc import Callable, Iterator

import pytest
from songcau_identity.app import build_rpc_server
from songcau_identity.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_kit.database import Database
from songcau_kit.migrations import migrate
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from support.identity_service import Identity
from support.token_issuer import TokenIssuer


@pytest.fixture(scope="session")
def identity_issuer() -> Iterator[TokenIssuer]:
    with TokenIssuer(SystemClock()) as issuer:
        yield issuer


@pytest.fixture
def identity(postgres_url_factory: Callable[[str], str], identity_issuer: TokenIssuer) -> Iterator[Identity]:
    url = postgres_url_factory("identity")
    migrate(url, package="songcau_identity")
    settings = Settings(
        database_url=url,
        grpc_address="127.0.0.1:0",
        token_issuer=identity_issuer.issuer,
        jwks_url=identity_issuer.jwks_url,
    )
    database = Database(url, max_size=16, application_name="identity-serve")
    server = build_rpc_server(settings, database, SystemClock())
    server.start()
    channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.identity.v1"))
    yield Identity(url, identity_issuer, database, channel, server.port, settings)
    channel.close()
    server.stop(1)
    database.close()
