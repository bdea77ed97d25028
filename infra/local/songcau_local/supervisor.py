"""Keeps the stack running: starts the database and the processes, waits until all are ready, restarts what dies."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Container
from functools import partial
from typing import IO, TYPE_CHECKING

from songcau_local import databases, key_material
from songcau_local.errors import StackError
from songcau_local.key_material import Secrets
from songcau_local.layout import Layout
from songcau_local.log_book import LogBook
from songcau_local.machine import check_ports, check_room, end_leftovers
from songcau_local.placement import HERE, Placement
from songcau_local.postgres import EmbeddedPostgres, PostgresError
from songcau_local.process_table import early_programs, late_programs
from songcau_local.programs import BACKOFF_SECONDS, Child, Program
from songcau_local.seeding import Seeding
from songcau_local.status import Phase, ProcessStatus, Running, StackStatus, State

if TYPE_CHECKING:
    from songcau_local.full.parts import RealParts

READY_WITHIN_SECONDS = 90.0
FULL_READY_WITHIN_SECONDS = 420.0  # the first start of Keycloak builds it, on a busy machine slowly
STOP_WITHIN_SECONDS = 25.0
LOOK_EVERY_SECONDS = 0.1
DEATHS_AT_START = 3
POSTGRES_SETTINGS = {
    "max_connections": "250",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # a statement's text may hold what must not stand in a log
    "log_parameter_max_length_on_error": "0",
}


class AlreadyRunningError(StackError):
    """Another supervisor holds this state folder."""


class Supervisor:
    """One stack, from its first process to its last."""

    def __init__(self, layout: Layout, *, echo: bool = False, placement: Placement = HERE) -> None:
        self._layout = layout
        self._placement = placement
        self._echo = echo
        self._ending = threading.Event()
        self._phase = Phase.STARTING
        self._detail = ""
        self._children: list[Child] = []
        self._postgres_restarts = 0

    def end(self) -> None:
        """Ask the stack to stop; `run` returns once it has."""
        self._ending.set()

    def run(self) -> None:
        """Start everything, keep it running until `end`, stop everything. Raises StackError when the start fails."""
        layout = self._layout
        check_room(layout)
        with _lock(layout):
            try:
                end_leftovers(layout)
                check_ports(layout)
                layout.remember()
                self._book = LogBook(layout.logs, echo=self._echo)
                self._postgres = EmbeddedPostgres(
                    layout.state / "postgres", port=layout.port("postgres"), settings=POSTGRES_SETTINGS
                )
                self._start()
                self._keep_running()
            except (StackError, PostgresError) as error:
                self._say(Phase.FAILED, str(error))
                raise StackError(str(error)) from error
            finally:
                self._stop()

    def _start(self) -> None:
        began = time.monotonic()
        self._say(Phase.STARTING, "making keys and starting PostgreSQL")
        secrets = key_material.load_or_make(self._layout)
        parts = self._real_parts(secrets)
        within = FULL_READY_WITHIN_SECONDS if parts else READY_WITHIN_SECONDS
        self._add([*(parts.programs() if parts else []), *early_programs(self._layout, secrets)])
        self._postgres.start()
        self._say(Phase.STARTING, "preparing the databases")
        databases.prepare(self._layout, self._note, self._placement.migrate)
        if parts:
            self._wait_until_ready(time.monotonic() + within, {"kafka"})
            parts.bring_topics()
        self._add(late_programs(self._layout, secrets))
        seeding = Seeding.start(self._layout, secrets, self._placement.program)
        try:
            self._wait_until_ready(time.monotonic() + within)
            if not self._ending.is_set():
                self._say(Phase.STARTING, "seeding")
                seeding.finish(self._note)
                if parts:
                    parts.bring_accounts()
        finally:
            seeding.stop()
        if not self._ending.is_set():
            self._say(Phase.READY, f"ready after {time.monotonic() - began:.1f} s")

    def _real_parts(self, secrets: Secrets) -> "RealParts | None":
        if not self._layout.is_full:
            return None
        from songcau_local.full.parts import RealParts

        return RealParts(self._layout, secrets, partial(self._say, Phase.STARTING))

    def _add(self, programs: list[Program]) -> None:
        for program in map(self._placement.program, programs):
            child = Child(program, self._layout.logs / f"{program.name}.log", self._book.write)
            self._children.append(child)
            child.start()

    def _wait_until_ready(self, until: float, names: Container[str] | None = None) -> None:
        while not self._ending.is_set():
            self._look()
            wanted = [child for child in self._children if names is None or child.program.name in names]
            waiting = [child for child in wanted if child.state is not State.READY]
            if not waiting:
                return
            self._check_start(waiting, until)
            self._say(Phase.STARTING, "waiting for " + ", ".join(child.program.name for child in waiting))
            self._ending.wait(LOOK_EVERY_SECONDS)

    def _check_start(self, waiting: list[Child], until: float) -> None:
        for child in waiting:
            if child.restarts >= DEATHS_AT_START or child.state is State.FAILED:
                raise StackError(
                    f"{child.program.name} ends at start with code {child.exit_code}: "
                    f"{child.last_line or 'it said nothing'} (whole log: {self._log_of(child)})"
                )
        if time.monotonic() > until:
            child = waiting[0]
            raise StackError(
                f"{child.program.name} runs and does not become ready in time: "
                f"see {self._log_of(child)}; a slow machine may need a second `songcau up`"
            )

    def _log_of(self, child: Child) -> str:
        return str(self._layout.logs / f"{child.program.name}.log")

    def _keep_running(self) -> None:
        while not self._ending.wait(LOOK_EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        changed = [child for child in self._children if child.look()]
        process = self._postgres.process
        if process is not None and process.poll() is not None:
            self._restart_postgres()
        if changed:
            self._publish()

    def _restart_postgres(self) -> None:
        pause = BACKOFF_SECONDS[min(self._postgres_restarts, len(BACKOFF_SECONDS) - 1)]
        self._book.write("supervisor", f"PostgreSQL ended and starts again in {pause:g} s")
        if self._ending.wait(pause):
            return
        self._postgres_restarts += 1
        try:
            self._postgres.start()
        except PostgresError as error:
            self._note(str(error))
        self._publish()

    def _stop(self) -> None:
        if self._phase is not Phase.FAILED:
            self._say(Phase.STOPPING, "stopping")
        until = time.monotonic() + STOP_WITHIN_SECONDS
        # The outer doors close first, so that what is under way inside can finish.
        for child in reversed(self._children):
            child.ask_to_stop()
        for child in reversed(self._children):
            child.wait_for_end(until)
        if hasattr(self, "_postgres"):
            self._postgres.stop()
        self._publish()
        if hasattr(self, "_book"):
            self._book.close()

    def _note(self, text: str) -> None:
        self._book.write("supervisor", text)

    def _say(self, phase: Phase, detail: str) -> None:
        is_news = (phase, detail) != (self._phase, self._detail) and not detail.startswith("waiting")
        if is_news and hasattr(self, "_book"):
            self._note(detail)
        self._phase, self._detail = phase, detail
        self._publish()

    def _publish(self) -> None:
        process = getattr(getattr(self, "_postgres", None), "process", None)
        is_up = process is not None and process.poll() is None
        database = ProcessStatus(
            "postgres",
            State.READY if is_up else State.STOPPED,
            Running.of(process.pid) if is_up and process is not None else None,
            self._postgres_restarts,
        )
        processes = (database, *(child.status for child in self._children))
        status = StackStatus(Running.of(os.getpid()), self._phase, self._detail, processes)
        status.write(self._layout.status_file)


class _lock:  # noqa: N801 -- used as a function
    """Hold the state folder; raises AlreadyRunningError where another supervisor has it."""

    def __init__(self, layout: Layout) -> None:
        self._file: IO[str] = (layout.state / "supervisor.lock").open("a")

    def __enter__(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise AlreadyRunningError("the stack is already up, or another `songcau up` is starting it") from None

    def __exit__(self, *_: object) -> None:
        self._file.close()


def run_until(supervisor: Supervisor, on_signal: Callable[[Callable[[], None]], None]) -> None:
    """Run a supervisor that a signal ends."""
    on_signal(supervisor.end)
    supervisor.run()
