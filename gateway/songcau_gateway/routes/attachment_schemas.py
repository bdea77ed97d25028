"""What the API says about the files of a dossier."""

from pydantic import Field

from songcau_gateway.routes.fields import Answer, Id, Instant


class Attachment(Answer):
    """A file of a dossier, without its content."""

    id: Id
    component_key: str | None = Field(examples=["birth_certificate_notice"])
    file_name: str | None = Field(examples=["giay-chung-sinh.pdf"])
    media_type: str = Field(examples=["application/pdf"], description="found by looking at the content")
    size_bytes: int = Field(examples=[48213])
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    attached_at: Instant | None


class Attached(Answer):
    """The file that was attached, and the dossier's version after it."""

    attachment: Attachment
    version: int = Field(examples=[5], description="version of the dossier")
