"""Where this database, and the store beside it, holds what is sealed under the data keys of citizens."""

from collections.abc import Iterable
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.sealed_data import SealedColumns, SealedData, StoredFiles

from songcau_eservices.dossiers import repository_citizens

_OF_DOSSIER = "dossier_id in (select id from dossiers where citizen_id = %(subject)s)"

SEALED = SealedData(
    columns=[
        SealedColumns("dossiers", ("answers_enc", "applicant_enc", "reason_enc", "proposal_enc"), ("id",), "id::text"),
        SealedColumns(
            "dossier_history", ("reason_enc",), ("dossier_id", "version"), "dossier_id || '/' || version", _OF_DOSSIER
        ),
        SealedColumns("supplements", ("body_enc",), ("id",), "id::text", _OF_DOSSIER),
        SealedColumns("attachments", ("details_enc",), ("id",), "id::text", _OF_DOSSIER),
        SealedColumns("papers", ("revocation_reason_enc",), ("id",), "id::text"),
        SealedColumns("payments", ("return_url_enc",), ("id",), "id::text"),
        # A stored answer does not say about whom it is.
        SealedColumns("idempotency_keys", ("response",), ("key_digest",), "encode(key_digest, 'hex')", owner=""),
    ],
    files=[StoredFiles("attachments", "address", _OF_DOSSIER), StoredFiles("papers", "address")],
)


def family(conn: Connection, citizen_id: UUID) -> Iterable[UUID]:
    """Return every id that means the same citizen."""
    return repository_citizens.ask_family(conn, citizen_id)()
