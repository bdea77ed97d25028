"""The gateway's channel to a service over mutual TLS: right peers only, and certificates that change under calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from songcau_gateway.clients.channel import ServiceChannel
from songcau_kit import rpc_security, tls
from songcau_kit.clock import SystemClock
from songcau_kit.rpc_server import RpcServer
from songcau_kit.tls import TlsSource
from support.echo_service import METHODS, SERVICE, EchoServicer, EchoStub, add_EchoServicer_to_server
from support.rpc_world import echo_rules
from support.workload_certificates import Certificates

WORKLOADS = {f"{SERVICE}/{method}": frozenset({"gateway"}) for method in METHODS}


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@pytest.fixture
def address(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(tls, "LOOK_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(rpc_security, "CONNECTION_AGE_SECONDS", 0.2)
    server = RpcServer(
        address="127.0.0.1:0",
        verifier=None,
        rules=echo_rules(),
        clock=SystemClock(),
        service_name="kittest",
        workloads=WORKLOADS,
        tls=TlsSource(certificates.issue("identity"), "kittest"),
    )
    server.add(add_EchoServicer_to_server, EchoServicer())
    server.start()
    yield f"127.0.0.1:{server.port}"
    server.drain(0)


def test_no_call_fails_while_certificates_change_on_both_sides(address: str, certificates: Certificates) -> None:
    async def story() -> tuple[int, set[bool], int]:
        channel = ServiceChannel("identity", address, TlsSource(certificates.issue("gateway"), "gateway"))
        answers: list[bool] = []
        opened = set()
        ending = asyncio.Event()

        async def ask() -> None:
            while not ending.is_set():
                answers.append(await channel.check())

        asking = [asyncio.create_task(ask()) for _ in range(4)]
        for _ in range(6):
            await asyncio.sleep(0.3)
            opened.add(channel.channel.current())
            certificates.issue("gateway")
            certificates.issue("identity")
        ending.set()
        await asyncio.gather(*asking)
        await channel.close()
        return len(answers), set(answers), len(opened)

    calls, answers, channels = asyncio.run(story())
    assert calls > 100
    assert answers == {True}
    assert channels > 4


def test_a_call_under_way_ends_on_the_connection_it_began_on(address: str, certificates: Certificates) -> None:
    async def story() -> list[str]:
        channel = ServiceChannel("identity", address, TlsSource(certificates.issue("gateway"), "gateway"))
        chat = EchoStub(channel.channel).Chat(timeout=20)
        await chat.write(StringValue(value="trước"))
        words = [(await chat.read()).value]
        before = channel.channel.current()
        certificates.issue("gateway")
        await asyncio.sleep(0.6)
        assert await channel.check()
        assert channel.channel.current() is not before
        await chat.write(StringValue(value="sau"))
        words.append((await chat.read()).value)
        await chat.done_writing()
        await channel.close()
        return words

    assert asyncio.run(story()) == ["trước", "sau"]


def test_a_service_that_is_another_process_is_not_called(address: str, certificates: Certificates) -> None:
    async def story() -> bool:
        channel = ServiceChannel("telehealth", address, TlsSource(certificates.issue("gateway"), "gateway"))
        answer = await channel.check()
        await channel.close()
        return answer

    assert asyncio.run(story()) is False
