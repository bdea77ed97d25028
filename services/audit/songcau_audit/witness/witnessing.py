"""Decides whether a checkpoint continues what was signed before, and signs that it was seen (cosignature/v1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from songcau_kit.clock import Clock
from songcau_kit.log_checkpoints import Checkpoint
from songcau_kit.logs import get_logger
from songcau_kit.merkle.proofs import ProofError, check_consistency
from songcau_kit.signed_notes import NoteError, NoteSigner, NoteVerifier, SignedNote

from songcau_audit.witness.memory import SeenTree, WitnessMemory
from songcau_audit.witness.requests import CosignRequest, RequestError

_log = get_logger(__name__)


class Verdict(Enum):
    """What became of a request, with the status that C2SP tlog-witness gives it."""

    COSIGNED = 200
    MALFORMED = 400
    UNSIGNED = 403
    UNKNOWN_LOG = 404
    OTHER_STATE = 409
    INCONSISTENT = 422


@dataclass(frozen=True)
class Decision:
    """A verdict and the body that goes with it."""

    verdict: Verdict
    body: str = ""


class Witnessing:
    """Watches the logs whose keys it was given."""

    def __init__(self, signer: NoteSigner, logs: Sequence[NoteVerifier], memory: WitnessMemory, clock: Clock) -> None:
        self._signer = signer
        self._logs = {log.name: log for log in logs}
        self._memory = memory
        self._clock = clock

    def decide(self, body: bytes) -> Decision:
        """Return the decision on a request; raises OSError where the memory fails, and then nothing is signed."""
        try:
            request = CosignRequest.parse(body)
            note = SignedNote.parse(request.note)
            tree = Checkpoint.parse(note.text)
        except (RequestError, NoteError):
            return Decision(Verdict.MALFORMED)
        log = self._logs.get(tree.origin)
        if log is None:
            return Decision(Verdict.UNKNOWN_LOG)
        try:
            note.check(log)
        except NoteError:
            return Decision(Verdict.UNSIGNED)
        if request.old_size > tree.size:
            return Decision(Verdict.MALFORMED)
        with self._memory.deciding():
            return self._compare(request, note, tree)

    def _compare(self, request: CosignRequest, note: SignedNote, tree: Checkpoint) -> Decision:
        seen = self._memory.seen(tree.origin)
        is_fork = tree.size == seen.size and tree.root != seen.root
        if request.old_size != seen.size or is_fork:
            if is_fork:
                _log.error("log_forked", origin=tree.origin, size=tree.size)
            return Decision(Verdict.OTHER_STATE, f"{seen.size}\n")
        try:
            check_consistency((seen.size, seen.root), (tree.size, tree.root), request.proof)
        except ProofError as error:
            _log.error("log_inconsistent", origin=tree.origin, seen=seen.size, size=tree.size, cause=str(error))
            return Decision(Verdict.INCONSISTENT)
        self._memory.note(tree.origin, SeenTree(tree.size, tree.root))
        return Decision(Verdict.COSIGNED, self._signer.sign(note.text, at=self._clock.now()))
