"""The step that gives volumes to the account of the images; it needs the right to change owners, as the step has it."""

import os
from pathlib import Path

import pytest
from songcau_local.volumes import ACCOUNT, give

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the owner of files")


def owners(*paths: Path) -> set[tuple[int, int]]:
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in paths}


@needs_root
def test_a_volume_and_all_in_it_go_to_the_account_once(tmp_path: Path):
    folder, file = tmp_path / "signers", tmp_path / "signers" / "key.pem"
    folder.mkdir()
    file.touch()
    assert give(tmp_path, user=ACCOUNT, group=ACCOUNT) == 3
    assert owners(tmp_path, folder, file) == {(ACCOUNT, ACCOUNT)}
    assert give(tmp_path, user=ACCOUNT, group=ACCOUNT) == 0


@needs_root
def test_a_link_is_given_and_what_it_leads_to_is_left_alone(tmp_path: Path):
    volume, stranger = tmp_path / "volume", tmp_path / "stranger"
    volume.mkdir()
    stranger.mkdir()
    (stranger / "file").touch()
    (volume / "link").symlink_to(stranger)
    give(volume, user=ACCOUNT, group=ACCOUNT)
    assert owners(volume, volume / "link") == {(ACCOUNT, ACCOUNT)}
    assert owners(stranger, stranger / "file") == {(os.getuid(), os.getgid())}
