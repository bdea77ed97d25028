"""The gRPC door of ConsentService."""

import grpc
from songcau.identity.v1 import consent_pb2, consent_service_pb2_grpc
from songcau.identity.v1 import consent_service_pb2 as pb

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.consent.consents import Choice, Consents, Declared, OwnConsent
from songcau_identity.consent.model import Consent, ConsentAct, ConsentChannel, Decider, Decision, Proof
from songcau_identity.consent.recording import ConsentRecording, Record
from songcau_identity.consent.texts import Purpose, Wording
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.orders import read_document

CHANNELS = {
    consent_pb2.CONSENT_CHANNEL_APP: ConsentChannel.APP,
    consent_pb2.CONSENT_CHANNEL_PAPER: ConsentChannel.PAPER,
    consent_pb2.CONSENT_CHANNEL_RECORDED_CALL: ConsentChannel.RECORDED_CALL,
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
        """List what the caller decided."""
        with self._admission.admitted(Operation.LIST_OWN_CONSENTS) as (asker, access):
            found = self._consents.list_own(asker, access)
        return pb.ListOwnConsentsResponse(consents=map(write_own_consent, found))

    def GiveConsent(self, request: pb.GiveConsentRequest, _: grpc.ServicerContext) -> pb.GiveConsentResponse:  # noqa: N802
        """Give consent to one purpose."""
        choice = Choice(ConsentAct.GIVE, request.purpose, request.text_version, request.agreed)
        with self._admission.admitted(Operation.GIVE_CONSENT) as (asker, access):
            consent = self._decide(asker, Operation.GIVE_CONSENT, request.request_id, choice, access)
        return pb.GiveConsentResponse(consent=write_consent(consent))

    def WithdrawConsent(  # noqa: N802
        self, request: pb.WithdrawConsentRequest, _: grpc.ServicerContext
    ) -> pb.WithdrawConsentResponse:
        """Withdraw consent to one purpose."""
        choice = Choice(ConsentAct.WITHDRAW, request.purpose)
        with self._admission.admitted(Operation.WITHDRAW_CONSENT) as (asker, access):
            consent = self._decide(asker, Operation.WITHDRAW_CONSENT, request.request_id, choice, access)
        return pb.WithdrawConsentResponse(consent=write_consent(consent))

    def RecordConsent(self, request: pb.RecordConsentRequest, _: grpc.ServicerContext) -> pb.RecordConsentResponse:  # noqa: N802
        """Enter consent given on paper or in a call."""
        choice = Choice(ConsentAct.GIVE, request.purpose, request.text_version)
        with self._admission.admitted(Operation.RECORD_CONSENT) as (asker, access):
            consent = self._recording.record(asker, Operation.RECORD_CONSENT, _record(request, choice), access)
        return pb.RecordConsentResponse(consent=write_consent(consent))

    def RecordConsentWithdrawal(  # noqa: N802
        self, request: pb.RecordConsentWithdrawalRequest, _: grpc.ServicerContext
    ) -> pb.RecordConsentWithdrawalResponse:
        """Enter a withdrawal declared on paper or in a call."""
        operation = Operation.RECORD_CONSENT_WITHDRAWAL
        choice = Choice(ConsentAct.WITHDRAW, request.purpose)
        with self._admission.admitted(operation) as (asker, access):
            consent = self._recording.record(asker, operation, _record(request, choice), access)
        return pb.RecordConsentWithdrawalResponse(consent=write_consent(consent))

    def _decide(self, asker: Asker, operation: Operation, request_id: str, choice: Choice, access: Access) -> Consent:
        caller = asker.caller
        proof = Proof(Decider.SELF, None, ConsentChannel.APP, caller.subject, client_id=caller.client_id)
        declared = Declared(choice, asker.own_citizen_id, proof)
        return self._consents.decide(asker, operation, read_request_id(request_id), declared, access)


def _record(request: pb.RecordConsentRequest | pb.RecordConsentWithdrawalRequest, choice: Choice) -> Record:
    return Record(
        read_request_id(request.request_id),
        find_uuid(request.citizen_id),
        choice,
        CHANNELS.get(request.channel),
        read_document(request.evidence),
    )


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
    )


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
    return message


def _wording(wording: Wording) -> consent_pb2.ConsentWording:
    return consent_pb2.ConsentWording(title=wording.title, body=wording.body)
