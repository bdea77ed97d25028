"""The data key of one patient is replaced: consultations, signed summaries and stored answers are as they were."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from songcau.telehealth.v1.consultation_service_pb2 import GetSummaryRequest
from songcau_kit.data_key_commands import enter_replacement
from songcau_kit.data_key_replacement import DataKeyReplacement
from songcau_kit.database import Database
from songcau_kit.objects import EncryptedObjects, ObjectStore
from songcau_kit.wrapping_keys import open_wrapping_keys
from songcau_telehealth.rights.repository_sealed import SEALED
from support.sealed_values import SealedValues
from support.telehealth_service import Telehealth, key


@pytest.fixture
def values(telehealth: Telehealth) -> Iterator[SealedValues]:
    database = Database(telehealth.url, max_size=4, application_name="telehealth-test")
    yield SealedValues(database, telehealth.settings, SEALED)
    database.close()


def replace(site: Telehealth, values: SealedValues, citizen_id: str) -> Mapping[UUID, int]:
    """Replace the key; the clock of the running service goes on by more than the minute it keeps keys for."""
    replacement = DataKeyReplacement(
        values.database,
        open_wrapping_keys(site.settings),
        SEALED,
        enter_replacement,
        objects=EncryptedObjects(ObjectStore(site.settings.object_store_url)),
        settle_s=0,
    )
    return replacement.replace([UUID(citizen_id)], lambda _: site.clock.advance(timedelta(seconds=61))).versions


def live(site: Telehealth, citizen_id: str) -> Any:
    """Let a patient have something in every sealed column; return a consultation that ended with a summary."""
    ended = site.complete(site.in_call(citizen_id))
    child = site.request(citizen_id, representative={"full_name": "Hoàng Văn Thử", "relation": "FATHER"})
    site.cancel(child, note="Cháu đã đỡ.")
    return ended


def test_everything_of_a_patient_is_sealed_anew_and_read_by_the_running_service(
    telehealth: Telehealth, values: SealedValues
) -> None:
    patient, other = telehealth.link(), telehealth.link()
    ended = live(telehealth, patient)
    untouched = telehealth.request(other)
    before, doctor = values.opened([UUID(patient)]), telehealth.as_doctor()
    assert {(table, column) for table, column, _ in before if table == "consultations"} == {
        one for one in values.columns() if one[0] == "consultations"
    }
    shown = (telehealth.get(ended, doctor), summary(telehealth, ended, doctor))

    assert replace(telehealth, values, patient) == {UUID(patient): 2}

    assert values.opened([UUID(patient)]) == before
    assert values.counts(UUID(patient)).keys() == {2}
    assert values.counts(UUID(other)).keys() == {1}
    doctor = telehealth.as_doctor()
    assert (telehealth.get(ended, doctor), summary(telehealth, ended, doctor)) == shown
    assert telehealth.get(untouched).consultation_id == untouched.consultation_id
    assert [address[:3] for (address,) in telehealth.rows("select object_address from summaries")] == ["v2/"]
    assert ("SYSTEM", "REPLACE_DATA_KEY", "ALLOWED", None) in telehealth.audit(patient)
    # The work goes on.
    scheduled = telehealth.scheduled(patient, telehealth.slot(hours=2))
    again = telehealth.complete(telehealth.admit(telehealth.check_in(scheduled)))
    assert summary(telehealth, again, telehealth.as_doctor()).startswith(b"%PDF")


def summary(site: Telehealth, consultation: Any, who: Any) -> bytes:
    request = GetSummaryRequest(consultation_id=consultation.consultation_id)
    return bytes(site.consultations.GetSummary(request, metadata=who).pdf)


def test_a_repeated_request_gets_its_first_answer_after_the_key_was_replaced(
    telehealth: Telehealth, values: SealedValues
) -> None:
    patient, request_id = telehealth.link(), key()
    first = telehealth.request(patient, request_id=request_id)
    replace(telehealth, values, patient)
    assert telehealth.request(patient, request_id=request_id) == first
    assert telehealth.rows("select count(*) from consultations") == [(1,)]
