"""What the signer signed, outside its database: one object for each size of the tree, written once, replaced never.

A database that was restored or rewritten is behind these objects or does not continue them, and is not signed.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from songcau_kit.errors import DomainError
from songcau_kit.log_checkpoints import Checkpoint, open_dated_checkpoint
from songcau_kit.logs import get_logger
from songcau_kit.metrics import gauge
from songcau_kit.objects import ObjectStore
from songcau_kit.protection_errors import OBJECT_NOT_FOUND, OBJECT_TOO_LARGE
from songcau_kit.signed_notes import NoteError, NoteVerifier, SignedNote

MOST_BYTES = 65_536

_log = get_logger(__name__)


class FalseMemoryError(Exception):
    """A key of this log signed another tree of the same size before."""


class MemoryBlockedError(Exception):
    """Every place of a tree is taken by what nobody signed."""


class SignerMemory:
    """The trees one log was signed for; `keys` are the signer's own and those it had before.

    Who may write to the store may write anything. What no key of this log signed says nothing of the log: it is told by
    metric and log line, and passed over. What one of them signed counts, wherever it lies.
    """

    def __init__(self, store: ObjectStore, keys: Sequence[NoteVerifier]) -> None:
        self._store = store
        self._keys = keys
        self._folder = f"signed-trees/{quote(keys[0].name, safe='')}"
        self._known: Checkpoint | None = None
        # What lies where the signer did not put it: the tree that was signed, None for what nobody signed.
        self._strange: dict[str, Checkpoint | None] = {}
        self._met = gauge(
            "audit",
            "signer_memory_strange",
            "objects",
            description="Objects in the signer's memory that it did not put there, met since the process started.",
        )
        self._met.set(0)

    def newest(self, since: Checkpoint) -> list[Checkpoint]:
        """Return the signed trees that the log must continue, none where none is remembered; raises OSError.

        `since` is what the database says was signed last; objects of smaller trees are not looked at.
        """
        known = self._known if self._known and self._known.size >= since.size else None
        found = list(self._signed_from(known.size if known else since.size, is_known=known is not None))
        found += [known] if known else []
        self._known = max(found, key=lambda tree: tree.size, default=None)
        return list(dict.fromkeys(found))

    def remember(self, tree: Checkpoint, note: SignedNote) -> None:
        """Write down that a tree is about to be vouched for.

        Raises FalseMemoryError where another of its size was, MemoryBlockedError where it cannot be written down.
        """
        place = self._address(tree.size)
        blob = str(note).encode()
        if not self._store.put_new(place, blob):
            taken_by = self._find(place)
            if taken_by is None or taken_by.size != tree.size:
                # Nobody can take this place, too, before the tree is there.
                self._store.put_new(f"{place}-{tree.root.hex()}", blob)
            signed = [found for found in map(self._find, self._places(tree.size)) if found and found.size == tree.size]
            if any(found != tree for found in signed):
                raise FalseMemoryError(f"another tree of {tree.size} entries was signed before")
            if not signed:
                raise MemoryBlockedError(f"what nobody signed stands in both places of the tree of {tree.size} entries")
        self._known = tree

    def _signed_from(self, size: int, *, is_known: bool) -> Iterator[Checkpoint]:
        """Yield signed trees from the last address down to the first that lies where the signer puts it."""
        start = self._address(size)
        behind = sorted(self._store.addresses(self._folder, after=start), reverse=True)
        for address in behind if is_known else [*behind, start]:
            tree = self._find(address)
            if tree is not None:
                yield tree
                if address not in self._strange:
                    return

    def _find(self, address: str) -> Checkpoint | None:
        """Return the signed tree at an address; None where nothing is, or nothing that was signed."""
        if address in self._strange:
            return self._strange[address]
        try:
            tree, _ = open_dated_checkpoint(self._store.get(address, at_most=MOST_BYTES).decode(), self._keys)
        except DomainError as error:
            if error.reason is OBJECT_NOT_FOUND:
                return None
            if error.reason is not OBJECT_TOO_LARGE:
                raise
            return self._tell_of_strange(address, None)
        except (NoteError, UnicodeDecodeError):
            return self._tell_of_strange(address, None)
        if address.partition("-" + tree.root.hex())[0] != self._address(tree.size):
            return self._tell_of_strange(address, tree)
        return tree

    def _tell_of_strange(self, address: str, tree: Checkpoint | None) -> Checkpoint | None:
        self._strange[address] = tree
        self._met.set(len(self._strange))
        _log.error("signer_memory_holds_strange_object", address=address, signed_size=tree.size if tree else None)
        return tree

    def _places(self, size: int) -> Iterator[str]:
        place = self._address(size)
        yield place
        yield from (one for one in self._store.addresses(self._folder, after=place) if one.startswith(f"{place}-"))

    def _address(self, size: int) -> str:
        return f"{self._folder}/{size:018d}"
