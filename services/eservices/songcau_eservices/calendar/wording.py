"""The words in which a deadline explains itself, Vietnamese and English; no rule lives here."""

from datetime import date, datetime

from songcau_kit.clock import VIETNAM

from songcau_eservices.calendar.model import Explanation
from songcau_eservices.calendar.working_days import DayKind, DayReason
from songcau_eservices.catalogue.model import TimeUnit

WEEKDAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS_VI = {
    TimeUnit.WORKING_DAY: "ngày làm việc",
    TimeUnit.DAY: "ngày",
    TimeUnit.HOUR: "giờ làm việc",
    TimeUnit.MONTH: "tháng",
}
UNITS_EN = {
    TimeUnit.WORKING_DAY: "working day(s)",
    TimeUnit.DAY: "calendar day(s)",
    TimeUnit.HOUR: "working hour(s)",
    TimeUnit.MONTH: "month(s)",
}


def accepted(at: datetime) -> Explanation:
    """Say when the dossier was accepted."""
    local = at.astimezone(VIETNAM)
    return Explanation(
        "ACCEPTED",
        f"Tiếp nhận lúc {local:%H:%M} {_vi(local.date())}.",
        f"Accepted at {local:%H:%M} on {_en(local.date())}.",
    )


def term(value: int, unit: TimeUnit) -> Explanation:
    """Say how long the processing takes and from when it is counted."""
    start_vi, start_en = (
        ("tính từ lúc tiếp nhận", "counted from the moment of acceptance")
        if unit is TimeUnit.HOUR
        else ("tính từ ngày tiếp theo", "counted from the following day")
    )
    return Explanation(
        "TERM",
        f"Thời hạn giải quyết {value} {UNITS_VI[unit]}, {start_vi}.",
        f"The processing time is {value} {UNITS_EN[unit]}, {start_en}.",
    )


def same_day() -> Explanation:
    """Say that the result is due the same day."""
    return Explanation(
        "SAME_DAY",
        "Thủ tục giải quyết ngay trong ngày, tiếp nhận không sau 15 giờ.",
        "Same-day procedure, accepted not later than 15:00.",
    )


def same_day_late() -> Explanation:
    """Say that acceptance after 15:00 moves a same-day result."""
    return Explanation(
        "AFTER_1500",
        "Thủ tục giải quyết trong ngày; tiếp nhận sau 15 giờ thì trả kết quả vào ngày làm việc tiếp theo.",
        "Same-day procedure; accepted after 15:00, so due the next working day.",
    )


def same_day_on_day_off() -> Explanation:
    """Say that acceptance on a day off moves a same-day result."""
    return Explanation(
        "ACCEPTED_ON_DAY_OFF",
        "Thủ tục giải quyết trong ngày; ngày tiếp nhận không phải ngày làm việc nên trả kết quả vào ngày làm việc "
        "tiếp theo.",
        "Same-day procedure; accepted on a day that is not a working day, so due the next working day.",
    )


def skipped(first: date, last: date, reason: DayReason) -> Explanation:
    """Say which days do not count and why."""
    because_vi, because_en = ("nghỉ cuối tuần", "weekend") if reason.kind == DayKind.WEEKEND else (reason.vi, reason.en)
    span = _span(first, last)
    return Explanation("DAY_OFF", f"Không tính {span}: {because_vi}.", f"{span} not counted: {because_en}.")


def worked(day: date, reason: DayReason) -> Explanation:
    """Say that a usual day off counts as a working day."""
    basis_vi, basis_en = (f" ({reason.vi})", f" ({reason.en})") if reason.vi else ("", "")
    return Explanation(
        "WORKED_DAY",
        f"{_vi(day)} là ngày làm việc bù{basis_vi}.",
        f"{_en(day)} is a substitute working day{basis_en}.",
    )


def due(day: date) -> Explanation:
    """Say the due date."""
    return Explanation("DUE", f"Ngày hẹn trả kết quả: {_vi(day)}.", f"Due date: {_en(day)}.")


def paused(day: date) -> Explanation:
    """Say that the clock stands."""
    return Explanation("PAUSED", f"Tạm dừng tính thời hạn từ {_vi(day)}.", f"The clock stands from {_en(day)}.")


def resumed(day: date, old: date, new: date) -> Explanation:
    """Say that the clock goes on, with the old and the new due date."""
    return Explanation(
        "RESUMED",
        f"Tiếp tục tính thời hạn từ {_vi(day)}: ngày hẹn cũ {old:%d/%m/%Y}, ngày hẹn mới {new:%d/%m/%Y}.",
        f"The clock goes on from {_en(day)}: old due date {old:%d/%m/%Y}, new due date {new:%d/%m/%Y}.",
    )


def _span(first: date, last: date) -> str:
    return f"{first:%d/%m/%Y}" if first == last else f"{first:%d/%m}–{last:%d/%m/%Y}"


def _vi(day: date) -> str:
    return f"{WEEKDAYS_VI[day.weekday()]} {day:%d/%m/%Y}"


def _en(day: date) -> str:
    return f"{WEEKDAYS_EN[day.weekday()]} {day:%d/%m/%Y}"
