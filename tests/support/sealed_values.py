"""What the sealed columns of a service hold of some people, opened in their places."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import DataKey, DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.field_cipher import Place, decrypt
from songcau_kit.sealed_data import SealedColumns, SealedData
from songcau_kit.sealed_rows import count_versions
from songcau_kit.settings import ServiceSettings
from songcau_kit.wrapping_keys import open_wrapping_keys

Values = dict[tuple[str, str, str], bytes]


class SealedValues:
    """Looks into one database with the keys of its service, none of them kept in memory."""

    def __init__(self, database: Database, settings: ServiceSettings, sealed: SealedData) -> None:
        self.database = database
        self.sealed = sealed
        self.keys = DataKeys(open_wrapping_keys(settings), SystemClock(), cache_seconds=0)

    def key(self, person: UUID) -> DataKey:
        with self.database.read() as conn:
            return self.keys.get(conn, person)

    def opened(self, people: Sequence[UUID]) -> Values:
        """Return every value, in columns of which the schema tells whose they are."""
        values: Values = {}
        for person in people:
            key = self.key(person)
            with self.database.read() as conn:
                for columns in self.sealed.columns:
                    if columns.owner:
                        values |= _opened(conn, columns, key)
        return values

    def counts(self, person: UUID) -> dict[int, int]:
        """Return how many rows and files carry each version of a person's key."""
        key = self.key(person)
        with self.database.read() as conn:
            return dict(count_versions(conn, self.sealed, key))

    def columns(self) -> set[tuple[str, str]]:
        """Return the columns that `opened` looks into."""
        return {(one.table, column) for one in self.sealed.columns if one.owner for column in one.columns}


def _opened(conn: Connection, columns: SealedColumns, key: DataKey) -> Values:
    shown = ", ".join((columns.row, *columns.columns))
    rows = conn.execute(f"select {shown} from {columns.table} where {columns.owner}", {"subject": key.subject_id})
    return {
        (columns.table, column, row): decrypt(key, Place(columns.table, column, row), blob[columns.unsealed_bytes :])
        for row, *blobs in rows.fetchall()
        for column, blob in zip(columns.columns, blobs, strict=True)
        if blob
    }
