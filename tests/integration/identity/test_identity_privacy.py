"""No personal value stands in the database, on disk, in events or in the log: canaries are planted and searched."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.rights.repository_sealed import SEALED
from songcau_kit.errors import DomainError
from songcau_kit.text import fold
from support import access_complaints, address_acts, anomalies, organisations, subject_requests
from support.identity_service import Identity, Person, reason_of
from support.log_capture import captured_logs
from support.record_acts import document
from support.registration_acts import PASSPORT
from support.vneid_bridge import BridgeSite

from .test_identity_data_key_replacement import WATCHED, fill

CANARY = Person(
    number="019185777333",
    full_name="Ngựu Quỳ Xuyền",
    birth_date="1985-12-29",
    phone="0912777333",
)
WORDS = (
    CANARY.number,
    CANARY.full_name,
    CANARY.full_name.upper(),
    fold(CANARY.full_name),
    "Xuyền",
    CANARY.birth_date,
    "912777333",
    "Xuyến Đổi",
    "0100109106",
    "Hợp tác xã Chim Yến",
)
# What people write in the acts that fill the other sealed columns.
WRITTEN = (
    document().document_number,
    organisations.NAME,
    "Hoàng Thị Thử Nghiệm",
    "Hoàng Thị Sao Băng",
    "Claire Inventée",
    PASSPORT,
    "C1234567",
    "912000111",
    address_acts.SPLIT,
    access_complaints.WORDS,
    access_complaints.ANSWER,
    anomalies.QUESTION,
    anomalies.EXPLANATION,
    anomalies.NOTE,
    WATCHED,
    "Sai ngày sinh.",
    "Đơn viết tay.",
    subject_requests.REFUSAL["answer"],
    "CANARY-BREACH",
)


def live_through_everything(identity: Identity, folder: Path) -> str:
    """Link, change, read, search and fail with the canary's facts; then let every sealed column hold something."""
    citizen_id = live_with_facts(identity)
    fill(identity, folder)
    return citizen_id


def live_with_facts(identity: Identity) -> str:
    citizen_id = identity.link(CANARY).citizen.citizen_id
    changed = Person(number=CANARY.number, full_name="Ngựu Quỳ Xuyến Đổi", birth_date="1985-12", phone=CANARY.phone)
    identity.link(changed)
    identity.link(CANARY)
    identity.link(
        number="0100109106", kind=citizen_pb2.ACCOUNT_KIND_ORGANISATION, full_name="Hợp tác xã Chim Yến", birth_date=""
    )
    identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(citizen_id))
    for query in ({"number": CANARY.number}, {"full_name": CANARY.full_name, "birth_date": "1985"}):
        identity.citizens.LookUpCitizen(citizens.LookUpCitizenRequest(**query), metadata=identity.as_officer())
    for wrong in ({"number": CANARY.number + "9"}, {"full_name": CANARY.full_name, "birth_date": CANARY.number}):
        request = citizens.LookUpCitizenRequest(**wrong)
        call = identity.citizens.LookUpCitizen
        reason_of(lambda r=request, c=call: c(r, metadata=identity.as_officer()))
    with pytest.raises(DomainError) as caught:
        identity.link(Person(number=CANARY.number + "9", full_name=CANARY.full_name, birth_date=CANARY.full_name))
    assert not found_in(repr(caught.value.violations) + repr(caught.value.details))
    return citizen_id


def found_in(text: str) -> list[str]:
    folded = text.lower()
    return [word for word in (*WORDS, *WRITTEN) if word.lower() in folded]


def empty_columns(identity: Identity) -> set[str]:
    """Return the sealed columns in which no row holds anything."""
    return {
        f"{one.table}.{column}"
        for one in SEALED.columns
        for column in one.columns
        if not identity.rows(f"select 1 from {one.table} where octet_length({column}) > 0 limit 1")
    }


def every_value(identity: Identity) -> str:
    """Return every row of every table as text, bytes as hexadecimal and decoded."""
    with psycopg.connect(identity.url) as connection:
        names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        rows = [row[0] for name in names for row in connection.execute(f"select t::text from {name} t")]
        payloads = [
            bytes(row[0]).decode("utf-8", "replace") for row in connection.execute("select payload from outbox")
        ]
        answers = connection.execute("select response from idempotency_keys where response is not null")
        return "\n".join([*rows, *payloads, *(bytes(row[0]).decode("utf-8", "replace") for row in answers)])


def test_no_column_and_no_event_holds_a_personal_value(identity: Identity, tmp_path: Path):
    citizen_id = live_through_everything(identity, tmp_path)
    assert empty_columns(identity) == set()
    text = every_value(identity)
    assert citizen_id in text
    assert not found_in(text)
    as_hex = [word for word in (*WORDS, *WRITTEN) if word.encode().hex() in text]
    assert not as_hex


def test_no_file_of_the_database_holds_a_personal_value(identity: Identity, tmp_path: Path):
    live_through_everything(identity, tmp_path)
    with psycopg.connect(identity.url, autocommit=True) as connection:
        connection.execute("checkpoint")
        ((folder,),) = connection.execute("select setting from pg_settings where name = 'data_directory'").fetchall()
    for word in (CANARY.number, CANARY.full_name, "912777333"):
        hits = subprocess.run(["grep", "-rlaF", word, folder], capture_output=True, text=True, check=False).stdout
        # Names and numbers also travel as statement parameters, which PostgreSQL does not write down.
        assert not hits.strip()


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Give what the process logs meanwhile, at its chattiest."""
    with captured_logs("identity", "DEBUG") as lines:
        yield lines.stream


def test_no_log_line_holds_a_personal_value(identity: Identity, log_lines: io.StringIO, tmp_path: Path):
    live_through_everything(identity, tmp_path)
    assert not found_in(log_lines.getvalue())


def test_a_sign_in_through_the_bridge_leaves_no_personal_value(bridge: BridgeSite, identity: Identity, log_lines):
    for persona in ("an", "dung", "lam", "minh"):
        bridge.broker().sign_in(persona)
    kept = every_value(identity) + log_lines.getvalue()
    assert "sign_in_refused" in kept
    for word in ("019190000011", "HOÀNG THỊ VÍ DỤ AN", "hoang thi vi du an", "1990-03-08", "19900308", "019079000044"):
        assert word.lower() not in kept.lower()


def test_the_same_name_never_looks_the_same_at_rest(identity: Identity):
    identity.link(number="019185000001")
    identity.link(number="019185000002")
    rows = identity.rows("select full_name_enc, birth_date_enc, name_bix from citizen_profiles")
    assert rows[0][0] != rows[1][0]
    assert rows[0][1] != rows[1][1]
    assert rows[0][2] == rows[1][2]


def test_a_field_moved_to_another_citizen_does_not_open(identity: Identity):
    first = identity.link(number="019185000001").citizen.citizen_id
    second = identity.link(number="019185000002", full_name="Lý Thị Khác").citizen.citizen_id
    with psycopg.connect(identity.url) as connection:
        connection.execute(
            """update citizen_profiles set full_name_enc =
                (select full_name_enc from citizen_profiles where citizen_id = %s) where citizen_id = %s""",
            (first, second),
        )
    metadata = identity.as_citizen(second)
    request = citizens.GetOwnProfileRequest()
    assert reason_of(lambda: identity.citizens.GetOwnProfile(request, metadata=metadata)) == "CIPHERTEXT_INVALID"


def test_personal_columns_are_bytes_and_named_so(identity: Identity):
    columns = identity.rows(
        """select table_name, column_name, data_type from information_schema.columns
        where table_schema = 'public' and table_name in ('citizen_profiles', 'identifiers')"""
    )
    for table, column, kind in columns:
        is_protected = column.endswith(("_enc", "_bix"))
        is_known_plain = column in {
            "citizen_id", "identifier_id", "kind", "status", "updated_at", "active_from", "cancelled_at",
        }  # fmt: skip
        assert is_protected != is_known_plain, f"{table}.{column}"
        assert not is_protected or kind == "bytea"
