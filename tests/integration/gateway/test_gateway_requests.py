"""A request's way through the gateway: ids, languages, keys, versions, and who is told what when it goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from songcau.eservices.v1 import dossier_pb2, dossier_service_pb2, payment_service_pb2
from songcau_kit import errors
from songcau_kit.errors import UNAVAILABLE, DomainError, Reason, Status, Violation

ID = "019ab6c2-7c1e-7000-8000-000000000001"
KEY = {"idempotency-key": "k-1"}
MOVE = {**KEY, "if-match": '"v3"'}
NEW = {"procedure_code": "1.001193", "receiving_agency_code": "H55.242"}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_request_without_a_token_gets_a_bare_challenge(anybody: httpx.Client) -> None:
    answer = anybody.get("/v1/me")
    assert code_of(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == 'Bearer realm="songcau"'


def test_a_foreign_token_is_invalid_and_says_so(anybody: httpx.Client) -> None:
    answer = anybody.get("/v1/me", headers={"authorization": "Bearer a.b.c"})
    assert code_of(answer) == (401, "TOKEN_INVALID")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


STEP_UP = 'error="insufficient_user_authentication", acr_values="aal2", max_age="600"'


@pytest.mark.parametrize("claims", [{"acr": "aal1"}, {"acr": None}, {"auth_time": 1_000_000_000}, {"auth_time": None}])
def test_a_dangerous_act_is_told_which_sign_in_it_needs(anybody: httpx.Client, issuer: Any, claims: Any) -> None:
    headers = {**MOVE, "x-access-purpose": "INSPECTION", "authorization": f"Bearer {issuer.token(**claims)}"}
    answer = anybody.post(f"/v1/citizens/{ID}/block", headers=headers)
    assert code_of(answer) == (401, "AUTHENTICATION_INSUFFICIENT")
    assert STEP_UP in answer.headers["www-authenticate"]
    assert "xác thực lại" in answer.json()["detail"]


def test_a_service_that_asks_for_a_stronger_sign_in_is_passed_on(person: httpx.Client, services: Any) -> None:
    details = {"acr_values": "aal2", "max_age": "600"}
    services.fail("BlockCitizen", DomainError(errors.AUTHENTICATION_INSUFFICIENT, details=details))
    answer = person.post(f"/v1/citizens/{ID}/block", headers={**MOVE, "x-access-purpose": "INSPECTION"})
    assert code_of(answer) == (401, "AUTHENTICATION_INSUFFICIENT")
    assert answer.json()["source"] == "service"
    assert STEP_UP in answer.headers["www-authenticate"]


def test_a_merge_reaches_the_service_whole(person: httpx.Client, services: Any) -> None:
    evidence = {"kind": "POLICE_NOTICE", "document_number": "12/TB", "issuer": "Công an xã", "issued_on": "2026-10-01"}
    body = {"merged_citizen_id": ID, "merged_version": 4, "evidence": evidence}
    answer = person.post(f"/v1/citizens/{ID}/merge", headers={**MOVE, "x-access-purpose": "INSPECTION"}, json=body)
    assert answer.status_code == 200
    assert answer.json()["survivor"]["id"] == ID
    request, metadata = services.last("MergeCitizens")
    assert (request.expected_surviving_version, request.expected_merged_version) == (3, 4)
    assert (request.evidence.kind, request.evidence.issued_on) == (3, "2026-10-01")
    assert metadata["songcau-purpose"] == "INSPECTION"


def test_an_expired_token_is_named_as_expired(anybody: httpx.Client, issuer: Any) -> None:
    answer = anybody.get("/v1/me", headers={"authorization": f"Bearer {issuer.token(exp=1_000_000_000)}"})
    assert code_of(answer) == (401, "TOKEN_EXPIRED")


def test_a_token_without_the_scope_is_told_the_scope(anybody: httpx.Client, issuer: Any) -> None:
    answer = anybody.get("/v1/me", headers={"authorization": f"Bearer {issuer.token(scope='dossier:read')}"})
    assert code_of(answer) == (403, "SCOPE_MISSING")
    assert 'error="insufficient_scope", scope="identity:read"' in answer.headers["www-authenticate"]


def test_a_role_that_may_not_is_refused(anybody: httpx.Client, issuer: Any) -> None:
    answer = anybody.get("/v1/me", headers={"authorization": f"Bearer {issuer.token(roles=['officer'])}"})
    assert code_of(answer) == (403, "ROLE_MISSING")


@pytest.mark.parametrize(
    ("path", "rpc", "cause"),
    [
        ("/v1/dossiers/{id}", "GetDossier", "SCOPE_MISSING"),
        ("/v1/payments/{id}", "GetPayment", "SCOPE_MISSING"),
        ("/v1/consultations/{id}", "GetConsultation", "ROLE_MISSING"),
    ],
)
def test_who_is_refused_a_persons_object_is_told_to_the_service_that_knows_whose_it_is(
    anybody: httpx.Client, issuer: Any, services: Any, path: str, rpc: str, cause: str
) -> None:
    object_id = str(uuid4())
    token = issuer.token(roles=["data-officer"], scope="consultation:read")
    answer = anybody.get(path.format(id=object_id), headers={"authorization": f"Bearer {token}"})
    assert code_of(answer) == (403, cause)
    told, metadata = services.last("RecordRefusal")
    assert (told.rpc, told.object_id) == (rpc, object_id)
    assert told.DESCRIPTOR.fields_by_name["cause"].enum_type.values_by_number[told.cause].name.endswith(cause)
    assert metadata["authorization"] == f"Bearer {token}"


def test_a_refusal_that_nobody_could_enter_is_not_answered(anybody: httpx.Client, issuer: Any, services: Any) -> None:
    services.fail("RecordRefusal", DomainError(UNAVAILABLE))
    headers = {"authorization": f"Bearer {issuer.token(scope='identity:read')}"}
    assert anybody.get(f"/v1/dossiers/{uuid4()}", headers=headers).status_code == 503


def test_the_token_is_checked_before_the_body_is_read(anybody: httpx.Client) -> None:
    assert code_of(anybody.post("/v1/dossiers", content=b"{")) == (401, "UNAUTHENTICATED")


def test_a_refusal_of_a_service_keeps_its_reason_details_and_places(person: httpx.Client, services: Any) -> None:
    reason = Reason("DOSSIER_STATE_CONFLICT", Status.ABORTED, "eservices.songcau", "")
    error = DomainError(reason, violations=[Violation("/x", "WRONG", "so")], details={"state": "DRAFT", "allowed": "S"})
    services.fail("AcceptDossier", error)
    answer = person.post(f"/v1/dossiers/{ID}/accept", headers=MOVE)
    problem = answer.json()
    assert code_of(answer) == (409, "DOSSIER_STATE_CONFLICT")
    assert problem["type"] == "urn:songcau:error:eservices:DOSSIER_STATE_CONFLICT"
    assert problem["source"] == "service"
    assert problem["details"]["state"] == "DRAFT"
    assert problem["errors"] == [{"pointer": "/x", "code": "WRONG", "detail": "so"}]


def test_an_officer_without_look_ups_left_is_told_when_to_come_back(person: httpx.Client, services: Any) -> None:
    reason = Reason("LOOK_UP_LIMIT_REACHED", Status.RESOURCE_EXHAUSTED, "identity.songcau", "")
    services.fail("LookUpCitizen", DomainError(reason, details={"per": "MINUTE", "limit": "30", "retry_after": "41"}))
    headers = {"x-access-purpose": "INSPECTION", "accept-language": "en"}
    answer = person.post("/v1/citizens/search", json={"number": "019185000001"}, headers=headers)
    assert code_of(answer) == (429, "LOOK_UP_LIMIT_REACHED")
    assert answer.headers["retry-after"] == "41"
    assert answer.json()["detail"].endswith("Try again in 41 seconds.")
    assert "019185000001" not in answer.text


@pytest.mark.parametrize(("header", "language"), [("", "vi"), ("en-GB,vi;q=0.5", "en"), ("fr, en;q=0.1", "en")])
def test_texts_follow_the_language_and_codes_do_not(anybody: httpx.Client, header: str, language: str) -> None:
    answer = anybody.get("/v1/nowhere", headers={"accept-language": header} if header else {"accept-language": "*"})
    assert code_of(answer) == (404, "ROUTE_NOT_FOUND")
    assert answer.headers["content-language"] == language
    assert answer.json()["title"] == {"vi": "Không có địa chỉ này", "en": "No such address"}[language]


def test_an_unknown_reason_leaves_as_a_500_that_says_nothing(person: httpx.Client, services: Any) -> None:
    services.fail("GetOwnProfile", DomainError(Reason("NEW_SECRET", Status.ABORTED, "identity.songcau", "")))
    answer = person.get("/v1/me")
    assert code_of(answer) == (500, "INTERNAL")
    assert "NEW_SECRET" not in answer.text


def test_a_fault_of_a_service_says_nothing_either(person: httpx.Client, services: Any) -> None:
    services.fail("GetOwnProfile", DomainError(errors.INTERNAL))
    assert code_of(person.get("/v1/me")) == (500, "INTERNAL")


def test_an_outside_systems_failure_is_502_from_upstream(person: httpx.Client, services: Any) -> None:
    services.fail("GetOwnProfile", DomainError(errors.UNAVAILABLE, details={"source": "upstream"}))
    answer = person.get("/v1/me")
    assert (answer.status_code, answer.json()["source"]) == (502, "upstream")


def test_a_service_that_is_down_is_503(run_gateway: Callable[..., Any], issuer: Any) -> None:
    gateway = run_gateway(identity_address="127.0.0.1:1")
    answer = httpx.get(f"{gateway.url}/v1/me", headers={"authorization": f"Bearer {issuer.token()}"})
    assert code_of(answer) == (503, "UNAVAILABLE")


def test_ids_are_echoed_and_forwarded(person: httpx.Client, services: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = person.get("/v1/me", headers={"x-request-id": "my-id", "traceparent": trace})
    _, metadata = services.last("GetOwnProfile")
    assert answer.headers["x-request-id"] == metadata["songcau-correlation-id"] == "my-id"
    assert answer.headers["traceparent"] == metadata["traceparent"]
    assert answer.headers["traceparent"].split("-")[1] == trace.split("-")[1]
    assert metadata["authorization"].startswith("Bearer ")


def test_a_request_id_nobody_would_choose_is_replaced(anybody: httpx.Client) -> None:
    answer = anybody.get("/healthz", headers={"x-request-id": "a b\t<script>"})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


def test_officers_name_a_purpose_that_reaches_the_service(anybody: httpx.Client, issuer: Any, services: Any) -> None:
    officer = {"authorization": f"Bearer {issuer.token(roles=['officer'])}"}
    assert code_of(anybody.get(f"/v1/dossiers/{ID}", headers=officer)) == (400, "PURPOSE_REQUIRED")
    wrong = anybody.get(f"/v1/dossiers/{ID}", headers={**officer, "x-access-purpose": "CURIOSITY"})
    assert code_of(wrong) == (400, "PURPOSE_UNKNOWN")
    right = anybody.get(f"/v1/dossiers/{ID}", headers={**officer, "x-access-purpose": "DOSSIER_PROCESSING"})
    assert right.status_code == 200
    assert services.last("GetDossier")[1]["songcau-purpose"] == "DOSSIER_PROCESSING"


def test_citizens_need_no_purpose(anybody: httpx.Client, issuer: Any, services: Any) -> None:
    citizen = {"authorization": f"Bearer {issuer.token(roles=['citizen'])}"}
    assert anybody.get(f"/v1/dossiers/{ID}", headers=citizen).status_code == 200


@pytest.mark.parametrize("key", ["", "has space", "x" * 256, "ký"])
def test_an_idempotency_key_has_one_form(person: httpx.Client, key: str) -> None:
    answer = person.post("/v1/dossiers", json=NEW, headers={"idempotency-key": key.encode()})  # type: ignore[dict-item]
    assert code_of(answer) == (400, "IDEMPOTENCY_KEY_INVALID")


def test_a_missing_idempotency_key_is_400(person: httpx.Client) -> None:
    assert code_of(person.post("/v1/dossiers", json=NEW)) == (400, "IDEMPOTENCY_KEY_MISSING")


@pytest.mark.parametrize(
    ("reason", "status"), [(errors.IDEMPOTENCY_KEY_REUSED, 422), (errors.IDEMPOTENCY_KEY_IN_PROGRESS, 409)]
)
def test_the_register_of_the_service_decides(person: httpx.Client, services: Any, reason: Any, status: int) -> None:
    services.fail("CreateDossier", DomainError(reason))
    assert code_of(person.post("/v1/dossiers", json=NEW, headers=KEY)) == (status, reason.code)


def test_a_stored_answer_is_marked_and_keeps_its_status(person: httpx.Client, services: Any) -> None:
    def stored(request: Any, context: Any) -> Any:
        context.set_trailing_metadata((("songcau-replayed", "true"),))
        return dossier_service_pb2.CreateDossierResponse(
            dossier=dossier_pb2.Dossier(
                id=ID, citizen_id=ID, version=1, status=dossier_pb2.DossierStatus(state=1), agencies={}
            )
        )

    services.on("CreateDossier", stored)
    answer = person.post("/v1/dossiers", json=NEW, headers=KEY)
    assert (answer.status_code, answer.headers["idempotent-replayed"]) == (201, "true")
    assert answer.headers["location"] == f"/v1/dossiers/{ID}"
    assert services.last("CreateDossier")[0].request_id == "k-1"


def test_moves_demand_if_match(person: httpx.Client) -> None:
    assert code_of(person.post(f"/v1/dossiers/{ID}/submit", headers=KEY)) == (428, "VERSION_REQUIRED")
    weak = person.post(f"/v1/dossiers/{ID}/submit", headers={**KEY, "if-match": 'W/"v3"'})
    assert code_of(weak) == (400, "IF_MATCH_INVALID")


def test_a_stale_version_is_412_with_the_fresh_state(person: httpx.Client, services: Any) -> None:
    services.fail("SubmitDossier", DomainError(errors.VERSION_CONFLICT, details={"current_version": "3"}))
    answer = person.post(f"/v1/dossiers/{ID}/submit", headers={**KEY, "if-match": '"v2"'})
    assert code_of(answer) == (412, "VERSION_CONFLICT")
    assert answer.headers["etag"] == '"v3"'
    assert answer.json()["current"]["version"] == 3
    assert services.last("SubmitDossier")[0].expected_version == 2


def test_a_known_version_is_304(person: httpx.Client) -> None:
    first = person.get(f"/v1/dossiers/{ID}")
    again = person.get(f"/v1/dossiers/{ID}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_query_parameter_is_400_with_its_place(anybody: httpx.Client) -> None:
    answer = anybody.get("/v1/procedures", params={"q": "x", "total": "1"})
    assert code_of(answer) == (400, "QUERY_PARAMETER_UNKNOWN")
    assert answer.json()["errors"][0]["pointer"] == "#query/total"


@pytest.mark.parametrize("limit", ["0", "201", "many"])
def test_a_page_has_1_to_200_entries(anybody: httpx.Client, limit: str) -> None:
    assert code_of(anybody.get("/v1/units", params={"limit": limit})) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({**NEW, "citizen_number": "1"}, "/citizen_number", "UNKNOWN_FIELD"),
        ({"procedure_code": "1.001193"}, "/receiving_agency_code", "REQUIRED"),
        ({**NEW, "answers": {"a": "\x00"}}, "/answers", "VALUE_ERROR"),
        ({**NEW, "answers": {"a": 2**80}}, "/answers", "VALUE_ERROR"),
    ],
)
def test_a_wrong_field_is_named(person: httpx.Client, body: Any, pointer: str, code: str) -> None:
    answer = person.post("/v1/dossiers", json=body, headers=KEY)
    assert code_of(answer) == (400, "INVALID_REQUEST")
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (pointer, code)


def test_a_lone_surrogate_is_no_text(person: httpx.Client) -> None:
    body = b'{"procedure_code":"1.001193","receiving_agency_code":"H55.242","answers":{"a":"\\ud800"}}'
    answer = person.post("/v1/dossiers", content=body, headers={**KEY, "content-type": "application/json"})
    assert code_of(answer) == (400, "INVALID_REQUEST")


def test_broken_json_another_type_and_another_method_have_their_own_answers(person: httpx.Client) -> None:
    json_type = {**KEY, "content-type": "application/json"}
    assert code_of(person.post("/v1/dossiers", content=b"{", headers=json_type)) == (400, "INVALID_REQUEST")
    xml = person.post("/v1/dossiers", content=b"<x/>", headers={**KEY, "content-type": "text/xml"})
    assert code_of(xml) == (415, "UNSUPPORTED_MEDIA_TYPE")
    put = person.put("/v1/units", json={})
    assert code_of(put) == (405, "METHOD_NOT_ALLOWED")
    assert put.headers["allow"] == "GET"


def test_a_providers_report_goes_on_byte_for_byte(anybody: httpx.Client, services: Any) -> None:
    services.on(
        "RecordPaymentNotification",
        lambda request, context: payment_service_pb2.RecordPaymentNotificationResponse(outcome=1, payment_id=ID),
    )
    body = b'{ "type":  "payment.succeeded" }'
    headers = {"webhook-id": "m1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    answer = anybody.post(
        "/v1/payment-notifications/simulator", content=body, headers={**headers, "content-type": "application/json"}
    )
    request, _ = services.last("RecordPaymentNotification")
    assert answer.json() == {"outcome": "PAID", "payment_id": ID}
    assert (request.body, request.webhook_id, request.webhook_signature) == (body, "m1", "v1,x")


def test_a_wrong_place_is_told_in_the_readers_language(person: httpx.Client, services: Any) -> None:
    wrong = {"vi": "Thiếu giá trị bắt buộc", "en": "Field required"}
    for language, words in wrong.items():
        headers = {"idempotency-key": language, "accept-language": language}
        places = person.post("/v1/dossiers", json={}, headers=headers).json()["errors"]
        assert {"pointer": "/procedure_code", "code": "REQUIRED", "detail": words} in places
    reason = Reason("ANSWERS_INVALID", Status.INVALID_ARGUMENT, "eservices.songcau", "")
    choice, paper = (
        Violation("/answers/a", "NOT_A_CHOICE", "no, yes"),
        Violation("/attachments", "birth_form", "Tờ khai"),
    )
    services.fail("CreateDossier", DomainError(reason, violations=[choice, paper]))
    wish = {"procedure_code": "1.001193", "receiving_agency_code": "H55.242", "answers": {}}
    answer = person.post("/v1/dossiers", json=wish, headers={"idempotency-key": "k", "accept-language": "vi"})
    assert [place["detail"] for place in answer.json()["errors"]] == ["Chọn một trong: no, yes", "Tờ khai"]
