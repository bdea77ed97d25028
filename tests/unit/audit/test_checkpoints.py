"""Signed notes and checkpoints: what was signed is what is read, and others read ours as we do."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from songcau_kit.log_checkpoints import Checkpoint, open_checkpoint
from songcau_kit.signed_notes import NoteError, NoteSigner, NoteVerifier, SignedNote, Use, new_private_key
from support.merkle_oracle import MerkleOracle, OracleError

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
ORIGIN, WITNESS = "audit.songcau.example", "witness.example"
CHECKPOINT = Checkpoint(ORIGIN, 7, bytes(range(32)))


def signer(name: str = ORIGIN, use: Use = Use.NOTE) -> NoteSigner:
    return NoteSigner.from_pem(name, use, new_private_key().encode())


def signed(*signers: NoteSigner) -> str:
    text = CHECKPOINT.text
    return str(SignedNote(text, tuple(one.sign(text, at=AT) for one in signers)))


def plain_key(witness: NoteSigner) -> str:
    """Return the key in the older form, without its use, that the other implementation reads."""
    return replace(witness.verifier, use=Use.NOTE).text


def test_a_checkpoint_is_read_as_it_was_signed():
    log, witness = signer(), signer(WITNESS, Use.COSIGNATURE)
    note = signed(log, witness)
    assert open_checkpoint(note, log.verifier, witness.verifier) == CHECKPOINT
    assert SignedNote.parse(note).check(witness.verifier) == AT
    assert SignedNote.parse(note).check(log.verifier) is None
    assert str(SignedNote.parse(note)) == note


def test_a_key_survives_being_written_down():
    for use in Use:
        key = signer(use=use).verifier
        assert NoteVerifier.parse(key.text) == key


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\n7\n", "\n8\n"),
        lambda note: note.replace(ORIGIN, "other.example", 1),
        lambda note: note.replace("— ", "- "),
        lambda note: note.rstrip("\n"),
        lambda note: note.split("\n\n")[0] + "\n\n",
        lambda note: note.replace("\n\n", "\nextension\n\n"),
    ],
)
def test_a_changed_note_is_refused(change):
    log = signer()
    with pytest.raises(NoteError):
        open_checkpoint(change(signed(log)), log.verifier)


def test_a_note_that_a_wanted_key_did_not_sign_is_refused():
    log, witness = signer(), signer(WITNESS, Use.COSIGNATURE)
    with pytest.raises(NoteError, match="did not sign"):
        open_checkpoint(signed(log), log.verifier, witness.verifier)
    with pytest.raises(NoteError, match="did not sign"):
        open_checkpoint(signed(log), signer().verifier)


def test_a_checkpoint_of_another_log_is_refused_though_its_key_signed_it():
    other = signer("other.example")
    with pytest.raises(NoteError, match="another log"):
        open_checkpoint(signed(other), other.verifier)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "na me+00000000+AAAA"])
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(NoteError):
        NoteVerifier.parse(text)


def test_a_key_whose_id_is_not_its_own_is_refused():
    name, key_id, rest = signer().verifier.text.split("+", 2)
    with pytest.raises(NoteError, match="key id"):
        NoteVerifier.parse(f"{name}+{'0' * len(key_id)}+{rest}")


@pytest.mark.parametrize("text", ["a\n01\nAA==\n", "a\n1\nAAAA\n", "a\n-1\nx\n", "\n1\nx\n", "a\n1\n"])
def test_a_malformed_checkpoint_is_refused(text: str):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_another_implementation_reads_our_checkpoints_and_cosignatures(oracle: MerkleOracle):
    log, witness = signer(), signer(WITNESS, Use.COSIGNATURE)
    note = signed(log, witness)
    assert oracle.ask("open_note", note=note, key=log.verifier.text) == CHECKPOINT.text
    assert oracle.ask("open_cosignature", note=note, key=plain_key(witness)) == CHECKPOINT.text
    with pytest.raises(OracleError):
        oracle.ask("open_note", note=note.replace("\n7\n", "\n8\n"), key=log.verifier.text)
    with pytest.raises(OracleError):
        oracle.ask("open_cosignature", note=note, key=plain_key(signer(WITNESS, Use.COSIGNATURE)))
