"""The development certificates of the processes: made once, renewed in time, readable by whom it is meant for."""

from datetime import UTC, datetime, timedelta

from songcau_kit.development_authority import DevelopmentAuthority
from songcau_kit.tls import TlsFiles
from songcau_local import key_material
from songcau_local.layout import Layout
from songcau_local.workloads import WORKLOADS, issue_missing, main

NOW = datetime.now(UTC)


def certificates(folder):
    return {workload.name: (folder / workload.name / "tls.crt").read_bytes() for workload in WORKLOADS}


def test_a_stack_keeps_its_certificates_from_start_to_start(tmp_path):
    layout = Layout(tmp_path)
    key_material.load_or_make(layout)
    before = certificates(layout.workloads)
    key_material.load_or_make(layout)

    assert certificates(layout.workloads) == before
    assert all(TlsFiles.in_folder(layout.workloads / workload.name).read(NOW) for workload in WORKLOADS)


def test_what_ends_within_half_a_year_is_made_anew(tmp_path):
    issue_missing(tmp_path, tmp_path / "authority", at=NOW)
    before = certificates(tmp_path)
    soon = timedelta(days=100)
    authority = DevelopmentAuthority(tmp_path / "authority")
    authority.issue_workload(WORKLOADS[0], tmp_path / WORKLOADS[0].name, at=NOW, valid_for=soon)
    issue_missing(tmp_path, tmp_path / "authority", at=NOW)

    after = certificates(tmp_path)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {WORKLOADS[0].name}
    assert TlsFiles.in_folder(tmp_path / WORKLOADS[0].name).read(NOW).expires_at > NOW + 2 * soon


def test_keys_are_for_their_owner_alone(tmp_path):
    main(tmp_path)
    keys = [tmp_path / workload.name / "tls.key" for workload in WORKLOADS]
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}
