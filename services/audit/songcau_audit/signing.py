"""Signs the tree whenever it grew and at least every so often, and asks the witnesses to sign, too."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.logs import get_logger
from songcau_kit.loop import HaltError, Loop
from songcau_kit.signed_notes import NoteSigner, SignedNote

from songcau_audit import repository
from songcau_audit.checkpoints import Checkpoint
from songcau_audit.events import checkpoint_signed
from songcau_audit.merkle.hashing import EMPTY_ROOT, root_hash
from songcau_audit.merkle.proofs import ProofError, check_consistency, consistency_proof
from songcau_audit.merkle.tiles import TileHashes
from songcau_audit.repository import SignedTree

IDLE_S = 0.2

_log = get_logger(__name__)


class Witness(Protocol):
    """Somebody else who signs only what continues what they signed before."""

    def cosign(self, note: SignedNote, tree: Checkpoint, subtrees: TileHashes) -> list[str]:
        """Return signature lines, none where the witness is away or refuses; never raises."""


@dataclass(frozen=True)
class Pace:
    """How often a tree that grew is signed at most, and how often any tree at least."""

    at_most_every: timedelta
    at_least_every: timedelta


class Signing:
    """The component of `sign`. It halts rather than sign a tree that does not continue the last one it signed."""

    def __init__(
        self, database: Database, clock: Clock, *, signer: NoteSigner, witnesses: list[Witness], pace: Pace
    ) -> None:
        self._database = database
        self._clock = clock
        self._signer = signer
        self._witnesses = witnesses
        self._pace = pace
        self._loop = Loop("audit-signing", self._step)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def stop(self, grace: float) -> None:
        """Finish the checkpoint under way."""
        self._loop.stop(grace)

    def check(self) -> None:
        """Raise where nothing is signed any more, as where the tree was changed; for `/readyz`."""
        self._loop.check()

    def sign_if_due(self) -> SignedTree | None:
        """Sign the tree where it is time and return what was signed; raises HaltError for a tree that was changed."""
        with self._database.read() as conn:
            last = repository.find_newest_checkpoint(conn)
            size = repository.tree_size(conn)
            if last is not None and not self._is_due(last, size):
                return None
            subtrees = TileHashes(lambda level, index: repository.read_tile(conn, level, index))
            tree = Checkpoint(self._signer.verifier.name, size, self._root(subtrees, last, size))
            signed = self._sign(tree, subtrees)
        with self._database.transaction() as conn:
            self._keep(conn, signed)
        return signed

    def _step(self) -> float:
        self.sign_if_due()
        return IDLE_S

    def _is_due(self, last: SignedTree, size: int) -> bool:
        age = self._clock.now() - last.signed_at
        pace = self._pace.at_most_every if size != last.size else self._pace.at_least_every
        return age >= pace

    def _root(self, subtrees: TileHashes, last: SignedTree | None, size: int) -> bytes:
        old = (last.size, last.root) if last else (0, EMPTY_ROOT)
        try:
            root = root_hash(subtrees, size)
            check_consistency(old, (size, root), consistency_proof(subtrees, old[0], size) if size >= old[0] else [])
        except (ProofError, IndexError) as error:
            _log.error("audit_log_changed", signed_size=old[0], size=size, cause=str(error))
            raise HaltError(f"the audit log does not continue what was signed: {error}") from error
        return root

    def _sign(self, tree: Checkpoint, subtrees: TileHashes) -> SignedTree:
        now = self._clock.now()
        note = SignedNote(tree.text, (self._signer.sign(tree.text, at=now),))
        lines = [line for witness in self._witnesses for line in witness.cosign(note, tree, subtrees)]
        return SignedTree(tree.size, tree.root, str(note.with_lines(lines)), now)

    def _keep(self, conn: Connection, signed: SignedTree) -> None:
        repository.add_checkpoint(conn, signed)
        outbox.append(conn, checkpoint_signed(self._clock, self._signer.verifier.name, signed))
