"""The gRPC door of ConsentService."""

from uuid import UUID

import grpc
from songcau.identity.v1 import consent_pb2, consent_service_pb2_grpc
from songcau.identity.v1 import consent_service_pb2 as pb
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.consent.consents import Consents
from songcau_identity.consent.declared import Choice, ConsentAnswer, Declared, OwnConsent, Waiting
from songcau_identity.consent.model import Consent, ConsentAct, ConsentChannel, Decider, Decision, Half, Proof
from songcau_identity.consent.recording import ConsentRecording, Record
from songcau_identity.consent.texts import Purpose, Wording
from songcau_identity.errors import CITIZEN_NOT_FOUND, NOT_REPRESENTED
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.orders import read_document

CHANNELS = {
    consent_pb2.CONSENT_CHANNEL_APP: ConsentChannel.APP,
    consent_pb2.CONSENT_CHANNEL_PAPER: ConsentChannel.PAPER,
    consent_pb2.CONSENT_CHANNEL_RECORDED_CALL: ConsentChannel.RECORDED_CALL,
}
AWAITING = {
    Decider.SELF: consent_pb2.CONSENT_STATE_AWAITING_CHILD,
    Decider.REPRESENTATIVE: consent_pb2.CONSENT_STATE_AWAITING_REPRESENTATIVE,
}


class ConsentServer(consent_service_pb2_grpc.ConsentServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, consents: Consents, recording: ConsentRecording) -> None:
        self._admission = admission
        self._consents = consents
        self._recording = recording

    def ListConsentPurposes(  # noqa: N802
        self, _request: pb.ListConsentPurposesRequest, _: grpc.ServicerContext
    ) -> pb.ListConsentPurposesResponse:
        """List what people are asked."""
        return pb.ListConsentPurposesResponse(purposes=map(write_purpose, self._consents.purposes.all))

    def ListOwnConsents(  # noqa: N802
        self, _request: pb.ListOwnConsentsRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnConsentsResponse:
        """List what was decided for the caller or whom they stand for."""
        with self._admission.admitted(Operation.LIST_OWN_CONSENTS) as (asker, access):
            found = self._consents.list_own(asker, access)
        return pb.ListOwnConsentsResponse(consents=map(write_own_consent, found))

    def GiveConsent(self, request: pb.GiveConsentRequest, _: grpc.ServicerContext) -> pb.GiveConsentResponse:  # noqa: N802
        """Give consent to one purpose."""
        choice = Choice(ConsentAct.GIVE, request.purpose, request.text_version, request.agreed)
        with self._admission.admitted(Operation.GIVE_CONSENT) as (asker, access):
            answer = self._decide(asker, Operation.GIVE_CONSENT, request.request_id, choice, access)
        return pb.GiveConsentResponse(consent=write_answer(answer))

    def WithdrawConsent(  # noqa: N802
        self, request: pb.WithdrawConsentRequest, _: grpc.ServicerContext
    ) -> pb.WithdrawConsentResponse:
        """Withdraw consent to one purpose."""
        choice = Choice(ConsentAct.WITHDRAW, request.purpose)
        with self._admission.admitted(Operation.WITHDRAW_CONSENT) as (asker, access):
            answer = self._decide(asker, Operation.WITHDRAW_CONSENT, request.request_id, choice, access)
        return pb.WithdrawConsentResponse(consent=write_answer(answer))

    def RecordConsent(self, request: pb.RecordConsentRequest, _: grpc.ServicerContext) -> pb.RecordConsentResponse:  # noqa: N802
        """Enter consent given on paper or in a call."""
        choice = Choice(ConsentAct.GIVE, request.purpose, request.text_version)
        with self._admission.admitted(Operation.RECORD_CONSENT) as (asker, access):
            answer = self._recording.record(asker, Operation.RECORD_CONSENT, _record(request, choice), access)
        return pb.RecordConsentResponse(consent=write_answer(answer))

    def RecordConsentWithdrawal(  # noqa: N802
        self, request: pb.RecordConsentWithdrawalRequest, _: grpc.ServicerContext
    ) -> pb.RecordConsentWithdrawalResponse:
        """Enter a withdrawal declared on paper or in a call."""
        operation = Operation.RECORD_CONSENT_WITHDRAWAL
        choice = Choice(ConsentAct.WITHDRAW, request.purpose)
        with self._admission.admitted(operation) as (asker, access):
            answer = self._recording.record(asker, operation, _record(request, choice), access)
        return pb.RecordConsentWithdrawalResponse(consent=write_answer(answer))

    def _decide(
        self, asker: Asker, operation: Operation, request_id: str, choice: Choice, access: Access
    ) -> ConsentAnswer:
        caller, represented_id = asker.caller, asker.on_behalf_of
        decided_as, decided_by = Decider.SELF, None
        if represented_id is not None:
            decided_as, decided_by = Decider.REPRESENTATIVE, get_own_citizen_id(asker)
        proof = Proof(decided_as, decided_by, ConsentChannel.APP, caller.subject, client_id=caller.client_id)
        declared = Declared(choice, represented_id or asker.own_citizen_id, proof)
        return self._consents.decide(asker, operation, read_request_id(request_id), declared, access)


def _record(request: pb.RecordConsentRequest | pb.RecordConsentWithdrawalRequest, choice: Choice) -> Record:
    return Record(
        read_request_id(request.request_id),
        find_uuid(request.citizen_id),
        choice,
        CHANNELS.get(request.channel),
        read_document(request.evidence),
        read_representative(request.representative_id),
    )


def read_representative(text: str) -> UUID | None:
    """Return who declared a choice for another; raise NOT_REPRESENTED for an id that is none."""
    representative_id = find_uuid(text)
    if text and representative_id is None:
        raise DomainError(NOT_REPRESENTED)
    return representative_id


def get_own_citizen_id(asker: Asker) -> UUID:
    """Return the citizen who acts for another; raise CITIZEN_NOT_FOUND where the token names none."""
    if asker.own_citizen_id is None:
        raise DomainError(CITIZEN_NOT_FOUND)
    return asker.own_citizen_id


def write_purpose(purpose: Purpose) -> consent_pb2.ConsentPurpose:
    """Return a purpose with the text in use."""
    return consent_pb2.ConsentPurpose(
        purpose=purpose.code,
        activity=purpose.activity,
        is_sensitive=purpose.is_sensitive,
        text_version=purpose.text.version,
        vi=_wording(purpose.text.vi),
        en=_wording(purpose.text.en),
    )


def write_own_consent(own: OwnConsent) -> pb.OwnConsent:
    """Return one purpose as it stands for its person."""
    return pb.OwnConsent(
        purpose=write_purpose(own.purpose),
        consent=write_consent(own.consent) if own.consent else None,
        decisions=map(write_decision, own.decisions),
        waiting=write_waiting(own.waiting) if own.waiting else None,
    )


def write_answer(answer: ConsentAnswer) -> consent_pb2.Consent | None:
    """Return what holds, or what waits for the other side."""
    if answer.waiting is not None:
        return write_waiting(answer.waiting)
    return write_consent(answer.consent) if answer.consent else None


def write_waiting(waiting: Waiting) -> consent_pb2.Consent:
    """Return a yes that has no effect yet."""
    message = consent_pb2.Consent(
        consent_id=str(waiting.half_id),
        citizen_id=str(waiting.citizen_id),
        purpose=waiting.purpose,
        state=AWAITING[waiting.waits_for],
        text_version=waiting.text_version,
    )
    message.decided_at.FromDatetime(waiting.decided_at)
    return message


def write_consent(consent: Consent) -> consent_pb2.Consent:
    """Return what holds."""
    message = consent_pb2.Consent(
        consent_id=str(consent.consent_id),
        citizen_id=str(consent.citizen_id),
        purpose=consent.purpose,
        state=f"CONSENT_STATE_{consent.state}",
        text_version=consent.text_version,
        version=consent.version,
    )
    message.decided_at.FromDatetime(consent.decided_at)
    return message


def write_decision(decision: Decision) -> consent_pb2.ConsentDecision:
    """Return one decision with its proof; evidence stays closed."""
    proof = decision.proof
    message = consent_pb2.ConsentDecision(
        purpose=decision.purpose,
        version=decision.version,
        state=f"CONSENT_STATE_{decision.state}",
        text_version=decision.text_version,
        text_sha256=decision.text_sha256.hex(),
        channel=f"CONSENT_CHANNEL_{proof.channel or 'UNSPECIFIED'}",
        decided_as=proof.decided_as,
        decided_by_citizen_id=str(proof.decided_by or ""),
        recorded_by=proof.recorded_by,
        recorded_for=proof.recorded_for,
        client_id=proof.client_id,
    )
    message.decided_at.FromDatetime(decision.decided_at)
    if decision.first_half is not None:
        message.first_half.CopyFrom(write_half(decision.first_half))
    return message


def write_half(half: Half) -> consent_pb2.ConsentHalf:
    """Return the proof of the yes that waited for the other."""
    proof = half.proof
    message = consent_pb2.ConsentHalf(
        channel=f"CONSENT_CHANNEL_{proof.channel}",
        decided_as=proof.decided_as,
        decided_by_citizen_id=str(proof.decided_by),
        recorded_by=proof.recorded_by,
        recorded_for=proof.recorded_for,
        client_id=proof.client_id,
    )
    message.decided_at.FromDatetime(half.decided_at)
    return message


def _wording(wording: Wording) -> consent_pb2.ConsentWording:
    return consent_pb2.ConsentWording(title=wording.title, body=wording.body)
