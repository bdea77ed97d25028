"""The keys of a development log are whole for whoever asks first, also where several ask at once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from songcau_audit.keys import create_missing_keys
from songcau_kit.signed_notes import NoteSigner, Use

AT_ONCE = 8


def test_several_that_ask_at_once_get_the_same_whole_keys(tmp_path: Path):
    for number in range(20):
        folder, together = tmp_path / str(number), Barrier(AT_ONCE)

        def ask(folder: Path = folder, together: Barrier = together) -> tuple[str, ...]:
            together.wait()
            files = create_missing_keys(folder)
            return tuple(NoteSigner.from_pem("log", Use.NOTE, file.read_bytes()).verifier.text for file in files)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert len({done.result() for done in [pool.submit(ask) for _ in range(AT_ONCE)]}) == 1
        assert {path.name for path in folder.iterdir()} == {"audit-signing.pem", "audit-witness.pem"}


def test_keys_are_for_their_owner_only(tmp_path: Path):
    assert {stat.S_IMODE(file.stat().st_mode) for file in create_missing_keys(tmp_path)} == {0o600}
