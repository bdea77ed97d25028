"""A copy holds what this service holds of a person, section by section; no table with a person in it is left out."""

import re
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pypdf import PdfReader
from songcau_identity.app import build_desk
from songcau_identity.own_copy import uses
from songcau_identity.own_copy.sections import SECTIONS, OwnCopies
from songcau_identity.rights.copy_paper import render_copy
from songcau_identity.rights.copy_words import copy_words
from songcau_kit.clock import SystemClock
from songcau_kit.data_copy import CopyPart, CopySection, DataCopy
from support import (
    access_complaints,
    address_acts,
    anomalies,
    assistance,
    consent_acts,
    organisations,
    subject_requests,
)
from support.identity_service import Identity, Person
from support.paper_acts import record_paper
from support.record_acts import correct, look_up, own_profile
from support.registration_acts import register_newborn
from support.representations import FATHER, MOTHER, authorise, family, grant

WORDS = "Tôi muốn biết ai đã xem dữ liệu của tôi."
WATCHED = "Người có ảnh hưởng, từng bị tra cứu trái phép."
# What names a citizen and is no data of theirs to be read.
NOT_COPIED = {
    "data_copies": "the copies themselves",
    "erasure_proposals": "an erasure under way; the request that asked for it is in the copy",
    "data_keys": "keys that open what is in the copy",
    "other_data_keys": "their versions while one takes the place of another",
    "anomalies": "look-ups of officers under investigation; the look-ups themselves are in the access list",
    "assisted_acts": "copies of what identity tells other services; it keeps none of its own",
    "erasures": "what proves that somebody was erased, of whom no copy is made any more",
}
# Columns that hold a citizen's id, whether a foreign key says so or not.
NAMING = """
select distinct c.table_name from information_schema.columns c
where c.table_schema = 'public' and (
    c.column_name ~ '(citizen_ids?|subject_ids?|mother_id|represented_id|representative_id|decided_by|merged_into)$'
    or exists (
        select from information_schema.key_column_usage k
        join information_schema.referential_constraints r using (constraint_schema, constraint_name)
        join information_schema.constraint_column_usage u
            on u.constraint_name = r.constraint_name and u.table_name = 'citizens'
        where k.table_name = c.table_name and k.column_name = c.column_name))
"""


@pytest.fixture
def mother(identity: Identity) -> Any:
    return identity.link(MOTHER).citizen


def own_part(identity: Identity, *citizen_ids: str) -> CopyPart:
    desk = build_desk(identity.settings, identity.database, SystemClock())
    with identity.database.transaction() as conn:
        return OwnCopies(desk).gather(conn, [UUID(one) for one in citizen_ids])


def named(part: CopyPart, code: str) -> CopySection:
    return next(one for one in part.sections if one.code == code)


def facts(part: CopyPart, code: str, index: int = 0) -> dict[str, Any]:
    return {one.code: one.value for one in named(part, code).records[index].fields}


def run(identity: Identity, statement: str, *values: Any) -> None:
    with psycopg.connect(identity.url) as connection:
        connection.execute(statement, values)


def fill(identity: Identity, mother: Any) -> None:
    """Let everything happen to a person that a section tells of."""
    citizen_id = mother.citizen_id
    record_paper(identity, mother)
    child = register_newborn(identity, own_profile(identity, citizen_id).citizen)
    assert child.citizen.citizen_id
    address_acts.propose(identity, citizen_id, address_acts.written())
    consent_acts.record(identity, citizen_id)
    consent_acts.withdraw(identity, citizen_id)
    father = identity.link(FATHER).citizen
    authorise(identity, mother, FATHER)
    organisations.found(identity, citizen_id)
    organisations.found(identity, father.citizen_id, organisations.OF_ANOTHER)
    organisations.propose(identity, citizen_id, organisations.OF_ANOTHER)
    subject_requests.make(identity, citizen_id, "VIEW", details=WORDS)
    look_up(identity, number=MOTHER.number)
    access_complaints.make(identity, citizen_id, access_complaints.looked_up(identity, citizen_id))
    anomalies.call(identity, "WatchCitizen", citizen_id=citizen_id, reason=WATCHED)
    assistance.propose_opened(identity, citizen_id, number=MOTHER.number)
    run(
        identity,
        """insert into record_doubts (doubt_id, citizen_id, doubt, raised_at)
        values (%s, %s, 'CARD_NUMBER_DIFFERS', now())""",
        uuid4(),
        citizen_id,
    )
    run(
        identity,
        """insert into sign_ins (sign_in_id, client_id, redirect_uri, client_state, nonce, code_challenge, state_digest,
            browser_digest, started_at, expires_at, citizen_id)
        values (%s, 'citizen-app', '', '', '', '', 'a', 'b', now(), now(), %s)""",
        uuid4(),
        citizen_id,
    )
    breach(identity, citizen_id, is_told=True)


def breach(identity: Identity, citizen_id: str, *, is_told: bool) -> None:
    breach_id = uuid4()
    run(
        identity,
        """insert into breaches (breach_id, version, state, detected_at, has_biometric_data, has_location_data,
            categories, facts_enc, persons_told_at, opened_at)
        values (%s, 1, 'OPEN', now(), false, false, '{CONTACT}', '', case when %s then now() end, now())""",
        breach_id,
        is_told,
    )
    run(
        identity,
        """insert into breach_persons (breach_id, citizen_id, accesses, first_at, last_at)
        values (%s, %s, 3, now(), now())""",
        breach_id,
        citizen_id,
    )


def test_every_section_of_a_copy_has_what_happened_to_the_person(identity: Identity, mother: Any) -> None:
    fill(identity, mother)
    part = own_part(identity, mother.citizen_id)
    assert [one.code for one in part.sections if not one.records] == []
    assert facts(part, "papers")["number"] == "C1234567"
    assert (facts(part, "consents", 0)["state"], facts(part, "consents", 1)["channel"]) == ("WITHDRAWN", "PAPER")
    assert facts(part, "consents", 1)["evidence.document_number"]
    assert facts(part, "requests")["details"] == WORDS
    assert facts(part, "complaints")["details"] == access_complaints.WORDS
    assert facts(part, "watches")["reason"] == WATCHED
    assert facts(part, "record_acts")["agencies"]
    assert facts(part, "organisations")["organisation"] == organisations.NAME
    assert facts(part, "organisations")["evidence.issuer"] == organisations.CERTIFICATE.issuer
    assert facts(part, "organisation_proposals")["evidence.issuer"] == organisations.CERTIFICATE.issuer
    assert facts(part, "breaches")["accesses"] == 3


def test_no_table_that_names_a_citizen_is_left_out_of_a_copy_without_a_reason(identity: Identity) -> None:
    naming = {table for (table,) in identity.rows(NAMING)}
    copied = {table for one in SECTIONS for table in one.tables}
    assert {"papers", "access_entries", "representations", "newborns", "consent_decisions"} <= naming
    assert naming - copied - NOT_COPIED.keys() - {"copy_orders"} == set()
    assert not copied & NOT_COPIED.keys()


def test_a_copy_shows_both_sides_of_a_representation_and_no_name_of_the_other(identity: Identity) -> None:
    people = family(identity)
    grant(identity, people.child, people.mother)
    represented = own_part(identity, people.child.citizen_id)
    representative = own_part(identity, people.mother.citizen_id)
    assert facts(represented, "representations")["side"] == "REPRESENTED"
    assert facts(representative, "representations")["side"] == "REPRESENTATIVE"
    assert facts(representative, "representations")["other_party"] == people.child.citizen_id
    assert MOTHER.full_name not in represented.model_dump_json()


def test_a_certificate_of_birth_is_in_the_copy_of_the_child_and_not_in_that_of_the_mother(
    identity: Identity, mother: Any
) -> None:
    child = register_newborn(identity, mother)
    own, hers = own_part(identity, child.citizen.citizen_id), own_part(identity, mother.citizen_id)
    assert (facts(own, "newborns")["side"], facts(own, "newborns")["certificate"]) == ("CHILD", "12/2026")
    assert facts(hers, "newborns")["side"] == "MOTHER"
    assert "certificate" not in facts(hers, "newborns")


def test_facts_before_a_correction_are_in_the_copy(identity: Identity) -> None:
    person = Person()
    citizen = identity.link(person).citizen
    correct(identity, citizen, full_name="Hoàng Thị Sửa")
    acts = facts(own_part(identity, citizen.citizen_id), "record_acts")
    assert acts["before.full_name"] == person.full_name


def test_a_breach_is_in_the_copy_once_persons_were_told(identity: Identity, mother: Any) -> None:
    breach(identity, mother.citizen_id, is_told=False)
    assert named(own_part(identity, mother.citizen_id), "breaches").records == ()


def test_a_long_access_list_is_told_by_its_period_and_the_newest_entries(
    identity: Identity, mother: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "NEWEST_ACCESSES", 2)
    for _ in range(3):
        look_up(identity, number=MOTHER.number)
    part = own_part(identity, mother.citizen_id)
    assert len(named(part, "accesses").records) == 2
    period = facts(part, "access_list")
    assert (period["count"], period["listed"]) == (len(identity.own_accesses(mother.citizen_id).accesses), 2)
    assert period["reference"] == "GET /v1/me/accesses"
    assert str(period["first_at"]) < str(period["last_at"])


def test_the_paper_form_of_a_copy_shows_every_section(identity: Identity, mother: Any) -> None:
    fill(identity, mother)
    part = own_part(identity, mother.citizen_id)
    copy = DataCopy(
        subject_request_id=str(uuid4()),
        citizen_id=mother.citizen_id,
        made_at=SystemClock().now(),
        parts=(part,),
        missing=(),
    )
    read = "\n".join(page.extract_text() for page in PdfReader(BytesIO(render_copy(copy))).pages)
    assert all(one.title in read for one in part.sections)
    codes = {code for words in copy_words().values() for code in words if "_" in code or code.isupper()}
    assert {code for code in codes if re.search(rf"(?<![\w.-]){re.escape(code)}(?![\w-])", read)} == set()
    for words in ("Rút lại hoặc từ chối", "Khám bệnh từ xa", "Xem dữ liệu", "Bằng giấy", "Thường trú", "Theo ủy quyền"):
        assert words in read, words
