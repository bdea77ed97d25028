"""A request to correct is carried out by an act on the same person's record, made since it was received, and named."""

from typing import Any
from uuid import uuid4

import pytest
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, reason_of
from support.record_acts import correct
from support.subject_requests import REFUSAL, act, make, state_of
from support.told_assistance import outcomes

NOT_NAMED = "CORRECTION_NOT_NAMED"
OTHER = Person(number="019185000002", full_name="Nông Văn Thử")


@pytest.fixture
def citizen(identity: Identity) -> Any:
    return identity.link().citizen


def asked(identity: Identity, citizen: Any) -> Any:
    """Return a request to correct that was acknowledged."""
    return act(identity, "Acknowledge", make(identity, citizen.citizen_id, "CORRECT", details="Sai tên đệm."))


def corrected(identity: Identity, citizen: Any, name: str = "Hoàng Thị Thử Thách") -> Any:
    return correct(identity, citizen, full_name=name)


def refusal_of(identity: Identity, request: Any, act_id: str = "") -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(identity, "Complete", request, correction_act_id=act_id)
    return caught.value


def test_the_correction_that_was_made_is_named_and_kept(identity: Identity, citizen: Any) -> None:
    request = asked(identity, citizen)
    made = corrected(identity, citizen)
    done = act(identity, "Complete", request, correction_act_id=made.act_id)
    assert state_of(done) == "COMPLETED"
    kept = identity.rows("select subject_request_id::text, act_id::text from subject_request_corrections")
    assert kept == [(request.subject_request_id, made.act_id)]


def test_without_a_correction_it_is_refused_and_nothing_changes(identity: Identity, citizen: Any) -> None:
    request = asked(identity, citizen)
    error = refusal_of(identity, request)
    assert (error.reason.code, error.details) == (NOT_NAMED, {"acts": "0"})
    assert identity.rows("select state, version from subject_requests") == [("ACKNOWLEDGED", request.version)]
    assert state_of(act(identity, "Refuse", request, **REFUSAL)) == "REFUSED"


def test_the_refusal_tells_which_acts_there_are(identity: Identity, citizen: Any) -> None:
    request = asked(identity, citizen)
    made = corrected(identity, citizen)
    for named in ("", str(uuid4())):
        assert refusal_of(identity, request, named).details == {"acts": f"CORRECT:{made.act_id}"}


def test_somebody_else_s_correction_does_not_count(identity: Identity, citizen: Any) -> None:
    other = identity.link(OTHER).citizen
    request = asked(identity, citizen)
    made = corrected(identity, other, "Nông Văn Thử Thách")
    error = refusal_of(identity, request, made.act_id)
    assert (error.reason.code, error.details) == (NOT_NAMED, {"acts": "0"})


def test_a_correction_older_than_the_request_does_not_count(identity: Identity, citizen: Any) -> None:
    made = corrected(identity, citizen)
    request = asked(identity, citizen)
    assert refusal_of(identity, request, made.act_id).reason.code == NOT_NAMED


def test_only_a_request_to_correct_names_a_correction(identity: Identity, citizen: Any) -> None:
    request = act(identity, "Acknowledge", make(identity, citizen.citizen_id, "RESTRICT"))
    made = corrected(identity, citizen)
    for named in (made.act_id, "none"):
        error = refusal_of(identity, request, named)
        assert error.reason.code == "SUBJECT_REQUEST_INVALID"
        assert [violation.pointer for violation in error.violations] == ["/correction_act_id"]


def test_of_many_who_complete_at_once_one_does_and_one_link_is_kept(identity: Identity, citizen: Any) -> None:
    request = asked(identity, citizen)
    made = corrected(identity, citizen)
    told = outcomes([lambda: act(identity, "Complete", request, correction_act_id=made.act_id)] * 4)
    assert told == ["", "VERSION_CONFLICT", "VERSION_CONFLICT", "VERSION_CONFLICT"]
    assert identity.rows("select count(*) from subject_request_corrections") == [(1,)]


def test_the_same_completion_again_is_the_same_answer(identity: Identity, citizen: Any) -> None:
    request = asked(identity, citizen)
    made, key = corrected(identity, citizen), str(uuid4())
    given = {"correction_act_id": made.act_id, "request_id": key}
    assert act(identity, "Complete", request, **given) == act(identity, "Complete", request, **given)
    without = {"request_id": key}
    assert reason_of(lambda: act(identity, "Complete", request, **without)) == "IDEMPOTENCY_KEY_REUSED"
