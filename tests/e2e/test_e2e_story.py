"""The main job over HTTP, twice on one state, and after every process was started again."""

import shlex
import subprocess
from pathlib import Path

import pytest
from songcau_local.demo import story
from support.e2e_stack import songcau

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(400)


def test_the_story_passes_and_passes_again_on_the_same_state(stack):
    for _ in range(2):
        done = songcau(stack, "demo")
        assert done.returncode == 0, done.stdout[-4000:]
        assert "demo passed: 12 steps" in done.stdout


def test_the_story_passes_after_the_stack_was_stopped_and_started(stack):
    assert songcau(stack, "down").returncode == 0
    assert songcau(stack, "up").returncode == 0
    done = songcau(stack, "demo")
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_readme_s_first_call_works_as_printed(stack):
    readme = (ROOT / "README.md").read_text()
    block = readme.split("## The first API call")[1].split("```sh\n")[1].split("```")[0]
    assert block.count("\n") == 2, "the README prints a token line and one request"
    script = block.replace("songcau token an", f"songcau token an --state {shlex.quote(str(stack.state))}")
    script = script.replace("http://127.0.0.1:8080", stack.url("gateway"))
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert '"masked_number":"019•••••0011"' in done.stdout


def test_a_step_that_fails_says_which_why_and_where_to_look(stack, monkeypatch, capfd):
    monkeypatch.setattr(story, "STORY", (("nobody asks who they are", lambda stage: stage.anybody.get("/v1/me")),))
    assert story.run(stack) is False
    printed = "".join(capfd.readouterr())
    assert "step 1 failed (nobody asks who they are)" in printed
    assert "401 UNAUTHENTICATED" in printed
    assert "where to look: grep" in printed
