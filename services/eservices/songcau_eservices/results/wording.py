"""What stands on the papers: Vietnamese words and forms of dates, money and places; no rule lives here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from songcau_kit.clock import VIETNAM, local_date
from songcau_units.agencies import Agency, AgencyKind

from songcau_eservices.calendar.model import Deadline
from songcau_eservices.calendar.wording import UNITS_VI
from songcau_eservices.catalogue.model import Channel, ProcedureContent
from songcau_eservices.dossiers.dossier import Applicant, Dossier
from songcau_eservices.dossiers.model import Finance
from songcau_eservices.dossiers.views import Whole

CHANNELS = {
    Channel.DIRECT: "Trực tiếp tại Bộ phận Một cửa",
    Channel.ONLINE: "Trực tuyến",
    Channel.POSTAL: "Qua dịch vụ bưu chính công ích",
}
MONEY = {
    Finance.PAID: "đã nộp",
    Finance.REFUND_DUE: "đã nộp; phần nộp thừa được hoàn trả",
    Finance.REFUNDED: "đã nộp; phần nộp thừa đã hoàn trả",
    Finance.EXEMPT: "",
    Finance.NOT_DUE: "nộp khi cơ quan giải quyết yêu cầu",
}
PERSONAL_NUMBER, ORGANISATION_NUMBER = "Số định danh", "Mã số doanh nghiệp/mã số thuế"
PROVINCE = "tỉnh Thái Nguyên"
SUPERIORS = {
    AgencyKind.COMMUNE: "UBND TỈNH THÁI NGUYÊN",
    AgencyKind.DEPARTMENT: "UBND TỈNH THÁI NGUYÊN",
    AgencyKind.POLICE: "CÔNG AN TỈNH THÁI NGUYÊN",
}
SIGNATORIES = {AgencyKind.COMMUNE: "TM. Ủy ban nhân dân", AgencyKind.POLICE: "Trưởng Công an"}


@dataclass(frozen=True)
class Bodies:
    """The agencies a paper names."""

    issuing: Agency
    authority: Agency


def letterhead(agency: Agency, number: str, at: datetime) -> dict[str, object]:
    """Return what stands at the head of every paper."""
    day = local_date(at)
    return {
        "superior": SUPERIORS.get(agency.kind, ""),
        "agency": agency.name,
        "agency_short": agency.name,
        "number": number,
        "place_and_date": f"{place_of(agency)}, ngày {day:%d} tháng {day:%m} năm {day:%Y}",
    }


def named(applicant: Applicant, *, is_organisation: bool) -> dict[str, object]:
    """Return how a paper names the applicant: in capitals, as official papers do.

    An organisation is known by the number of its registration, which is its tax code, and has a legal representative.
    """
    return {
        "applicant": applicant.full_name.reveal().upper(),
        "identifier_name": ORGANISATION_NUMBER if is_organisation else PERSONAL_NUMBER,
        "identifier": applicant.identifier_masked.reveal(),
        "legal_representative": applicant.legal_representative.reveal(),
        "birth_date": _birth_date(applicant.birth_date.reveal()),
        "address": applicant.address.reveal(),
        "phone": _phone(applicant.phone.reveal()),
    }


def receipt(
    whole: Whole, applicant: Applicant, content: ProcedureContent, bodies: Bodies, *, is_organisation: bool
) -> dict[str, object]:
    """Return the data of form 01, as of the moment of acceptance."""
    dossier, deadline = whole.dossier, whole.dossier.deadline
    accepted_at = dossier.times.accepted_at
    if deadline is None or accepted_at is None:
        raise ValueError("a receipt is of an accepted dossier")
    return {
        **letterhead(bodies.issuing, dossier.code, accepted_at),
        **named(applicant, is_organisation=is_organisation),
        "receiver": f"Bộ phận Một cửa: {bodies.issuing.name}",
        "procedure": dossier.procedure.name,
        "procedure_code": dossier.procedure.code,
        "authority": bodies.authority.name,
        "papers": _papers(whole, content, accepted_at),
        "term": _term(deadline),
        "received_at": _moment(accepted_at),
        "due": _due(deadline),
        "channel": CHANNELS[dossier.channel],
        "fee": _fee(dossier),
        "applicant_note": "(Nộp trực tuyến)" if dossier.channel is Channel.ONLINE else "(Ký, ghi rõ họ tên)",
    }


def result(
    dossier: Dossier,
    applicant: Applicant,
    content: ProcedureContent,
    agency: Agency,
    at: datetime,
    *,
    is_organisation: bool,
) -> dict[str, object]:
    """Return the data of a result that the dossier gives; the decision itself comes from the officer."""
    accepted_at = dossier.times.accepted_at or at
    kinds = [one.name for one in content.results]
    return {
        **letterhead(agency, f"{dossier.code}/KQ", at),
        **named(applicant, is_organisation=is_organisation),
        "heading": kinds[0] if kinds else "Kết quả giải quyết thủ tục hành chính",
        "procedure": dossier.procedure.name,
        "dossier_code": dossier.code,
        "accepted_on": f"{local_date(accepted_at):%d/%m/%Y}",
        "bases": [" ".join(filter(None, (basis.name, basis.number))) for basis in content.legal_bases][:4],
        "signatory": SIGNATORIES.get(agency.kind, "Thủ trưởng cơ quan"),
    }


def decision(text: str, facts: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return the officer's words as the template wants them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {"decision": lines, "facts": [{"label": label, "value": value} for label, value in facts]}


def money(amount: int) -> str:
    """Return a sum as people write it: 1.234.567 đồng."""
    return f"{amount:,} đồng".replace(",", ".")


def place_of(agency: Agency) -> str:
    """Return the place a paper is dated from: the commune without its kind, else the province."""
    for prefix in ("Ủy ban nhân dân xã ", "Ủy ban nhân dân phường ", "Công an xã ", "Công an phường "):
        if agency.name.startswith(prefix):
            return agency.name.removeprefix(prefix).split(",", maxsplit=1)[0].removesuffix(f" {PROVINCE}")
    return "Thái Nguyên"


def _papers(whole: Whole, content: ProcedureContent, accepted_at: datetime) -> list[dict[str, str]]:
    components = {one.key: one for group in content.document_groups for one in group.documents}
    rows = []
    for attachment in whole.attachments:
        if attachment.attached_at > accepted_at:
            continue
        component = components.get(attachment.component_key)
        rows.append(
            {
                "name": component.name if component else "Giấy tờ khác",
                "originals": str(component.originals) if component and component.originals else "",
                "copies": str(component.copies) if component and component.copies else "",
                "way": "Bản điện tử",
            }
        )
    return rows or [{"name": "Biểu mẫu điện tử", "originals": "", "copies": "", "way": "Bản điện tử"}]


def _term(deadline: Deadline) -> str:
    if deadline.same_day:
        return "trong ngày làm việc (tiếp nhận sau 15 giờ: ngày làm việc tiếp theo)"
    return f"{deadline.value:02d} {UNITS_VI[deadline.unit]}"


def _due(deadline: Deadline) -> str:
    first = deadline.history[0].old_due_date if deadline.history else deadline.due_date
    if not deadline.history and not deadline.pauses:
        return _moment(deadline.due_at)
    return f"ngày {first:%d/%m/%Y}"


def _fee(dossier: Dossier) -> str:
    if dossier.fee.amount == 0:
        return "không thu"
    state = MONEY.get(dossier.axes.finance, "")
    return money(dossier.fee.amount) + (f" ({state})" if state else "")


def _moment(at: datetime) -> str:
    local = at.astimezone(VIETNAM)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d} tháng {local:%m} năm {local:%Y}"


def _birth_date(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    except ValueError:
        return "/".join(reversed(text.split("-")))


def _phone(text: str) -> str:
    return "0" + text[3:] if text.startswith("+84") else text
