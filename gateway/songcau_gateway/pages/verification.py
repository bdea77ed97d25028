"""The page behind a QR code: says in plain words whether a paper is genuine, and nothing about the citizen."""

from collections.abc import Mapping
from datetime import datetime
from html import escape

from fastapi import Request
from songcau_kit.clock import VIETNAM
from starlette.responses import HTMLResponse

from songcau_gateway.pages.layout import page, rows
from songcau_gateway.routes.result_schemas import ResultVerdict, SummaryVerdict

# verdict → (kind of card, headline, explanation) per language
_RESULT = {
    "vi": {
        "VALID": ("good", "Kết quả hợp lệ", "Kết quả mang mã này đã được ban hành và đang có hiệu lực."),
        "ALTERED": ("bad", "Tệp đã bị thay đổi", "Tệp không phải là bản đã được ban hành theo mã này."),
        "REVOKED": ("bad", "Kết quả đã bị thu hồi", "Kết quả này không còn hiệu lực."),
        "UNKNOWN": (
            "bad",
            "Không tìm thấy kết quả",
            "Không có kết quả nào mang mã này. Hãy xem lại mã in dưới mã QR.",
        ),
    },
    "en": {
        "VALID": ("good", "The result is valid", "A result with this code was issued and is in force."),
        "ALTERED": ("bad", "The file was changed", "The file is not the one issued under this code."),
        "REVOKED": ("bad", "The result was revoked", "This result is no longer in force."),
        "UNKNOWN": ("bad", "No such result", "No result has this code. Check the code printed below the QR code."),
    },
}
# A receipt is no decision, and its page must not be shown as if it were one.
_RECEIPT = {
    "vi": {
        "VALID": (
            "good",
            "Giấy tiếp nhận hợp lệ",
            "Đây là giấy tiếp nhận hồ sơ và hẹn trả kết quả, không phải kết quả giải quyết.",
        ),
        "ALTERED": ("bad", "Tệp đã bị thay đổi", "Tệp không phải là bản đã được ban hành theo mã này."),
    },
    "en": {
        "VALID": (
            "good",
            "The receipt is valid",
            "This is a receipt with an appointment to collect the result; it is not the result.",
        ),
        "ALTERED": ("bad", "The file was changed", "The file is not the one issued under this code."),
    },
}
_SUMMARY = {
    "vi": {
        "ISSUED": ("good", "Phiếu đã được ban hành", "Phiếu tóm tắt khám từ xa mang mã này đã được ký số và ban hành."),
        "VALID": ("good", "Phiếu hợp lệ", "Tệp đúng là bản đã được ký số."),
        "ALTERED": ("bad", "Tệp đã bị thay đổi", "Tệp không phải là bản đã được ký số theo mã này."),
    },
    "en": {
        "ISSUED": ("good", "The summary was issued", "A consultation summary with this code was signed and issued."),
        "VALID": ("good", "The summary is valid", "The file is the very one that was signed."),
        "ALTERED": ("bad", "The file was changed", "The file is not the one that was signed under this code."),
    },
}
_WORDS = {
    "vi": {
        "title": "Xác minh giấy tờ",
        "platform": "Nền tảng số tỉnh Thái Nguyên",
        "code": "Mã xác minh",
        "procedure": "Thủ tục",
        "agency": "Cơ quan ban hành",
        "signer": "Người ký",
        "signed": "Thời điểm ký",
        "revoked": "Thời điểm thu hồi",
        "facility": "Cơ sở chịu trách nhiệm",
        "practitioner": "Người hành nghề",
        "licence": "Số giấy phép hành nghề",
        "note": "Trang này không có thông tin cá nhân.",
        "check": "Kiểm tra chính tệp PDF",
        "file": "Chọn tệp PDF bạn đang có (tối đa 3 MB)",
        "send": "Kiểm tra tệp",
    },
    "en": {
        "title": "Verify a paper",
        "platform": "Digital platform of Thai Nguyen province",
        "code": "Verification code",
        "procedure": "Procedure",
        "agency": "Issued by",
        "signer": "Signed by",
        "signed": "Signed at",
        "revoked": "Revoked at",
        "facility": "Responsible facility",
        "practitioner": "Practitioner",
        "licence": "Licence number",
        "note": "This page shows no personal data.",
        "check": "Check the PDF file itself",
        "file": "Choose the PDF file you have (3 MB at most)",
        "send": "Check the file",
    },
}


def wants_page(request: Request) -> bool:
    """Say whether the client is a browser: it names text/html before any JSON."""
    accepted = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    kinds = [kind for kind in accepted if kind in ("text/html", "application/json", "*/*")]
    return bool(kinds) and kinds[0] == "text/html"


def result_page(verdict: ResultVerdict, language: str) -> HTMLResponse:
    """Return the page of a result, or of the receipt that came before it."""
    words = _WORDS[language]
    procedure = " · ".join(filter(None, (verdict.procedure_code, verdict.procedure_name)))
    facts = rows(
        [
            (words["code"], verdict.code),
            (words["procedure"], procedure),
            (words["agency"], verdict.agency_name),
            (words["signer"], verdict.signer),
            (words["signed"], _moment(verdict.signed_at)),
            (words["revoked"], _moment(verdict.revoked_at)),
        ]
    )
    cards = (_RESULT[language] | _RECEIPT[language]) if verdict.kind == "RECEIPT" else _RESULT[language]
    card = cards.get(verdict.verdict, cards["UNKNOWN"])
    target = "" if verdict.verdict == "UNKNOWN" else f"/verify/{verdict.code}"
    return _page(card, facts, language, target)


def summary_page(verdict: SummaryVerdict, language: str) -> HTMLResponse:
    """Return the page of a consultation summary."""
    words, facility, practitioner = _WORDS[language], verdict.responsible_facility, verdict.practitioner
    facts = rows(
        [
            (words["code"], verdict.code),
            (words["facility"], facility.name if facility else None),
            (words["practitioner"], f"{practitioner.title or ''} {practitioner.full_name}" if practitioner else None),
            (words["licence"], practitioner.licence_number if practitioner else None),
            (words["signed"], _moment(verdict.signed_at)),
        ]
    )
    card = _SUMMARY[language].get(verdict.verdict, _SUMMARY[language]["ISSUED"])
    return _page(card, facts, language, f"/verify/summaries/{verdict.code}")


def _page(card: tuple[str, str, str], facts: str, language: str, target: str) -> HTMLResponse:
    kind, headline, explanation = card
    words = _WORDS[language]
    body = (
        f'<header class="top"><h1>Sông Cầu · {escape(words["title"])}</h1><p>{escape(words["platform"])}</p></header>\n'
        f'<main class="narrow"><section class="card verdict {kind}"><h2>{escape(headline)}</h2>'
        f"<p>{escape(explanation)}</p><dl>{facts}</dl></section>\n"
        f'{_form(target, words) if target else ""}<p class="soft">{escape(words["note"])}</p></main>'
    )
    return page(headline, body, language=language)


def _form(target: str, words: Mapping[str, str]) -> str:
    return (
        f'<section class="card"><form method="post" action="{escape(target)}" enctype="multipart/form-data">'
        f'<strong>{escape(words["check"])}</strong><label for="file">{escape(words["file"])}</label>'
        '<input id="file" type="file" name="file" accept="application/pdf" required>'
        f"<button>{escape(words['send'])}</button></form></section>\n"
    )


def _moment(instant: datetime | None) -> str | None:
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if instant else None
