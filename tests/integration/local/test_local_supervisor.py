"""The supervisor starts, keeps alive, gives up and stops; what is wrong is one sentence."""

import socket
import sys
import threading
import time

import pytest
from songcau_local import supervisor as supervisor_module
from songcau_local.errors import StackError
from songcau_local.layout import PORTS, Layout
from songcau_local.programs import Program
from songcau_local.status import Phase, State, find_status
from songcau_local.supervisor import Supervisor
from support.port_offsets import reserved_offset

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *words): pass
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def layout(tmp_path):
    tmp_path.chmod(0o755)
    with reserved_offset() as offset:
        yield Layout(tmp_path / "stack", offset)


@pytest.fixture
def stack(layout, monkeypatch):
    """A stack of one small web server instead of the services."""

    def programs(*_):
        command = (sys.executable, "-c", SERVER, str(layout.port("gateway")))
        return [Program("web", command, {}, layout.url("gateway"))]

    monkeypatch.setattr(supervisor_module, "early_programs", programs)
    monkeypatch.setattr(supervisor_module, "late_programs", lambda *_: [])
    monkeypatch.setattr(supervisor_module.databases, "prepare", lambda *_: None)
    monkeypatch.setattr("songcau_local.seeding.SEEDED", ())
    return layout


def in_background(supervisor):
    failures = []

    def run():
        try:
            supervisor.run()
        except StackError as error:
            failures.append(str(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, failures


def wait_for(layout, wanted, *, seconds=20.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status = find_status(layout.status_file)
        if status is not None and wanted(status):
            return status
        time.sleep(0.05)
    raise AssertionError(f"never: {find_status(layout.status_file)}")


def web(status):
    return next((item for item in status.processes if item.name == "web"), None)


def test_a_killed_process_is_started_again_and_everything_ends_on_request(stack):
    supervisor = Supervisor(stack)
    thread, failures = in_background(supervisor)
    first = web(wait_for(stack, lambda status: status.phase is Phase.READY))
    first.running.find().kill()
    again = web(wait_for(stack, lambda status: web(status).restarts == 1 and web(status).state is State.READY))
    supervisor.end()
    thread.join(20)

    assert again.running.pid != first.running.pid
    assert again.running.find() is None
    assert failures == []
    assert not thread.is_alive()
    assert "web ended with code -9 and starts again" in (stack.logs / "stack.log").read_text()
    assert "serving" in (stack.logs / "web.log").read_text()


def test_a_second_supervisor_of_the_same_folder_is_refused(stack):
    supervisor = Supervisor(stack)
    thread, _ = in_background(supervisor)
    wait_for(stack, lambda status: status.phase is Phase.READY)
    with pytest.raises(StackError, match="already up"):
        Supervisor(stack).run()
    supervisor.end()
    thread.join(20)


def test_postgres_is_started_again_when_it_dies(stack):
    supervisor = Supervisor(stack)
    thread, _ = in_background(supervisor)
    first = wait_for(stack, lambda status: status.phase is Phase.READY).processes[0]
    first.running.find().kill()
    wait_for(stack, lambda status: status.processes[0].restarts == 1 and status.processes[0].state is State.READY)
    supervisor.end()
    thread.join(20)

    assert not thread.is_alive()


def test_a_program_that_dies_at_start_is_named_with_its_last_words(stack, monkeypatch):
    words = "raise SystemExit('the settings are not usable')"
    program = Program("broken", (sys.executable, "-c", words), {}, stack.url("gateway"))
    monkeypatch.setattr(supervisor_module, "early_programs", lambda *_: [program])
    with pytest.raises(StackError, match="broken ends at start with code 1: the settings are not usable"):
        Supervisor(stack).run()

    assert find_status(stack.status_file).phase is Phase.FAILED


def test_a_taken_port_is_named_with_who_has_it(stack):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", stack.port("gateway")))
        other.listen()
        with pytest.raises(StackError, match=rf"port {stack.port('gateway')} \(gateway\) is taken by .*--port-offset"):
            Supervisor(stack).run()


def test_a_full_disk_is_told_before_anything_starts(stack, monkeypatch):
    monkeypatch.setattr("songcau_local.machine.NEEDED_MIB", 10**9)
    with pytest.raises(StackError, match="MiB are free"):
        Supervisor(stack).run()


def test_a_folder_of_another_version_is_told(layout):
    layout.state.mkdir(parents=True)
    (layout.state / "stack.json").write_text('{"format": 99}')
    with pytest.raises(StackError, match=r"another version of the stack \(format 99.*songcau reset"):
        Layout.open(layout.state)


def test_processes_left_over_by_a_killed_supervisor_are_ended(stack):
    supervisor = Supervisor(stack)
    thread, _ = in_background(supervisor)
    status = wait_for(stack, lambda status: status.phase is Phase.READY)
    supervisor.end()
    thread.join(20)
    # What a supervisor leaves when it is killed: its status, and processes that run.
    import subprocess

    from songcau_local.machine import end_leftovers
    from songcau_local.status import ProcessStatus, Running, StackStatus

    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    item = ProcessStatus("left", State.READY, Running.of(left.pid))
    StackStatus(Running(status.supervisor.pid, 0.0), Phase.READY, processes=(item,)).write(stack.status_file)

    assert end_leftovers(stack) == 1
    assert left.wait(5) is not None


def test_every_door_has_its_own_port():
    assert len(set(PORTS.values())) == len(PORTS)
