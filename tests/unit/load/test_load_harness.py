"""The measuring itself: figures are computed rightly, the document keeps what others wrote, the client counts."""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load import http_client, report
from load.http_client import AnswerError
from load.identity.people import invent
from load.limits import pgbench, rows
from load.measures import Case, Round, Side, percentile
from songcau_identity.identifiers import parse_personal_number


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_percentile_is_a_value_that_the_share_does_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile([], 0.5)


def test_a_ratio_is_the_median_of_neighbouring_rounds() -> None:
    case = Case("a", 0.5, "ours", "limit")
    for limit, ours in ((1.0, 2.0), (1.0, 4.0), (1.0, 1.0)):
        case.add(Round(limit, [0.1] * 10), Round(ours, [0.2] * 10))
    assert case.ratio == 0.5
    assert case.verdict == "met"
    assert Side.of(case.limit) == Side(10.0, 100.0, 100.0, "10–10")


def test_the_client_sends_every_request_once_and_reads_every_answer(port: int) -> None:
    wanted = [f"/{number}" for number in range(50)]
    requests = [http_client.request("GET", path, {"accept": "*/*"}) for path in wanted]
    bodies = http_client.fetch(port, requests, connections=4)
    assert sorted(body.decode() for body in bodies) == sorted(wanted)
    assert len(http_client.run(port, requests, connections=4).latencies) == 50


def test_an_unexpected_status_ends_the_round(port: int) -> None:
    with pytest.raises(AnswerError, match="404"):
        http_client.run(port, [http_client.request("GET", "/missing", {})], connections=1)


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.sent.append(b"closed")


def test_an_answer_in_pieces_is_one_answer() -> None:
    async def read() -> list[bytes]:
        work = http_client.Work(deque([b"first", b"second"]), 200, keep=True)
        ended, wire = asyncio.get_running_loop().create_future(), Wire()
        connection = http_client.Connection(work, ended)
        connection.connection_made(wire)
        for piece in (b"HTTP/1.1 200 OK\r\nConte", b"nt-Length: 6\r\n\r\nabc", b"def"):
            assert wire.sent == [b"first"]
            connection.data_received(piece)
        connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await ended
        assert wire.sent == [b"first", b"second", b"closed"]
        return work.bodies

    assert asyncio.run(read()) == [b"abcdef", b""]


def test_a_section_replaces_its_last_writing_and_nothing_else(tmp_path) -> None:
    document = tmp_path / "performance.md"
    report.write(report.Section("one", "One", "make one", ["first"]), document)
    report.write(report.Section("two", "Two", "make two", ["other"]), document)
    document.write_text(document.read_text() + "\na note of somebody\n")
    report.write(report.Section("one", "One", "make one", ["second \\1"]), document)
    text = document.read_text()
    assert "first" not in text
    assert [text.count(part) for part in ("second \\1", "other", "a note of somebody", "## One")] == [1, 1, 1, 1]


def test_a_table_says_met_and_missed() -> None:
    case = Case("a", 0.75, "ours", "limit")
    case.add(Round(1.0, [0.1] * 10), Round(1.0, [0.1] * 10))
    assert "| met |" in "\n".join(report.table([case], "per second"))
    case.aim = 1.5
    assert "| missed |" in "\n".join(report.table([case], "per second"))
    case.aim = None
    assert "|  | explains |" in "\n".join(report.table([case], "per second"))


def test_pgbench_and_psycopg_write_the_same_bytes() -> None:
    script = rows.insert_for_pgbench()
    assert rows.EVENT.hex() in script
    assert rows.ANSWER.hex() in script
    same = rows.insert_for_psycopg().replace("%(dossier)s::uuid", "gen_random_uuid()")
    for name, value in (("event", rows.EVENT), ("answer", rows.ANSWER)):
        same = same.replace(f"%({name})s", f"decode('{value.hex()}', 'hex')")
    assert same == script
    assert pgbench.read_log("0 1 1500 0 1 2\n1 1 500 0 1 3\n") == [0.0015, 0.0005]


def test_invented_people_are_the_same_for_a_seed_and_nobody_s_number_twice() -> None:
    people = list(invent(19, 0, 2_000))
    assert people == [*invent(19, 0, 900), *invent(19, 900, 1_100)]
    assert people != list(invent(20, 0, 2_000))
    assert len({person.number for person in people}) == len({person.phone_number for person in people}) == 2_000
    for person in people:
        number = parse_personal_number(person.number)
        assert number.place is None
        assert number.birth_year == int(person.birth_date[:4])
        assert "Thử" in person.full_name
