"""A real gRPC server on loopback with a real token issuer, for tests of the kit and of servers built on it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import grpc
from songcau_kit.clock import Clock
from songcau_kit.processing import NO_PERSONAL_DATA
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_server import RpcServer, Rule
from support.echo_service import METHODS, POLICY, SERVICE, EchoServicer, EchoStub, add_EchoServicer_to_server
from support.token_issuer import TokenIssuer

OPEN = Rule(anonymous=True)


@dataclass
class RpcWorld:
    """A server, its issuer, and the two kinds of client: the plain one of gRPC and the kit's."""

    server: RpcServer
    issuer: TokenIssuer
    bare: EchoStub
    channel: RpcChannel
    stub: EchoStub


def echo_rules(**rules: Rule) -> dict[str, Rule]:
    """Return the rules of the echo service, open where nothing is said."""
    return {f"{SERVICE}/{method}": replace(rules.get(method, OPEN), activity=NO_PERSONAL_DATA) for method in METHODS}


@contextmanager
def echo_world(
    issuer: TokenIssuer, clock: Clock, servicer: EchoServicer | None = None, **options: Any
) -> Iterator[RpcWorld]:
    """Serve a servicer until the block ends; `options` are those of RpcServer, `rules` may name some methods only."""
    rules: Mapping[str, Rule] = options.pop("rules", {})
    server = RpcServer(
        address="127.0.0.1:0",
        verifier=issuer.verifier(),
        rules=echo_rules(**rules),
        clock=clock,
        service_name="kittest",
        **options,
    )
    server.add(add_EchoServicer_to_server, servicer or EchoServicer())
    server.start()
    address = f"127.0.0.1:{server.port}"
    channel = RpcChannel(address, policy=RetryPolicy.parse(POLICY))
    with grpc.insecure_channel(address) as bare:
        yield RpcWorld(server, issuer, EchoStub(bare), channel, channel.stub(EchoStub))
    channel.close()
    server.drain(0)
