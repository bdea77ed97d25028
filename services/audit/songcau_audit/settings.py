"""The only reader of the environment of this service: `AUDIT_…`."""

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict
from songcau_kit.settings import ServiceSettings
from songcau_kit.signed_notes import FILE, NoteVerifier, parse_verifiers

DEVELOPMENT_ORIGIN = "audit.songcau.example"


class Settings(ServiceSettings):
    """Settings of the audit service, its signer and its witness."""

    model_config = SettingsConfigDict(env_prefix="AUDIT_", frozen=True, hide_input_in_errors=True)

    database_url: str = Field("postgresql://127.0.0.1:19432/audit", description="the application's role")
    grpc_address: str = Field("127.0.0.1:9104", description="where the gRPC server listens")
    ops_address: str = Field("127.0.0.1:9114", description="health and metrics of `serve`")
    work_ops_address: str = Field("127.0.0.1:9124", description="health and metrics of `work`")
    origin: str = Field(
        DEVELOPMENT_ORIGIN,
        description="the name of the log and of its key, for ever; a name of DNS you own, and a path",
    )
    sign_ops_address: str = Field("127.0.0.1:9134", description="health and metrics of `sign`")
    signing_key: Path | None = Field(None, description="PEM file of the Ed25519 key of the log; read by `sign` only")
    object_store_url: str = Field(
        "file://.songcau/objects",
        description="file:// or s3:// of the signer's memory: what it signed, outside the database; never replaced",
    )
    sign_at_most_every_seconds: float = Field(
        1.0, gt=0, le=60, description="a tree that grew is signed so often at most"
    )
    sign_at_least_every_seconds: float = Field(
        30.0, gt=0, le=3600, description="a tree that did not grow is signed again after this"
    )
    witnesses: str = Field(
        "",
        description="`key=address` of the witnesses that are asked to sign, too, blank between; for a key "
        "`file:/path` of it; empty: none",
    )
    witness_name: str = Field("witness.songcau.example", description="the name of the witness's key, for ever")
    witness_key: Path | None = Field(None, description="PEM file of the Ed25519 key of the witness")
    witness_logs: str = Field(
        "", description="keys of the logs that the witness watches, or `file:/path` of them, blank between"
    )
    witness_address: str = Field("127.0.0.1:8195", description="where the witness listens")
    witness_ops_address: str = Field("127.0.0.1:9144", description="health and metrics of the witness")
    witness_memory: Path = Field(
        Path(".songcau/witness.json"), description="file in which the witness remembers what it signed; keep it"
    )

    @field_validator("witnesses", "witness_logs")
    @classmethod
    def check_keys(cls, value: str) -> str:
        """Refuse what is no key."""
        for part in value.split():
            key = _WITNESS.sub("", part)
            # A file may be written after the settings are read: who uses it says what is wrong with it.
            if not key.startswith(FILE):
                NoteVerifier.parse(key)
        return value

    @property
    def witness_list(self) -> list[tuple[NoteVerifier, str]]:
        """The keys and addresses of the witnesses."""
        found = [(part, _WITNESS.search(part)) for part in self.witnesses.split()]
        return [(key, at[1]) for part, at in found if at for key in parse_verifiers(part[: at.start()])]

    @property
    def watched_logs(self) -> list[NoteVerifier]:
        """The keys of the logs that the witness watches."""
        return parse_verifiers(self.witness_logs)

    def unsafe(self) -> Iterable[str]:
        """Name what must not run outside development."""
        yield from super().unsafe()
        if self.origin == DEVELOPMENT_ORIGIN:
            yield f"{self.variable('origin')} is the development name, give the log a name of your own"


# The base64 of a key ends with `=`, too.
_WITNESS = re.compile(r"=(https?://\S+)$")
