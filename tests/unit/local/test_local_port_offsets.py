"""Stacks that start at the same time get ports of their own."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest
from songcau_local.layout import FULL_PORTS, PORTS
from support.port_offsets import OFFSETS, reserved_offset

EVERY_PORT = {*PORTS.values(), *FULL_PORTS.values()}


def test_no_port_at_one_offset_is_a_port_at_another():
    moved = [port + offset for port, offset in product(EVERY_PORT, OFFSETS)]
    assert len(set(moved)) == len(moved)
    assert max(moved) < 65_536


def test_runs_that_reserve_at_once_get_each_another_offset_and_one_is_free_again_afterwards(tmp_path: Path):
    with ExitStack() as held:
        with ThreadPoolExecutor(8) as pool:
            contexts = [reserved_offset(tmp_path) for _ in range(8)]
            offsets = list(pool.map(held.enter_context, contexts))
        assert len(set(offsets)) == 8
    with reserved_offset(tmp_path) as again:
        assert again in offsets


def test_what_fails_inside_is_not_taken_for_a_port_that_is_in_use(tmp_path: Path):
    with pytest.raises(TimeoutError, match="the story"), reserved_offset(tmp_path):
        raise TimeoutError("the story")
