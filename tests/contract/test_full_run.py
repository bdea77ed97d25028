"""`tools/test_full` runs every suite that can run on the real parts."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a test asks for when it behaves differently where the real parts are there.
REAL_PARTS = re.compile(r"\b(bus_url_factory|IS_FULL)\b")


def test_the_full_run_names_every_integration_suite_that_can_meet_the_real_parts():
    named = set(re.findall(r"tests/integration/\S+\.py", (ROOT / "tools/test_full").read_text()))
    suites = (ROOT / "tests/integration").rglob("test_*.py")
    able = {str(suite.relative_to(ROOT)) for suite in suites if REAL_PARTS.search(suite.read_text())}
    assert named == able


def test_no_shared_fixture_of_the_integration_suites_hides_which_of_them_can_meet_the_real_parts():
    shared = [*(ROOT / "tests/integration").rglob("conftest.py"), *(ROOT / "tests/support").glob("*.py")]
    assert [path.name for path in shared if "bus_url_factory" in path.read_text()] == []
