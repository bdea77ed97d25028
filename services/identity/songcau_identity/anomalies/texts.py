"""What is written about an anomaly: checked, and kept closed under a key of the anomaly's own."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection
from songcau_kit.personal import Personal

from songcau_identity.anomalies import repository
from songcau_identity.errors import ANOMALY_INVALID
from songcau_identity.officers import Desk
from songcau_identity.rights import words

TABLE = "anomalies"


@dataclass(frozen=True)
class AnomalyTexts:
    """Question, explanation and note; nothing written is empty."""

    question: Personal
    explanation: Personal
    note: Personal


def read_words(text: str, field: str) -> Personal:
    """Return a text that may be kept; raises ANOMALY_INVALID."""
    return words.read_text(text, field, needed=True, reason=ANOMALY_INVALID)


def seal(desk: Desk, conn: Connection, anomaly_id: UUID, column: str, text: Personal) -> bytes | None:
    """Close a text of an anomaly."""
    data_key = desk.data_keys.get_or_create(conn, anomaly_id)
    return words.seal(data_key, anomaly_id, column, text, table=TABLE)


def unseal(desk: Desk, conn: Connection, anomaly_id: UUID) -> AnomalyTexts:
    """Open what was written about an anomaly that exists; where nothing was, there is no key."""
    sealed = repository.get_texts(conn, anomaly_id)
    blobs = (sealed.question, sealed.explanation, sealed.note)
    data_key: DataKey | None = desk.data_keys.get(conn, anomaly_id) if any(blobs) else None

    def open_text(column: str, blob: bytes | None) -> Personal:
        return words.unseal(data_key, anomaly_id, column, blob, table=TABLE) if data_key else Personal("")

    columns = ("question_enc", "explanation_enc", "note_enc")
    return AnomalyTexts(*(open_text(column, blob) for column, blob in zip(columns, blobs, strict=True)))
