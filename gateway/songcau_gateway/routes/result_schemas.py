"""What the API says about signed results and summaries to anybody who holds the paper."""

from pydantic import Field

from songcau_gateway.routes.fields import Answer, Instant, known


class ResultVerdict(Answer):
    """Whether a result is genuine; tells nothing about the citizen."""

    verdict: str = known("VALID", "ALTERED", "REVOKED", "UNKNOWN")
    kind: str | None = known("RESULT", "RECEIPT", note="which paper the code stands on, null for an unknown code")
    code: str | None = Field(examples=["7K3M-9QXT-2HVB-W4PC"])
    procedure_code: str | None = Field(examples=["1.001193"])
    procedure_name: str | None = Field(examples=["Đăng ký khai sinh"])
    agency_code: str | None = Field(examples=["H55.242"])
    agency_name: str | None = Field(examples=["Ủy ban nhân dân xã La Hiên"])
    signed_at: Instant | None
    signer: str | None = Field(examples=["Ủy ban nhân dân xã La Hiên"])
    revoked_at: Instant | None


class SummaryFacility(Answer):
    """The facility that is responsible for a consultation."""

    code: str = Field(examples=["19001"])
    name: str = Field(examples=["Bệnh viện Trung ương Thái Nguyên"])


class SummaryPractitioner(Answer):
    """The practitioner who signed."""

    id: str = Field(examples=["019ab6c2-7c1e-7000-8000-000000000004"])
    full_name: str = Field(examples=["Trần Văn Thử"])
    title: str | None = Field(examples=["Bác sĩ chuyên khoa I"])
    licence_number: str = Field(examples=["000123/TNG-GPHN"])


class SummaryVerdict(Answer):
    """Whether a consultation summary is genuine; tells nothing about the patient."""

    verdict: str = known("ISSUED", "VALID", "ALTERED")
    code: str = Field(examples=["7K3M-9QXT-2HVB-W4PC"])
    signed_at: Instant | None
    responsible_facility: SummaryFacility | None
    practitioner: SummaryPractitioner | None
