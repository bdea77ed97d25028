"""The life of a process: start, readiness, a signal, a calm end; shown with real processes and real requests."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import grpc
import pytest
import urllib3
from google.protobuf.wrappers_pb2 import StringValue
from songcau_kit.addresses import parse_address
from songcau_kit.http_ops import OpsServer
from songcau_kit.http_serving import serve_wsgi
from support.echo_service import EchoStub

HTTP = urllib3.PoolManager(retries=False, timeout=5)


def get(port, path, method="GET"):
    return HTTP.request(method, f"http://127.0.0.1:{port}{path}")


class TestOps:
    @pytest.fixture
    def serve(self):
        servers = []

        def start(*, without=(), **checks):
            servers.append(OpsServer("127.0.0.1:0", checks, without=without))
            servers[-1].start()
            return servers[-1]

        yield start
        for server in servers:
            server.stop()

    def test_health_readiness_and_metrics_answer(self, serve):
        server = serve(database=lambda: None)
        assert get(server.port, "/healthz").json() == {"alive": True}
        assert get(server.port, "/readyz").json() == {"ready": True, "failed": []}
        metrics = get(server.port, "/metrics")
        assert metrics.headers["content-type"].startswith("text/plain")
        assert b"python_info" in metrics.data

    def test_a_failing_check_is_named_without_its_text(self, serve):
        def check():
            raise RuntimeError("password of the database")

        server = serve(database=check, bus=lambda: None)
        answer = get(server.port, "/readyz")
        assert answer.status == 503
        assert answer.json() == {"ready": False, "failed": ["database"]}
        assert get(server.port, "/healthz").status == 200

    def test_what_a_process_works_without_is_named_and_it_is_ready(self, serve):
        server = serve(without=["a_file_of_the_installation"], database=lambda: None)
        answer = get(server.port, "/readyz")
        assert answer.status == 200
        assert answer.json() == {"ready": True, "failed": [], "without": ["a_file_of_the_installation"]}

    def test_readiness_goes_off_while_health_stays(self, serve):
        server = serve()
        server.announce(ready=False)
        assert (get(server.port, "/readyz").status, get(server.port, "/healthz").status) == (503, 200)
        server.announce(ready=True)
        assert get(server.port, "/readyz").status == 200

    def test_other_paths_and_methods_are_refused(self, serve):
        server = serve()
        assert get(server.port, "/").status == 404
        assert get(server.port, "/healthz", "POST").status == 405

    def test_a_taken_port_is_a_sentence(self, serve):
        taken = serve().port
        with pytest.raises(OSError, match=f"127.0.0.1:{taken} cannot be bound"):
            OpsServer(f"127.0.0.1:{taken}", {}).start()


class TestWsgi:
    def test_a_running_request_finishes_and_new_ones_are_refused(self):
        began, gate, answers = threading.Event(), threading.Event(), []

        def app(environ, start_response):
            began.set()
            gate.wait(5)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"done"]

        server = serve_wsgi(app, "127.0.0.1:0")
        server.start()
        asking = threading.Thread(target=lambda: answers.append(get(server.port, "/").data))
        asking.start()
        assert began.wait(5)
        ending = threading.Thread(target=server.stop, args=(5,))
        ending.start()
        time.sleep(0.3)
        with pytest.raises(urllib3.exceptions.HTTPError):
            urllib3.PoolManager(retries=False, timeout=1).request("GET", f"http://127.0.0.1:{server.port}/")
        gate.set()
        asking.join(5)
        ending.join(5)
        assert answers == [b"done"]
        assert not ending.is_alive()

    def test_stopping_what_never_started_is_quiet(self):
        serve_wsgi(lambda environ, start_response: [], "127.0.0.1:0").stop()

    @pytest.mark.parametrize("address", ["", "8080", "host:", "host:http", "host:70000", ":80"])
    def test_a_malformed_address_is_a_sentence(self, address):
        with pytest.raises(ValueError, match="host:port"):
            parse_address(address)

    def test_addresses_of_both_families_are_understood(self):
        assert parse_address("0.0.0.0:80") == ("0.0.0.0", 80)
        assert parse_address("[::1]:80") == ("::1", 80)


PROGRAM = """
import sys, threading, time
from google.protobuf.wrappers_pb2 import StringValue
from songcau_kit.clock import SystemClock
from songcau_kit.http_ops import OpsServer
from songcau_kit.logs import configure_logs
from songcau_kit.process import run
from songcau_kit.rpc_server import RpcServer
from support.echo_service import EchoServicer, add_EchoServicer_to_server
from support.rpc_world import echo_rules

class Slow(EchoServicer):
    def Say(self, request, context):
        time.sleep(float(request.value))
        return StringValue(value="done")

class Noted:
    def __init__(self, name): self.name = name
    def start(self): print("start", self.name, flush=True)
    def stop(self, grace): print("stop", self.name, flush=True)

class Printed:
    def start(self): print("ports", ops.port, rpc.port, flush=True)
    def stop(self, grace): pass

configure_logs("kittest", "json", "INFO")
ops = OpsServer("127.0.0.1:0", {})
rpc = RpcServer(address="127.0.0.1:0", verifier=None, rules=echo_rules(), clock=SystemClock(), service_name="kittest")
rpc.add(add_EchoServicer_to_server, Slow())
run([ops, Noted("database"), rpc, Noted("last"), Printed()], settle=1.5)
print("ended", flush=True)
"""


@pytest.fixture
def process(pytestconfig):
    """Return a function that runs a program as its own process."""
    running = []
    environment = {**os.environ, "PYTHONPATH": str(pytestconfig.rootpath / "tests")}

    def start(program):
        command = [sys.executable, "-c", textwrap.dedent(program)]
        running.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        )
        return running[-1]

    yield start
    for child in running:
        child.kill()
        child.communicate()


def ports(child):
    for line in child.stdout:
        if line.startswith("ports"):
            return [int(port) for port in line.split()[1:]]
    raise AssertionError(child.stderr.read())


def wait_for_readiness(port, status):
    until = time.monotonic() + 5
    while (seen := get(port, "/readyz").status) != status and time.monotonic() < until:
        time.sleep(0.02)
    assert seen == status


def test_sigterm_turns_readiness_off_first_and_lets_the_running_call_finish(process):
    child = process(PROGRAM)
    ops_port, rpc_port = ports(child)
    wait_for_readiness(ops_port, 200)
    with grpc.insecure_channel(f"127.0.0.1:{rpc_port}") as channel:
        stub = EchoStub(channel)
        stub.Say(StringValue(value="0"), timeout=5)
        running = stub.Say.future(StringValue(value="3.5"), timeout=20)
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        wait_for_readiness(ops_port, 503)
        assert stub.Say(StringValue(value="0"), timeout=5).value == "done"  # still serves while balancers notice
        time.sleep(1.6)
        assert get(ops_port, "/healthz").status == 200  # alive until the last call is done
        assert running.result().value == "done"
    output, _ = child.communicate(timeout=10)
    assert output.split("\n")[:3] == ["stop last", "stop database", "ended"]
    assert child.returncode == 0


def test_a_second_signal_does_not_wait(process):
    child = process(PROGRAM.replace("settle=1.5", "settle=30"))
    ports(child)
    time.sleep(0.2)
    child.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    child.wait(5)
    assert time.monotonic() - began < 5
    assert child.returncode == 128 + signal.SIGTERM


def test_a_component_that_cannot_start_ends_the_process_with_a_sentence(process):
    child = process(
        PROGRAM.replace(
            "run([",
            "class Broken:\n    def start(self): raise OSError('the port 1 is taken')\n"
            "    def stop(self, grace): print('never')\n"
            "run([Noted('first'), Broken(), ",
        )
    )
    output, complaint = child.communicate(timeout=20)
    assert child.returncode == 1
    assert output.split() == ["start", "first", "stop", "first"]
    assert "the port 1 is taken" in complaint
    assert "Traceback" not in complaint
