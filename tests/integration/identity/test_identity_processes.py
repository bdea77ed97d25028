"""The processes as operations start them: migrate, serve, work, bridge; an event reaches the bus; calm ends."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent
from songcau.identity.v1 import citizen_service_pb2_grpc
from songcau_kit.bus import open_bus
from songcau_kit.rpc_client import RpcChannel, call_metadata
from songcau_kit.rpc_policy import RetryPolicy
from songcau_local.ports import free_port
from support.identity_service import Person, link_request
from support.service_processes import Processes
from support.token_issuer import TokenIssuer

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def processes(
    postgres_url_factory: Callable[[str], str], bus_url_factory: Callable[[str], str], identity_issuer: TokenIssuer
) -> Iterator[Processes]:
    settings = {
        "database_url": postgres_url_factory("identity_processes"),
        "bus_url": bus_url_factory("identity_bus"),
        "topics_folder": str(ROOT / "proto/topics"),
        "token_issuer": identity_issuer.issuer,
        "jwks_url": identity_issuer.jwks_url,
        **{name: f"127.0.0.1:{free_port()}" for name in ("grpc_address", "ops_address", "work_ops_address")},
        **{name: f"127.0.0.1:{free_port()}" for name in ("bridge_address", "bridge_ops_address")},
    }
    processes = Processes(settings)
    yield processes
    for process in processes.running:
        process.kill()
        process.communicate(timeout=10)


def first_records(bus_url: str, topic: str) -> list[bytes]:
    bus = open_bus(bus_url, "identity-test")
    subscription = bus.subscribe("identity-test", [topic])
    until, found = time.monotonic() + 20, []
    while not found and time.monotonic() < until:
        found = [record.value for record in subscription.poll(0.5, 10)]
    subscription.close()
    bus.close()
    return found


@pytest.mark.timeout(150)
def test_a_link_becomes_an_event_on_the_bus_and_every_process_ends_calmly(processes, identity_issuer, tmp_path):
    told = processes.environment
    migrated = processes.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert "0003_create_sign_ins.sql" in migrated.stdout
    assert processes.run("migrate").stdout.strip().endswith("nothing to apply")
    serve = processes.start("serve", told["IDENTITY_OPS_ADDRESS"])
    work = processes.start("work", told["IDENTITY_WORK_OPS_ADDRESS"])
    channel = RpcChannel(told["IDENTITY_GRPC_ADDRESS"], policy=RetryPolicy.load_for("songcau.identity.v1"))
    token = identity_issuer.token(roles=["identity-linker"], scopes=["identity:link"], sid=None)
    stub = channel.stub(citizen_service_pb2_grpc.CitizenServiceStub)
    citizen_id = stub.LinkCitizen(link_request(Person()), metadata=call_metadata(token=token)).citizen.citizen_id
    channel.close()
    (payload,) = first_records(told["IDENTITY_BUS_URL"], "identity.citizen.v1")
    event = CitizenEvent.FromString(payload)
    assert (event.WhichOneof("fact"), event.meta.aggregate_id) == ("citizen_linked", citizen_id)
    made = processes.run("keys", str(tmp_path))
    signing, linker, decryption = made.stdout.split()
    told |= {
        "IDENTITY_BRIDGE_SIGNING_KEYS": signing,
        "IDENTITY_LINKER_KEY": linker,
        "IDENTITY_VNEID_DECRYPTION_KEY": decryption,
    }
    bridge = processes.start("bridge", told["IDENTITY_BRIDGE_OPS_ADDRESS"])
    with urllib.request.urlopen(f"http://{told['IDENTITY_BRIDGE_ADDRESS']}/jwks", timeout=5) as answer:
        assert b'"keys"' in answer.read()
    assert [processes.end(process) for process in (bridge, work, serve)] == [0, 0, 0]


def test_a_bridge_without_keys_says_which_setting_is_missing(processes):
    ended = processes.run("bridge")
    assert ended.returncode != 0
    assert "IDENTITY_BRIDGE_SIGNING_KEYS" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_unusable_settings_are_said_in_sentences(processes):
    processes.environment["IDENTITY_ENVIRONMENT"] = "production"
    ended = processes.run("serve")
    assert ended.returncode != 0
    assert "IDENTITY_WRAPPING_KEYS" in ended.stderr
    assert "Traceback" not in ended.stderr
