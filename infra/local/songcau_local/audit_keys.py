"""The Ed25519 keys of the local audit log and its witness, made at the first call."""

from dataclasses import dataclass
from pathlib import Path

from songcau_audit.keys import create_missing_keys
from songcau_kit.signed_notes import NoteSigner, NoteVerifier, Use

from songcau_local.layout import Layout

ORIGIN, WITNESS = "audit.songcau.example", "witness.songcau.example"


@dataclass(frozen=True)
class AuditKeys:
    """The key files of a stack, and the public halves as verifiers want them."""

    log_file: Path
    witness_file: Path
    log: NoteVerifier
    witness: NoteVerifier


def audit_keys(layout: Layout) -> AuditKeys:
    """Return the keys of a stack."""
    log_file, witness_file = create_missing_keys(layout.secrets / "audit")
    log = NoteSigner.from_pem(ORIGIN, Use.NOTE, log_file.read_bytes())
    witness = NoteSigner.from_pem(WITNESS, Use.COSIGNATURE, witness_file.read_bytes())
    return AuditKeys(log_file, witness_file, log.verifier, witness.verifier)
