"""Mutual TLS over real connections: who gets in, who does not, and certificates that change while calls flow."""

import asyncio
import shutil
import socket
import ssl
import threading
import time
from contextlib import ExitStack, suppress

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import REGISTRY
from songcau_kit import errors, rpc_security, tls
from songcau_kit.errors import DomainError
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_renewal import RenewingChannel
from songcau_kit.rpc_server import RpcServer, RuleError, current_call
from songcau_kit.tls import TlsFiles, TlsSource
from support.echo_service import METHODS, POLICY, SERVICE, EchoServicer, EchoStub, add_EchoServicer_to_server
from support.log_capture import captured_logs
from support.rpc_world import echo_rules
from support.token_issuer import TokenIssuer
from support.workload_certificates import Certificates

HELLO = StringValue(value="xin chào")
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
SAY = f"{SERVICE}/Say"
ONLY_GATEWAY = {f"{SERVICE}/{method}": frozenset({"gateway"}) for method in METHODS}
SERVER_AND_CALLERS = ("identity", "gateway", "eservices")


class Telling(EchoServicer):
    """Answers with the name of the process that calls."""

    def Say(self, request, context):
        return StringValue(value=str(current_call().workload))


class World:
    """A server with a certificate and whoever calls it."""

    def __init__(self, folder, issuer, clock, stack):
        self.certificates = Certificates(folder)
        self.issuer, self.clock, self.stack = issuer, clock, stack
        self.files = {name: self.certificates.issue(name) for name in SERVER_AND_CALLERS}
        self.server = self.serve(self.files["identity"])

    @property
    def address(self):
        return f"127.0.0.1:{self.server.port}"

    def serve(self, files, *, address="127.0.0.1:0", workloads=ONLY_GATEWAY):
        server = RpcServer(
            address=address,
            verifier=self.issuer.verifier(),
            rules=echo_rules(),
            clock=self.clock,
            service_name="kittest",
            workloads=workloads,
            tls=TlsSource(files, "kittest") if isinstance(files, TlsFiles) else files,
        )
        server.add(add_EchoServicer_to_server, Telling())
        server.start()
        self.stack.callback(server.drain, 0)
        return server

    def stub(self, files, *, server="identity"):
        source = TlsSource(files, "kittestclient") if isinstance(files, TlsFiles) else files
        channel = RpcChannel(self.address, policy=RetryPolicy.parse(POLICY), server=server, tls=source)
        self.stack.callback(channel.close)
        return channel.stub(EchoStub)


@pytest.fixture
def world(tmp_path, fixed_clock, monkeypatch):
    monkeypatch.setattr(tls, "LOOK_EVERY_SECONDS", 0.02)
    with TokenIssuer(fixed_clock) as issuer, ExitStack() as stack:
        yield World(tmp_path, issuer, fixed_clock, stack)


def connected(context, port):
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=5), server_hostname="identity")


def status_of(channel):
    with channel, pytest.raises(grpc.RpcError) as caught:
        EchoStub(channel).Say(HELLO, timeout=3)
    return caught.value.code()


def reason_of(stub):
    with pytest.raises(DomainError) as caught:
        stub.Say(HELLO, timeout=3)
    return caught.value.reason


class TestWhoGetsIn:
    def test_the_right_certificate_passes_and_the_handler_knows_whose_it_is(self, world):
        assert world.stub(world.files["gateway"]).Say(HELLO, timeout=5).value == "gateway"

    @pytest.mark.parametrize("kind", ["Say", "Collect", "Repeat", "Chat"])
    def test_every_shape_of_method_works_over_mutual_tls(self, world, kind):
        method = getattr(world.stub(world.files["gateway"]), kind)
        answer = method(iter([HELLO]) if kind in ("Collect", "Chat") else HELLO, timeout=5)
        assert (list(answer) if kind in ("Repeat", "Chat") else answer) is not None

    def test_the_asyncio_client_gets_in_too(self, world):
        async def call():
            channel = RenewingChannel(
                TlsSource(world.files["gateway"], "kittestclient"),
                lambda credentials: grpc.aio.secure_channel(
                    world.address, credentials, options=rpc_security.channel_options("identity")
                ),
                lambda _: None,
            )
            answer = await EchoStub(channel).Say(HELLO, timeout=5)
            await channel.close(grace=0)
            return answer.value

        assert asyncio.run(call()) == "gateway"

    def test_health_is_told_to_every_process_of_ours(self, world):
        material = TlsSource(world.files["eservices"], "kittestclient").current()
        options = rpc_security.channel_options("identity")
        credentials = rpc_security.channel_credentials(material)
        with grpc.secure_channel(world.address, credentials, options=options) as channel:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


class TestWhoDoesNot:
    def test_a_process_that_is_not_named_gets_a_reason_and_is_counted_and_logged(self, world):
        labels = {"method": SAY, "workload": "eservices"}
        before = REGISTRY.get_sample_value("songcau_kittest_workload_refusals_total", labels) or 0
        with captured_logs() as lines:
            assert reason_of(world.stub(world.files["eservices"])) == errors.WORKLOAD_NOT_ALLOWED
        assert REGISTRY.get_sample_value("songcau_kittest_workload_refusals_total", labels) == before + 1
        (line,) = [line for line in lines() if line["event"] == "call_refused"]
        assert (line["method"], line["reason"], line["workload"]) == (f"/{SAY}", "WORKLOAD_NOT_ALLOWED", "eservices")

    def test_a_certificate_of_ours_that_names_no_process_is_let_into_no_method(self, world, monkeypatch):
        monkeypatch.setattr("songcau_kit.development_authority.SPIFFE_PREFIX", "spiffe://elsewhere/")
        assert reason_of(world.stub(world.certificates.issue("gateway"))) == errors.WORKLOAD_NOT_ALLOWED

    def test_a_certificate_of_another_authority_is_refused(self, world, tmp_path):
        foreign = Certificates(tmp_path / "foreign").issue("gateway")
        shutil.copy(world.files["gateway"].authorities[0], foreign.authorities[0])
        assert reason_of(world.stub(foreign)) == errors.UNAVAILABLE

    def test_an_expired_certificate_is_refused(self, world, monkeypatch):
        expired = world.certificates.expired("gateway")
        monkeypatch.setattr(TlsFiles, "read", reading_without_a_clock(TlsFiles.read))
        assert reason_of(world.stub(expired)) == errors.UNAVAILABLE

    def test_a_certificate_that_may_only_serve_does_not_call(self, world):
        assert reason_of(world.stub(world.certificates.issue("gateway", is_client=False))) == errors.UNAVAILABLE

    def test_a_caller_without_a_certificate_is_refused(self, world):
        credentials = grpc.ssl_channel_credentials(world.files["gateway"].authorities[0].read_bytes())
        options = rpc_security.channel_options("identity")
        assert status_of(grpc.secure_channel(world.address, credentials, options=options)) == UNAVAILABLE

    def test_a_caller_in_the_clear_is_refused(self, world):
        assert status_of(grpc.insecure_channel(world.address)) == UNAVAILABLE

    def test_a_server_that_is_another_process_is_not_called(self, world):
        assert reason_of(world.stub(world.files["gateway"], server="eservices")) == errors.UNAVAILABLE

    def test_nothing_older_than_tls_1_2_is_spoken(self, world):
        def shake_hands(version):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.load_verify_locations(world.files["gateway"].authorities[0])
            context.load_cert_chain(world.files["gateway"].certificate, world.files["gateway"].key)
            context.minimum_version = context.maximum_version = version
            with connected(context, world.server.port) as connection:
                return connection.version()

        assert shake_hands(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.warns(DeprecationWarning, match="TLSv1_1"), pytest.raises(ssl.SSLError):
            shake_hands(ssl.TLSVersion.TLSv1_1)


def reading_without_a_clock(read):
    """Let a client use what it would refuse itself, so that the server has to."""
    return lambda files, now: read(files, now.replace(year=2000))


class TestStart:
    def test_a_method_without_its_callers_refuses_to_start(self, world):
        table = {method: names for method, names in ONLY_GATEWAY.items() if method != SAY}
        with pytest.raises(RuleError, match=rf"table of workloads and the methods differ in {SAY}"):
            world.serve(world.files["identity"], workloads=table)

    def test_mutual_tls_without_a_table_refuses_to_start(self, world):
        with pytest.raises(RuleError, match="table of workloads"):
            world.serve(world.files["identity"], workloads=None)


class Traffic:
    """Calls without a pause from some threads; keeps every failure."""

    def __init__(self, stub, threads=3):
        self.failures, self.calls, self._stub = [], 0, stub
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._flow, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join(10)

    def wait_for_more(self, calls=150):
        until, wanted = time.monotonic() + 20, self.calls + calls
        while self.calls < wanted and time.monotonic() < until:
            time.sleep(0.005)
        assert self.calls >= wanted

    def _flow(self):
        while not self._ending.is_set():
            try:
                # Collect is not retried, so nothing is smoothed over.
                self._stub.Collect(iter([HELLO]), timeout=5)
            except DomainError as error:
                self.failures.append(error.reason.code)
            self.calls += 1


class SlowDoor:
    """Stands before a server and lets nobody through for a while, as a machine without a free core does."""

    def __init__(self, port, seconds):
        self._port, self._seconds = port, seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self):
        near, _ = self._listener.accept()
        time.sleep(self._seconds)
        far = socket.create_connection(("127.0.0.1", self._port))
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass_on(source, sink):
        with suppress(OSError), source, sink:
            while data := source.recv(65536):
                sink.sendall(data)

    def close(self):
        self._listener.close()


def test_a_handshake_may_take_its_time(world):
    door = SlowDoor(world.server.port, 0.5)
    world.stack.callback(door.close)
    channel = RpcChannel(
        door.address,
        policy=RetryPolicy.parse(POLICY),
        server="identity",
        tls=TlsSource(world.files["gateway"], "kittestclient"),
    )
    world.stack.callback(channel.close)
    assert channel.stub(EchoStub).Collect(iter([HELLO]), timeout=5) == HELLO


class TestRotation:
    def test_certificates_change_on_both_sides_while_calls_flow_and_none_fails(self, world, monkeypatch):
        monkeypatch.setattr(rpc_security, "CONNECTION_AGE_SECONDS", 0.2)
        world.server = world.serve(world.files["identity"])
        source = TlsSource(world.files["gateway"], "kittestclient")
        used = set()
        with Traffic(world.stub(source)) as traffic:
            for _ in range(8):
                traffic.wait_for_more()
                used.add(source.current().certificate_chain)
                world.certificates.issue("identity")
                world.certificates.issue("gateway")
            traffic.wait_for_more()
        assert traffic.failures == []
        assert len(used) > 5

    def test_new_connections_meet_the_new_certificate_of_the_server(self, world):
        before = certificate_of(world.server.port, world.files)
        world.certificates.issue("identity")
        time.sleep(0.05)
        assert certificate_of(world.server.port, world.files) != before

    def test_the_authority_changes_while_both_are_believed_and_no_call_fails(self, world, tmp_path, monkeypatch):
        monkeypatch.setattr(rpc_security, "CONNECTION_AGE_SECONDS", 0.2)
        both, new = tmp_path / "both", Certificates(tmp_path / "new")
        both.mkdir()
        shutil.copy(tmp_path / "authority" / "root.pem", both / "old.crt")
        believed = {
            name: TlsFiles(files.certificate, files.key, (files.authorities[0], both))
            for name, files in world.files.items()
        }
        sources = {name: TlsSource(believed[name], "kittest") for name in ("identity", "gateway")}
        world.server = world.serve(sources["identity"])
        with Traffic(world.stub(sources["gateway"])) as traffic:
            traffic.wait_for_more()
            shutil.copy(tmp_path / "new" / "authority" / "root.pem", both / "new.crt")
            wait_until(lambda: all(source.current().authorities.count(b"BEGIN") == 3 for source in sources.values()))
            for name in ("identity", "gateway"):
                traffic.wait_for_more()
                replace(new.issue(name), world.files[name])
                chain = world.files[name].certificate.read_bytes()
                wait_until(lambda name=name, chain=chain: sources[name].current().certificate_chain == chain)
            traffic.wait_for_more()
            (both / "old.crt").unlink()
            traffic.wait_for_more()
        assert traffic.failures == []

    def test_files_that_do_not_fit_are_a_moment_only(self, world):
        source = TlsSource(world.files["gateway"], "kittestclient")
        stub = world.stub(source)
        before = source.current()
        good = world.files["gateway"].key.read_bytes()
        world.files["gateway"].key.write_bytes(world.files["eservices"].key.read_bytes())
        time.sleep(0.05)
        with captured_logs() as lines:
            assert stub.Say(HELLO, timeout=5).value == "gateway"
            assert source.current() is before
        assert ["is not the key of" in line["cause"] for line in lines()] == [True]
        world.files["gateway"].key.write_bytes(good)
        world.certificates.issue("gateway")
        time.sleep(0.05)
        assert source.current() is not before
        assert stub.Say(HELLO, timeout=5).value == "gateway"


def certificate_of(port, files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(files["gateway"].authorities[0])
    context.load_cert_chain(files["gateway"].certificate, files["gateway"].key)
    with connected(context, port) as connection:
        return connection.getpeercert(binary_form=True)


def wait_until(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def replace(new, old):
    """Put new files in the place of old ones, one after the other."""
    for name in ("certificate", "key"):
        getattr(new, name).replace(getattr(old, name))
    new.authorities[0].replace(old.authorities[0])
