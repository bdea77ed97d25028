"""What a citizen reads of an act is read from the message the digest is of: another answer, other words and digest."""

import asyncio
import json
from typing import Any, cast
from uuid import UUID

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from songcau.eservices.v1 import dossier_service_pb2 as dossiers
from songcau.eservices.v1 import procedure_service_pb2 as procedures
from songcau.eservices.v1 import unit_service_pb2 as units
from songcau.telehealth.v1 import consultation_service_pb2 as consultations
from songcau.telehealth.v1 import facility_service_pb2 as facilities
from songcau_gateway.act_words import act_words
from songcau_gateway.clients.act_details import Catalogued, details_of
from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.proposals import Proposal, ProposalClient
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.assistance_schemas import NewAssistedAct
from songcau_kit.assisted_acts import digest_of

REQUESTS: list[type[Message]] = [
    dossiers.CreateDossierRequest,
    dossiers.UpdateDossierRequest,
    dossiers.SubmitDossierRequest,
    dossiers.SupplySupplementRequest,
    consultations.RequestConsultationRequest,
    consultations.OfferSlotRequest,
    consultations.ConfirmOfferRequest,
]
QUESTION = procedures.Question(
    key="birth_place",
    text="Trẻ sinh ra ở đâu?",
    choices=[
        procedures.Choice(value="HOSPITAL", text="Sinh tại cơ sở y tế"),
        procedures.Choice(value="true", text="Đã"),
    ],
)
DOSSIER = "019ab6c2-7c1e-7000-8000-000000000002"
COMPLAINT = "Đau đầu, chóng mặt."
PATIENT = {"full_name": "Nông Văn Thử", "birth_date": "1962-03-05", "sex": "M", "phone_number": "0912000111"}
NEW_CONSULTATION = {
    "mode": "DIRECT_TO_PATIENT",
    "service_code": "CARDIOLOGY",
    "facility_code": "19001",
    "patient": PATIENT,
    "complaint": COMPLAINT,
    "consent": {"text_version": "care-1", "channel": "APP"},
}


class Catalogues:
    """Stands for the channels: answers what the public catalogues are asked, and nothing else."""

    def __init__(self) -> None:
        self.channel = grpc.aio.insecure_channel("127.0.0.1:1")

    async def call(self, _: Exchange, __: Any, request: Message) -> Any:
        answers = {
            "GetProcedureRequest": self._procedure(),
            "ListAgenciesRequest": units.ListAgenciesResponse(
                agencies=[{"code": "H55.242", "name": "UBND xã La Hiên"}]
            ),
            "GetFacilityRequest": facilities.GetFacilityResponse(
                facility={"facility_code": "19001", "name": "Bệnh viện"}
            ),
        }
        return answers[type(request).__name__]

    def _procedure(self) -> Any:
        version = procedures.ProcedureVersion(name="Đăng ký khai sinh", questions=[QUESTION])
        return procedures.GetProcedureResponse(procedure=procedures.Procedure(code="1.001193", current=version))


def proposed(**act: Any) -> Proposal:
    """Return what the gateway makes of an act as a helper sends it."""

    async def build() -> Proposal:
        catalogues = cast(ServiceChannel, Catalogues())
        new = NewAssistedAct.model_validate_json(json.dumps({"act": act}))
        exchange = Exchange(correlation_id="c", traceparent="t")
        try:
            return await ProposalClient(catalogues, catalogues).build(exchange, new.act)
        finally:
            await cast(Any, catalogues).channel.close()

    return asyncio.run(build())


def update(answers: dict[str, Any]) -> Proposal:
    request = {"answers": answers, "procedure_code": "1.001193"}
    return proposed(operation="UPDATE_DOSSIER", dossier_id=DOSSIER, version=2, request=request)


def read(proposal: Proposal) -> list[tuple[str, str]]:
    return [(one.label["vi"], one.value) for one in proposal.details]


def test_answers_are_read_in_the_words_and_the_order_of_the_form():
    answers = {"z": [1, 2.5], "a": {"b": [{"c": None}], "d": True}, "birth_place": "HOSPITAL"}
    assert read(update(answers)) == [
        ("Trẻ sinh ra ở đâu?", "Sinh tại cơ sở y tế"),
        ("a › b › 1 › c", "(để trống)"),
        ("a › d", "Có"),
        ("z", "1; 2.5"),
        ("Thủ tục", "Đăng ký khai sinh (1.001193)"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": "1"}, {"a": "2"}), ({"a": "1"}, {"a": "1", "b": ""}), ({"a": [{"b": 1}]}, {"a": [{"b": 2}]})],
)
def test_another_answer_is_read_otherwise_and_has_another_digest(one: dict[str, Any], other: dict[str, Any]):
    first, second = update(one), update(other)
    assert read(first) != read(second)
    assert digest_of(first.method, first.request) != digest_of(second.method, second.request)


def test_a_new_dossier_says_agency_and_procedure_by_the_names_of_the_catalogue():
    request = {"procedure_code": "1.001193", "receiving_agency_code": "H55.242", "answers": {"birth_place": True}}
    made = proposed(operation="CREATE_DOSSIER", request=request)
    assert made.facts == {"procedure": "Đăng ký khai sinh", "agency": "UBND xã La Hiên", "answers": "1"}
    assert read(made) == [("Hình thức nộp", "Trực tuyến"), ("Trẻ sinh ra ở đâu?", "Đã")]


def test_a_new_consultation_says_patient_complaint_and_consent():
    made = proposed(operation="REQUEST_CONSULTATION", request=NEW_CONSULTATION)
    assert made.facts == {"facility": "Bệnh viện"}
    assert read(made) == [
        ("Hình thức khám", "Trực tiếp với người bệnh"),
        ("Chuyên khoa", "CARDIOLOGY"),
        ("Người bệnh › Họ và tên", "Nông Văn Thử"),
        ("Người bệnh › Ngày sinh", "1962-03-05"),
        ("Người bệnh › Giới tính", "M"),
        ("Người bệnh › Số điện thoại", "0912000111"),
        ("Lý do khám", COMPLAINT),
        ("Đồng ý khám từ xa › Bản nội dung", "care-1"),
        ("Đồng ý khám từ xa › Cách đồng ý", "Trên ứng dụng"),
    ]


def test_a_booking_says_when_it_begins():
    confirmation = {
        "hold_id": "h",
        "shown_licence_number": "000123/TNG-GPHN",
        "shown_starts_at": "2026-11-30T02:00:00Z",
    }
    made = proposed(operation="CONFIRM_OFFER", consultation_id=DOSSIER, version=3, request=confirmation)
    assert read(made) == [("Giờ khám", "09:00 30/11/2026")]


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: kind.DESCRIPTOR.name)
def test_whatever_is_set_in_a_request_is_named_by_its_question_or_read(kind: type[Message]):
    named = act_words().named[kind.DESCRIPTOR.full_name]
    assert set(named) <= {field.name for field in kind.DESCRIPTOR.fields}
    for field in kind.DESCRIPTOR.fields:
        if field.name not in named:
            one, other = (details_of(filled(kind, field, seed), Catalogued()) for seed in (1, 2))
            assert one, field.name
            assert one != other, field.name
            assert all(field.name not in detail.label["en"].split(" › ") for detail in one), (
                f"{field.name} has no words"
            )


def filled(kind: type[Message], field: Any, seed: int) -> Message:
    """Return a message of which one field holds something, another thing for another seed."""
    message = kind()
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        inner = getattr(message, field.name)
        if field.message_type.full_name == "google.protobuf.Struct":
            inner.update({"a": str(seed)})
        elif field.message_type.full_name == "google.protobuf.Timestamp":
            inner.seconds = seed * 60
        else:
            for within in field.message_type.fields:
                inner.MergeFrom(filled(GetMessageClass(field.message_type), within, seed))
    else:
        samples = {FieldDescriptor.TYPE_STRING: str(UUID(int=seed)), FieldDescriptor.TYPE_ENUM: seed}
        setattr(message, field.name, samples.get(field.type, seed))
    return message
