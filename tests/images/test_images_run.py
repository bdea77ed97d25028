"""Built images as they run: who they are, how fast they are ready, how they end. Run by `make images`."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
import pytest
from songcau_local.ports import free_port
from songcau_local.postgres import EmbeddedPostgres
from support.erasure_ledgers import begin_ledger

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import images  # noqa: E402
from base_image import base_image  # noqa: E402
from container_engine import AS_IN_PRODUCTION, Engine, EngineError, find_engine  # noqa: E402

SERVICES = ("identity", "eservices", "telehealth", "audit")
IMAGES = (*SERVICES, "gateway")
LARGEST_BYTES = 250_000_000
READY_SECONDS = 5.0
END_SECONDS = 25.0


pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def engine() -> Engine:
    try:
        found = find_engine()
    except EngineError as error:
        pytest.skip(str(error))
    if not found.has(f"{found.local}songcau/gateway:dev"):
        pytest.skip("the images are not built: `make images`")
    return found


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("images"))
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for name in (*SERVICES, "bus"):
            connection.execute(f"create database {name}")
    yield server
    server.discard()


class Containers:
    """Containers of one test, removed at its end."""

    def __init__(self, engine: Engine, databases: EmbeddedPostgres, ledger: Path) -> None:
        self.engine, self.databases, self.started = engine, databases, list[str]()
        self.flags = (*AS_IN_PRODUCTION, "--network", "host", "--volume", f"{ledger}:/ledger:ro")

    def environment(self, name: str, **more: str) -> list[str]:
        values = dict(more)
        if name in SERVICES:
            values |= {"DATABASE_URL": self.databases.url(name), "BUS_URL": self.databases.url("bus")}
            values |= {"OBJECT_STORE_URL": "memory:///", "EXCHANGE_STORE_URL": "memory:///"}
            values |= {"SIGNER_FOLDER": "/tmp/signers", "ERASURE_LEDGER_URL": "file:///ledger"}
        return [word for key, value in values.items() for word in ("--env", f"{name.upper()}_{key}={value}")]

    def migrate(self, name: str) -> None:
        flags = (*self.flags, *self.environment(name))
        self.engine.run(f"{self.engine.local}songcau/{name}:dev", "migrate", flags=flags)

    def start(self, name: str, *command: str, **settings: str) -> str:
        flags = (*self.flags, *self.environment(name, **settings))
        image = f"{self.engine.local}songcau/{name}:dev"
        started = self.engine.call("run", "--detach", *self.engine.run_flags, *flags, image, *command)
        self.started.append(started)
        return started

    def end(self, container: str) -> tuple[float, int]:
        """Ask for the end; return how long it took and the exit code."""
        began = time.monotonic()
        self.engine.call("kill", "--signal", "TERM", container)
        code = int(self.engine.call("wait", container))
        return time.monotonic() - began, code

    def logs(self, container: str) -> str:
        return self.engine.call("logs", container, check=False)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    begin_ledger(folder)
    return folder


@pytest.fixture
def boxes(engine: Engine, databases: EmbeddedPostgres, ledger: Path) -> Iterator[Containers]:
    made = Containers(engine, databases, ledger)
    yield made
    for container in made.started:
        engine.call("rm", "--force", container, check=False)


def wait_ready(port: int, within: float) -> float:
    began = time.monotonic()
    while time.monotonic() - began < within:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1).status_code == 200:
                return time.monotonic() - began
        except httpx.HTTPError:
            time.sleep(0.02)
    raise AssertionError(f"port {port} is not ready within {within:g} s")


def serve(boxes: Containers, name: str) -> tuple[str, dict[str, int], float]:
    ports = {kind: free_port() for kind in ("grpc", "ops")}
    boxes.migrate(name)
    began = time.monotonic()
    settings = {"GRPC_ADDRESS": f"127.0.0.1:{ports['grpc']}", "OPS_ADDRESS": f"127.0.0.1:{ports['ops']}"}
    container = boxes.start(name, "serve", **settings)
    wait_ready(ports["ops"], 30)
    return container, ports, time.monotonic() - began


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_small_and_runs_as_a_plain_user(engine: Engine, name: str) -> None:
    inspected = json.loads(engine.call("image", "inspect", f"{engine.local}songcau/{name}:dev"))[0]

    assert inspected["Size"] <= LARGEST_BYTES
    assert inspected["Config"]["User"] == "10001:10001"
    assert inspected["Config"]["Labels"]["org.opencontainers.image.title"] == f"songcau-{name}"
    print(f"{name}: {inspected['Size'] / 1e6:.0f} MB unpacked")


@pytest.mark.filterwarnings("ignore:The Component this BOM is describing:UserWarning")
@pytest.mark.parametrize(
    "name", ["identity", *(pytest.param(name, marks=pytest.mark.slow) for name in IMAGES if name != "identity")]
)
def test_an_image_is_built_alike_again_from_nothing(engine: Engine, name: str) -> None:
    base, _ = base_image(engine)
    images.build(engine, name, base=base, tag="again", flags=("--no-cache",))
    layers = [
        json.loads(engine.call("image", "inspect", f"{engine.local}songcau/{name}:{tag}"))[0]["RootFS"]["Layers"]
        for tag in ("dev", "again")
    ]
    engine.call("rmi", f"{engine.local}songcau/{name}:again")

    assert layers[0] == layers[1]
    print(f"{name}: built again without a cache, the same {len(layers[0])} layers: {layers[0]}")


LOOK_AROUND = """
import os, ssl, zoneinfo
programs = {name for folder in ("/bin", "/usr/bin", "/usr/local/bin", "/sbin") if os.path.isdir(folder) for name in os.listdir(folder)}
licences = [root for root, _, files in os.walk("/opt/songcau/lib") if ".dist-info" in root and any("LICEN" in name.upper() for name in files)]
print(sorted(name for name in programs if not name.startswith("python")))
print(ssl.create_default_context().cert_store_stats()["x509_ca"] > 100, str(zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")))
print(len(licences) > 20, os.path.exists("/usr/share/doc/libc6/copyright"))
"""  # noqa: E501


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_holds_no_program_but_python_and_keeps_authorities_time_zones_and_licences(
    engine: Engine, name: str
) -> None:
    flags = ("--network", "none", "--entrypoint", "python", *AS_IN_PRODUCTION)
    said = engine.run(f"{engine.local}songcau/{name}:dev", "-c", LOOK_AROUND, flags=flags)
    base, _ = base_image(engine)
    in_base = engine.run(base, "-c", LOOK_AROUND, flags=flags).split()[-1]

    assert said.splitlines() == ["[]", "True Asia/Ho_Chi_Minh", f"True {in_base}"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_ready_within_five_seconds_and_ends_calmly(boxes: Containers, name: str) -> None:
    container, _, took = serve(boxes, name)
    ended, code = boxes.end(container)

    assert took <= READY_SECONDS
    assert ended <= END_SECONDS
    assert code == 0, boxes.logs(container)
    print(f"{name}: ready after {took:.1f} s, ended after {ended:.1f} s")


@pytest.mark.parametrize("name", SERVICES)
def test_a_worker_starts_and_ends_calmly(boxes: Containers, name: str) -> None:
    port = free_port()
    boxes.migrate(name)
    began = time.monotonic()
    topics = "/opt/songcau/lib/python3.11/site-packages/songcau/topics"
    more = {"TOPICS_FOLDER": topics} if name == "identity" else {}
    container = boxes.start(name, "work", WORK_OPS_ADDRESS=f"127.0.0.1:{port}", **more)
    wait_ready(port, 30)
    took = time.monotonic() - began
    ended, code = boxes.end(container)

    assert took <= READY_SECONDS
    assert ended <= END_SECONDS
    assert code == 0, boxes.logs(container)


# Whom the others answer without a token, they answer from memory or from a log that a signer has to sign first.
@pytest.mark.skipif(os.geteuid() != 0, reason="signals the process in its container, which needs root")
@pytest.mark.parametrize(
    ("name", "table", "path", "status"),
    [
        ("eservices", "agencies", "/v1/agencies?limit=5", 200),
        ("telehealth", "summaries", "/v1/summaries/ABCD-EFGH-JKLM", 404),
    ],
)
def test_a_call_under_way_is_answered_although_the_service_was_told_to_end(
    boxes: Containers, name: str, table: LiteralString, path: str, status: int
) -> None:
    service, ports, _ = serve(boxes, name)
    port, began = free_port(), time.monotonic()
    settings = {"ADDRESS": f"127.0.0.1:{port}", f"{name.upper()}_ADDRESS": f"127.0.0.1:{ports['grpc']}"}
    boxes.start("gateway", "serve", **settings)
    wait_ready(port, 30)
    took = time.monotonic() - began
    address = f"http://127.0.0.1:{port}{path}"
    assert httpx.get(address, timeout=30).status_code == status
    process = int(boxes.engine.call("inspect", "--format", "{{.State.Pid}}", service))
    with psycopg.connect(boxes.databases.url(name)) as lock, ThreadPoolExecutor(1) as pool:
        lock.execute(f"lock table {table} in access exclusive mode")
        asked = pool.submit(httpx.get, address, timeout=30)
        time.sleep(0.1)
        os.kill(process, signal.SIGTERM)  # through the engine it may take longer than the call's deadline
        time.sleep(1.2)
        assert not asked.done(), asked.result().text
        lock.rollback()
        answer = asked.result()

    assert took <= READY_SECONDS
    assert answer.status_code == status, answer.text
    assert int(boxes.engine.call("wait", service)) == 0


def test_a_request_under_way_is_answered_although_the_gateway_was_told_to_end(boxes: Containers) -> None:
    port = free_port()
    _, ports, _ = serve(boxes, "eservices")
    gateway = boxes.start(
        "gateway", "serve", ADDRESS=f"127.0.0.1:{port}", ESERVICES_ADDRESS=f"127.0.0.1:{ports['grpc']}"
    )
    wait_ready(port, 30)
    half = threading.Event()

    def body() -> Iterator[bytes]:
        yield b"%PDF-1.7 the first half"
        half.set()
        time.sleep(3)
        yield b"and the second"

    with ThreadPoolExecutor(1) as pool:
        address = f"http://127.0.0.1:{port}/v1/results/ABCD-EFGH-JKLM/verify"
        asked = pool.submit(
            httpx.post, address, content=body(), headers={"content-type": "application/pdf"}, timeout=30
        )
        assert half.wait(10)
        seconds, code = boxes.end(gateway)
        answer = asked.result()

    assert answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/"), answer.text
    assert 1 <= seconds <= END_SECONDS
    assert code == 0, boxes.logs(gateway)


def test_the_health_check_of_an_image_tells_the_truth(boxes: Containers, engine: Engine) -> None:
    container, ports, _ = serve(boxes, "identity")
    probe = ("exec", container, "python", "-m", "songcau_kit.http_probe")

    assert engine.call(*probe, f"http://127.0.0.1:{ports['ops']}/readyz") == ""
    with pytest.raises(EngineError):
        engine.call(*probe, f"http://127.0.0.1:{ports['ops']}/nothing")


@pytest.mark.parametrize("name", SERVICES)
def test_outside_development_an_image_refuses_to_start_without_secrets(engine: Engine, name: str) -> None:
    with pytest.raises(EngineError, match="not fit for production"):
        engine.run(
            f"{engine.local}songcau/{name}:dev",
            "serve",
            flags=("--network", "none", "--env", f"{name.upper()}_ENVIRONMENT=production"),
        )


@pytest.mark.parametrize("name", IMAGES)
def test_every_image_has_its_bill_of_materials(name: str) -> None:
    bill = json.loads((ROOT / ".songcau/images" / f"{name}.cdx.json").read_text())
    purls = {component["purl"].split("@")[0] for component in bill["components"]}

    assert bill["specVersion"] == "1.6"
    assert {f"pkg:pypi/songcau-{name}", "pkg:pypi/songcau-kit", "pkg:pypi/grpcio", "pkg:generic/python"} <= purls
    assert os.environ.get("BASE_IMAGE") or any(purl.startswith("pkg:deb/debian/") for purl in purls)
