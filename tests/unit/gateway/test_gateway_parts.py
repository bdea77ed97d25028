"""The small parts of the gateway on their own: languages, traces, buckets, pointers, uploads, plain values."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau.eservices.v1 import dossier_pb2, dossier_service_pb2
from songcau_gateway.clients.citizens import flat_citizen
from songcau_gateway.clients.codec import build, enum_prefix, to_plain
from songcau_gateway.errors import REASONS, http_status
from songcau_gateway.exchange import choose_language, continue_trace
from songcau_gateway.problem_handlers import pointer_of, violations_of
from songcau_gateway.rates import TokenBuckets
from songcau_gateway.settings import Settings
from songcau_gateway.uploads import Upload
from songcau_kit import errors as kit


@given(st.text(max_size=200))
def test_any_language_header_gives_one_of_two_languages(header: str) -> None:
    assert choose_language(header) in ("vi", "en")


@pytest.mark.parametrize("header", ["", "junk", f"00-{'0' * 32}-b7ad6b7169203331-01", "01-a-b-c"])
def test_a_trace_that_is_none_begins_a_new_one(header: str) -> None:
    first, second = continue_trace(header), continue_trace(header)
    assert len(first) == 55
    assert first.split("-")[1] != second.split("-")[1]


def test_a_bucket_fills_evenly() -> None:
    now = [0.0]
    buckets = TokenBuckets("person", "60/minute", lambda: now[0])
    assert all(buckets.take("a").allowed for _ in range(60))
    refused = buckets.take("a")
    assert (refused.allowed, refused.wait_seconds) == (False, 1)
    now[0] = 1.0
    assert buckets.take("a").allowed
    assert not buckets.take("a").allowed
    assert buckets.take("b").remaining == 59


def test_a_pointer_is_escaped() -> None:
    assert pointer_of(("body", "a/b", 0, "c~d")) == "/a~1b/0/c~0d"
    assert pointer_of(("query", "limit")) == "#query/limit"


def test_a_violation_never_repeats_what_was_sent() -> None:
    fault = {"type": "string_too_long", "loc": ("body", "name"), "msg": "too long", "input": "Nguyễn Thị Bí Mật"}
    assert "Bí Mật" not in repr(violations_of([fault]))


def test_every_reason_of_the_gateway_and_the_kit_has_a_status() -> None:
    assert {http_status(reason) for reason in [*REASONS, *kit.REASONS]} <= {
        400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 428, 429, 431, 500, 503, 504,
    }  # fmt: skip


def test_an_outside_failure_is_never_a_500() -> None:
    assert http_status(kit.UNAVAILABLE, upstream=True) == 502
    assert http_status(kit.DEADLINE_EXCEEDED, upstream=True) == 504
    assert http_status(kit.INTERNAL, upstream=True) == 502


def test_plain_values_lose_prefixes_and_absent_things_are_none() -> None:
    dossier = dossier_pb2.Dossier(id="x", status=dossier_pb2.DossierStatus(state=1, next_actions=[3]))
    plain = to_plain(dossier)
    assert plain["status"]["state"] == "DRAFT"
    assert plain["status"]["finance"] is None
    assert plain["status"]["next_actions"] == ["SUBMIT"]
    assert plain["deadline"] is None


def test_a_message_is_built_out_of_plain_values() -> None:
    request = build(
        dossier_service_pb2.CreateDossierRequest(), {"channel": "POSTAL", "answers": {"a": [1, {"b": None}]}}
    )
    assert request.channel == 3
    assert to_plain(request)["answers"] == {"a": [1.0, {"b": None}]}
    assert enum_prefix(dossier_pb2.DossierState.DESCRIPTOR) == "DOSSIER_STATE_"


def test_a_number_newer_than_this_build_is_unknown() -> None:
    assert to_plain(dossier_pb2.DossierStatus(state=99))["state"] == "UNKNOWN"  # type: ignore[arg-type]


class Request:
    """A request whose body arrives in given pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.headers = {"content-type": "multipart/form-data; boundary=b0"}
        self._pieces = pieces

    async def stream(self) -> Any:
        for piece in self._pieces:
            yield piece
        yield b""


@given(st.binary(max_size=400), st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_a_file_arrives_whole_however_it_is_cut(content: bytes, sizes: list[int]) -> None:
    head = '--b0\r\ncontent-disposition: form-data; name="component_key"\r\n\r\ngiấy\r\n'.encode()
    head += '--b0\r\ncontent-disposition: form-data; name="file"; filename="Đơn.pdf"\r\n\r\n'.encode()
    body = head + content.replace(b"\r\n--b0", b"") + b"\r\n--b0--\r\n"
    pieces, at = [], 0
    while at < len(body):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(body[at : at + size])
        at += size

    async def read() -> tuple[Upload, bytes]:
        upload = Upload(Request(pieces), frozenset({"component_key"}))  # type: ignore[arg-type]
        await upload.open()
        return upload, b"".join([piece async for piece in upload.pieces()])

    upload, found = asyncio.run(read())
    assert found == content.replace(b"\r\n--b0", b"")
    assert (upload.file_name, upload.fields) == ("Đơn.pdf", {"component_key": "giấy"})


def test_settings_refuse_development_addresses_elsewhere() -> None:
    with pytest.raises(ValueError, match="GATEWAY_TOKEN_ISSUER must start with https"):
        Settings(environment="production")


@pytest.mark.parametrize("wrong", [{"rate_per_person": "often"}, {"trusted_proxies": "everybody"}])
def test_settings_refuse_what_they_cannot_mean(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("stated", "shown"), [("0", 0), ("1", 1), ("2", 2), (None, None), ("UNKNOWN", None)])
def test_a_level_of_identity_that_is_not_known_is_shown_as_none_of_those_known(stated, shown):
    assert flat_citizen({"citizen_id": "c", "identity_level": stated})["identity_level"] == shown
