"""The real Kafka and Keycloak of a full stack: how they start, and what they are given once they answer."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from songcau_local.errors import StackError
from songcau_local.full.artefacts import ArtefactError
from songcau_local.full.kafka import LocalKafka
from songcau_local.full.keycloak import ADMINISTRATOR, LocalKeycloak
from songcau_local.full.versions import part
from songcau_local.key_material import Secrets
from songcau_local.layout import ROOT, Layout
from songcau_local.process_table import REALM_FILE, python_environment, realm_variables
from songcau_local.programs import Program

COMPOSE_FILE = ROOT / "compose.yaml"
ON_HOST_FILE = ROOT / "infra" / "compose" / "keycloak-on-host.yaml"
DOCKER_ANSWERS_WITHIN_SECONDS = 10.0


@dataclass(frozen=True)
class RealParts:
    """Kafka and Keycloak of one stack."""

    layout: Layout
    secrets: Secrets
    say: Callable[[str], None]

    def programs(self) -> list[Program]:
        """Return the processes: containers where a Docker engine runs, else Java. Raises StackError."""
        try:
            return self._containers() if docker_runs() and COMPOSE_FILE.exists() else self._java()
        except ArtefactError as error:
            raise StackError(str(error)) from error

    def bring_topics(self) -> None:
        """Create what the topic files declare and the cluster lacks; raises StackError."""
        from songcau_local.commands.topics import planner, steps_for

        with planner(self.layout.bus, permissions=False) as cluster:
            steps = steps_for(cluster)
            cluster.apply(steps)
        if steps:
            self.say(f"kafka: {len(steps)} steps applied")

    def bring_accounts(self) -> None:
        """Bring the realm of an older start to its file, create the demo staff; raises StackError."""
        from songcau_local.full.administration import open_administration, told
        from songcau_local.full.staff import bring_staff
        from songcau_local.realm.declared import load_declared
        from songcau_local.realm.planner import RealmPlanner

        admin = open_administration(self.layout, self.secrets)
        with told():
            steps = RealmPlanner(admin, load_declared(REALM_FILE, realm_variables(self.layout, self.secrets))).apply()
        self.say(f"keycloak: {len(steps)} steps of the realm, {bring_staff(admin)} demo accounts made")

    @cached_property
    def kafka(self) -> LocalKafka:
        """The broker, described."""
        port, controller = self.layout.port("kafka"), self.layout.port("kafka-controller")
        return LocalKafka(self.layout.state / "kafka", port=port, controller_port=controller, say=self.say)

    @cached_property
    def keycloak(self) -> LocalKeycloak:
        """The server, described."""
        return LocalKeycloak(
            self.layout.state / "keycloak",
            REALM_FILE,
            administrator_password=self.secrets.get("keycloak_admin_password"),
            variables=realm_variables(self.layout, self.secrets),
            port=self.layout.port("issuer"),
            management_port=self.layout.port("keycloak-ops"),
            say=self.say,
        )

    def _java(self) -> list[Program]:
        environment = self.keycloak.environment()
        machine = {name: value for name, value in environment.items() if not name.startswith(("KC_", "SONGCAU_"))}
        return [
            Program("kafka", self.kafka.prepare(), machine, probe=self.kafka.answers),
            Program("keycloak", self.keycloak.prepare(), environment, self.keycloak.ready_url),
        ]

    def _containers(self) -> list[Program]:
        """Return `docker compose up` in the foreground, one service each, so that the supervisor owns them too."""
        project = "songcau-" + sha256(str(self.layout.state).encode()).hexdigest()[:8]
        environment = python_environment(
            {
                **realm_variables(self.layout, self.secrets),
                "COMPOSE_PROJECT_NAME": project,
                "SONGCAU_KAFKA_VERSION": part("kafka").version,
                "SONGCAU_KEYCLOAK_VERSION": part("keycloak").version,
                "SONGCAU_KAFKA_PORT": str(self.layout.port("kafka")),
                "SONGCAU_KEYCLOAK_PORT": str(self.layout.port("issuer")),
                "SONGCAU_KEYCLOAK_OPS_PORT": str(self.layout.port("keycloak-ops")),
                "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
                "KC_BOOTSTRAP_ADMIN_PASSWORD": self.secrets.get("keycloak_admin_password"),
            }
        )
        files = ("--file", str(COMPOSE_FILE), "--file", str(ON_HOST_FILE))
        compose = ("docker", "compose", *files, "up", "--no-deps", "--abort-on-container-exit")
        return [
            Program("kafka", (*compose, "kafka"), environment, probe=self.kafka.answers),
            Program("keycloak", (*compose, "keycloak"), environment, self.keycloak.ready_url),
        ]


def docker_runs() -> bool:
    """Say whether a Docker engine answers and knows Compose; the program alone says nothing."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        return all(
            subprocess.run(
                [docker, *words], capture_output=True, check=False, timeout=DOCKER_ANSWERS_WITHIN_SECONDS
            ).returncode
            == 0
            for words in (("info",), ("compose", "version"))
        )
    except subprocess.TimeoutExpired:
        return False
