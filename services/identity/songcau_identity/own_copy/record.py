"""Sections of a copy about who a person is: facts, numbers, papers, where they live, how they came on record."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.data_copy import CopyField, CopyRecord, field, record
from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection

from songcau_identity.addresses import repository as addresses
from songcau_identity.addresses.frame import open_address
from songcau_identity.addresses.model import HeldAddress
from songcau_identity.addresses.period import as_it_stands
from songcau_identity.officers import Desk
from songcau_identity.own_copy import repository as copied
from songcau_identity.own_copy.repository import CopiedAct, CopiedNewborn
from songcau_identity.repositories import citizens, identifiers, papers
from songcau_identity.repositories.identifiers import HeldIdentifier
from songcau_identity.repositories.papers import HeldPaper

DOCUMENT = {"kind": "Loại giấy tờ", "document_number": "Số giấy tờ", "issuer": "Nơi cấp", "issued_on": "Ngày cấp"}
FACTS = {
    "full_name": "Họ tên",
    "birth_date": "Ngày sinh",
    "sex": "Giới tính",
    "nationality": "Quốc tịch",
    "phone_number": "Điện thoại",
}


def list_profiles(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return the facts of each record."""
    found = [_profile(desk, conn, one) for one in citizen_ids]
    return [one for one in found if one is not None]


def _profile(desk: Desk, conn: Connection, citizen_id: UUID) -> CopyRecord | None:
    found = citizens.find_record(conn, citizen_id)
    if found is None:
        return None
    profile = desk.vault.open(desk.data_keys.get(conn, citizen_id), found.profile)
    citizen = found.citizen
    facts = {code: getattr(profile, code).reveal() for code in FACTS}
    fields = [
        *(field(code, FACTS[code], value) for code, value in facts.items()),
        field("account_kind", "Loại tài khoản", citizen.account_kind),
        field("status", "Trạng thái liên kết", citizen.status),
        field("identity_level", "Mức độ định danh", int(citizen.identity_level)),
        field("linked_at", "Liên kết lúc", citizen.linked_at),
        field("last_verified_at", "Xác thực gần nhất", citizen.last_verified_at),
        field("merged_into", "Đã gộp vào hồ sơ", str(citizen.merged_into) if citizen.merged_into else None),
    ]
    return record(citizen_id, profile.full_name.reveal(), fields)


def list_verifications(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return how facts were verified."""
    return [
        record(
            one.verification_id,
            f"Xác thực {one.method}",
            [
                field("method", "Cách xác thực", one.method),
                field("transaction_id", "Mã giao dịch", one.transaction_id),
                field("verified_at", "Lúc", one.verified_at),
                field("identity_level", "Mức độ định danh", one.identity_level),
                field("authentication_level", "Mức độ xác thực", one.authentication_level),
            ],
        )
        for one in copied.list_verifications(conn, citizen_ids)
    ]


def list_identifiers(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every number a person is or was known by."""
    return [_identifier(desk, conn, one) for one in identifiers.list_identifiers(conn, citizen_ids)]


def _identifier(desk: Desk, conn: Connection, held: HeldIdentifier) -> CopyRecord:
    data_key = desk.data_keys.get(conn, held.citizen_id)
    number = desk.vault.open_number(data_key, held.identifier_id, held.value_enc).reveal()
    fields = [
        field("kind", "Loại", held.kind),
        field("value", "Số", number),
        field("status", "Trạng thái", held.status),
        field("active_from", "Từ lúc", held.active_from),
        field("cancelled_at", "Hủy lúc", held.cancelled_at),
    ]
    return record(held.identifier_id, f"{held.kind} {number}", fields)


def list_papers(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every paper a person has or had."""
    return [_paper(desk, conn, one) for one in papers.list_papers(conn, citizen_ids)]


def _paper(desk: Desk, conn: Connection, held: HeldPaper) -> CopyRecord:
    data_key = desk.data_keys.get(conn, held.citizen_id)
    paper = desk.vault.open_paper(data_key, held.paper_id, held.kind, held.value_enc)
    number = paper.number.reveal()
    fields = [
        field("kind", "Loại", held.kind),
        field("number", "Số", number),
        field("issuer", "Nơi cấp", paper.issuer),
        field("source", "Nguồn", held.source),
        field("status", "Trạng thái", held.status),
        field("recorded_at", "Ghi nhận lúc", held.recorded_at),
        field("withdrawal", "Lý do hủy", held.withdrawal),
        field("withdrawn_at", "Hủy lúc", held.withdrawn_at),
    ]
    return record(held.paper_id, f"{held.kind} {number}", fields)


def list_newborns(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return the entries of a person as a newborn and of the children registered for them as the mother."""
    return [_newborn(desk, conn, one, citizen_ids) for one in copied.list_newborns(conn, citizen_ids)]


def _newborn(desk: Desk, conn: Connection, child: CopiedNewborn, citizen_ids: Sequence[UUID]) -> CopyRecord:
    is_own = child.citizen_id in citizen_ids
    # The certificate is the child's: it opens under the child's key, for the child.
    certificate = None
    if is_own:
        certificate = desk.vault.open_certificate(
            desk.data_keys.get(conn, child.citizen_id), child.certificate_enc
        ).reveal()
    fields = [
        field("side", "Tư cách", "CHILD" if is_own else "MOTHER"),
        field("certificate", "Giấy khai sinh số", certificate),
        field("birth_order", "Thứ tự sinh", child.birth_order),
        field("temporary_key", "Mã tạm", child.temporary_key),
        field("state", "Trạng thái", child.state),
        field("void_reason", "Lý do hủy", child.void_reason),
        field("registered_at", "Ghi nhận lúc", child.registered_at),
        field("ended_at", "Kết thúc lúc", child.ended_at),
    ]
    return record(child.citizen_id, f"Trẻ sơ sinh {child.temporary_key}", fields)


def list_addresses(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return where a person lives or lived, as it was written."""
    return [_address(desk, conn, one) for one in addresses.list_addresses(conn, citizen_ids)]


def _address(desk: Desk, conn: Connection, held: HeldAddress) -> CopyRecord:
    value = open_address(desk.data_keys.get(conn, held.citizen_id), held)
    held = as_it_stands(held, value, local_date(desk.clock.now()))
    written, placement = value.written, value.placement
    point = None if written.latitude is None else f"{written.latitude}, {written.longitude}"
    fields = [
        field("kind", "Loại", held.kind),
        field("text", "Địa chỉ như đã viết", written.text),
        field("hamlet", "Xóm, tổ", written.hamlet),
        field("coordinates", "Tọa độ", point),
        field("unit_then", "Đơn vị khi đó", placement.then.name if placement.then else None),
        field("unit_now", "Đơn vị hiện nay", placement.now.name if placement.now else None),
        field("valid_from", "Có hiệu lực từ", written.valid_from),
        field("valid_to", "Có hiệu lực đến hết", written.valid_to),
        field("state", "Trạng thái", held.state),
        field("entered_at", "Viết lúc", held.entered_at),
        field("recorded_at", "Ghi nhận lúc", held.recorded_at),
        field("ended_at", "Kết thúc lúc", held.ended_at),
    ]
    return record(held.address_id, written.text, fields)


def list_acts(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return what officers did to the records, on which documents, and the facts before each correction."""
    return [_act(desk, conn, one) for one in copied.list_acts(conn, citizen_ids)]


def _act(desk: Desk, conn: Connection, act: CopiedAct) -> CopyRecord:
    data_key = desk.data_keys.get(conn, act.citizen_id)
    fields = [
        field("act", "Việc", act.act),
        field("recorded_at", "Lúc", act.recorded_at),
        field("agencies", "Cơ quan", act.agencies),
        *_words(desk, data_key, act, "evidence_enc", DOCUMENT, "evidence"),
        *_words(desk, data_key, act, "before_enc", FACTS, "before"),
    ]
    return record(act.act_id, act.act, fields)


def _words(
    desk: Desk, data_key: DataKey, act: CopiedAct, column: str, labels: Mapping[str, str], prefix: str
) -> list[CopyField]:
    blob: bytes | None = getattr(act, column)
    if not blob:
        return []
    words = {code.lower(): text for code, text in desk.vault.open_words(data_key, act.act_id, column, blob).items()}
    suffix = " (trước đó)" if prefix == "before" else ""
    return [field(f"{prefix}.{code}", labels.get(code, code) + suffix, text.reveal()) for code, text in words.items()]


def list_doubts(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return what did not fit together in the records."""
    return [
        record(
            one.doubt_id,
            one.doubt,
            [
                field("doubt", "Điểm chưa khớp", one.doubt),
                field("raised_at", "Nêu lúc", one.raised_at),
                field("settled_at", "Giải quyết lúc", one.settled_at),
                field("settlement", "Kết quả", one.settlement),
            ],
        )
        for one in copied.list_doubts(conn, citizen_ids)
    ]
