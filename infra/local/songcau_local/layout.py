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
    "identity": 9101,
    "eservices": 9102,
    "telehealth": 9103,
    "identity-ops": 9111,
    "eservices-ops": 9112,
    "telehealth-ops": 9113,
    "identity-work": 9121,
    "eservices-work": 9122,
    "telehealth-work": 9123,
    "bridge-ops": 9131,
    "postgres": 54329,
}


@dataclass(frozen=True)
class Layout:
    """One stack: its state folder and its ports."""

    state: Path
    port_offset: int = 0

    @classmethod
    def open(cls, state: Path, *, port_offset: int | None = None) -> "Layout":
        """Return the stack of a folder; the offset it was made with stays unless another is given.

        Raises StackError where the folder was written by another version of the stack.
        """
        folder = state.expanduser().resolve()
        remembered = 0
        file = folder / "stack.json"
        if file.exists():
            known = _read(file)
            if known.get("format") != FORMAT:
                raise StackError(
                    f"{folder} was made by another version of the stack (format {known.get('format')}, this one is "
                    f"{FORMAT}): `songcau reset` starts anew, or move the folder away to keep it"
                )
            remembered = int(str(known.get("port_offset", 0)))
        return cls(folder, remembered if port_offset is None else port_offset)

    def remember(self) -> None:
        """Write down what a later command needs to find this stack again."""
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "stack.json").write_text(json.dumps({"format": FORMAT, "port_offset": self.port_offset}) + "\n")

    def port(self, name: str) -> int:
        """Return the port of one door."""
        return PORTS[name] + self.port_offset

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
    def realm(self) -> str:
        """The issuer of access tokens."""
        return f"{self.url('issuer')}/realms/songcau"

    @property
    def secrets(self) -> Path:
        """Keys and passwords of this stack; only its owner reads here."""
        return self.state / "secrets"

    @property
    def logs(self) -> Path:
        """One log per process, and `stack.log` with all of them."""
        return self.state / "logs"

    @property
    def objects(self) -> Path:
        """The object store."""
        return self.state / "objects"

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
