"""Where a database holds what is sealed under data keys: columns, stored files. Knows of no service's tables.

Each service lists its own; a contract test finds a column that was forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SealedColumns:
    """Sealed columns of one table, as SQL.

    `key` is the primary key, `row` the expression that gives the row of a `Place`, `owner` the condition that a row is
    sealed under the key of the person `%(subject)s`. Where no condition can tell, `owner` is empty: then whose row it
    is shows by which key opens it. `unsealed_bytes` stand before the sealed ones.
    """

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    row: str
    owner: str = "citizen_id = %(subject)s"
    unsealed_bytes: int = 0


@dataclass(frozen=True)
class StoredFiles:
    """A column with the addresses of stored files, and the condition by which they are of `%(subject)s`."""

    table: str
    column: str
    owner: str = "citizen_id = %(subject)s"


@dataclass(frozen=True)
class SealedData:
    """Everything of a service that is sealed under data keys.

    `keeps_former` is for what may never change again, so that a former key must go on opening it.
    """

    columns: Sequence[SealedColumns] = ()
    files: Sequence[StoredFiles] = ()
    keeps_former: bool = False
