"""One consultation from the request to the signed summary, as the patient, the station and the doctor see it."""

from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_kit.signing import load_roots, verify_pdf
from support.telehealth_service import COMPLAINT, HOSPITAL, LICENCE, STATION, Telehealth, reason_of


def test_a_station_asks_for_a_citizen_and_a_doctor_signs_the_summary(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    assert (asked.citizen_id, asked.version, asked.state) == (citizen_id, 1, pb.CONSULTATION_STATE_REQUESTED)
    assert asked.responsible_facility.facility_code == HOSPITAL
    assert asked.receiving_facility_code == STATION
    assert list(asked.next_actions) == ["TRIAGE", "REDIRECT", "CANCEL"]

    triaged = telehealth.triage(asked, note="Ổn định", priority="PRIORITY_URGENT")
    offered = telehealth.offer(triaged, telehealth.slot())
    assert offered.practitioner.licence_number == LICENCE
    assert offered.offer.expires_at.seconds > 0

    scheduled = telehealth.confirm(offered, who=telehealth.as_citizen(citizen_id))
    arrived = telehealth.check_in(scheduled)
    in_call = telehealth.admit(arrived)
    assert not in_call.HasField("outcome")
    done = telehealth.complete(in_call)
    assert done.state == pb.CONSULTATION_STATE_COMPLETED
    assert done.finished
    assert done.outcome.diagnoses[0].icd10_code == "I10"
    assert done.published_state.encounter_status == "finished"
    assert [step.to for step in done.steps] == [
        pb.CONSULTATION_STATE_REQUESTED,
        pb.CONSULTATION_STATE_TRIAGE,
        pb.CONSULTATION_STATE_OFFERED,
        pb.CONSULTATION_STATE_SCHEDULED,
        pb.CONSULTATION_STATE_CHECKED_IN,
        pb.CONSULTATION_STATE_IN_CALL,
        pb.CONSULTATION_STATE_COMPLETED,
    ]
    facts = ["requested", "triaged", "offered", "scheduled", "checked_in", "admitted", "completed"]
    assert telehealth.facts(done) == facts
    assert [event.meta.aggregate_version for event in telehealth.events()] == [1, 2, 3, 4, 5, 6, 7]

    own = telehealth.get(done, who=telehealth.as_citizen(citizen_id))
    assert own.complaint == COMPLAINT
    assert own.outcome.advice


def test_the_summary_is_signed_by_the_doctor_and_verifies_until_a_byte_changes(telehealth: Telehealth) -> None:
    done = telehealth.complete(telehealth.in_call())
    found = telehealth.consultations.GetSummary(
        calls.GetSummaryRequest(consultation_id=done.consultation_id), metadata=telehealth.as_doctor()
    )
    assert found.pdf.startswith(b"%PDF-1.7")
    assert found.summary_code == done.summary_code
    roots = load_roots(telehealth.settings.signer_folder / "root.pem")
    report = verify_pdf(found.pdf, roots)
    assert report.valid
    assert report.signer == done.practitioner.full_name

    def verify(code: str, pdf: bytes = b"") -> int:
        answer = telehealth.consultations.VerifySummary(calls.VerifySummaryRequest(code=code, pdf=pdf), metadata=())
        assert answer.practitioner.licence_number == LICENCE
        return answer.verdict

    assert verify(found.summary_code.lower().replace("-", " ")) == calls.SUMMARY_VERDICT_ISSUED
    assert verify(found.summary_code, found.pdf) == calls.SUMMARY_VERDICT_VALID
    changed = bytearray(found.pdf)
    changed[len(changed) // 2] ^= 1
    assert verify(found.summary_code, bytes(changed)) == calls.SUMMARY_VERDICT_ALTERED
    assert reason_of(lambda: verify("0000-0000-0000-0000")) == "SUMMARY_NOT_FOUND"
