"""The `work` process of a service without a wrapping key that its data is under does not start."""

import os
import subprocess
import sys

import psycopg
import pytest
from songcau_kit.migrations import migrate
from songcau_local.databases import SERVICES
from songcau_local.ports import free_port

OF_VERSION_9 = """insert into data_keys (subject_id, wrapped_key, wrapping_version, created_at)
    values (gen_random_uuid(), '\\x00', 9, now())"""


@pytest.mark.parametrize("service", SERVICES)
def test_work_without_a_wrapping_key_that_data_is_under_does_not_start(
    service, postgres_url_factory, bus_url_factory, tmp_path
):
    url = postgres_url_factory(f"{service}_keys_of_work")
    migrate(url, package=f"songcau_{service}")
    with psycopg.connect(url) as connection:
        connection.execute(OF_VERSION_9)
    prefix = service.upper()
    settings = {
        f"{prefix}_DATABASE_URL": url,
        f"{prefix}_BUS_URL": bus_url_factory(f"{service}_keys_of_work_bus"),
        f"{prefix}_WORK_OPS_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    done = subprocess.run(
        [sys.executable, "-m", f"songcau_{service}", "work"],
        cwd=tmp_path, env=os.environ | settings, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    told = " ".join((done.stdout + done.stderr).split())  # a terminal's width breaks lines
    assert "data is under wrapping keys that are not given here: 9 (1 data keys)" in told
