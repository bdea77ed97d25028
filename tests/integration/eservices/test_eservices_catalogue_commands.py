"""The tools as an operator starts them: migrate, seed, import-catalogue, each with a sentence when it cannot."""

import os
import subprocess
import sys

from support.catalogue_site import listed, write_files


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ESERVICES_")}
    return subprocess.run(
        [sys.executable, "-m", "songcau_eservices", *arguments],
        env=environment | {"ESERVICES_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_an_operator_migrates_seeds_and_imports_again_and_again(postgres_url_factory, tmp_path):
    url = postgres_url_factory("catalogue_commands")
    folder = str(write_files(tmp_path, [listed("7.000001", "Một"), listed("bad", "Hai")]))

    migrated, seeded, first, second = (
        run(url, *command)
        for command in (["migrate"], ["seed"], ["import-catalogue", folder], ["import-catalogue", folder])
    )

    assert [done.returncode for done in (migrated, seeded, first, second)] == [0, 0, 0, 0]
    assert "0003_create_procedures.sql" in migrated.stdout
    assert "392 units, 203 agencies; procedures: 24 new" in seeded.stdout
    assert "read 2 lines of catalog.jsonl" in first.stdout
    assert "new 1, changed 0, unchanged 0" in first.stdout
    assert "CODE_INVALID: the code is not D.NNNNNN (for example catalog.jsonl:2)" in first.stdout
    assert "new 0, changed 0, unchanged 1" in second.stdout


def test_a_missing_folder_and_a_missing_database_are_said_in_a_sentence(postgres_url_factory, tmp_path):
    missing = run(postgres_url_factory("catalogue_commands"), "import-catalogue", str(tmp_path / "nowhere"))
    down = run("postgresql://127.0.0.1:1/eservices", "seed")

    for done, words in ((missing, "give the folder of the national catalogue"), (down, "cannot be used now")):
        assert done.returncode != 0
        assert words in done.stderr
        assert "Traceback" not in done.stderr
