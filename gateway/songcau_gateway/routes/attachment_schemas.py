"""What the API says about the files of a dossier."""

from datetime import date
from uuid import UUID

from pydantic import Field

from songcau_gateway.routes.dossier_schemas import ComponentKey
from songcau_gateway.routes.fields import EXAMPLE_ID, Answer, Body, Id, Instant


class Attachment(Answer):
    """A file of a dossier, without its content."""

    id: Id
    component_key: str | None = Field(examples=["birth_certificate_notice"])
    file_name: str | None = Field(examples=["giay-chung-sinh.pdf"])
    media_type: str = Field(examples=["application/pdf"], description="found by looking at the content")
    size_bytes: int = Field(examples=[48213])
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    attached_at: Instant | None
    valid_until: date | None = Field(examples=["2031-05-20"], description="last day of the paper as stated")
    reused_from_attachment_id: str | None = Field(
        examples=[None], description="the file of an earlier dossier it was taken from"
    )


class Attached(Answer):
    """The file that was attached, and the dossier's version after it."""

    attachment: Attachment
    version: int = Field(examples=[5], description="version of the dossier")


class ReusablePaper(Answer):
    """A paper of an earlier dossier, and the component of this one it could stand for."""

    component_key: str = Field(examples=["birth_certificate_notice"], description="component of this dossier")
    attachment: Attachment = Field(description="the file of the earlier dossier")
    dossier_id: Id
    dossier_code: str = Field(examples=["H55.242-261123-0001"], description="number of the earlier dossier")
    procedure_name: str = Field(examples=["Đăng ký khai sinh"])


class ReusablePapers(Answer):
    """What could stand for the papers this dossier lacks, newest first; at most 100."""

    items: list[ReusablePaper]


class PaperWish(Body):
    """Which paper of an earlier dossier stands for which component."""

    component_key: ComponentKey = Field(examples=["birth_certificate_notice"])
    attachment_id: UUID = Field(examples=[EXAMPLE_ID], description="file of the earlier dossier", strict=False)
