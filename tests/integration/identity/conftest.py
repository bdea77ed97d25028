"""The identity service and its bridge as they run, started once and emptied before each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from songcau_identity.app import build_rpc_server
from songcau_identity.bridge.app import build_face
from songcau_identity.bridge.keys import SigningKey, create_missing_keys, public_keys
from songcau_identity.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_kit.database import Database
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.migrations import migrate
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_local.ports import free_port
from songcau_local.process_table import PEOPLE_FILE
from songcau_local.simulators.settings import SimulatorSettings
from songcau_local.simulators.vneid import create_app as create_vneid
from support.emptying import empty_touched_tables
from support.identity_service import Identity
from support.linker_issuer import LinkerIssuer
from support.organisations import Company, company_of
from support.token_issuer import TokenIssuer
from support.vneid_bridge import BridgeSite

BUSINESS_REGISTER = Path(__file__).parents[2] / "support" / "business_register.json"


@pytest.fixture(scope="session")
def identity_issuer() -> Iterator[TokenIssuer]:
    with TokenIssuer(SystemClock()) as issuer:
        yield issuer


@pytest.fixture(scope="session")
def identity_site(postgres_url_factory: Callable[[str], str], identity_issuer: TokenIssuer) -> Iterator[Identity]:
    url = postgres_url_factory("identity")
    migrate(url, package="songcau_identity")
    settings = Settings(
        database_url=url,
        grpc_address="127.0.0.1:0",
        token_issuer=identity_issuer.issuer,
        jwks_url=identity_issuer.jwks_url,
        business_register_file=str(BUSINESS_REGISTER),
        organisation_invitations_open=3,
    )
    database = Database(url, max_size=16, application_name="identity-serve")
    server = build_rpc_server(settings, database, SystemClock())
    server.start()
    channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.identity.v1"))
    yield Identity(url, identity_issuer, database, channel, server.port, settings)
    channel.close()
    server.stop(1)
    database.close()


@pytest.fixture
def identity(identity_site: Identity) -> Identity:
    """Return the running service with an empty database."""
    with psycopg.connect(identity_site.url) as connection:
        empty_touched_tables(connection)
    return identity_site


@pytest.fixture(scope="session")
def bridge_keys(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return create_missing_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def bridge_site(identity_site: Identity, bridge_keys: list[Path]) -> Iterator[BridgeSite]:
    """Two bridge processes' worth of faces on one database, before one VNeID."""
    signing, linker_key, decryption = bridge_keys
    linker = LinkerIssuer(identity_site.issuer, dict(public_keys([SigningKey(linker_key.read_bytes())])))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    simulator = SimulatorSettings(
        environment="development",
        payment_secret="unused",
        people_file=PEOPLE_FILE,
        state_folder=linker_key.parent,
        vneid_client_secret="vneid-secret-of-tests",
        vneid_redirect_uri=f"{base}/callback",
        vneid_partner_key=decryption,
    )
    vneid = serve_wsgi(create_vneid(simulator, SystemClock()), "127.0.0.1:0")
    for server in (linker.server, vneid):
        server.start()
    at_vneid = f"http://127.0.0.1:{vneid.port}/oauth2"
    settings = identity_site.settings.model_copy(
        update={
            "bridge_issuer": base,
            "bridge_signing_keys": str(signing),
            "bridge_client_jwks_url": identity_site.issuer.jwks_url,
            "linker_key": str(linker_key),
            "linker_token_url": linker.url,
            "linker_target": f"127.0.0.1:{identity_site.port}",
            "vneid_authorize_url": f"{at_vneid}/authorize",
            "vneid_token_url": f"{at_vneid}/token",
            "vneid_userinfo_url": f"{at_vneid}/userinfo",
            "vneid_client_secret": simulator.vneid_client_secret,
            "vneid_decryption_key": str(decryption),
            "vneid_timeout_seconds": 3.0,
        }
    )
    faces = [build_face(settings, identity_site.database, SystemClock()) for _ in range(2)]
    servers = [serve_wsgi(face.app, f"127.0.0.1:{at}", 20) for face, at in zip(faces, (port, 0), strict=True)]
    for server in servers:
        server.start()
    second_base = f"http://127.0.0.1:{servers[1].port}"
    yield BridgeSite(base, second_base, identity_site.database, linker, settings, faces)
    for server in (*servers, vneid, linker.server):
        server.stop(1)
    for face in faces:
        face.close()


@pytest.fixture
def bridge(bridge_site: BridgeSite, identity: Identity) -> Iterator[BridgeSite]:
    """Return the running bridge as at the start of its day."""
    bridge_site.begin_anew()
    yield bridge_site
    bridge_site.close()


@pytest.fixture
def company(identity: Identity) -> Company:
    return company_of(identity)
