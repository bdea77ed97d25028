"""Sections of a copy about the use of a person's data: who looked, what was watched, sign-ins, breaches."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.data_copy import CopyRecord, field, record
from songcau_kit.database import Connection

from songcau_identity.anomalies import repository_watched as watched
from songcau_identity.anomalies.watching import open_watch
from songcau_identity.officers import Desk
from songcau_identity.own_copy import repository as copied
from songcau_identity.repositories import accesses
from songcau_identity.repositories.accesses import AccessFilter, AccessRecord

NEWEST_ACCESSES = 1000
WHOLE_LIST = "GET /v1/me/accesses"


def list_periods(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return how long the access list is and which time it spans; the copy itself names the newest entries."""
    period = copied.measure_accesses(conn, citizen_ids)
    fields = [
        field("count", "Số lượt truy cập", period.count),
        field("first_at", "Lượt đầu tiên lúc", period.first_at),
        field("last_at", "Lượt gần nhất lúc", period.last_at),
        field("listed", "Số lượt ghi trong bản này", min(period.count, NEWEST_ACCESSES)),
        field("reference", "Toàn bộ danh sách", WHOLE_LIST),
    ]
    return [record("accesses", "Danh sách truy cập", fields)] if period.count else []


def list_accesses(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return the newest entries of the access list."""
    found = accesses.list_accesses(conn, citizen_ids, AccessFilter(), before=None, limit=NEWEST_ACCESSES)
    return [show_access(one) for one in found]


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


def list_watches(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return when and why look-ups of the person were watched."""
    found = [open_watch(desk, conn, one) for one in watched.list_of_citizens(conn, citizen_ids)]
    return [
        record(
            one.watched.watch_id,
            "Theo dõi việc tra cứu",
            [
                field("watched_at", "Từ lúc", one.watched.watched_at),
                field("ended_at", "Đến lúc", one.watched.ended_at),
                field("reason", "Lý do", one.reason.reveal()),
            ],
        )
        for one in found
    ]


def list_sign_ins(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return the sign-ins through VNeID that are still on record."""
    return [
        record(
            one.sign_in_id,
            f"Đăng nhập {one.client_id}",
            [
                field("client_id", "Ứng dụng", one.client_id),
                field("started_at", "Bắt đầu lúc", one.started_at),
                field("authenticated_at", "Xác thực lúc", one.authenticated_at),
                field("authentication_level", "Mức độ xác thực", one.authentication_level),
                field("revoked_at", "Thu hồi lúc", one.revoked_at),
            ],
        )
        for one in copied.list_sign_ins(conn, citizen_ids)
    ]


def list_breaches(_: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return the breaches of personal data that touched the person, once persons were told."""
    return [
        record(
            one.breach_id,
            "Sự cố dữ liệu cá nhân",
            [
                field("categories", "Loại dữ liệu", ", ".join(one.categories)),
                field("detected_at", "Phát hiện lúc", one.detected_at),
                field("persons_told_at", "Đã thông báo lúc", one.persons_told_at),
                field("accesses", "Số lượt truy cập", one.accesses),
                field("first_at", "Từ lúc", one.first_at),
                field("last_at", "Đến lúc", one.last_at),
            ],
        )
        for one in copied.list_breaches(conn, citizen_ids)
    ]
