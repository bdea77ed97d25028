"""What this service itself holds of a citizen, as they may read it: facts, numbers, requests, who looked at them."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.data_copy import CopyPart, CopyRecord, field, record, section
from songcau_kit.database import Connection

from songcau_identity.addresses import repository as addresses
from songcau_identity.addresses.frame import open_address
from songcau_identity.addresses.model import HeldAddress
from songcau_identity.officers import Desk
from songcau_identity.repositories import accesses, citizens, identifiers
from songcau_identity.repositories.accesses import AccessFilter, AccessRecord
from songcau_identity.repositories.identifiers import HeldIdentifier
from songcau_identity.rights import repository
from songcau_identity.rights.model import SubjectRequest
from songcau_identity.rights.steps import open_request

HOLDER = "identity"
NEWEST_ACCESSES = 1000
NEWEST_REQUESTS = 200


class OwnCopies:
    """Gathers this service's part of a copy."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def gather(self, conn: Connection, citizen_ids: Sequence[UUID]) -> CopyPart:
        """Return the part; raises DATA_KEY_DESTROYED after erasure."""
        found = [self._profile(conn, one) for one in citizen_ids]
        requests = repository.list_of_citizens(conn, citizen_ids, before=None, limit=NEWEST_REQUESTS)
        touched = accesses.list_accesses(conn, citizen_ids, AccessFilter(), before=None, limit=NEWEST_ACCESSES)
        sections = (
            section("profile", "Thông tin định danh", "Profile", [one for one in found if one]),
            section("identifiers", "Số định danh, giấy tờ", "Identifiers", self._identifiers(conn, citizen_ids)),
            section("addresses", "Nơi cư trú", "Addresses", self._addresses(conn, citizen_ids)),
            section("requests", "Yêu cầu về dữ liệu", "Requests", [self._request(conn, one) for one in requests]),
            section("accesses", "Ai đã truy cập dữ liệu", "Accesses", [show_access(one) for one in touched]),
        )
        return CopyPart(holder=HOLDER, sections=sections)

    def _profile(self, conn: Connection, citizen_id: UUID) -> CopyRecord | None:
        found = citizens.find_record(conn, citizen_id)
        if found is None:
            return None
        profile = self._desk.vault.open(self._desk.data_keys.get(conn, citizen_id), found.profile)
        citizen = found.citizen
        fields = [
            field("full_name", "Họ tên", profile.full_name.reveal()),
            field("birth_date", "Ngày sinh", profile.birth_date.reveal()),
            field("sex", "Giới tính", profile.sex.reveal()),
            field("phone_number", "Điện thoại", profile.phone_number.reveal()),
            field("status", "Trạng thái liên kết", citizen.status),
            field("identity_level", "Mức độ định danh", int(citizen.identity_level)),
            field("linked_at", "Liên kết lúc", citizen.linked_at),
            field("last_verified_at", "Xác thực gần nhất", citizen.last_verified_at),
        ]
        return record(citizen_id, profile.full_name.reveal(), fields)

    def _identifiers(self, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
        return [self._identifier(conn, one) for one in identifiers.list_identifiers(conn, citizen_ids)]

    def _identifier(self, conn: Connection, held: HeldIdentifier) -> CopyRecord:
        data_key = self._desk.data_keys.get(conn, held.citizen_id)
        number = self._desk.vault.open_number(data_key, held.identifier_id, held.value_enc).reveal()
        fields = [
            field("kind", "Loại", held.kind),
            field("value", "Số", number),
            field("status", "Trạng thái", held.status),
            field("active_from", "Từ lúc", held.active_from),
            field("cancelled_at", "Hủy lúc", held.cancelled_at.isoformat() if held.cancelled_at else None),
        ]
        return record(held.identifier_id, f"{held.kind} {number}", fields)

    def _addresses(self, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
        return [self._address(conn, one) for one in addresses.list_addresses(conn, citizen_ids)]

    def _address(self, conn: Connection, held: HeldAddress) -> CopyRecord:
        value = open_address(self._desk.data_keys.get(conn, held.citizen_id), held)
        written, placement = value.written, value.placement
        point = None if written.latitude is None else f"{written.latitude}, {written.longitude}"
        fields = [
            field("kind", "Loại", held.kind),
            field("text", "Địa chỉ như đã viết", written.text),
            field("hamlet", "Xóm, tổ", written.hamlet),
            field("coordinates", "Tọa độ", point),
            field("unit_then", "Đơn vị khi đó", placement.then.name if placement.then else None),
            field("unit_now", "Đơn vị hiện nay", placement.now.name if placement.now else None),
            field("state", "Trạng thái", held.state),
            field("entered_at", "Viết lúc", held.entered_at),
            field("recorded_at", "Ghi nhận lúc", held.recorded_at),
            field("ended_at", "Kết thúc lúc", held.ended_at),
        ]
        return record(held.address_id, written.text, fields)

    def _request(self, conn: Connection, request: SubjectRequest) -> CopyRecord:
        opened = open_request(self._desk, conn, request)
        fields = [
            field("kind", "Loại yêu cầu", request.kind),
            field("state", "Trạng thái", request.state),
            field("received_at", "Nhận lúc", request.received_at),
            field("due_on", "Hạn giải quyết", request.due_on.isoformat()),
            field("details", "Nội dung", opened.details.reveal()),
            field("answer", "Trả lời", opened.answer.reveal()),
            field("legal_reference", "Căn cứ", opened.legal_reference.reveal()),
        ]
        return record(request.subject_request_id, f"Yêu cầu {request.kind}", fields)


def show_access(access: AccessRecord) -> CopyRecord:
    """Return one entry of the access list."""
    fields = [
        field("occurred_at", "Lúc", access.occurred_at),
        field("service", "Dịch vụ", access.service),
        field("operation", "Việc", access.operation),
        field("actor_kind", "Người truy cập", access.actor_kind),
        field("actor_organization", "Cơ quan", access.actor_organization),
        field("purpose", "Mục đích", access.purpose),
        field("outcome", "Kết quả", access.outcome),
    ]
    return record(access.entry_id, access.operation, fields)
