"""Asks one witness to sign a checkpoint, proving that it continues what that witness signed before."""

import urllib3
from songcau_kit.log_checkpoints import Checkpoint
from songcau_kit.logs import get_logger
from songcau_kit.merkle.proofs import consistency_proof
from songcau_kit.metrics import counter, gauge
from songcau_kit.signed_notes import NoteError, NoteVerifier, SignedNote

from songcau_audit.tiles import TileHashes
from songcau_audit.witness.requests import CosignRequest

TIMEOUT_S = 2.0
LARGEST_ANSWER = 16 * 1024

_log = get_logger(__name__)


class WitnessClient:
    """Remembers how far the witness is; where that is wrong, the witness says so and is asked once more."""

    def __init__(self, key: NoteVerifier, url: str, *, timeout: float = TIMEOUT_S) -> None:
        self._key = key
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(timeout))
        self._seen_size = 0
        self._asked = counter(
            "audit", "cosignatures", "Witnesses asked, by what became of it.", labels=("witness", "outcome")
        )
        self._behind = gauge(
            "audit",
            "witness_behind",
            "leaves",
            description="Entries a witness has not signed for, as far as this signer knows.",
            labels=("witness",),
        )

    def cosign(self, note: SignedNote, tree: Checkpoint, subtrees: TileHashes) -> list[str]:
        """Return the signature lines of the witness, none where it is away or refuses."""
        lines = self._cosigned(note, tree, subtrees)
        self._behind.labels(self._key.name).set(tree.size - self._seen_size)
        return lines

    def _cosigned(self, note: SignedNote, tree: Checkpoint, subtrees: TileHashes) -> list[str]:
        try:
            status, body = self._ask(note, tree, subtrees)
            if status == 409 and body.strip().isdigit() and int(body) <= tree.size and int(body) != self._seen_size:
                self._seen_size = int(body)
                status, body = self._ask(note, tree, subtrees)
        except urllib3.exceptions.HTTPError as error:
            return self._none("UNREACHABLE", type(error).__name__)
        if status != 200:
            return self._none("REFUSED", str(status))
        try:
            SignedNote.parse(str(note.with_lines([body]))).check(self._key)
        except NoteError as error:
            return self._none("WRONG", str(error))
        self._seen_size = tree.size
        self._asked.labels(self._key.name, "SIGNED").inc()
        return body.splitlines(keepends=True)

    def _ask(self, note: SignedNote, tree: Checkpoint, subtrees: TileHashes) -> tuple[int, str]:
        proof = consistency_proof(subtrees, self._seen_size, tree.size)
        body = CosignRequest(self._seen_size, proof, str(note)).body
        answer = self._http.request("POST", self._url, body=body, redirect=False, preload_content=False)
        try:
            return answer.status, answer.read(LARGEST_ANSWER).decode("utf-8", "replace")
        finally:
            answer.release_conn()

    def _none(self, outcome: str, cause: str) -> list[str]:
        _log.warning("witness_did_not_sign", witness=self._key.name, outcome=outcome, cause=cause)
        self._asked.labels(self._key.name, outcome).inc()
        return []
