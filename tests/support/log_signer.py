"""Checkpoints of a log as services hear of them, signed by a key that a test holds."""

from collections.abc import Sequence
from datetime import datetime

from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent
from songcau_kit.log_checkpoints import Checkpoint
from songcau_kit.merkle.hashing import LeafHashes, leaf_hash, root_hash
from songcau_kit.merkle.proofs import consistency_proof
from songcau_kit.signed_notes import NoteSigner, SignedNote, Use, new_private_key

ORIGIN = "audit.songcau.test"


class LogSigner:
    """A log whose entries are their numbers, and its key."""

    def __init__(self, origin: str = ORIGIN, *, entries: str = "entry") -> None:
        self.signer = NoteSigner.from_pem(origin, Use.NOTE, new_private_key().encode())
        self._entries = entries

    @property
    def keys(self) -> list[str]:
        """The public key, as a setting holds it."""
        return [self.signer.verifier.text]

    def event(
        self, size: int, *, at: datetime, previous: int = 0, signers: Sequence[NoteSigner] = ()
    ) -> AuditCheckpointEvent:
        """Return the checkpoint of the first `size` entries, with the proof that it continues `previous`."""
        tree = Checkpoint(self.signer.verifier.name, size, root_hash(self._hashes(size), size))
        lines = tuple(one.sign(tree.text, at=at) for one in signers or (self.signer, self.signer.timed))
        event = AuditCheckpointEvent(
            tree_size=size,
            root_hash=tree.root,
            note=str(SignedNote(tree.text, lines)),
            previous_size=previous,
            consistency=consistency_proof(self._hashes(size), previous, size),
        )
        event.meta.aggregate_id = tree.origin
        event.meta.occurred_at.FromDatetime(at)
        return event

    def _hashes(self, size: int) -> LeafHashes:
        return LeafHashes([leaf_hash(f"{self._entries} {number}".encode()) for number in range(size)])
