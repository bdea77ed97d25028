"""Parallel callers of a race: all begin at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from songcau_kit.errors import DomainError


def at_once(tries: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment, each in its own thread; return answers and domain errors in order."""
    gate = Barrier(len(tries))

    def run(attempt: Callable[[], Any]) -> Any:
        gate.wait(timeout=30)
        try:
            return attempt()
        except DomainError as error:
            return error

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))


def told_at_once(tries: Sequence[Callable[[], Any]], *, done: str = "DONE") -> list[str]:
    """Run all at the same moment; return `done` or the reason of the refusal of each, in order."""
    return [one.reason.code if isinstance(one, DomainError) else done for one in at_once(tries)]
