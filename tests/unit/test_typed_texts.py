"""What the recorder of the stories takes for personal, and what not."""

import httpx
from support.typed_texts import TypedTexts

BODY = {
    "procedure_code": "1.001612",
    "kind": "HO_CHIEU",
    "citizen_id": "019ab6c2-7c1e-7000-8000-000000000001",
    "detected_at": "2026-11-23T02:00:00Z",
    "paper": {"number": "C1234567", "issuer": "Cục Quản lý xuất nhập cảnh"},
    "items": [{"name": "Tờ khai đăng ký", "instruction": "Đề nghị ký tên."}, {"reason": "ít"}],
}


def heard(**request: object) -> TypedTexts:
    typed = TypedTexts()
    with httpx.Client(
        base_url="http://127.0.0.1", transport=httpx.MockTransport(lambda _: httpx.Response(200))
    ) as http:
        typed.listen_to(http)
        http.post("/v1/things", **request)
    return typed


def test_every_text_of_a_body_is_recorded_but_codes_ids_and_moments():
    typed = heard(json=BODY)
    assert list(typed) == ["C1234567", "Đề nghị ký tên."]
    assert typed.fields == {"paper.number", "items.instruction"}


def test_the_table_names_request_and_field_and_never_the_text():
    assert heard(json=BODY).table().splitlines()[0] == "secret 0: POST /v1/things paper.number"


def test_what_is_no_json_is_not_read():
    assert len(heard(files={"file": b"%PDF"})) == 0
