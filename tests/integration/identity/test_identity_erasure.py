"""A copy is made of what the services provide, an erasure of what none of them must keep: the whole way in identity."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from songcau.identity.v1 import representation_pb2 as shapes
from songcau.identity.v1 import subject_request_service_pb2 as pb
from songcau_identity import rights_doors
from songcau_identity.app import build_desk
from songcau_identity.rights.answers import Answers
from songcau_identity.rights.repository_parts import Answer, PartState
from songcau_identity.rights.repository_proposals import FORGOTTEN
from songcau_identity.rights_doors import WorkParts
from songcau_kit.clock import SystemClock
from songcau_kit.data_copy import CopyPart, DataCopy, field, record, section
from songcau_kit.data_copying import parcel_label
from songcau_kit.erasure_ledger import Erasure
from songcau_kit.objects import ObjectStore
from songcau_kit.parcels import seal_parcel
from songcau_kit.subject_answers import RetentionGround
from support.access_complaints import acknowledge, answer
from support.access_complaints import get as get_complaint
from support.access_complaints import make as complain
from support.identity_service import Identity, Person, reason_of
from support.record_acts import look_up, merge
from support.representations import FATHER, MOTHER, authorise, own_representations, representation_facts
from support.subject_requests import REFUSAL, act, get_own, make, state_of

HOLDERS = ("eservices", "telehealth")
GROUND = RetentionGround("HEALTH_RECORD_RETENTION", "Thông tư 33/2025/TT-BYT", SystemClock().now().date(), 2)


class Work:
    """What `work` does, step by step, and services that answer."""

    def __init__(self, identity: Identity, folder: Path) -> None:
        settings = identity.settings.model_copy(
            update={
                "exchange_store_url": f"file://{folder}/exchange",
                "erasure_ledger_url": f"file://{folder}/ledger",
            }
        )
        self.identity, self.settings = identity, settings
        self.exchange = ObjectStore(settings.exchange_store_url)
        self.desk = build_desk(settings, identity.database, SystemClock())
        self.parts: WorkParts = rights_doors.build_work_parts(settings, self.desk)
        self.parts.gate.apply()

    def run(self) -> None:
        self.parts.work.run()

    def answer(self, request: Any, holder: str, state: PartState, **more: Any) -> None:
        with self.desk.database.transaction() as conn:
            Answers(SystemClock()).take_in(conn, Answer(UUID(request.subject_request_id), holder, state, **more))

    def provide(self, request: Any, holder: str, *, named: str = "") -> None:
        asked = next(
            e.data_copy_requested for e in reversed(self.identity.events()) if e.HasField("data_copy_requested")
        )
        label = parcel_label(UUID(request.subject_request_id), holder)
        things = section("things", "Vật", "Things", [record("1", "Vật", [field("word", "Chữ", f"chữ của {holder}")])])
        part = CopyPart(holder=named or holder, sections=(things,))
        self.exchange.put(label, seal_parcel(asked.public_key, part.model_dump_json().encode(), label=label))
        self.answer(request, holder, PartState.PROVIDED, address=label)


@pytest.fixture
def work(identity: Identity, tmp_path: Path) -> Iterator[Work]:
    return Work(identity, tmp_path)


@pytest.fixture
def citizen(identity: Identity) -> str:
    return str(identity.link(Person(phone="+84912000111")).citizen.citizen_id)


def fetch(identity: Identity, citizen_id: str, request: Any, form: int = pb.DATA_COPY_FORM_JSON, **claims: Any) -> Any:
    wanted = pb.GetDataCopyRequest(subject_request_id=request.subject_request_id, form=form)
    return identity.requests.GetDataCopy(wanted, metadata=identity.as_citizen(citizen_id, **claims))


def executing(identity: Identity, citizen_id: str) -> Any:
    return act(identity, "Complete", act(identity, "Acknowledge", make(identity, citizen_id, "DELETE")))


def test_a_copy_is_made_of_the_own_part_and_those_of_the_services(identity: Identity, work: Work, citizen: str) -> None:
    request = make(identity, citizen, "COPY")
    assert reason_of(lambda: fetch(identity, citizen, request)) == "DATA_COPY_NOT_READY"
    work.provide(request, "eservices")
    work.run()
    assert reason_of(lambda: fetch(identity, citizen, request)) == "DATA_COPY_NOT_READY"
    work.provide(request, "telehealth")
    work.run()

    copy = DataCopy.model_validate(json.loads(fetch(identity, citizen, request).content))
    assert [part.holder for part in copy.parts] == ["identity", *HOLDERS]
    assert copy.missing == ()
    text = copy.model_dump_json()
    assert all(word in text for word in ("019185000001", "Hoàng Thị Thử", "chữ của telehealth"))
    assert fetch(identity, citizen, request, pb.DATA_COPY_FORM_PDF).content.startswith(b"%PDF")
    assert state_of(get_own(identity, citizen, request.subject_request_id).request) == "COMPLETED"
    assert list(Path(work.settings.exchange_store_url.removeprefix("file://")).rglob("*/telehealth")) == []


def test_nobody_but_the_person_fetches_a_copy_and_only_freshly_signed_in(
    identity: Identity, work: Work, citizen: str
) -> None:
    request = make(identity, citizen, "COPY")
    for holder in HOLDERS:
        work.provide(request, holder)
    work.run()
    other = str(identity.link(Person(number="019185000002", full_name="Nông Văn Thử")).citizen.citizen_id)
    assert reason_of(lambda: fetch(identity, other, request)) == "SUBJECT_REQUEST_NOT_FOUND"
    assert reason_of(lambda: fetch(identity, citizen, request, auth_time=1)) == "AUTHENTICATION_INSUFFICIENT"
    with psycopg.connect(identity.url) as connection:
        rows = connection.execute("select d::text from data_copies d").fetchall()
        connection.execute("update data_copies set expires_at = now() - interval '1 second'")
    assert "Hoàng".encode().hex() not in rows[0][0]
    assert reason_of(lambda: fetch(identity, citizen, request)) == "DATA_COPY_EXPIRED"
    work.run()
    assert identity.rows("select json_enc, pdf_enc from data_copies") == [(None, None)]


def test_a_service_that_fails_or_is_silent_is_seen_asked_again_and_named_in_a_copy_that_cannot_wait(
    identity: Identity, work: Work, citizen: str
) -> None:
    request = make(identity, citizen, "COPY")
    work.provide(request, "eservices")
    work.answer(request, "telehealth", PartState.FAILED, failure="UNAVAILABLE")
    work.run()
    shown = {
        part.holder: (part.state, part.failure) for part in get_own(identity, citizen, request.subject_request_id).parts
    }
    assert shown == {"eservices": ("PROVIDED", ""), "telehealth": ("FAILED", "UNAVAILABLE")}
    with psycopg.connect(identity.url) as connection:
        connection.execute("update subject_request_parts set asked_at = now() - %s", (timedelta(hours=2),))
    work.run()
    part = get_own(identity, citizen, request.subject_request_id).parts[1]
    assert (part.holder, part.state, part.attempts) == ("telehealth", "ASKED", 2)
    assert identity.facts().count("data_copy_requested") == 2

    act(identity, "Complete", act(identity, "Acknowledge", request))
    work.run()
    copy = DataCopy.model_validate(json.loads(fetch(identity, citizen, request).content))
    assert [(part.holder, part.state) for part in copy.missing] == [("telehealth", "ASKED")]


def test_a_parcel_that_is_another_s_is_no_part(identity: Identity, work: Work, citizen: str) -> None:
    request = make(identity, citizen, "COPY")
    work.provide(request, "eservices", named="telehealth")
    work.provide(request, "telehealth")
    work.run()
    part = get_own(identity, citizen, request.subject_request_id).parts[0]
    assert (part.holder, part.state, part.failure) == ("eservices", "FAILED", "PARCEL_INVALID")


def test_an_erasure_leaves_the_proof_and_nothing_personal(identity: Identity, work: Work, citizen: str) -> None:
    request = executing(identity, citizen)
    assert identity.rows("select status from citizens") == [("ERASING",)]
    for holder in HOLDERS:
        work.answer(request, holder, PartState.CLEARED)
    work.run()
    assert identity.rows("select status from citizens") == [("ERASED",)]
    for table in ("citizen_profiles", "identifiers", "verifications"):
        assert identity.rows(f"select count(*) from {table}") == [(0,)]
    assert identity.rows("select wrapped_key, destroyed_at is not null from data_keys") == [(b"", True)]
    assert identity.rows("select subject_id::text from erasures") == [(citizen,)]
    assert identity.rows("select state, details_enc from subject_requests") == [("COMPLETED", None)]
    event = identity.events()[-1]
    assert (event.WhichOneof("fact"), event.meta.aggregate_id) == ("citizen_erased", citizen)
    assert look_up(identity, number="019185000001") == []
    again = identity.link(Person())
    assert again.created
    assert again.citizen.citizen_id != citizen


def test_nobody_stands_for_an_erased_citizen_nor_does_one_stand_for_others(identity: Identity, work: Work) -> None:
    giver, taker = (identity.link(person).citizen for person in (MOTHER, FATHER))
    given, taken = authorise(identity, giver, FATHER), authorise(identity, taker, MOTHER)
    request = executing(identity, giver.citizen_id)
    for holder in HOLDERS:
        work.answer(request, holder, PartState.CLEARED)
    work.run()
    ended = {one.representation_id: one for one in own_representations(identity, taker.citizen_id)}
    assert {one.representation_id for one in (given, taken)} == ended.keys()
    cause = shapes.REPRESENTATION_END_CAUSE_RECORD_ERASED
    assert [(one.end_cause, list(one.scopes)) for one in ended.values()] == [(cause, [])] * 2
    assert representation_facts(identity).count("representation_ended") == 2


def test_what_the_law_keeps_refuses_the_erasure_before_anything_happens(
    identity: Identity, work: Work, citizen: str
) -> None:
    request = executing(identity, citizen)
    work.answer(request, "eservices", PartState.CLEARED)
    work.run()
    assert identity.rows("select status from citizens") == [("ERASING",)]
    work.answer(request, "telehealth", PartState.HELD, grounds=[GROUND])
    work.run()
    refused = get_own(identity, citizen, request.subject_request_id)
    assert state_of(refused.request) == "REFUSED"
    assert refused.request.refusal == pb.SUBJECT_REQUEST_REFUSAL_RETENTION_LAW
    assert "hồ sơ bệnh án" in refused.answer
    assert refused.legal_reference == "Thông tư 33/2025/TT-BYT"
    assert identity.rows("select status from citizens") == [("ACTIVE",)]
    called_off = identity.events()[-1].erasure_called_off
    assert (called_off.request_id, called_off.status) == (request.subject_request_id, 1)
    assert identity.rows("select count(*) from erasures") == [(0,)]


def test_an_erasure_is_called_off_until_it_is_decided(identity: Identity, work: Work, citizen: str) -> None:
    request = executing(identity, citizen)
    assert state_of(act(identity, "Refuse", request, **REFUSAL)) == "REFUSED"
    assert identity.rows("select status from citizens") == [("ACTIVE",)]
    for holder in HOLDERS:
        work.answer(request, holder, PartState.CLEARED)
    work.run()
    assert identity.rows("select count(*) from citizen_profiles") == [(1,)]


def test_an_erasure_whose_process_died_after_the_ledger_is_finished_by_the_next(
    identity: Identity, work: Work, citizen: str
) -> None:
    request = executing(identity, citizen)
    for holder in HOLDERS:
        work.answer(request, holder, PartState.CLEARED)
    erasing = work.parts.work._workers.erasing
    place = work.parts.gate.apply()
    proposal = erasing._settle(UUID(request.subject_request_id))
    assert proposal is not None
    subjects = Erasure(proposal.erasure_id, proposal.subject_request_id, proposal.citizen_ids, SystemClock().now())
    assert erasing._writer.append(place, subjects)
    # A new process: its gate applies what the ledger has before it works.
    second = rights_doors.build_work_parts(work.settings, work.desk)
    second.gate.apply()
    second.work.run()
    assert identity.rows("select status from citizens") == [("ERASED",)]
    assert second.gate.apply().number == 1


def test_every_column_that_holds_or_finds_something_personal_is_in_the_plan(identity: Identity) -> None:
    columns = identity.rows(
        r"""select distinct table_name from information_schema.columns
        where table_schema = 'public' and column_name ~ '_(enc|bix)$'"""
    )
    # What officers write about a breach or an anomaly is the office's, under a key of its own.
    assert {name for (name,) in columns} - {"breaches", "anomalies"} <= set(FORGOTTEN)


def test_the_plan_leaves_no_column_filled(identity: Identity, work: Work, citizen: str) -> None:
    request = make(identity, citizen, "CORRECT", details="Sai ngày sinh.")
    act(identity, "Extend", request, answer="Cần thêm thời gian.")
    make(identity, citizen, "COPY")
    erased = executing(identity, citizen)
    for holder in HOLDERS:
        work.answer(erased, holder, PartState.CLEARED)
    work.run()
    columns = identity.rows(
        r"""select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_name ~ '_(enc|bix)$'"""
    )
    for table, column in columns:
        assert re.fullmatch(r"[a-z_]+", table)
        filled = identity.rows(f"select count(*) from {table} where octet_length({column}) > 0")
        assert filled == [(0,)], f"{table}.{column}"


def test_of_complaints_the_answered_ones_stay_without_their_words_and_the_open_ones_go(
    identity: Identity, work: Work, citizen: str
) -> None:
    identity.own_accesses(citizen)
    entries = [entry.entry_id for entry in identity.own_accesses(citizen).accesses][:2]
    answered, _ = (complain(identity, citizen, entry_id) for entry_id in entries)
    answer(identity, acknowledge(identity, answered))
    request = executing(identity, citizen)
    for holder in HOLDERS:
        work.answer(request, holder, PartState.CLEARED)
    work.run()
    rows = identity.rows(
        "select access_complaint_id::text, octet_length(details_enc), answer_enc from access_complaints"
    )
    assert rows == [(answered.access_complaint_id, 0, None)]
    opened = get_complaint(identity, answered)
    assert (opened.details, opened.answer) == ("", "")


def test_merged_records_are_erased_together(identity: Identity, work: Work, citizen: str) -> None:
    survivor = next(iter(look_up(identity, number="019185000001"))).citizen
    other = identity.link(Person(number="019185000002", full_name="Hoàng Thị Thử")).citizen
    merge(identity, survivor, other)
    request = executing(identity, citizen)
    for holder in HOLDERS:
        work.answer(request, holder, PartState.CLEARED)
    work.run()
    assert identity.rows("select distinct status from citizens") == [("ERASED",)]
    assert identity.facts().count("citizen_erased") == 2
    assert identity.rows("select count(*) from erasures") == [(2,)]
