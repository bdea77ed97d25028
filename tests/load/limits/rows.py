"""The rows of the bare limits: one dossier to read, and the four rows that stand for a submission.

The tables are copies of the platform's own, with their columns, keys and indexes, without their triggers.
"""

import psycopg

TABLES = ("dossiers", "dossier_history", "outbox", "audit_entries", "idempotency_keys")
COLUMNS = (
    "id", "reference", "code", "version", "citizen_id", "procedure_code", "procedure_version_id", "procedure_name",
    "sub_case_code", "channel", "state", "finance", "delivery", "synchronisation", "helping_agency",
    "receiving_agency", "authority_agency", "fee_amount", "fee_collection", "deadline", "answers_enc", "applicant_enc",
    "reason_enc", "created_at", "updated_at", "submitted_at", "accepted_at", "finished_at",
)  # fmt: skip
SELECT = f"select {', '.join(COLUMNS)} from bare_dossiers where id = %s"
EVENT = bytes(range(256)) + bytes(100)
ANSWER = bytes(index * 7 % 256 for index in range(1500))
HEADERS = (
    '{"ce_id": "0199aaaa-0000-7000-8000-000000000000", "ce_type": "songcau.eservices.dossier.v1", '
    '"ce_source": "eservices", "ce_time": "2026-11-23T02:00:00Z", "ce_specversion": "1.0"}'
)
# One statement for psycopg and for pgbench; only the form of the three values differs.
_INSERT = """with chosen as materialized (select {dossier} as id), step as (
    insert into bare_dossier_history (dossier_id, version, action, source, target, at, actor_kind, actor_agency)
    select id, 2, 'SUBMIT', 'DRAFT', 'SUBMITTED', now(), 'CITIZEN', '' from chosen
), event as (
    insert into bare_outbox (event_id, topic, key, payload, headers)
    select gen_random_uuid(), 'eservices.dossier.v1', id::text, {event}, '{headers}' from chosen
), entry as (
    insert into bare_audit_entries (id, occurred_at, subject_id, actor_id, actor_kind, client_id, operation,
        object_kind, object_id, purpose, outcome, correlation_id)
    select gen_random_uuid(), now(), id, 'account-0199aaaa', 'CITIZEN', 'citizen-app', 'SUBMIT_DOSSIER', 'dossier',
        id::text, 'OWN_USE', 'ALLOWED', '0199aaaa-0000-7000-8000-000000000000' from chosen
) insert into bare_idempotency_keys (key_digest, fingerprint, response)
select uuid_send(id), uuid_send(id), {answer} from chosen"""


def insert_for_psycopg() -> str:
    """Return the statement with parameters `dossier`, `event` and `answer`."""
    return _INSERT.format(dossier="%(dossier)s::uuid", event="%(event)s", answer="%(answer)s", headers=HEADERS)


def insert_for_pgbench() -> str:
    """Return the statement with the same bytes written into it and an id of its own for each run."""
    return _INSERT.format(
        dossier="gen_random_uuid()",
        event=f"decode('{EVENT.hex()}', 'hex')",
        answer=f"decode('{ANSWER.hex()}', 'hex')",
        headers=HEADERS,
    )


def make_tables(url: str, dossier_id: str) -> None:
    """Make the tables and copy one dossier of the platform into them."""
    names = ", ".join(COLUMNS)
    with psycopg.connect(url, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"drop table if exists bare_{table}")
            connection.execute(f"create table bare_{table} (like {table} including all)")
        connection.execute(
            f"insert into bare_dossiers ({names}) select {names} from dossiers where id = %s", (dossier_id,)
        )
