"""The SQL that finds procedures: one statement on word and list indexes, exact accents before folded ones."""

from typing import Any, LiteralString

from songcau_kit.database import Connection

from songcau_eservices.catalogue import words
from songcau_eservices.catalogue.model import AuthorityLevel, ProcedureSource, ServiceLevel
from songcau_eservices.catalogue.search import CODE_START, FIELD_CODE, Place, ProcedureFilter, ProcedureHit, plain_code

# The lower the better: every word as written and in this order, every word as written, every word without accents
# in this order, every word without accents. The last word may be unfinished, so a phrase ends without a space.
_WORD_RANK: LiteralString = """case
    when words_exact @@ %(exact)s::tsquery then case when strpos(name_exact, %(exact_phrase)s) > 0 then 1 else 2 end
    when strpos(name_folded, %(folded_phrase)s) > 0 then 3 else 4 end"""


_COLUMNS: LiteralString = """list_rank, procedure_code, name, field_code, field_name, authority, authority_levels,
    service_level, online, source, detailed"""


def search_procedures(conn: Connection, wanted: ProcedureFilter, *, after: Place, limit: int) -> list[ProcedureHit]:
    """Return the hits after a place, best first. Needs a transaction, best a pipelined one."""
    stay_on_indexes(conn)
    statement, values = search_statement(wanted, after, limit)
    return [_hit(row) for row in conn.execute(statement, values).fetchall()]


def stay_on_indexes(conn: Connection) -> None:
    """Keep the rest of the transaction from reading the whole table.

    For a beginning that most names share (`th…`) the planner would, and the time of a search would grow with every
    version the catalogue keeps.
    """
    conn.execute("set local enable_seqscan = off")


def search_statement(wanted: ProcedureFilter, after: Place, limit: int) -> tuple[LiteralString, dict[str, Any]]:
    """Return the statement and its values; also for looking at its plan."""
    values: dict[str, Any] = {
        "on": wanted.on, "limit": limit, "rank": after.rank, "list_rank": after.list_rank, "code": after.code,
    }  # fmt: skip
    rank, conditions = _match(wanted, values)
    conditions += _filters(wanted, values)
    # Without words every rank is 0: comparing only what the list index holds lets the index begin at the place.
    place: LiteralString = "(rank, list_rank, procedure_code) > (%(rank)s, %(list_rank)s, %(code)s)"
    order: LiteralString = "rank, list_rank, procedure_code"
    if rank == "0":
        place = "(list_rank, procedure_code) > (%(list_rank)s, %(code)s)"
        order = "list_rank, procedure_code"
    valid: LiteralString = "not overlaid and valid_from <= %(on)s and (valid_to is null or valid_to > %(on)s)"
    statement: LiteralString = f"""select rank, {_COLUMNS} from
        (select {rank} as rank, {_COLUMNS} from procedure_versions where {" and ".join((valid, *conditions))}) found
        where {place} order by {order} limit %(limit)s"""  # noqa: S608  pieces of this module only
    return statement, values


def _match(wanted: ProcedureFilter, values: dict[str, Any]) -> tuple[LiteralString, list[LiteralString]]:
    code = plain_code(wanted.query)
    if CODE_START.match(code):
        # A range, since a prepared LIKE cannot use the index; a colon follows the digits.
        values |= {"code_start": code, "code_end": code + ":"}
        return "0", ["procedure_code ~>=~ %(code_start)s and procedure_code ~<~ %(code_end)s"]
    exact, folded = words.exact_words(wanted.query), words.folded_words(wanted.query)
    if not folded:
        return "0", []
    values |= {
        "exact": words.query(exact, prefix=True),
        "folded": words.query(folded, prefix=True),
        "exact_phrase": words.phrase(exact).removesuffix(" "),
        "folded_phrase": words.phrase(folded).removesuffix(" "),
    }
    return _WORD_RANK, ["words_folded @@ %(folded)s::tsquery"]


def _filters(wanted: ProcedureFilter, values: dict[str, Any]) -> list[LiteralString]:
    conditions: list[LiteralString] = []
    if wanted.field:
        is_code = FIELD_CODE.match(wanted.field)
        values["field"] = wanted.field.upper() if is_code else " ".join(words.folded_words(wanted.field))
        conditions.append("field_code = %(field)s" if is_code else "field_folded = %(field)s")
    if wanted.authority:
        values["authority"] = words.query(words.folded_words(wanted.authority), prefix=True)
        conditions.append("words_authority @@ %(authority)s::tsquery")
    if wanted.authority_level:
        values["authority_level"] = wanted.authority_level
        conditions.append("authority_levels @> array[%(authority_level)s::text]")
    if wanted.service_level:
        values["service_level"] = wanted.service_level
        conditions.append("service_level = %(service_level)s")
    if wanted.online is not None:
        values["online"] = wanted.online
        conditions.append("online = %(online)s")
    return conditions


def _hit(row: tuple[Any, ...]) -> ProcedureHit:
    rank, list_rank, code, name, field_code, field_name, authority, levels, service_level, online, source, detailed = (
        row
    )
    return ProcedureHit(
        place=Place(rank, list_rank, code),
        name=name,
        field_code=field_code,
        field_name=field_name,
        authority=authority,
        authority_levels=tuple(AuthorityLevel(level) for level in levels),
        service_level=ServiceLevel(service_level),
        online=online,
        source=ProcedureSource(source),
        detailed=detailed,
    )
