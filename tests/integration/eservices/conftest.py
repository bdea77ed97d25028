"""The public services as they run: a real database with the shipped catalogue, real gRPC, real tokens."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psycopg
import pytest
from pydantic import SecretStr
from songcau.identity.v1 import citizen_service_pb2_grpc
from songcau_eservices.app import build_rpc_server
from songcau_eservices.seeding import seed
from songcau_eservices.settings import Settings
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.migrations import migrate
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_server import RpcServer, Rule
from support.dossier_world import SECRET, DossierWorld, IdentityOfTests
from support.emptying import empty_touched_tables
from support.round_trips import CountingProxy, counting_proxy
from support.token_issuer import TokenIssuer

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# What belongs to dossiers; units, agencies, procedures and calendars are seeded once.
EMPTIED = {
    *("dossiers", "dossier_history", "dossier_numbers", "supplements", "attachments", "papers"),
    *("payments", "payment_notifications", "citizens"),
    *("outbox", "inbox", "idempotency_keys", "data_keys", "other_data_keys", "audit_entries"),
}
PROFILE = "songcau.identity.v1.CitizenService/"


@dataclass
class DossierSite:
    """The running service of a whole test session."""

    world: DossierWorld
    proxy: CountingProxy


@pytest.fixture(scope="session")
def dossier_site(
    postgres_url_factory: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DossierSite]:
    clock = FixedClock(MONDAY_MORNING, seed=7)
    url = postgres_url_factory("eservices")
    migrate(url, package="songcau_eservices")
    folder = tmp_path_factory.mktemp("eservices")
    with TokenIssuer(clock) as issuer, counting_proxy(url) as proxy:
        settings = Settings(
            database_url=url,
            grpc_address="127.0.0.1:0",
            token_issuer=issuer.issuer,
            jwks_url=issuer.jwks_url,
            object_store_url=f"file://{folder}/objects",
            signer_folder=folder / "signers",
            payment_secrets={"simulator": SecretStr("whsec_" + base64.b64encode(SECRET).decode())},
            largest_attachment_bytes=300_000,
        )
        database = Database(proxy.url, max_size=16, application_name="eservices-serve")
        seed(database, clock)
        identity = IdentityOfTests()
        identity_server = serve_identity(identity, issuer, clock)
        to_identity = RpcChannel(
            f"127.0.0.1:{identity_server.port}", policy=RetryPolicy.load_for("songcau.identity.v1")
        )
        server = build_rpc_server(settings, database, clock, to_identity)
        server.start()
        channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.eservices.v1"))
        yield DossierSite(DossierWorld(url, issuer, clock, channel, identity, settings), proxy)
        for end in (channel, to_identity):
            end.close()
        server.stop(1)
        identity_server.stop(1)
        database.close()


@pytest.fixture
def dossier_world(dossier_site: DossierSite) -> Iterator[DossierWorld]:
    """Return the service with no dossiers yet, on a Monday morning."""
    world = dossier_site.world
    world.clock.set(MONDAY_MORNING)
    yield world
    with psycopg.connect(world.url, autocommit=True) as connection:
        empty_touched_tables(connection, EMPTIED.__contains__)


def serve_identity(identity: IdentityOfTests, issuer: TokenIssuer, clock: FixedClock) -> RpcServer:
    methods = ("LinkCitizen", "LookUpCitizen", "UnlinkCitizen", "BlockCitizen", "UnblockCitizen")
    rules = {PROFILE + method: Rule(activity="citizen-identification", on_behalf=True) for method in methods}
    rules[PROFILE + "GetOwnProfile"] = replace(
        rules[PROFILE + "LinkCitizen"], roles=frozenset({"citizen"}), scopes=frozenset({"identity:read"})
    )
    server = RpcServer(
        address="127.0.0.1:0", verifier=issuer.verifier(), rules=rules, clock=clock, service_name="identitytest"
    )
    server.add(citizen_service_pb2_grpc.add_CitizenServiceServicer_to_server, identity)
    server.start()
    return server
