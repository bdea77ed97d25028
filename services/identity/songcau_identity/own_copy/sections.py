"""This service's own part of a copy: one table says which section holds what stands in which tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_copy import CopyPart, CopyRecord, section
from songcau_kit.database import Connection

from songcau_identity.officers import Desk
from songcau_identity.own_copy import assistance, decisions, memberships, record, uses

HOLDER = "identity"

Records = Callable[[Desk, Connection, Sequence[UUID]], list[CopyRecord]]
"""Returns what is held of a person under these ids."""


@dataclass(frozen=True)
class OwnSection:
    """One section: its names, the tables it is made of, and what makes it."""

    code: str
    title: str
    title_en: str
    tables: tuple[str, ...]
    records: Records


SECTIONS = (
    OwnSection("profile", "Thông tin định danh", "Profile", ("citizens", "citizen_profiles"), record.list_profiles),
    OwnSection("verifications", "Các lần xác thực", "Verifications", ("verifications",), record.list_verifications),
    OwnSection("identifiers", "Số định danh", "Identifiers", ("identifiers",), record.list_identifiers),
    OwnSection("papers", "Giấy tờ", "Papers", ("papers",), record.list_papers),
    OwnSection("newborns", "Ghi nhận trẻ sơ sinh", "Newborns", ("newborns",), record.list_newborns),
    OwnSection("addresses", "Nơi cư trú", "Addresses", ("addresses",), record.list_addresses),
    OwnSection(
        "consents",
        "Chấp thuận và rút lại",
        "Consents and withdrawals",
        ("consents", "consent_decisions", "consent_halves"),
        decisions.list_consents,
    ),
    OwnSection("representations", "Đại diện", "Representations", ("representations",), decisions.list_representations),
    OwnSection(
        "assisted_sessions",
        "Phiên hỗ trợ",
        "Assisted sessions",
        ("assisted_sessions", "proposed_acts"),
        assistance.list_sessions,
    ),
    OwnSection(
        "organisations",
        "Tổ chức mà người này là thành viên",
        "Organisations",
        ("organisations", "organisation_members"),
        memberships.list_memberships,
    ),
    OwnSection(
        "organisation_proposals",
        "Đề nghị làm người đại diện của tổ chức",
        "Proposals to represent an organisation",
        ("organisation_proposals",),
        memberships.list_proposals,
    ),
    OwnSection(
        "requests",
        "Yêu cầu về dữ liệu",
        "Requests",
        ("subject_requests", "subject_request_records", "subject_request_corrections"),
        decisions.list_requests,
    ),
    OwnSection("complaints", "Khiếu nại về truy cập", "Complaints", ("access_complaints",), decisions.list_complaints),
    OwnSection("record_acts", "Việc cán bộ đã làm với hồ sơ", "Acts on the record", ("record_acts",), record.list_acts),
    OwnSection("doubts", "Điểm chưa khớp", "Doubts", ("record_doubts",), record.list_doubts),
    OwnSection("watches", "Theo dõi việc tra cứu", "Watched look-ups", ("watched_citizens",), uses.list_watches),
    OwnSection("sign_ins", "Đăng nhập qua VNeID", "Sign-ins", ("sign_ins",), uses.list_sign_ins),
    OwnSection("breaches", "Sự cố dữ liệu đã thông báo", "Breaches", ("breach_persons",), uses.list_breaches),
    OwnSection(
        "access_list",
        "Danh sách truy cập",
        "Access list",
        ("audit_entries", "access_entries"),
        uses.list_periods,
    ),
    OwnSection(
        "accesses",
        "Ai đã truy cập dữ liệu",
        "Accesses",
        ("audit_entries", "access_entries"),
        uses.list_accesses,
    ),
)


class OwnCopies:
    """Gathers this service's part of a copy."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def gather(self, conn: Connection, citizen_ids: Sequence[UUID]) -> CopyPart:
        """Return the part; raises DATA_KEY_DESTROYED after erasure."""
        sections = [
            section(one.code, one.title, one.title_en, one.records(self._desk, conn, citizen_ids)) for one in SECTIONS
        ]
        return CopyPart(holder=HOLDER, sections=tuple(sections))
