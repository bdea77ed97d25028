from collections.abc import Iterator

import pytest
from songcau_kit.http_ops import OpsServer
from songcau_kit.http_probe import main, probe


@pytest.fixture
def ops() -> Iterator[OpsServer]:
    server = OpsServer("127.0.0.1:0", {})
    server.start()
    yield server
    server.stop(1)


def test_a_ready_process_passes_the_probe(ops: OpsServer) -> None:
    assert probe(f"http://127.0.0.1:{ops.port}/readyz") == ""
    assert main([f"http://127.0.0.1:{ops.port}/readyz"]) == 0


def test_a_process_that_is_not_ready_fails_it_and_says_why(ops: OpsServer, capsys: pytest.CaptureFixture[str]) -> None:
    ops.announce(ready=False)

    assert main([f"http://127.0.0.1:{ops.port}/readyz"]) == 1
    assert "503" in capsys.readouterr().err


def test_nobody_at_the_address_fails_it(ops: OpsServer) -> None:
    port = ops.port
    ops.stop(1)

    assert "refused" in probe(f"http://127.0.0.1:{port}/readyz")


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_it_takes_one_address(arguments: list[str]) -> None:
    assert main(arguments) == 2


def test_other_schemes_are_refused() -> None:
    assert "http://" in probe("file:///etc/passwd")
