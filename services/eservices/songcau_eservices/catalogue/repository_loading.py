"""The SQL that writes procedures: what stands open, closing a version, adding versions in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.catalogue import words
from songcau_eservices.catalogue.model import ProcedureSource, ProcedureVersion

CATALOGUE_LOCK = 0x53_43_50_52_4F_43
_COLUMNS = (
    "id, procedure_code, number, source, valid_from, valid_to, name, name_exact, name_folded, field_code, field_name, "
    "field_folded, authority, authority_levels, service_level, online, detailed, words_exact, words_folded, "
    "words_authority, list_rank, content, content_sha256"
)
RANK_NATIONAL, RANK_FOR_OTHERS = 1_000, 2_000


@dataclass(frozen=True)
class StoredVersion:
    """What the database says of a version without its content; an empty period means it was corrected."""

    id: UUID
    code: str
    number: int
    source: ProcedureSource
    valid_from: date
    valid_to: date | None
    sha256: bytes

    @property
    def stands(self) -> bool:
        """Return whether the version held on at least one day."""
        return self.valid_to is None or self.valid_to > self.valid_from


@dataclass(frozen=True)
class NewVersion:
    """A version to be written with its canonical JSON and digest."""

    version: ProcedureVersion
    text: str
    sha256: bytes


def lock_catalogue(conn: Connection) -> None:
    """Let only one loader at a time change the catalogue, until the transaction ends.

    The loader then reads and compares its files, which on a busy machine outlasts what requests may leave idle.
    """
    conn.execute("set local idle_in_transaction_session_timeout = '10min'")
    conn.execute("select pg_advisory_xact_lock(%s)", (CATALOGUE_LOCK,))


def stored_versions(conn: Connection) -> list[StoredVersion]:
    """Return every version in order of code and number."""
    rows = conn.execute(
        """select id, procedure_code, number, source, valid_from, valid_to, content_sha256
        from procedure_versions order by procedure_code, number"""
    ).fetchall()
    return [StoredVersion(r[0], r[1], r[2], ProcedureSource(r[3]), r[4], r[5], r[6]) for r in rows]


def close_versions(conn: Connection, ends: Sequence[tuple[UUID, date | None]]) -> None:
    """Set the end of versions."""
    with conn.cursor() as cursor:
        cursor.executemany("update procedure_versions set valid_to = %s where id = %s", [(e, i) for i, e in ends])


def add_procedures(conn: Connection, codes: Sequence[str]) -> None:
    """Make sure that procedures exist; raise the row version of those that do."""
    conn.execute(
        """insert into procedures (code) select unnest(%s::text[])
        on conflict (code) do update set row_version = procedures.row_version + 1""",
        (sorted(codes),),
    )


def add_versions(conn: Connection, new: Iterable[NewVersion]) -> None:
    """Write versions in bulk."""
    with conn.cursor() as cursor, cursor.copy(f"copy procedure_versions ({_COLUMNS}) from stdin") as copy:
        for item in new:
            copy.write_row(_row(item))


def mark_overlaid(conn: Connection) -> None:
    """Put national versions behind the province's own text of the same procedure."""
    conn.execute(
        """update procedure_versions n set overlaid = c.curated from (
            select procedure_code,
                bool_or(source = 'CURATED' and (valid_to is null or valid_to > valid_from)) as curated
            from procedure_versions group by procedure_code) c
        where n.procedure_code = c.procedure_code and n.source = 'NATIONAL' and n.overlaid <> c.curated"""
    )


def refresh_statistics(conn: Connection) -> None:
    """Tell the planner what the catalogue looks like now, so that searches use their indexes."""
    conn.execute("analyze procedure_versions")


def _row(item: NewVersion) -> tuple[object, ...]:
    version, content = item.version, item.version.content
    exact, folded = words.exact_words(content.name), words.folded_words(content.name)
    # Synonyms and the field lead to a procedure too, but rank below the words of its name (see the search).
    more = " ".join((content.code, *content.keywords, content.field.name))
    return (
        version.id, content.code, version.number, version.source, version.valid_from, version.valid_to,
        content.name, words.phrase(exact), words.phrase(folded),
        content.field.code, content.field.name, " ".join(words.folded_words(content.field.name)),
        content.authority, [str(level) for level in content.authority_levels], content.service_level,
        content.online, content.detailed,
        words.vector([*exact, *words.exact_words(more)]), words.vector([*folded, *words.folded_words(more)]),
        words.vector(words.folded_words(content.authority)),
        _list_rank(item, len(folded)),
        item.text, item.sha256,
    )  # fmt: skip


def _list_rank(item: NewVersion, words_in_name: int) -> int:
    """Put the province's own text first, what only others submit last, and short names before long ones."""
    rank = 0 if item.version.source is ProcedureSource.CURATED else RANK_NATIONAL
    if item.version.content.meant_for_others:
        rank = RANK_FOR_OTHERS
    return rank + min(words_in_name, RANK_NATIONAL - 1)
