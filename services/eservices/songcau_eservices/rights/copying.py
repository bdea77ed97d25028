"""Puts together what this service holds of a person, as they may read it."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from songcau_kit.data_copy import CopyField, CopyPart, CopyRecord, Value, field, record, section
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection

from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.rights import repository

HOLDER = "eservices"
Row = dict[str, Any]


class DossierCopies:
    """Gathers dossiers with what hangs on them."""

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    def gather(self, conn: Connection, citizen_ids: Sequence[UUID]) -> CopyPart:
        """Return this service's part of a copy; raises DATA_KEY_DESTROYED after erasure."""

        def read(statement: str, show: Callable[[Row, Seal], CopyRecord]) -> list[CopyRecord]:
            rows = repository.list_rows(conn, statement, citizen_ids)
            return [show(row, Seal(self._keys.get_or_create(conn, row["citizen_id"]))) for row in rows]

        sections = (
            section("dossiers", "Hồ sơ thủ tục hành chính", "Dossiers", read(repository.DOSSIERS, show_dossier)),
            section("attachments", "Giấy tờ kèm theo", "Attachments", read(repository.ATTACHMENTS, show_attachment)),
            section("supplements", "Yêu cầu bổ sung", "Supplements", read(repository.SUPPLEMENTS, show_supplement)),
            section("papers", "Giấy tiếp nhận, kết quả", "Receipts and results", read(repository.PAPERS, show_paper)),
            section("payments", "Thanh toán", "Payments", read(repository.PAYMENTS, show_payment)),
        )
        return CopyPart(holder=HOLDER, sections=sections)


def show_dossier(row: Row, seal: Seal) -> CopyRecord:
    """Return a dossier with the applicant and the answers as they were given."""
    applicant = seal.open_applicant(row["id"], row["applicant_enc"])
    answers = seal.open_answers(row["id"], row["answers_enc"])
    fields = [
        field("reference", "Mã tham chiếu", row["reference"]),
        field("code", "Số hồ sơ", row["code"]),
        field("procedure_code", "Mã thủ tục", row["procedure_code"]),
        field("state", "Trạng thái", row["state"]),
        field("channel", "Kênh nộp", row["channel"]),
        field("receiving_agency", "Cơ quan tiếp nhận", row["receiving_agency"]),
        field("fee_amount", "Phí, lệ phí (đồng)", row["fee_amount"]),
        field("applicant_name", "Họ tên người nộp", applicant.full_name.reveal()),
        field("applicant_number", "Số định danh (che bớt)", applicant.identifier_masked.reveal()),
        field("applicant_birth_date", "Ngày sinh", applicant.birth_date.reveal()),
        field("applicant_phone", "Điện thoại", applicant.phone.reveal()),
        field("applicant_address", "Địa chỉ", applicant.address.reveal()),
        field("applicant_legal_representative", "Người đại diện", applicant.legal_representative.reveal()),
        field("reason", "Lý do", seal.open_reason(row["id"], row["reason_enc"])),
        *_moments(
            row, created_at="Lập lúc", submitted_at="Nộp lúc", accepted_at="Tiếp nhận lúc", finished_at="Kết thúc lúc"
        ),
        *(field(f"answers.{key}", key, plain(value)) for key, value in sorted(answers.items())),
    ]
    return record(row["id"], row["procedure_name"], fields)


def show_attachment(row: Row, seal: Seal) -> CopyRecord:
    """Return what is known of a file; the file itself is fetched by its own route."""
    details = seal.open_details(row["id"], row["details_enc"])
    name = details.file_name.reveal()
    fields = [
        field("dossier_id", "Hồ sơ", str(row["dossier_id"])),
        field("file_name", "Tên tệp", name),
        field("component", "Thành phần hồ sơ", row["component_key"]),
        field("media_type", "Loại tệp", row["media_type"]),
        field("size", "Dung lượng (byte)", row["size"]),
        field("sha256", "SHA-256", details.sha256),
        field("valid_until", "Có giá trị đến", details.valid_until),
        field("reused_from", "Lấy lại từ tệp", row["reused_from"]),
        *_moments(row, attached_at="Đính kèm lúc"),
    ]
    return record(row["id"], name, fields)


def show_supplement(row: Row, seal: Seal) -> CopyRecord:
    """Return which papers were asked for."""
    body = seal.open_body(row["id"], row["body_enc"])
    fields = [
        field("dossier_id", "Hồ sơ", str(row["dossier_id"])),
        field("papers", "Giấy tờ yêu cầu", "; ".join(item.name for item in body.items)),
        field("note", "Ghi chú", body.note),
        *_moments(row, requested_at="Yêu cầu lúc", supplied_at="Bổ sung lúc"),
    ]
    return record(row["id"], "Phiếu yêu cầu bổ sung", fields)


def show_paper(row: Row, seal: Seal) -> CopyRecord:
    """Return what is known of a signed paper."""
    fields = [
        field("dossier_id", "Hồ sơ", str(row["dossier_id"])),
        field("kind", "Loại giấy", row["kind"]),
        field("code", "Mã tra cứu", row["code"]),
        field("agency", "Cơ quan", row["agency_name"]),
        field("signer", "Người ký", row["signer"]),
        field("revocation_reason", "Lý do thu hồi", seal.open_revocation(row["id"], row["revocation_reason_enc"])),
        *_moments(row, signed_at="Ký lúc", revoked_at="Thu hồi lúc"),
    ]
    return record(row["id"], row["procedure_name"], fields)


def show_payment(row: Row, _: Seal) -> CopyRecord:
    """Return a payment."""
    fields = [
        field("dossier_id", "Hồ sơ", str(row["dossier_id"])),
        field("code", "Mã thanh toán", row["code"]),
        field("amount", "Số tiền (đồng)", row["amount"]),
        field("state", "Trạng thái", row["state"]),
        *_moments(row, created_at="Tạo lúc", paid_at="Thanh toán lúc"),
    ]
    return record(row["id"], f"Thanh toán {row['code']}", fields)


def plain(value: object) -> Value:
    """Return an answer as a value of the copy; what is nested becomes JSON text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    return json.dumps(value, ensure_ascii=False)


def _moments(row: Row, **labels: str) -> list[CopyField]:
    return [field(name, label, row[name]) for name, label in labels.items()]
