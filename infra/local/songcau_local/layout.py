"""Where a local stack keeps its things and on which ports it listens; an offset lets several stand side by side."""

import json
from dataclasses import dataclass
from pathlib import Path

from songcau_local.errors import StackError

ROOT = Path(__file__).resolve().parents[3]
FORMAT = 1
HOST = "127.0.0.1"
PORTS = {
    "gateway": 8080,
    "issuer": 8180,
    "bridge": 8181,
    "vneid": 8190,
    "payment": 8191,
    "portal": 8192,
    "messages": 8193,
    "hospital": 8194,
    "audit-witness": 8195,
    "identity": 9101,
    "eservices": 9102,
    "telehealth": 9103,
    "audit": 9104,
    "identity-ops": 9111,
    "eservices-ops": 9112,
    "telehealth-ops": 9113,
    "audit-ops": 9114,
    "identity-work": 9121,
    "eservices-work": 9122,
    "telehealth-work": 9123,
    "audit-work": 9124,
    "bridge-ops": 9131,
    "audit-sign": 9134,
    "audit-witness-ops": 9144,
    "postgres": 19432,
}
# What the real parts need beside these; the real Keycloak stands where the development issuer stands otherwise.
FULL_PORTS = {"kafka": 9092, "kafka-controller": 9093, "keycloak-ops": 8182}


@dataclass(frozen=True)
class Layout:
    """One stack: its state folder, its ports, and whether Kafka and Keycloak are the real ones."""

    state: Path
    port_offset: int = 0
    is_full: bool = False

    @classmethod
    def open(cls, state: Path, *, port_offset: int | None = None, is_full: bool | None = None) -> "Layout":
        """Return the stack of a folder; offset and kind it was made with stay unless others are given.

        Raises StackError where the folder was written by another version of the stack.
        """
        folder = state.expanduser().resolve()
        remembered, was_full = 0, False
        file = folder / "stack.json"
        if file.exists():
            known = _read(file)
            if known.get("format") != FORMAT:
                raise StackError(
                    f"{folder} was made by another version of the stack (format {known.get('format')}, this one is "
                    f"{FORMAT}): `songcau reset` starts anew, or move the folder away to keep it"
                )
            remembered, was_full = int(str(known.get("port_offset", 0))), bool(known.get("full"))
        return cls(folder, remembered if port_offset is None else port_offset, was_full if is_full is None else is_full)

    def remember(self) -> None:
        """Write down what a later command needs to find this stack again."""
        self.state.mkdir(parents=True, exist_ok=True)
        known = {"format": FORMAT, "port_offset": self.port_offset, "full": self.is_full}
        (self.state / "stack.json").write_text(json.dumps(known) + "\n")

    @property
    def ports(self) -> tuple[str, ...]:
        """The names of the doors this stack has."""
        return (*PORTS, *(FULL_PORTS if self.is_full else ()))

    def port(self, name: str) -> int:
        """Return the port of one door."""
        return {**PORTS, **FULL_PORTS}[name] + self.port_offset

    def address(self, name: str) -> str:
        """Return `host:port` of one door."""
        return f"{HOST}:{self.port(name)}"

    def url(self, name: str) -> str:
        """Return the HTTP address of one door, without a slash at its end."""
        return f"http://{self.address(name)}"

    def database(self, role: str, name: str) -> str:
        """Return the address of a database for one role."""
        return f"postgresql://{role}@{self.address('postgres')}/{name}"

    @property
    def bus(self) -> str:
        """The address of the event bus: Kafka, or the database that stands in for it."""
        return f"kafka://{self.address('kafka')}" if self.is_full else self.database("bus_app", "bus")

    @property
    def realm(self) -> str:
        """The issuer of access tokens."""
        return f"{self.url('issuer')}/realms/songcau"

    @property
    def secrets(self) -> Path:
        """Keys and passwords of this stack; only its owner reads here."""
        return self.state / "secrets"

    @property
    def workloads(self) -> Path:
        """A folder per process with the certificate by which the others know it."""
        return self.secrets / "workloads"

    @property
    def logs(self) -> Path:
        """One log per process, and `stack.log` with all of them."""
        return self.state / "logs"

    @property
    def erasure_ledger(self) -> Path:
        """Who was erased; apart from databases and objects, whose backups are older than it."""
        return self.state / "erasure-ledger"

    @property
    def commune_boundaries(self) -> Path:
        """The province's boundaries of the communes of today, where somebody put them there."""
        return self.state / "boundaries" / "communes.geojson"

    @property
    def objects(self) -> Path:
        """The object store."""
        return self.state / "objects"

    @property
    def temporary(self) -> Path:
        """Where the processes put what they need for a moment."""
        return self.state / "tmp"

    @property
    def status_file(self) -> Path:
        """What the supervisor says of itself."""
        return self.state / "status.json"


def _read(file: Path) -> dict[str, object]:
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError):
        raise StackError(f"{file} cannot be read: `songcau reset` starts anew") from None
    return known if isinstance(known, dict) else {}
