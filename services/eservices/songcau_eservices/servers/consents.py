"""What goes on only while a person's consent stands, asked of the copy: it waits where the copy may be too old."""

_ATTACHMENTS = "songcau.eservices.v1.AttachmentService"

RESTING_ON_CONSENT = frozenset({f"{_ATTACHMENTS}/ListReusablePapers", f"{_ATTACHMENTS}/ReusePaper"})
