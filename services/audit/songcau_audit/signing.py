"""Signs the tree whenever it grew and at least every so often, and asks the witnesses to sign, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NoReturn, Protocol

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.log_checkpoints import Checkpoint
from songcau_kit.logs import get_logger
from songcau_kit.loop import HaltError, Loop, Looping
from songcau_kit.merkle.hashing import EMPTY_ROOT, root_hash
from songcau_kit.merkle.proofs import ProofError, check_consistency, consistency_proof
from songcau_kit.metrics import gauge
from songcau_kit.signed_notes import NoteSigner, SignedNote

from songcau_audit import repository
from songcau_audit.events import Growth, checkpoint_signed
from songcau_audit.repository import SignedTree
from songcau_audit.signer_memory import FalseMemoryError, SignerMemory
from songcau_audit.tiles import TileHashes

IDLE_S = 0.2

_log = get_logger(__name__)


class Witness(Protocol):
    """Somebody else who signs only what continues what they signed before."""

    def cosign(self, note: SignedNote, tree: Checkpoint, subtrees: TileHashes) -> list[str]:
        """Return signature lines, none where the witness is away or refuses; never raises."""


class NotComparedError(Exception):
    """A signer that has just started does not know yet whether it may sign."""


class HaltCause(StrEnum):
    """Why nothing is signed any more until somebody has looked."""

    LOG_WENT_BACK = "LOG_WENT_BACK"
    """The tree is smaller than one that was signed: the database is an older copy, or entries were removed."""
    LOG_CHANGED = "LOG_CHANGED"
    """The tree does not continue one that was signed."""
    MEMORY_FALSE = "MEMORY_FALSE"
    """The key of the log signed another tree of the same size, as the signer's memory shows."""


@dataclass(frozen=True)
class Pace:
    """How often a tree that grew is signed at most, and how often any tree at least."""

    at_most_every: timedelta
    at_least_every: timedelta


class Signing(Looping):
    """The component of `sign`. It halts rather than sign a tree that does not continue all it signed before.

    What it signed stands in the database and, outside of it, in its memory.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        signer: NoteSigner,
        memory: SignerMemory,
        witnesses: Sequence[Witness],
        pace: Pace,
    ) -> None:
        self._database = database
        self._clock = clock
        self._signer = signer
        self._memory = memory
        self._witnesses = witnesses
        self._pace = pace
        self._has_compared = False  # memory and database of a process that has just started
        self._loop = Loop("audit-signing", self._step)
        self._halted = gauge(
            "audit",
            "signing_halted",
            "count",
            description="1 where the signer refuses to sign the tree, by cause.",
            labels=("cause",),
        )

    def check(self) -> None:
        """Raise where nothing is signed any more or the tree was not yet compared with what was; for `/readyz`."""
        super().check()
        if not self._has_compared:
            raise NotComparedError("the tree was not yet compared with what was signed before")

    def sign_if_due(self) -> SignedTree | None:
        """Sign the tree where it is time, at first at once, and return what was signed.

        Of several signers one is faster: the others return None. Raises HaltError for a tree that was changed.
        """
        with self._database.read() as conn:
            last = repository.find_newest_checkpoint(conn)
            if self._has_compared and last is not None and not self._is_due(last, repository.tree_size(conn)):
                return None
        try:
            signed = self._sign(last)
        except FalseMemoryError as error:
            self._halt(HaltCause.MEMORY_FALSE, str(error))
        self._has_compared = True
        return signed

    def _step(self) -> float:
        self.sign_if_due()
        return IDLE_S

    def _is_due(self, last: SignedTree, size: int) -> bool:
        age = self._clock.now() - last.signed_at
        pace = self._pace.at_most_every if size != last.size else self._pace.at_least_every
        return age >= pace

    def _sign(self, last: SignedTree | None) -> SignedTree | None:
        origin = self._signer.verifier.name
        before = Checkpoint(origin, last.size, last.root) if last else Checkpoint(origin, 0, EMPTY_ROOT)
        remembered = self._memory.newest(before)
        if not remembered and before.size:
            _log.warning("signer_memory_begins", size=before.size)
        with self._database.read() as conn:
            # Read after the memory: a tree that another signer remembered just now is in the database by then.
            size = repository.tree_size(conn)
            subtrees = TileHashes(lambda level, index: repository.read_tile(conn, level, index))
            tree = Checkpoint(origin, size, self._root(subtrees, [before, *remembered], size))
            now = self._clock.now()
            lines = tuple(signer.sign(tree.text, at=now) for signer in (self._signer, self._signer.timed))
            note = SignedNote(tree.text, lines)
            self._memory.remember(tree, note)
            cosigned = [line for witness in self._witnesses for line in witness.cosign(note, tree, subtrees)]
            growth = Growth(before.size, consistency_proof(subtrees, before.size, size))
        signed = SignedTree(size, tree.root, str(note.with_lines(cosigned)), now)
        with self._database.transaction() as conn:
            return signed if self._keep(conn, last, signed, growth) else None

    def _root(self, subtrees: TileHashes, signed: Sequence[Checkpoint], size: int) -> bytes:
        largest = max(tree.size for tree in signed)
        if size < largest:
            self._halt(HaltCause.LOG_WENT_BACK, f"{largest} entries were signed, {size} are there")
        try:
            root = root_hash(subtrees, size)
            for tree in signed:
                check_consistency((tree.size, tree.root), (size, root), consistency_proof(subtrees, tree.size, size))
        except (ProofError, IndexError) as error:
            self._halt(HaltCause.LOG_CHANGED, f"{error} ({largest} entries were signed, {size} are there)")
        return root

    def _halt(self, cause: HaltCause, what: str) -> NoReturn:
        self._halted.labels(cause).set(1)
        _log.error("audit_log_not_signed", reason=str(cause), cause=what)
        raise HaltError(f"{cause}: {what}; see docs/operations/audit-log.md")

    def _keep(self, conn: Connection, last: SignedTree | None, signed: SignedTree, growth: Growth) -> bool:
        """Write down what was signed, unless another signer did since `last`: each event tells of the one before."""
        repository.lock_checkpoints(conn)
        if repository.find_newest_checkpoint(conn) != last:
            return False
        repository.add_checkpoint(conn, signed)
        outbox.append(conn, checkpoint_signed(self._clock, self._signer.verifier.name, signed, growth))
        return True
