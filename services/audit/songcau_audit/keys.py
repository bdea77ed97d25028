"""Makes the Ed25519 keys of a development log and its witness, and says what their public halves are."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from songcau_kit.signed_notes import NoteSigner, Use, new_private_key

SIGNING_KEY, WITNESS_KEY = "audit-signing.pem", "audit-witness.pem"


def write_public_keys(folder: Path, public: Path, origin: str, witness_name: str) -> list[Path]:
    """Write the public halves of the keys in a folder to another, as verifiers want them; return their files."""
    public.mkdir(parents=True, exist_ok=True)
    named = ((SIGNING_KEY, origin, Use.NOTE), (WITNESS_KEY, witness_name, Use.COSIGNATURE))
    files = []
    for key, name, use in named:
        file = (public / key).with_suffix(".pub")
        file.write_text(f"{NoteSigner.from_pem(name, use, (folder / key).read_bytes()).verifier.text}\n")
        files.append(file)
    return files


def create_missing_keys(folder: Path) -> list[Path]:
    """Make both keys, readable by their owner only, where they are missing; return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in (SIGNING_KEY, WITNESS_KEY)]
    for file in files:
        if not file.exists():
            _create(file, new_private_key())
    return files


def _create(file: Path, text: str) -> None:
    """Write a file that appears whole or not at all; who comes second among several leaves the first one's."""
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent)  # for its owner only
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    with suppress(FileExistsError):
        os.link(unfinished, file)
    Path(unfinished).unlink()
