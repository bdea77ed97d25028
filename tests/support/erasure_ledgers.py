"""Ledgers of erasures, begun as identity begins one, for processes that start without it."""

from pathlib import Path
from uuid import uuid4

from songcau_kit.erasure_ledger import ErasureLedgerWriter
from songcau_kit.objects import ObjectStore
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_KEY


def begin_ledger(folder: Path) -> str:
    """Begin a ledger of the development key in a folder that everybody may read; return the folder's URL."""
    ErasureLedgerWriter(ObjectStore(folder.as_uri()), DEVELOPMENT_ERASURE_LEDGER_KEY).begin(uuid4())
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder.as_uri()
