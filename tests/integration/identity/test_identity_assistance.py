"""Assisted sessions at identity's door: asked, approved, proposed, answered, over; and what helpers do not learn."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from songcau.identity.events.v1.assistance_event_pb2 import AssistanceEvent
from songcau.identity.v1 import access_list_service_pb2 as lists
from songcau.identity.v1 import assistance_service_pb2 as pb
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.app import build_desk
from songcau_identity.assistance.push_work import PushWork
from songcau_identity.assistance.pushing import PushState, PushUnavailableError
from songcau_identity.assistance.running_out import RunningOut
from songcau_kit.clock import SystemClock
from support.assistance import (
    AnsweringProvider,
    act_status_of,
    approve,
    as_helper,
    cause_of,
    confirm,
    decline,
    end,
    get,
    propose,
    start,
    status_of,
)
from support.identity_service import Identity, Person, reason_of
from support.told_assistance import outcomes


@pytest.fixture
def citizen_id(identity: Identity) -> str:
    return str(identity.link().citizen.citizen_id)


@pytest.fixture
def opened(identity: Identity, citizen_id: str) -> str:
    session = start(identity)
    approve(identity, citizen_id, session.session_id)
    return str(session.session_id)


@pytest.fixture
def pushing(identity: Identity) -> Callable[[Any], PushWork]:
    desk = build_desk(identity.settings, identity.database, SystemClock())
    return lambda provider: PushWork(desk, provider)


def events(identity: Identity) -> list[AssistanceEvent]:
    rows = identity.rows("select payload from outbox where topic = 'identity.assistance.v1' order by id")
    return [AssistanceEvent.FromString(bytes(payload)) for (payload,) in rows]


def facts(identity: Identity) -> list[str | None]:
    return [event.WhichOneof("fact") for event in events(identity)]


def acts_of_helper(identity: Identity) -> list[str]:
    """Return what a helper who is a citizen, too, finds among the own acts."""
    helper = str(identity.link(number="019185000002", full_name="Nông Văn Thử").citizen.citizen_id)
    metadata = identity.as_citizen(helper, sub="helper-digital-team")
    request = lists.ListOwnAccessesRequest(for_others=True)
    return [one.operation for one in identity.accesses.ListOwnAccesses(request, metadata=metadata).accesses]


def test_a_session_is_open_only_once_the_citizen_approved_it(identity: Identity, citizen_id: str):
    session = start(identity)
    assert status_of(session) == "AWAITING_APPROVAL"
    assert reason_of(lambda: propose(identity, session.session_id)) == "ASSISTED_SESSION_NOT_OPEN"
    assert status_of(approve(identity, citizen_id, session.session_id)) == "OPEN"
    assert act_status_of(propose(identity, session.session_id)) == "AWAITING_CONFIRMATION"
    assert facts(identity) == ["assisted_session_started"]


def test_the_answer_to_a_start_is_the_same_whether_anybody_has_the_number(identity: Identity, citizen_id: str):
    known, unknown = start(identity), start(identity, number="019185000999")
    for one in (known, unknown):
        one.ClearField("session_id")
        one.ClearField("started_at")
        one.ClearField("expires_at")
    assert known == unknown
    assert identity.rows("select count(*) from citizen_pushes where closed_at is null") == [(1,)]


@pytest.mark.parametrize(
    ("number", "purpose", "reason"),
    [
        ("12", "SUBMIT_DOSSIER", "ASSISTANCE_INVALID"),
        ("019185000001", "UNSPECIFIED", "ASSISTANCE_INVALID"),
    ],
)
def test_a_malformed_start_is_refused(identity: Identity, number: str, purpose: str, reason: str):
    assert reason_of(lambda: start(identity, number=number, purpose=purpose)) == reason


def test_nobody_helps_themselves(identity: Identity, citizen_id: str):
    metadata = as_helper(identity, citizen_id=citizen_id)
    assert reason_of(lambda: start(identity, metadata=metadata)) == "OWN_RECORD"


def test_a_helper_without_an_agency_helps_nobody(identity: Identity, citizen_id: str):
    metadata = as_helper(identity, agency_codes=None)
    assert reason_of(lambda: start(identity, metadata=metadata)) == "OFFICER_WITHOUT_AGENCY"


def test_starts_count_as_look_ups(identity: Identity):
    for _ in range(identity.settings.look_ups_per_minute):
        start(identity)
    assert reason_of(lambda: start(identity)) == "LOOK_UP_LIMIT_REACHED"


def test_a_start_that_comes_again_is_answered_and_asked_once(identity: Identity, citizen_id: str):
    request_id = str(uuid4())
    assert start(identity, request_id=request_id) == start(identity, request_id=request_id)
    assert identity.rows("select count(*) from assisted_sessions") == [(1,)]


def test_a_confirmed_act_names_method_digest_and_helper(identity: Identity, citizen_id: str, opened: str):
    act = propose(identity, opened)
    assert act_status_of(confirm(identity, citizen_id, opened, act.act_id)) == "CONFIRMED"
    event = events(identity)[-1]
    assert event.assisted_act_confirmed.method == "songcau.eservices.v1.DossierService/SubmitDossier"
    assert (event.citizen_id, event.helper.kind) == (citizen_id, "DIGITAL_TEAM")
    assert event.assisted_act_confirmed.act_id == act.act_id


def test_the_citizen_reads_what_is_asked_in_words_of_the_platform(identity: Identity, citizen_id: str, opened: str):
    propose(identity, opened)
    request = pb.ListAssistedSessionsRequest()
    listed = identity.assistance.ListAssistedSessions(request, metadata=identity.as_citizen(citizen_id)).sessions
    assert listed[0].acts[0].summary_vi == (
        "Thành viên tổ công nghệ số cộng đồng của H55.242 đề nghị: "
        "Nộp hồ sơ HS-ABCDEFGHJK (bản số 2) với tư cách người nộp là bạn."
    )
    (row,) = identity.rows("select summary_enc from proposed_acts")
    assert b"HS-ABCDEFGHJK" not in bytes(row[0])


def own_act(identity: Identity, citizen_id: str) -> Any:
    request = pb.ListAssistedSessionsRequest()
    listed = identity.assistance.ListAssistedSessions(request, metadata=identity.as_citizen(citizen_id)).sessions
    return listed[0].acts[0]


def test_the_citizen_reads_all_that_was_typed_and_the_helper_none_of_it(
    identity: Identity, citizen_id: str, opened: str
):
    typed = {f"Câu hỏi {at}": f"Trả lời {at}\ntheo lời kể" for at in range(40)}
    act = propose(identity, opened, details=typed)
    assert not act.details
    shown = own_act(identity, citizen_id).details
    assert {one.label_vi: one.value for one in shown} == typed
    assert [one.label_en for one in shown] == list(typed)
    own = get(identity, opened, identity.as_citizen(citizen_id)).acts[0]
    assert list(own.details) == list(shown)
    assert not get(identity, opened).acts[0].details
    assert get(identity, opened).acts[0].summary_vi
    (row,) = identity.rows("select summary_enc from proposed_acts")
    assert "Trả lời 1".encode() not in bytes(row[0])


def test_an_act_proposed_by_an_earlier_release_is_read_without_details(
    identity: Identity, citizen_id: str, opened: str
):
    act = propose(identity, opened)
    desk = build_desk(identity.settings, identity.database, SystemClock())
    with identity.database.transaction() as conn:
        data_key = desk.data_keys.get(conn, UUID(citizen_id))
        sealed = desk.vault.seal_summary(data_key, UUID(act.act_id), {"vi": "Nộp hồ sơ.", "en": "Hand in."})
        conn.execute("update proposed_acts set summary_enc = %s", (sealed,))
    shown = own_act(identity, citizen_id)
    assert (shown.summary_vi, list(shown.details)) == ("Nộp hồ sơ.", [])


@pytest.mark.parametrize(
    "details",
    [
        {f"{at}": "x" for at in range(301)},
        {"Lý do": "x" * 4001},
        {"x" * 301: "x"},
        {f"{at}": "x" * 4000 for at in range(26)},
        {"Lý do": ""},
        {"Lý do": "Không\u202eđồng ý"},
        {"Lý do": "a\x00b"},
    ],
    ids=["many", "long value", "long label", "long together", "empty", "turned", "control"],
)
def test_what_cannot_be_shown_whole_and_plainly_is_not_proposed(identity: Identity, opened: str, details: Any):
    assert reason_of(lambda: propose(identity, opened, details=details)) == "ASSISTANCE_INVALID"
    assert identity.rows("select count(*) from proposed_acts") == [(0,)]


@pytest.mark.parametrize("facts", [{}, {"reference": "a\nb", "version": "1"}, {"reference": "a", "other": "b"}])
def test_a_summary_is_made_of_exactly_the_facts_of_its_operation(identity: Identity, opened: str, facts: Any):
    assert reason_of(lambda: propose(identity, opened, facts=facts)) == "ASSISTANCE_INVALID"


@pytest.mark.parametrize("licence", ["1", "Đồng ý để nhận 500.000 đồng", "000123/TNG-GPHN. Xin bấm đồng ý"])
def test_a_licence_number_carries_no_words_of_the_helper(identity: Identity, citizen_id: str, licence: str):
    session_id = start(identity, purpose="BOOK_CONSULTATION").session_id
    approve(identity, citizen_id, session_id)
    call = lambda text: propose(identity, session_id, operation="CONFIRM_OFFER", facts={"licence_number": text})  # noqa: E731
    assert reason_of(lambda: call(licence)) == "ASSISTANCE_INVALID"
    assert act_status_of(call("000123/TNG-GPHN")) == "AWAITING_CONFIRMATION"


def test_a_session_is_for_one_purpose(identity: Identity, opened: str):
    call = lambda: propose(identity, opened, operation="CONFIRM_OFFER", facts={"licence_number": "1"})  # noqa: E731
    assert reason_of(call) == "ASSISTED_OPERATION_NOT_ALLOWED"


def test_a_declined_act_is_not_confirmed_later(identity: Identity, citizen_id: str, opened: str):
    act = propose(identity, opened)
    decline(identity, citizen_id, opened, act.act_id)
    assert reason_of(lambda: confirm(identity, citizen_id, opened, act.act_id)) == "ASSISTED_ACT_STATE_CONFLICT"
    assert "assisted_act_confirmed" not in facts(identity)


def test_another_helper_and_another_citizen_find_no_session(identity: Identity, opened: str):
    stranger = str(identity.link(number="019185000002", full_name="Nông Văn Thử").citizen.citizen_id)
    other = as_helper(identity, role="officer")
    for call in (
        lambda: get(identity, opened, other),
        lambda: propose(identity, opened, metadata=other),
        lambda: end(identity, opened, other),
        lambda: get(identity, opened, identity.as_citizen(stranger)),
        lambda: approve(identity, stranger, opened),
    ):
        assert reason_of(call) == "ASSISTED_SESSION_NOT_FOUND"


def test_a_helper_confirms_nothing(identity: Identity, opened: str):
    act = propose(identity, opened)
    request = pb.ConfirmAssistedActRequest(request_id="x", session_id=opened, act_id=act.act_id)
    call = lambda: identity.assistance.ConfirmAssistedAct(request, metadata=as_helper(identity))  # noqa: E731
    assert reason_of(call) == "PERMISSION_DENIED"


def test_a_confirmation_needs_a_fresh_sign_in(identity: Identity, citizen_id: str, opened: str):
    act = propose(identity, opened)
    call = lambda: confirm(identity, citizen_id, opened, act.act_id, auth_time=1)  # noqa: E731
    assert reason_of(call) == "AUTHENTICATION_INSUFFICIENT"


def test_either_side_ends_a_session_and_what_waits_lapses(identity: Identity, citizen_id: str):
    for by, cause in ((as_helper(identity), "ENDED_BY_HELPER"), (identity.as_citizen(citizen_id), "ENDED_BY_CITIZEN")):
        session_id = start(identity).session_id
        approve(identity, citizen_id, session_id)
        act = propose(identity, session_id)
        assert cause_of(end(identity, session_id, by)) == cause
        assert act_status_of(get(identity, session_id).acts[0]) == "LAPSED"
        assert reason_of(lambda s=session_id, a=act: confirm(identity, citizen_id, s, a.act_id)) == (
            "ASSISTED_SESSION_NOT_OPEN"
        )
        assert reason_of(lambda s=session_id: propose(identity, s)) == "ASSISTED_SESSION_NOT_OPEN"


def test_the_citizen_s_end_before_the_approval_is_the_no(identity: Identity, citizen_id: str):
    session = start(identity)
    assert cause_of(end(identity, session.session_id, identity.as_citizen(citizen_id))) == "DECLINED"


def test_sessions_run_out_by_the_clock(identity: Identity, citizen_id: str, opened: str):
    identity.rows(
        """update assisted_sessions set started_at = started_at - interval '1 hour',
        expires_at = expires_at - interval '1 hour' returning 1"""
    )
    assert reason_of(lambda: propose(identity, opened)) == "ASSISTED_SESSION_NOT_OPEN"
    running_out = RunningOut(identity.database, SystemClock())
    assert (running_out.end_portion(), running_out.end_portion()) == (1, 0)
    assert cause_of(get(identity, opened)) == "EXPIRED"
    assert facts(identity)[-1] == "assisted_session_ended"


def test_two_sessions_of_one_citizen_are_never_open_at_once(identity: Identity, citizen_id: str):
    asked = [start(identity).session_id for _ in range(4)]
    calls = [lambda s=session: approve(identity, citizen_id, s) for session in asked]
    assert outcomes(calls) == ["", *["ASSISTED_SESSION_EXISTS"] * 3]
    assert identity.rows("select count(*) from assisted_sessions where status = 'OPEN'") == [(1,)]


def test_an_act_is_confirmed_once_however_often_at_once(identity: Identity, citizen_id: str, opened: str):
    act = propose(identity, opened)
    calls = [lambda: confirm(identity, citizen_id, opened, act.act_id)] * 4
    assert outcomes(calls) == ["", *["ASSISTED_ACT_STATE_CONFLICT"] * 3]
    assert facts(identity).count("assisted_act_confirmed") == 1


def test_of_a_yes_and_a_no_at_once_one_counts(identity: Identity, citizen_id: str, opened: str):
    act = propose(identity, opened)
    yes, no = (
        (lambda: confirm(identity, citizen_id, opened, act.act_id)),
        (lambda: decline(identity, citizen_id, opened, act.act_id)),
    )
    assert outcomes([yes, no]) == ["", "ASSISTED_ACT_STATE_CONFLICT"]
    is_confirmed = identity.rows("select status from proposed_acts") == [("CONFIRMED",)]
    assert ("assisted_act_confirmed" in facts(identity)) is is_confirmed


def test_a_confirmation_against_an_end_never_follows_it(identity: Identity, citizen_id: str, opened: str):
    act = propose(identity, opened)
    outcomes(
        [
            lambda: confirm(identity, citizen_id, opened, act.act_id),
            lambda: end(identity, opened, as_helper(identity)),
        ]
    )
    told = facts(identity)
    assert told[-1] == "assisted_session_ended"
    assert identity.rows("select status from proposed_acts")[0][0] in ("CONFIRMED", "LAPSED")


def test_two_proposals_at_once_put_one_question(identity: Identity, opened: str):
    calls = [lambda: propose(identity, opened)] * 3
    assert outcomes(calls) == ["", "ASSISTED_ACT_PENDING", "ASSISTED_ACT_PENDING"]


def test_a_push_asks_in_plain_words_and_its_yes_opens_the_session(identity: Identity, citizen_id: str, pushing: Any):
    session, provider = start(identity), AnsweringProvider(PushState.APPROVED)
    work = pushing(provider)
    assert work.look_after_one()
    assert not work.look_after_one()
    (question,) = provider.asked
    assert question.number.reveal() == "019185000001"
    assert question.words.vi == (
        "Thành viên tổ công nghệ số cộng đồng của H55.242 xin hỗ trợ bạn lập và nộp hồ sơ trong 30 phút. "
        "Mỗi việc vẫn phải được bạn xác nhận. Bạn đồng ý?"
    )
    assert status_of(get(identity, session.session_id)) == "OPEN"
    entries = identity.own_accesses(citizen_id).accesses
    (entry,) = (one for one in entries if one.operation == "APPROVE_ASSISTED_SESSION")
    assert (entry.assisted_by, entry.assisted_by_kind) == ("helper-digital-team", "DIGITAL_TEAM")


def test_a_helper_who_asks_again_and_again_reaches_the_app_three_times_an_hour(identity: Identity, citizen_id: str):
    for _ in range(3):
        end(identity, start(identity).session_id, as_helper(identity))
    outcomes([lambda: start(identity)] * 4)
    questions = "select count(*) from citizen_pushes where closed_at is null"
    assert identity.rows(questions) == [(3,)]
    last = start(identity)
    assert status_of(approve(identity, citizen_id, last.session_id)) == "OPEN"
    start(identity, metadata=as_helper(identity, role="officer"))
    assert identity.rows(questions) == [(4,)]
    identity.rows("update assisted_sessions set started_at = started_at - interval '1 hour' returning 1")
    start(identity)
    assert identity.rows(questions) == [(5,)]


def test_of_many_starts_at_once_three_reach_the_app(identity: Identity, citizen_id: str):
    outcomes([lambda: start(identity)] * 6)
    assert identity.rows("select count(*) from citizen_pushes where closed_at is null") == [(3,)]


def test_a_push_of_an_act_is_confirmed_or_declined(identity: Identity, citizen_id: str, opened: str, pushing: Any):
    for state, status in ((PushState.DECLINED, "DECLINED"), (PushState.APPROVED, "CONFIRMED")):
        propose(identity, opened)
        work = pushing(AnsweringProvider(state))
        while work.look_after_one():
            pass
        assert act_status_of(get(identity, opened).acts[-1]) == status


def test_a_push_shows_what_was_typed_and_counts_what_it_has_no_room_for(
    identity: Identity, citizen_id: str, opened: str, pushing: Any
):
    long = {"Lý do khám": "đau " * 100}
    propose(identity, opened, details=long | {f"Câu {at}": f"Trả lời {at}" for at in range(14)})
    provider = AnsweringProvider(PushState.APPROVED)
    work = pushing(provider)
    while work.look_after_one():
        pass
    excerpt = provider.asked[-1].excerpt
    assert len(excerpt.details) == 12
    first, second = (one.value.reveal() for one in excerpt.details[:2])
    assert (len(first), first[-1], second) == (200, "…", "Trả lời 0")
    assert excerpt.left == 4
    assert excerpt.hint is not None
    assert "Còn 4 nội dung" in excerpt.hint.vi


def test_a_push_that_has_room_for_all_says_nothing_of_more(identity: Identity, opened: str, pushing: Any):
    propose(identity, opened, details={"Lý do khám": "đau đầu"})
    provider = AnsweringProvider(PushState.DECLINED)
    work = pushing(provider)
    while work.look_after_one():
        pass
    assert [one.value.reveal() for one in provider.asked[-1].excerpt.details] == ["đau đầu"]
    assert provider.asked[-1].excerpt.hint is None


def test_who_says_no_three_times_is_not_asked_again_in_the_app(identity: Identity, citizen_id: str, opened: str):
    for _ in range(3):
        decline(identity, citizen_id, opened, propose(identity, opened).act_id)
    act = propose(identity, opened)
    assert identity.rows("select count(*) from citizen_pushes where act_id is not null") == [(3,)]
    assert act_status_of(confirm(identity, citizen_id, opened, act.act_id)) == "CONFIRMED"


def test_a_push_that_was_answered_here_is_not_asked_any_more(identity: Identity, opened: str, pushing: Any):
    provider = AnsweringProvider(PushState.DECLINED)
    work = pushing(provider)
    while work.look_after_one():
        pass
    assert provider.asked == []
    assert status_of(get(identity, opened)) == "OPEN"


def test_a_provider_that_is_away_keeps_nothing_back(identity: Identity, citizen_id: str, pushing: Any):
    class Away(AnsweringProvider):
        def send(self, question: Any) -> PushState:
            raise PushUnavailableError

    session = start(identity)
    work = pushing(Away(PushState.WAITING))
    assert work.look_after_one()
    assert not work.look_after_one()
    assert status_of(approve(identity, citizen_id, session.session_id)) == "OPEN"


def test_a_second_session_approved_by_push_ends_where_one_is_open(identity: Identity, opened: str, pushing: Any):
    second = start(identity)
    work = pushing(AnsweringProvider(PushState.APPROVED))
    while work.look_after_one():
        pass
    assert cause_of(get(identity, second.session_id)) == "ANOTHER_OPEN"
    assert status_of(get(identity, opened)) == "OPEN"


def test_both_names_stand_on_the_citizen_s_list_and_in_the_helper_s_own_acts(
    identity: Identity, citizen_id: str, opened: str
):
    act = propose(identity, opened)
    confirm(identity, citizen_id, opened, act.act_id)
    entries = {one.operation: one for one in identity.own_accesses(citizen_id).accesses}
    assert entries["START_ASSISTED_SESSION"].actor_id == "helper-digital-team"
    assert entries["START_ASSISTED_SESSION"].purpose == "COUNTER_ASSISTANCE"
    assert entries["PROPOSE_ASSISTED_ACT"].actor_kind == "DIGITAL_TEAM"
    confirmed = entries["CONFIRM_ASSISTED_ACT"]
    assert (confirmed.own, confirmed.assisted_by) == (True, "helper-digital-team")
    assert "CONFIRM_ASSISTED_ACT" in acts_of_helper(identity)


def test_the_helper_s_own_acts_do_not_tell_whether_anybody_has_the_number(identity: Identity, citizen_id: str):
    for number in (Person().number, "019185000999"):
        session = start(identity, number=number)
    get(identity, start(identity).session_id, identity.as_citizen(citizen_id))
    assert acts_of_helper(identity) == []
    identity.rows(
        """update assisted_sessions set started_at = started_at - interval '1 hour',
        expires_at = expires_at - interval '1 hour' returning 1"""
    )
    assert RunningOut(identity.database, SystemClock()).end_portion() == 3
    assert cause_of(get(identity, session.session_id)) == "EXPIRED"
    assert acts_of_helper(identity) == []


def test_a_service_reads_the_applicant_for_a_confirmed_draft_only(identity: Identity, citizen_id: str, opened: str):
    facts = {"procedure": "Khai sinh", "agency": "Xã La Hiên", "answers": "3"}
    act = propose(identity, opened, operation="CREATE_DOSSIER", facts=facts)
    metadata = (*as_helper(identity), ("songcau-assisted-act", act.act_id))
    read = lambda: identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=metadata)  # noqa: E731
    assert reason_of(read) == "ASSISTED_ACT_NOT_CONFIRMED"
    confirm(identity, citizen_id, opened, act.act_id)
    assert read().citizen.citizen_id == citizen_id
    end(identity, opened, as_helper(identity))
    assert reason_of(read) == "ASSISTED_ACT_OVER"


def test_a_method_that_knows_of_no_act_refuses_one(identity: Identity, citizen_id: str):
    metadata = (*as_helper(identity), ("songcau-assisted-act", str(uuid4())))
    call = lambda: identity.accesses.ListOwnAccesses(lists.ListOwnAccessesRequest(), metadata=metadata)  # noqa: E731
    assert reason_of(call) == "ASSISTED_ACT_NOT_POSSIBLE"


def test_a_session_lasts_half_an_hour(identity: Identity):
    session = start(identity)
    lasts = session.expires_at.ToDatetime() - session.started_at.ToDatetime()
    assert lasts == timedelta(minutes=30)
