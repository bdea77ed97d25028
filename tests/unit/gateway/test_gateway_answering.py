"""How a gated route reads its arguments and how an answer leaves: what the framework is not asked for any more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from pydantic import BaseModel
from songcau_gateway.arguments import Arguments, ArgumentsError
from songcau_gateway.serving import JoinedWrites


class Wish(BaseModel):
    """A body."""

    amount: int


async def _asked(request: Request) -> str:
    return request.method


def arguments_of(handler: Any) -> Arguments:
    app = FastAPI()
    app.router.add_api_route("/things/{number}", handler, methods=["POST"], response_model=None)
    return Arguments.of(app.router.routes[-1].dependant)  # type: ignore[attr-defined]


def read(handler: Any, *, body: bytes = b"", number: str = "7", query: bytes = b"") -> Mapping[str, Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/things/{number}",
        "query_string": query,
        "headers": [],
        "path_params": {"number": number},
    }
    return asyncio.run(arguments_of(handler).read(Request(scope, receive)))


async def take_everything(
    number: int, wish: Wish, request: Request, asked: Annotated[str, Depends(_asked)], limit: int = 5
) -> None:
    """Take one of each."""


def test_a_handler_gets_path_query_body_request_and_what_its_dependencies_give() -> None:
    found = read(take_everything, body=b'{"amount": 3}', query=b"limit=9")
    request = found["request"]
    assert isinstance(request, Request)
    assert found == {"number": 7, "wish": Wish(amount=3), "request": request, "asked": "POST", "limit": 9}


@pytest.mark.parametrize(
    ("given", "place", "kind"),
    [
        ({"body": b'{"amount": "x"}'}, ("body", "amount"), "int_parsing"),
        ({"body": b""}, ("body",), "missing"),
        ({"body": b'{"amount": 3}', "number": "x"}, ("path", "number"), "int_parsing"),
        ({"body": b'{"amount": 3}', "query": b"limit=x"}, ("query", "limit"), "int_parsing"),
        ({"body": b'{"amount": '}, ("body", 11), "json_invalid"),
    ],
)
def test_a_fault_names_its_place_and_kind(given: dict[str, Any], place: tuple[Any, ...], kind: str) -> None:
    with pytest.raises(RequestValidationError) as refused:
        read(take_everything, **given)
    assert [(fault["loc"], fault["type"]) for fault in refused.value.errors()] == [(place, kind)]


@pytest.mark.parametrize("body", [b'"\xff"', b"[" * 200_000])
def test_a_body_that_cannot_be_read_is_400(body: bytes) -> None:
    with pytest.raises(HTTPException) as refused:
        read(take_everything, body=body)
    assert refused.value.status_code == 400


def test_a_handler_that_takes_anything_else_is_refused_when_the_application_is_built() -> None:
    async def take_header(number: int, agent: Annotated[str, Header()]) -> None:
        """Take a header, which is a gate's to read."""

    with pytest.raises(ArgumentsError, match="header_params"):
        arguments_of(take_header)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.is_closed = True


def test_what_is_written_in_one_turn_leaves_at_once_and_in_order() -> None:
    wire = Wire()

    async def answer() -> None:
        joined = JoinedWrites(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        joined.write(b"head ")
        joined.write(b"body")
        await asyncio.sleep(0)
        joined.write(b"more")
        await asyncio.sleep(0)

    asyncio.run(answer())
    assert wire.written == [b"head body", b"more"]


def test_what_waits_is_sent_before_the_connection_closes() -> None:
    wire = Wire()

    async def answer() -> None:
        joined = JoinedWrites(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        joined.write(b"last words")
        joined.close()
        assert (wire.written, wire.is_closed) == ([b"last words"], True)
        await asyncio.sleep(0)

    asyncio.run(answer())
    assert wire.written == [b"last words"]
