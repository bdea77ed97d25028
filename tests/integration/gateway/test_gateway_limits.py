"""What the gateway bounds: rates, bodies, headers, time; and what every answer carries."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
from songcau.eservices.v1 import attachment_service_pb2
from songcau.eservices.v1 import result_service_pb2 as pb

ID = "019ab6c2-7c1e-7000-8000-000000000001"
KEY = {"idempotency-key": "k-1"}
FILE = "/v1/dossiers/" + ID + "/attachments"


def raw(url: str, request: bytes, wait: float = 5.0) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
            if b"\r\n\r\n" in answer and b"}" in answer:
                break
    return answer


def test_a_person_who_asks_too_often_waits(run_gateway: Callable[..., Any], issuer: Any) -> None:
    gateway = run_gateway(rate_per_person="3/minute")
    own = {"authorization": f"Bearer {issuer.token(sub='busy')}"}
    other = {"authorization": f"Bearer {issuer.token(sub='calm')}"}
    with httpx.Client(base_url=gateway.url) as client:
        answers = [client.get("/v1/me", headers=own) for _ in range(4)]
        calm = client.get("/v1/me", headers=other)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "RATE_LIMITED"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert answers[0].headers["ratelimit"].startswith('"person";r=2;t=0')
    assert answers[3].headers["ratelimit-policy"].startswith('"person";q=3;w=60')
    assert calm.status_code == 200


def test_one_application_cannot_take_everything(run_gateway: Callable[..., Any], issuer: Any) -> None:
    gateway = run_gateway(rate_per_client="2/minute")
    statuses = [
        httpx.get(f"{gateway.url}/v1/me", headers={"authorization": f"Bearer {issuer.token(sub=f'p{number}')}"})
        for number in range(3)
    ]
    assert [answer.status_code for answer in statuses] == [200, 200, 429]


def test_guessing_tokens_is_counted_by_address(run_gateway: Callable[..., Any]) -> None:
    gateway = run_gateway(rate_per_address="2/minute")
    headers = {"authorization": "Bearer x.y.z"}
    statuses = [httpx.get(f"{gateway.url}/v1/me", headers=headers).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


def test_a_good_token_at_the_wrong_route_is_counted_by_person(run_gateway: Callable[..., Any], issuer: Any) -> None:
    gateway = run_gateway(rate_per_person="2/minute")
    headers = {"authorization": f"Bearer {issuer.token(sub='curious', roles=['citizen'], scope='dossier:read')}"}
    statuses = [httpx.post(f"{gateway.url}/v1/citizens/search", headers=headers).status_code for _ in range(3)]
    assert statuses == [403, 403, 429]


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(run_gateway: Callable[..., Any]) -> None:
    for proxies, expected in (("", [200, 429]), ("127.0.0.1", [200, 200])):
        gateway = run_gateway(rate_per_address="1/minute", trusted_proxies=proxies)
        found = [
            httpx.get(f"{gateway.url}/v1/units", headers={"x-forwarded-for": f"10.0.0.{number}"}).status_code
            for number in range(2)
        ]
        assert found == expected


def test_a_broken_limiter_is_open_or_closed_as_declared(run_gateway: Callable[..., Any], monkeypatch: Any) -> None:
    for declared, expected in (("open", 200), ("closed", 503)):
        gateway = run_gateway(rate_failure=declared)
        monkeypatch.setattr("songcau_gateway.rates.TokenBuckets.take", lambda self, key: 1 / 0)
        assert httpx.get(f"{gateway.url}/v1/units").status_code == expected


def test_a_body_over_the_limit_is_refused_announced_or_not(person: httpx.Client) -> None:
    def pieces() -> Any:
        for _ in range(40):
            yield b" " * 10_000

    headers = {**KEY, "content-type": "application/json"}
    announced = person.post("/v1/dossiers", content=b" " * 400_000, headers=headers)
    streamed = person.post("/v1/dossiers", content=pieces(), headers=headers)
    assert [answer.status_code for answer in (announced, streamed)] == [413, 413]
    assert announced.json()["code"] == streamed.json()["code"] == "PAYLOAD_TOO_LARGE"


def test_long_and_many_headers_are_431(anybody: httpx.Client) -> None:
    assert anybody.get("/healthz", headers={"x-long": "x" * 20_000}).json()["code"] == "HEADERS_TOO_LARGE"
    assert anybody.get("/healthz", headers={f"x-{number}": "1" for number in range(80)}).status_code == 431


def test_headers_that_never_end_are_cut_off(gateway: Any) -> None:
    answer = raw(gateway.url, b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + b"x-a: " + b"x" * 300_000 + b"\r\n\r\n")
    assert b" 200 " not in answer.split(b"\r\n")[0]


def test_a_body_that_stops_arriving_is_408(run_gateway: Callable[..., Any], issuer: Any) -> None:
    gateway = run_gateway(body_timeout_seconds=0.2)
    request = (
        f"POST /v1/dossiers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {issuer.token()}\r\nidempotency-key: k\r\n"
        "content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    )
    answer = raw(gateway.url, request.encode())
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answer


def test_a_service_that_takes_too_long_is_504(run_gateway: Callable[..., Any], issuer: Any, services: Any) -> None:
    gateway = run_gateway(request_timeout_seconds=0.3)
    services.on("GetOwnProfile", lambda request, context: time.sleep(1))
    answer = httpx.get(f"{gateway.url}/v1/me", headers={"authorization": f"Bearer {issuer.token()}"})
    assert (answer.status_code, answer.json()["code"]) == (504, "DEADLINE_EXCEEDED")


def test_a_file_goes_on_in_pieces_with_its_name_and_component(person: httpx.Client, services: Any) -> None:
    content = bytes(range(256)) * 4000
    files = {"component_key": (None, "giay"), "file": ("Giấy chứng sinh.pdf", content, "application/pdf")}
    answer = person.post(FILE, files=files, headers=KEY)
    messages, _ = services.last("AttachFile")
    assert answer.status_code == 201
    header = messages[0].header
    assert (header.component_key, header.file_name, header.request_id) == ("giay", "Giấy chứng sinh.pdf", "k-1")
    assert b"".join(message.chunk for message in messages[1:]) == content
    assert max(len(message.chunk) for message in messages[1:]) <= 256 * 1024


def test_a_file_over_the_limit_is_refused_while_it_streams(run_gateway: Callable[..., Any], issuer: Any) -> None:
    gateway = run_gateway(max_upload_bytes=50_000)

    def body() -> Any:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
        for _ in range(30):
            yield b"x" * 5_000
        yield b"\r\n--b--\r\n"

    headers = {
        **KEY,
        "authorization": f"Bearer {issuer.token()}",
        "content-type": "multipart/form-data; boundary=b",
    }
    answer = httpx.post(f"{gateway.url}{FILE}", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_an_upload_that_is_not_as_documented_is_named(person: httpx.Client) -> None:
    wrong = person.post(FILE, files={"file": b"x", "component_key": (None, "late")}, headers=KEY)
    missing = person.post(FILE, files={"component_key": (None, "a")}, headers=KEY)
    strange = person.post(FILE, files={"other": (None, "a"), "file": b"x"}, headers=KEY)
    assert [answer.json()["code"] for answer in (wrong, missing, strange)] == ["UPLOAD_INVALID"] * 3


def test_a_file_comes_back_as_an_attachment_nobody_sniffs(person: httpx.Client, services: Any) -> None:
    answer = person.get(f"{FILE}/{ID}")
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7 something")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_removed_file_answers_204_with_the_new_version(person: httpx.Client, services: Any) -> None:
    services.on(
        "RemoveAttachment",
        lambda request, context: attachment_service_pb2.RemoveAttachmentResponse(dossier_version=7),
    )
    answer = person.delete(f"{FILE}/{ID}", headers={**KEY, "if-match": '"v6"'})
    assert (answer.status_code, answer.headers["etag"]) == (204, '"v7"')


def test_every_answer_carries_the_security_headers(anybody: httpx.Client, person: httpx.Client) -> None:
    for answer in (anybody.get("/v1/nowhere"), person.get("/v1/me"), anybody.get("/docs")):
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert person.get("/v1/me").headers["cache-control"] == "no-store"


def test_other_origins_are_let_in_by_setting_only(run_gateway: Callable[..., Any], gateway: Any) -> None:
    asked = {"origin": "https://app.example", "access-control-request-method": "GET"}
    assert "access-control-allow-origin" not in httpx.options(f"{gateway.url}/v1/units", headers=asked).headers
    open_to = run_gateway(cors_origins="https://app.example")
    answer = httpx.options(f"{open_to.url}/v1/units", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    problem = httpx.get(f"{open_to.url}/v1/nowhere", headers=asked)
    assert problem.headers["access-control-allow-origin"] == "https://app.example"


def test_operators_see_life_readiness_and_measurements(anybody: httpx.Client, gateway: Any) -> None:
    assert anybody.get("/healthz").json() == {"status": "alive"}
    ready = anybody.get("/readyz")
    assert ready.json() == {
        "status": "ready",
        "services": {"identity": True, "eservices": True, "telehealth": True, "audit": True},
    }
    assert "songcau_gateway_requests_total" in anybody.get("/metrics").text
    gateway.app.state.draining = True
    try:
        assert anybody.get("/readyz").status_code == 503
    finally:
        gateway.app.state.draining = False


def test_the_pages_need_nothing_from_outside(anybody: httpx.Client) -> None:
    for path in ("/docs", "/verify/7K3M-9QXT-2HVB-W4PC", "/verify/summaries/7K3M-9QXT-2HVB-W4PC"):
        page = anybody.get(path)
        assert page.status_code == 200
        assert 'lang="vi"' in page.text
        assert "<script" not in page.text
        assert "src=" not in page.text
        assert "@import" not in page.text


def verdict_on(kind: pb.PaperKind) -> pb.VerifyResultResponse:
    return pb.VerifyResultResponse(verdict=pb.RESULT_VERDICT_VALID, code="7K3M-9QXT", kind=kind)


def test_a_receipt_is_not_shown_as_a_result(anybody: httpx.Client, services: Any) -> None:
    services.on("VerifyResult", lambda request, context: verdict_on(pb.PAPER_KIND_RECEIPT))
    page = anybody.get("/verify/7K3M-9QXT").text
    assert "Giấy tiếp nhận hợp lệ" in page
    assert "không phải kết quả" in page
    assert "Kết quả hợp lệ" not in page
    assert anybody.get("/v1/results/7K3M-9QXT").json()["kind"] == "RECEIPT"


def test_a_result_is_shown_as_a_page_to_a_browser_and_its_file_can_be_checked(
    anybody: httpx.Client, services: Any
) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    services.on("VerifyResult", lambda request, context: verdict_on(pb.PAPER_KIND_RESULT))
    assert "Kết quả hợp lệ" in anybody.get("/v1/results/7K3M-9QXT", headers=browser).text
    assert anybody.get("/v1/results/7K3M-9QXT").json()["verdict"] == "VALID"
    checked = anybody.post("/verify/7K3M-9QXT", files={"file": ("r.pdf", b"%PDF", "application/pdf")})
    assert checked.status_code == 200
    assert services.last("VerifyResult")[0].pdf == b"%PDF"
