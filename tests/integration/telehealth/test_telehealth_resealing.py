"""What triage decided stands nowhere in plain, and what an older release left in plain is sealed step by step."""

import json
from typing import Any
from uuid import UUID

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_kit import resealing
from songcau_kit.field_cipher import Place, encrypt
from songcau_kit.resealing import Resealing
from songcau_telehealth import app
from songcau_telehealth.consultations.plain_triage import PlainTriage
from support.telehealth_service import Telehealth

URGENT, ROUTINE = "PRIORITY_URGENT", "PRIORITY_ROUTINE"
EMERGENCY, IN_PERSON = "REDIRECT_TARGET_EMERGENCY", "REDIRECT_TARGET_IN_PERSON"
PLAIN = "select count(*) from consultations where priority is not null or redirect is not null"


@pytest.fixture
def component(telehealth: Telehealth) -> Resealing:
    data_keys = app.build_desk(telehealth.settings, telehealth.database, telehealth.clock).data_keys
    return Resealing(telehealth.database, PlainTriage(data_keys).seal_portion)


def leave_in_plain(site: Telehealth, consultation: Any, *, priority: str, redirect: str | None = None) -> None:
    """Write the row as the release before wrote it: the note sealed alone, what was decided beside it."""
    data_keys = app.build_desk(site.settings, site.database, site.clock).data_keys
    note = json.dumps({"red_flags": ["CHEST_PAIN"], "note": "Đau ngực"}, ensure_ascii=False)
    with site.database.transaction() as connection:
        data_key = data_keys.get(connection, UUID(consultation.citizen_id))
        place = Place("consultations", "triage_enc", consultation.consultation_id)
        connection.execute(
            "update consultations set triage_enc = %s, priority = %s, redirect = %s where consultation_id = %s",
            (encrypt(data_key, place, note), priority, redirect, consultation.consultation_id),
        )


def listed(site: Telehealth) -> dict[str, str]:
    answer = site.consultations.ListConsultations(calls.ListConsultationsRequest(), metadata=site.as_station())
    return {line.consultation_id: pb.Priority.Name(line.priority) for line in answer.consultations}


def priority_of(consultation: pb.Consultation) -> str:
    return pb.Priority.Name(consultation.triage.priority)


def redirect_of(consultation: pb.Consultation) -> str:
    return pb.RedirectTarget.Name(consultation.triage.redirect)


def test_what_triage_decided_is_sealed_and_still_shown(telehealth: Telehealth) -> None:
    waiting = telehealth.triage(telehealth.request(telehealth.link()), priority=URGENT)
    sent_on = telehealth.triage(telehealth.request(telehealth.link()), priority=URGENT, redirect=EMERGENCY)
    assert telehealth.rows(PLAIN) == [(0,)]
    assert priority_of(telehealth.get(waiting)) == priority_of(telehealth.get(sent_on)) == URGENT
    assert redirect_of(telehealth.get(sent_on)) == EMERGENCY
    assert listed(telehealth) == {waiting.consultation_id: URGENT, sent_on.consultation_id: URGENT}


def test_the_length_of_the_seal_does_not_tell_what_was_decided(telehealth: Telehealth) -> None:
    for fields in (
        {"priority": ROUTINE},
        {"priority": URGENT, "redirect": EMERGENCY},
        {"priority": ROUTINE, "redirect": IN_PERSON},
        {"priority": URGENT, "red_flags": ["CHEST_PAIN"], "note": "Nặng"},
    ):
        telehealth.triage(telehealth.request(telehealth.link()), **fields)
    assert len(telehealth.rows("select distinct length(triage_enc) from consultations")) == 1


def test_rows_of_the_release_before_are_read_before_and_after_they_are_sealed(
    telehealth: Telehealth, component: Resealing
) -> None:
    waiting, sent_on = (telehealth.request(telehealth.link()) for _ in range(2))
    leave_in_plain(telehealth, telehealth.triage(waiting), priority="URGENT")
    leave_in_plain(telehealth, telehealth.triage(sent_on, redirect=IN_PERSON), priority="ROUTINE", redirect="EMERGENCY")
    expected = {waiting.consultation_id: URGENT, sent_on.consultation_id: ROUTINE}
    versions = telehealth.rows("select consultation_id, version from consultations order by 1")
    for resealed in (0, 2):
        assert (component.reseal() if resealed else 0) == resealed
        assert listed(telehealth) == expected
        shown = telehealth.get(sent_on)
        assert (redirect_of(shown), shown.triage.note, list(shown.triage.red_flags)) == (
            EMERGENCY, "Đau ngực", ["CHEST_PAIN"],
        )  # fmt: skip
    assert telehealth.rows(PLAIN) == [(0,)]
    assert telehealth.rows("select consultation_id, version from consultations order by 1") == versions
    assert component.reseal() == 0


def test_sealing_goes_on_where_it_stopped(
    telehealth: Telehealth, component: Resealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        leave_in_plain(telehealth, telehealth.triage(telehealth.request(telehealth.link())), priority="URGENT")
    monkeypatch.setattr(resealing, "BATCH", 2)
    assert component.reseal() == 2
    assert telehealth.rows(PLAIN) == [(3,)]
    # Another process holds a row: it is left for later, nobody waits.
    with telehealth.database.transaction() as other:
        other.execute(
            "select from consultations where priority is not null order by consultation_id limit 1 for update"
        )
        assert (component.reseal(), component.reseal()) == (2, 0)
    assert (component.reseal(), component.reseal()) == (1, 0)


def test_of_an_erased_citizen_nothing_is_left_in_plain(telehealth: Telehealth, component: Resealing) -> None:
    citizen_id = telehealth.link()
    leave_in_plain(telehealth, telehealth.triage(telehealth.request(citizen_id)), priority="URGENT")
    data_keys = app.build_desk(telehealth.settings, telehealth.database, telehealth.clock).data_keys
    with telehealth.database.transaction() as connection:
        data_keys.destroy(connection, UUID(citizen_id))
    data_keys = app.build_desk(telehealth.settings, telehealth.database, telehealth.clock).data_keys
    fresh = Resealing(telehealth.database, PlainTriage(data_keys).seal_portion)
    assert fresh.reseal() == 1
    assert telehealth.rows(PLAIN) == [(0,)]


def test_a_new_triage_counts_over_what_an_older_one_left_in_plain(telehealth: Telehealth, component: Resealing) -> None:
    asked = telehealth.triage(telehealth.request(telehealth.link()))
    leave_in_plain(telehealth, asked, priority="URGENT")
    telehealth.triage(asked, priority=ROUTINE, redirect=IN_PERSON)
    for resealed in (0, 1):
        assert (component.reseal() if resealed else 0) == resealed
        assert listed(telehealth) == {asked.consultation_id: ROUTINE}
        assert redirect_of(telehealth.get(asked)) == IN_PERSON
