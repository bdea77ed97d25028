"""What the signer signed, outside its database: one object for each size of the tree, written once, replaced never.

A database that was restored or rewritten is behind these objects or does not continue them, and is not signed.
"""

from collections.abc import Sequence
from urllib.parse import quote

from songcau_kit.errors import DomainError
from songcau_kit.log_checkpoints import Checkpoint, open_dated_checkpoint
from songcau_kit.objects import ObjectStore
from songcau_kit.protection_errors import OBJECT_NOT_FOUND
from songcau_kit.signed_notes import NoteError, NoteVerifier, SignedNote


class FalseMemoryError(Exception):
    """An object is not what the signer wrote there, or another tree of the same size was signed."""


class SignerMemory:
    """The trees one log was signed for; `keys` are the signer's own and those it had before."""

    def __init__(self, store: ObjectStore, keys: Sequence[NoteVerifier]) -> None:
        self._store = store
        self._keys = keys
        self._folder = f"signed-trees/{quote(keys[0].name, safe='')}"
        self._known: Checkpoint | None = None

    def newest(self, since: Checkpoint) -> Checkpoint | None:
        """Return the largest tree that was signed, None where none is remembered; raises FalseMemoryError and OSError.

        `since` is what the database says was signed last; objects of smaller trees are not looked at.
        """
        known = self._known if self._known and self._known.size >= since.size else since
        larger = max(self._store.addresses(self._folder, after=self._address(known.size)), default=None)
        if larger is not None:
            self._known = self._read(larger)
        elif known is since:
            self._known = self._find(since.size)
        return self._known

    def remember(self, tree: Checkpoint, note: SignedNote) -> None:
        """Write down that a tree is about to be vouched for; raises FalseMemoryError where another of its size was."""
        address = self._address(tree.size)
        if not self._store.put_new(address, str(note).encode()) and self._read(address) != tree:
            raise FalseMemoryError(f"another tree of {tree.size} entries was signed before")
        self._known = tree

    def _find(self, size: int) -> Checkpoint | None:
        try:
            return self._read(self._address(size))
        except DomainError as error:
            if error.reason is not OBJECT_NOT_FOUND:
                raise
            return None

    def _read(self, address: str) -> Checkpoint:
        try:
            tree, _ = open_dated_checkpoint(self._store.get(address).decode(), self._keys)
        except (NoteError, UnicodeDecodeError):
            raise FalseMemoryError(f"{address} is not signed by a key of this log") from None
        if self._address(tree.size) != address:
            raise FalseMemoryError(f"{address} holds a tree of another size")
        return tree

    def _address(self, size: int) -> str:
        return f"{self._folder}/{size:018d}"
