"""What telehealth holds of a person comes whole into their copy: consultations and every consent it goes by."""

from uuid import UUID

from songcau_kit.data_copy import CopySection
from songcau_telehealth import app
from songcau_telehealth.rights.copying import HealthCopies
from support.telehealth_service import COMPLAINT, Telehealth


def sections(site: Telehealth, citizen_id: str) -> dict[str, CopySection]:
    keys = app.build_desk(site.settings, site.database, site.clock).data_keys
    with site.database.transaction() as connection:
        part = HealthCopies(keys).gather(connection, [UUID(citizen_id)])
    return {one.code: one for one in part.sections}


def facts(section: CopySection) -> dict[str, object]:
    (record,) = section.records
    return {one.code: one.value for one in record.fields}


def test_the_consent_to_a_consultation_and_the_consents_followed_are_in_the_copy(telehealth: Telehealth) -> None:
    citizen, other = telehealth.link(), telehealth.link()
    running = telehealth.in_call(citizen)
    telehealth.decide(citizen, "SHARE_CARE_RESULT", "WITHDRAWN")
    telehealth.decide(other, "SHARE_CARE_RESULT", "GIVEN")
    copied = sections(telehealth, citizen)
    given = facts(copied["consents"])
    assert (given["consultation_id"], given["purpose"], given["given_by"]) == (
        running.consultation_id,
        "CARE",
        "PATIENT",
    )
    assert given["text_version"]
    followed = facts(copied["followed_consents"])
    assert (followed["purpose"], followed["state"]) == ("SHARE_CARE_RESULT", "WITHDRAWN")
    assert facts(copied["consultations"])["complaint"] == COMPLAINT
