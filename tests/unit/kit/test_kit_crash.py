import subprocess
import sys

import pytest
from songcau_kit.crash import POINTS, arm_crash, crash_point

PROGRAM = """
import sys
from songcau_kit.crash import arm_crash, crash_point
arm_crash(sys.argv[1])
crash_point("relay.before_publish")
print("alive")
"""


def run(at: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PROGRAM, at], capture_output=True, text=True, check=False)


def test_an_armed_point_kills_the_process_without_a_word():
    done = run("relay.before_publish")
    assert (done.returncode, done.stdout) == (-9, "")


def test_with_a_marker_file_it_happens_once(tmp_path):
    at = f"relay.before_publish@{tmp_path / 'done'}"
    assert [run(at).returncode, run(at).returncode] == [-9, 0]


def test_several_points_are_armed_at_once(tmp_path):
    at = f"relay.after_publish,relay.before_publish@{tmp_path / 'done'}"
    assert [run(at).returncode, run(at).returncode] == [-9, 0]


@pytest.mark.parametrize("at", ["", "relay.after_publish"])
def test_other_points_do_nothing(at):
    assert run(at).stdout == "alive\n"


def test_an_unknown_point_is_refused_with_the_list_of_points():
    with pytest.raises(ValueError, match=r"there are database\.before_commit"):
        arm_crash("relay.after_publish,nowhere")


def test_without_arming_every_point_does_nothing():
    arm_crash("")
    for point in POINTS:
        crash_point(point)
