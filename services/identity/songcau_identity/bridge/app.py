"""Builds the bridge from the settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from songcau_kit.clock import Clock, SystemClock
from songcau_kit.database import Database
from songcau_kit.http_ops import OpsServer
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.legacy_envelope import EnvelopeOpener
from songcau_kit.process import Closable, Closing, Component
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.tls import open_tls

from songcau_identity.app import SERVICE
from songcau_identity.bridge.broker_authentication import Broker, BrokerAuthenticator
from songcau_identity.bridge.citizen_client import CitizenClient
from songcau_identity.bridge.keys import KeyMissingError, SigningKey, public_keys, read_key_file
from songcau_identity.bridge.service_tokens import LinkerAccount, ServiceTokens
from songcau_identity.bridge.sign_ins import SignIns
from songcau_identity.bridge.vneid_client import VneidClient, VneidEndpoints
from songcau_identity.bridge.web import BridgeFace, create_app
from songcau_identity.settings import Settings

THREADS = 16


@dataclass(frozen=True)
class Bridge:
    """The WSGI application and what it holds open towards others."""

    app: Flask
    outward: tuple[Closable, ...]

    def close(self) -> None:
        """Close every connection towards others."""
        for closable in self.outward:
            closable.close()


def build_face(settings: Settings, database: Database, clock: Clock) -> Bridge:
    """Return the bridge over a database; raises KeyMissingError."""
    signing_keys = [
        SigningKey(read_key_file("IDENTITY_BRIDGE_SIGNING_KEYS", file)) for file in settings.signing_key_files
    ]
    if not signing_keys:
        raise KeyMissingError("IDENTITY_BRIDGE_SIGNING_KEYS names no key file; `keys FOLDER` makes development keys")
    linker_key = SigningKey(read_key_file("IDENTITY_LINKER_KEY", settings.linker_key))
    tokens = ServiceTokens(
        LinkerAccount(settings.linker_client_id, settings.linker_token_url, settings.token_issuer), linker_key, clock
    )
    channel = RpcChannel(
        settings.linker_target or settings.grpc_address,
        policy=RetryPolicy.load_for("songcau.identity.v1"),
        token=tokens.get,
        server=SERVICE,
        tls=open_tls(settings, SERVICE),
    )
    issuer = settings.bridge_issuer.rstrip("/")
    broker = Broker(
        settings.bridge_client_id,
        settings.redirect_uris,
        secret=settings.bridge_client_secret.get_secret_value(),
        jwks_url=settings.bridge_client_jwks_url,
    )
    vneid = build_vneid(settings, issuer)
    sign_ins = SignIns(
        database=database,
        clock=clock,
        vneid=vneid,
        linker=CitizenClient(channel, tokens),
        issuer=issuer,
        sign=signing_keys[0].sign,
    )
    authenticator = BrokerAuthenticator(broker, database=database, clock=clock, audiences=(issuer, f"{issuer}/token"))
    face = BridgeFace(issuer, broker, authenticator, sign_ins, public_keys([*signing_keys, linker_key]))
    return Bridge(create_app(face), (channel, tokens, vneid))


def build_vneid(settings: Settings, issuer: str) -> VneidClient:
    """Return the client of VNeID."""
    endpoints = VneidEndpoints(
        authorize_url=settings.vneid_authorize_url,
        token_url=settings.vneid_token_url,
        userinfo_url=settings.vneid_userinfo_url,
        client_id=settings.vneid_client_id,
        client_secret=settings.vneid_client_secret.get_secret_value(),
        redirect_uri=f"{issuer}/callback",
        timeout=settings.vneid_timeout_seconds,
    )
    return VneidClient(
        endpoints, EnvelopeOpener(read_key_file("IDENTITY_VNEID_DECRYPTION_KEY", settings.vneid_decryption_key))
    )


def build_bridge(settings: Settings) -> Sequence[Component]:
    """Return the components of `bridge`."""
    database = Database(settings.database_url, application_name="identity-bridge")
    bridge = build_face(settings, database, SystemClock())
    ops = OpsServer(settings.bridge_ops_address, {"database": database.check})
    return [Closing(database), Closing(bridge), ops, serve_wsgi(bridge.app, settings.bridge_address, THREADS)]
