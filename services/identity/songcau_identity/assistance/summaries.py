"""The question a citizen is asked, in both languages: templates and facts of the request, never a helper's words."""

import re
from collections.abc import Mapping

from songcau_kit.errors import DomainError, Violation

from songcau_identity.assistance.model import AssistancePurpose, AssistedOperation, AssistedSession
from songcau_identity.assistance.words import Words
from songcau_identity.errors import ASSISTANCE_INVALID

LONGEST_FACT = 300
_LINE = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029]+")
# The one fact that no catalogue gives has its form (domain reference 5.3), so that it carries no words.
_FORMS: Mapping[str, re.Pattern[str]] = {"licence_number": re.compile(r"[0-9]{6}/[A-ZĐ]{2,4}-(GPHN|CCHN)")}


HELPERS: Mapping[str, Words] = {
    "OFFICER": Words("Cán bộ của {organization}", "An officer of {organization}"),
    "STATION_OFFICER": Words("Nhân viên trạm y tế {organization}", "A member of the health station {organization}"),
    "DIGITAL_TEAM": Words(
        "Thành viên tổ công nghệ số cộng đồng của {organization}",
        "A member of the community digital team of {organization}",
    ),
}
PURPOSES: Mapping[AssistancePurpose, Words] = {
    AssistancePurpose.SUBMIT_DOSSIER: Words("lập và nộp hồ sơ", "draft and hand in a dossier"),
    AssistancePurpose.SUPPLEMENT_DOSSIER: Words("bổ sung hồ sơ", "supplement a dossier"),
    AssistancePurpose.BOOK_CONSULTATION: Words("đặt lịch khám từ xa", "book a consultation at a distance"),
}
OPERATIONS: Mapping[AssistedOperation, tuple[tuple[str, ...], Words]] = {
    AssistedOperation.CREATE_DOSSIER: (
        ("procedure", "agency", "answers"),
        Words(
            "Tạo hồ sơ nháp thủ tục “{procedure}” gửi {agency}, gồm {answers} mục đã kê khai.",
            "Draft a dossier “{procedure}” for {agency} with {answers} answers.",
        ),
    ),
    AssistedOperation.UPDATE_DOSSIER: (
        ("reference", "answers"),
        Words(
            "Thay nội dung kê khai của hồ sơ {reference} bằng {answers} mục mới.",
            "Replace the answers of dossier {reference} with {answers} new ones.",
        ),
    ),
    AssistedOperation.SUBMIT_DOSSIER: (
        ("reference", "version"),
        Words(
            "Nộp hồ sơ {reference} (bản số {version}) với tư cách người nộp là bạn.",
            "Hand in dossier {reference} (version {version}); the applicant is you.",
        ),
    ),
    AssistedOperation.SUPPLY_SUPPLEMENT: (
        ("reference", "version"),
        Words(
            "Nộp bổ sung cho hồ sơ {reference} (bản số {version}).",
            "Hand in the supplement of dossier {reference} (version {version}).",
        ),
    ),
    AssistedOperation.REQUEST_CONSULTATION: (
        ("facility",),
        Words(
            "Gửi yêu cầu khám từ xa tới {facility} và đồng ý khám từ xa.",
            "Ask {facility} for a consultation at a distance and consent to it.",
        ),
    ),
    AssistedOperation.OFFER_SLOT: (
        ("starts_at", "facility"),
        Words("Giữ giờ khám {starts_at} tại {facility}.", "Hold the slot {starts_at} at {facility}."),
    ),
    AssistedOperation.CONFIRM_OFFER: (
        ("licence_number",),
        Words(
            "Xác nhận giờ khám đang giữ, người hành nghề có chứng chỉ {licence_number}.",
            "Book the held slot with the practitioner of licence {licence_number}.",
        ),
    ),
}


def start_question(session: AssistedSession) -> Words:
    """Return what the citizen is asked when a session is to begin."""
    who, what = _helper(session), PURPOSES[session.purpose]
    minutes = round((session.expires_at - session.started_at).total_seconds() / 60)
    return Words(
        f"{who.vi} xin hỗ trợ bạn {what.vi} trong {minutes} phút. Mỗi việc vẫn phải được bạn xác nhận. Bạn đồng ý?",
        f"{who.en} offers to help you {what.en} for {minutes} minutes. You confirm each act yourself. Do you agree?",
    )


def act_question(session: AssistedSession, operation: AssistedOperation, facts: Mapping[str, str]) -> Words:
    """Return what the citizen is asked about an act; raises ASSISTANCE_INVALID unless the facts are exactly its own."""
    wanted, text = OPERATIONS[operation]
    violations = [Violation(f"/facts/{code}", "MISSING") for code in wanted if code not in facts]
    violations += [
        Violation("/facts", "UNKNOWN") if code not in wanted else Violation(f"/facts/{code}", "INVALID")
        for code, value in facts.items()
        if code not in wanted or len(value) > LONGEST_FACT or not _FORMS.get(code, _LINE).fullmatch(value)
    ]
    if violations:
        raise DomainError(ASSISTANCE_INVALID, violations=violations)
    who, what = _helper(session), text.format(**facts)
    return Words(f"{who.vi} đề nghị: {what.vi}", f"{who.en} proposes: {what.en}")


def _helper(session: AssistedSession) -> Words:
    return HELPERS[session.helper.kind].format(organization=session.helper.organization)
