"""SQL over the sealed columns of one person: finds what a version of their key still seals, and seals it anew."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from songcau_kit.data_keys import FIRST_VERSION, DataKey
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import HEADER_BYTES, Place, decrypt, encrypt, header_of
from songcau_kit.objects import address_prefix
from songcau_kit.protection_errors import CIPHERTEXT_INVALID
from songcau_kit.sealed_data import SealedColumns, SealedData, StoredFiles

BATCH = 50

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Portion:
    """Rows of one table that were looked at, which of them were sealed anew, and the key of the last one."""

    seen: int
    sealed: int
    last: Row | None


def seal_portion(conn: Connection, columns: SealedColumns, key: DataKey, after: Row | None) -> Portion:
    """Seal up to BATCH rows of a person anew, held until the transaction ends.

    `after` is where the last portion ended. Raises CIPHERTEXT_INVALID for a row of theirs that no version opens.
    """
    rows = _select(conn, columns, key, after, end="for update")
    changed = [one for row in rows if (one := _sealed_anew(columns, key, row))]
    if changed:
        conn.cursor().executemany(_update(columns), changed)
    return Portion(len(rows), len(changed), rows[-1][: len(columns.key)] if rows else None)


def count_outdated(conn: Connection, columns: SealedColumns, key: DataKey) -> int:
    """Return how many rows of a person another version of their key than the newest seals."""
    return _count(conn, columns, key, "<>")


def count_versions(conn: Connection, sealed: SealedData, key: DataKey) -> Counter[int]:
    """Return how many rows and files of a person carry each version of their key."""
    counts: Counter[int] = Counter()
    for one in key.opening:
        counts[one.version] += sum(_count(conn, columns, one, "=") for columns in sealed.columns)
    prefixes = {address_prefix(one): one.version for one in key.opening}
    for files in sealed.files:
        statement = f"select {files.column} from {files.table} where {files.owner}"  # noqa: S608 -- names of code
        for (address,) in conn.execute(statement, {"subject": key.subject_id}).fetchall():
            counts[prefixes.get(address[: address.find("/") + 1], FIRST_VERSION)] += 1
    return counts


def list_outdated_files(conn: Connection, files: StoredFiles, key: DataKey) -> list[str]:
    """Return the addresses of a person's files that another version of their key than the newest seals."""
    rows = conn.execute(
        f"""select distinct {files.column} from {files.table}
        where {files.owner} and not starts_with({files.column}, %(prefix)s)""",  # noqa: S608 -- names of code
        {"subject": key.subject_id, "prefix": address_prefix(key)},
    ).fetchall()
    return [address for (address,) in rows]


def move_file(conn: Connection, files: StoredFiles, before: str, after: str) -> None:
    """Let every row that points at a file point at another."""
    conn.execute(
        f"update {files.table} set {files.column} = %s where {files.column} = %s",  # noqa: S608 -- names of code
        (after, before),
    )


def _count(conn: Connection, columns: SealedColumns, key: DataKey, relation: str) -> int:
    if columns.owner:
        where = _where(columns, None, relation)
        statement = f"select count(*) from {columns.table} where {where}"  # noqa: S608 -- names of code
        ((count,),) = conn.execute(statement, _values(key, None)).fetchall()
        return int(count)
    return sum(_sealed_anew(columns, key, row) is not None for row in _all(conn, columns, key, relation))


def _select(
    conn: Connection, columns: SealedColumns, key: DataKey, after: Row | None, *, relation: str = "<>", end: str = ""
) -> list[Row]:
    shown = ", ".join((*columns.key, f"{columns.row} as place_row", *columns.columns))
    statement = f"""select {shown} from {columns.table} where {_where(columns, after, relation)}
        order by {", ".join(columns.key)} limit {BATCH} {end}"""  # noqa: S608 -- names of code
    return conn.execute(statement, _values(key, after)).fetchall()


def _where(columns: SealedColumns, after: Row | None, relation: str) -> str:
    """Return the condition for rows of which a column begins with the header of a version, or with another one."""
    start = columns.unsealed_bytes + 1
    begins = " or ".join(
        f"(length({column}) >= {start + HEADER_BYTES}"
        f" and substring({column} from {start} for {HEADER_BYTES}) {relation} %(header)s)"
        for column in columns.columns
    )
    beyond = f"({', '.join(columns.key)}) > ({', '.join(f'%(after{n})s' for n in range(len(columns.key)))})"
    return " and ".join([columns.owner or "true", f"({begins})", *([beyond] if after else [])])


def _values(key: DataKey, after: Row | None) -> dict[str, object]:
    values: dict[str, object] = {"subject": key.subject_id, "header": header_of(key)}
    return values | {f"after{number}": value for number, value in enumerate(after or ())}


def _update(columns: SealedColumns) -> str:
    news = ", ".join(f"{column} = %s" for column in columns.columns)
    return f"update {columns.table} set {news} where {' and '.join(f'{one} = %s' for one in columns.key)}"  # noqa: S608


def _sealed_anew(columns: SealedColumns, key: DataKey, row: Row) -> Row | None:
    try:
        return (*_reseal(columns, key, row), *row[: len(columns.key)])
    except DomainError as error:
        if columns.owner or error.reason is not CIPHERTEXT_INVALID:
            raise
        return None


def _reseal(columns: SealedColumns, key: DataKey, row: Row) -> Iterator[bytes | None]:
    place_row, *blobs = row[len(columns.key) :]
    for column, blob in zip(columns.columns, blobs, strict=True):
        if not blob:
            yield blob
            continue
        place = Place(columns.table, column, place_row)
        unsealed, sealed = blob[: columns.unsealed_bytes], blob[columns.unsealed_bytes :]
        yield unsealed + encrypt(key, place, decrypt(key, place, sealed))


def _all(conn: Connection, columns: SealedColumns, key: DataKey, relation: str) -> Iterator[Row]:
    after: Row | None = None
    while rows := _select(conn, columns, key, after, relation=relation):
        yield from rows
        after = rows[-1][: len(columns.key)]
