"""One real Kafka broker in KRaft mode on loopback, as a child process."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from songcau_kit._kafka_bus.connecting import connect

from songcau_local.ports import free_port

from .artefacts import ArtefactError, Say, kafka_libraries, library, require_java

CLUSTER_ID = "c29uZ2NhdS1sb2NhbC0wMQ"
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={data}
num.partitions=1
auto.create.topics.enable=false
log.index.size.max.bytes=131072
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
{extra}
"""


@dataclass
class LocalKafka:
    """A broker over one folder; `extra` are lines added to its properties (TLS, SASL, ACLs)."""

    folder: Path
    port: int = 0
    controller_port: int = 0
    listeners: str = ""
    extra: str = ""
    format_arguments: tuple[str, ...] = ()
    client_options: Mapping[str, Any] = field(default_factory=dict)
    say: Say = lambda _: None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def address(self) -> str:
        """Return the bootstrap address."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> tuple[str, ...]:
        """Fetch the libraries, format the folder the first time, return the broker's command; raises ArtefactError."""
        libraries, binding = kafka_libraries(self.say), library("kafka-log-binding", self.say)
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        classpath = f"{libraries}/*"
        if not (self.folder / "data/meta.properties").exists():
            self._format(classpath, properties)
        memory = ("-Xmx384m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        log = "-Dorg.apache.logging.log4j.level=WARN"
        return (require_java(), *memory, log, "-cp", f"{classpath}:{binding}", "kafka.Kafka", str(properties))

    def start(self, *, wait_seconds: float = 60) -> None:
        """Start the broker and wait until it is ready; raises ArtefactError."""
        command = self.prepare()
        with (self.folder / "kafka.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._wait(time.monotonic() + wait_seconds)

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def stop(self, *, wait_seconds: float = 20) -> None:
        """Stop the broker in order."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> LocalKafka:
        """Start the broker for the block; it is stopped at its end, however that comes."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _write_properties(self) -> Path:
        controller = self.folder / "controller-port"
        if self.controller_port or not controller.exists():
            controller.write_text(str(self.controller_port or free_port()))
        path = self.folder / "server.properties"
        listeners = self.listeners or f"PLAINTEXT://{self.address}"
        text = PROPERTIES.format(
            controller=controller.read_text(), listeners=listeners, data=self.folder / "data", extra=self.extra
        )
        path.write_text(text)
        return path

    def _format(self, classpath: str, properties: Path) -> None:
        command = [require_java(), "-Xmx256m", "-cp", classpath, "kafka.tools.StorageTool", "format"]
        arguments = ["-t", CLUSTER_ID, "-c", str(properties), *self.format_arguments]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ArtefactError(
                f"Kafka could not prepare its folder: {done.stderr.strip()[-300:] or done.stdout[-300:]}"
            )

    def answers(self) -> bool:
        """Ask for the cluster's brokers: an open port alone does not say that the broker serves."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                pass
            client = connect(KafkaAdminClient, bootstrap_servers=self.address, **self.client_options)
        except (OSError, KafkaError):
            return False
        client.close()
        return True

    def _wait(self, until: float) -> None:
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise ArtefactError(f"Kafka ended at start; see {self.folder / 'kafka.log'}")
            if self.answers():
                return
            time.sleep(0.2)
        self.stop()
        raise ArtefactError(f"Kafka did not come up in time; see {self.folder / 'kafka.log'}")
