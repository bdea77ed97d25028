"""Who may call which RPC. Roles are checked inside the audited access, so that a refusal is on the list, too."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from songcau_kit.assisted_acts import ASSISTANCE_SCOPE, HELPER_ROLES
from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.processing import NO_PERSONAL_DATA
from songcau_kit.rpc_server import AssistedRule, Call, Rule, current_call
from songcau_kit.step_up import StepUp

from songcau_identity.auditing import ADMINISTRATORS, OFFICERS, Access, Asker, Auditor, Operation, kind_of
from songcau_identity.servers import anomaly_rules, organisation_rules
from songcau_identity.servers.step_ups import NOT_STAFF, STAFF_SIGN_IN, STEP_UP_LEVELS

REQUEST_ID_FORM = re.compile(r"[!-~]{1,255}")


RECORDERS = ("officer", "leader", "data-officer")
HELPERS = tuple(sorted(HELPER_ROLES))
# What a draft says of the applicant goes to the service that makes it, in whose answer the helper sees none of it.
FOR_DRAFTS = AssistedRule(
    helper=Rule(roles=HELPER_ROLES, scopes=frozenset({ASSISTANCE_SCOPE})),
    scopes=frozenset({"identity:read"}),
    shown=("citizen", "full_name", "masked_number", "birth_date", "phone_number"),
)


def _rule(roles: tuple[str, ...], scope: str, activity: str, *, on_behalf: bool = False) -> Rule:
    return Rule(roles=frozenset(roles), scopes=frozenset({scope}), activity=activity, on_behalf=on_behalf)


RULES: Mapping[Operation, Rule] = {
    Operation.LINK_CITIZEN: _rule(("identity-linker",), "identity:link", "citizen-identification"),
    Operation.GET_OWN_PROFILE: replace(
        _rule(("citizen",), "identity:read", "citizen-identification", on_behalf=True), assisted=FOR_DRAFTS
    ),
    Operation.LOOK_UP_CITIZEN: _rule(OFFICERS, "identity:lookup", "citizen-lookup"),
    Operation.UNLINK_CITIZEN: _rule(("citizen",), "identity:link", "citizen-identification"),
    Operation.BLOCK_CITIZEN: _rule(("data-officer",), "identity:lookup", "citizen-blocking"),
    Operation.UNBLOCK_CITIZEN: _rule(("data-officer",), "identity:lookup", "citizen-blocking"),
    Operation.LIST_OWN_ACCESSES: _rule(("citizen",), "access:read", "access-records", on_behalf=True),
    Operation.MERGE_CITIZENS: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.UNMERGE_CITIZENS: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.REPLACE_IDENTIFIER: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.CORRECT_CITIZEN: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.RECORD_DEATH: _rule(("data-officer",), "identity:lookup", "death-recording"),
    Operation.ANNUL_DEATH: _rule(("data-officer",), "identity:lookup", "death-recording"),
    Operation.LIST_IDENTIFIERS: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.LIST_RECORD_DOUBTS: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.SETTLE_RECORD_DOUBT: _rule(("data-officer",), "identity:lookup", "record-correction"),
    Operation.MAKE_SUBJECT_REQUEST: _rule(("citizen",), "identity:link", "data-subject-requests"),
    Operation.RECORD_SUBJECT_REQUEST: _rule(("officer", "data-officer"), "identity:lookup", "data-subject-requests"),
    Operation.LIST_OWN_SUBJECT_REQUESTS: _rule(("citizen",), "access:read", "data-subject-requests"),
    Operation.GET_OWN_SUBJECT_REQUEST: _rule(("citizen",), "access:read", "data-subject-requests"),
    Operation.WITHDRAW_SUBJECT_REQUEST: _rule(("citizen",), "identity:link", "data-subject-requests"),
    Operation.LIST_SUBJECT_REQUESTS: _rule(("data-officer",), "identity:lookup", "data-subject-requests"),
    Operation.GET_SUBJECT_REQUEST: _rule(("data-officer",), "identity:lookup", "data-subject-requests"),
    Operation.ACKNOWLEDGE_SUBJECT_REQUEST: _rule(("data-officer",), "identity:lookup", "data-subject-requests"),
    Operation.EXTEND_SUBJECT_REQUEST: _rule(("data-officer",), "identity:lookup", "data-subject-requests"),
    Operation.REFUSE_SUBJECT_REQUEST: _rule(("data-officer",), "identity:lookup", "data-subject-requests"),
    Operation.COMPLETE_SUBJECT_REQUEST: _rule(("data-officer",), "identity:lookup", "data-subject-requests"),
    Operation.MAKE_ACCESS_COMPLAINT: _rule(("citizen",), "identity:link", "access-complaints"),
    Operation.LIST_OWN_ACCESS_COMPLAINTS: _rule(("citizen",), "access:read", "access-complaints"),
    Operation.GET_OWN_ACCESS_COMPLAINT: _rule(("citizen",), "access:read", "access-complaints"),
    Operation.WITHDRAW_ACCESS_COMPLAINT: _rule(("citizen",), "identity:link", "access-complaints"),
    Operation.LIST_ACCESS_COMPLAINTS: _rule(("data-officer",), "identity:lookup", "access-complaints"),
    Operation.GET_ACCESS_COMPLAINT: _rule(("data-officer",), "identity:lookup", "access-complaints"),
    Operation.ACKNOWLEDGE_ACCESS_COMPLAINT: _rule(("data-officer",), "identity:lookup", "access-complaints"),
    Operation.ANSWER_ACCESS_COMPLAINT: _rule(("data-officer",), "identity:lookup", "access-complaints"),
    **anomaly_rules.RULES,
    Operation.RECORD_PAPER: _rule(("officer", "data-officer"), "identity:lookup", "paper-recording"),
    Operation.WITHDRAW_PAPER: _rule(("data-officer",), "identity:lookup", "paper-recording"),
    Operation.LIST_PAPERS: _rule(("officer", "data-officer"), "identity:lookup", "paper-recording"),
    Operation.LIST_OWN_PAPERS: _rule(("citizen",), "identity:read", "citizen-identification"),
    Operation.PROPOSE_ADDRESS: _rule(("citizen",), "identity:link", "address-recording", on_behalf=True),
    Operation.RECORD_ADDRESS: _rule(("officer", "data-officer"), "identity:lookup", "address-recording"),
    Operation.ACCEPT_ADDRESS_PROPOSAL: _rule(("officer", "data-officer"), "identity:lookup", "address-recording"),
    Operation.REFUSE_ADDRESS_PROPOSAL: _rule(("officer", "data-officer"), "identity:lookup", "address-recording"),
    Operation.RESOLVE_ADDRESS: _rule(("officer", "data-officer"), "identity:lookup", "address-recording"),
    Operation.LIST_ADDRESSES: _rule(("officer", "data-officer"), "identity:lookup", "address-recording"),
    Operation.LIST_ADDRESS_DOUBTS: _rule(("officer", "data-officer"), "identity:lookup", "address-recording"),
    Operation.LIST_OWN_ADDRESSES: _rule(("citizen",), "identity:read", "address-recording", on_behalf=True),
    Operation.REGISTER_NEWBORN: _rule(
        ("officer", "station-officer", "data-officer"), "identity:lookup", "citizen-registration"
    ),
    Operation.ISSUE_PERSONAL_NUMBER: _rule(("officer", "data-officer"), "identity:lookup", "citizen-registration"),
    Operation.VOID_NEWBORN: _rule(("data-officer",), "identity:lookup", "citizen-registration"),
    Operation.REGISTER_FOREIGNER: _rule(("officer", "data-officer"), "identity:lookup", "citizen-registration"),
    Operation.LIST_OWN_NEWBORNS: _rule(("citizen",), "identity:read", "citizen-identification"),
    Operation.GRANT_REPRESENTATION: _rule(RECORDERS, "identity:lookup", "representation"),
    Operation.AUTHORISE_REPRESENTATIVE: _rule(("citizen",), "identity:link", "representation"),
    Operation.ANSWER_REPRESENTATION: _rule(("citizen",), "identity:link", "representation"),
    Operation.REVOKE_REPRESENTATION: _rule(("citizen",), "identity:link", "representation"),
    Operation.END_REPRESENTATION: _rule(RECORDERS, "identity:lookup", "representation"),
    Operation.LIST_OWN_REPRESENTATIONS: _rule(("citizen",), "identity:read", "representation"),
    Operation.LIST_CITIZEN_REPRESENTATIONS: _rule(RECORDERS, "identity:lookup", "representation"),
    Operation.START_ASSISTED_SESSION: _rule(HELPERS, ASSISTANCE_SCOPE, "assistance"),
    Operation.APPROVE_ASSISTED_SESSION: _rule(("citizen",), ASSISTANCE_SCOPE, "assistance"),
    Operation.PROPOSE_ASSISTED_ACT: _rule(HELPERS, ASSISTANCE_SCOPE, "assistance"),
    Operation.GET_ASSISTED_SESSION: _rule(("citizen", *HELPERS), ASSISTANCE_SCOPE, "assistance"),
    Operation.LIST_ASSISTED_SESSIONS: _rule(("citizen",), ASSISTANCE_SCOPE, "assistance"),
    Operation.CONFIRM_ASSISTED_ACT: _rule(("citizen",), ASSISTANCE_SCOPE, "assistance"),
    Operation.DECLINE_ASSISTED_ACT: _rule(("citizen",), ASSISTANCE_SCOPE, "assistance"),
    Operation.END_ASSISTED_SESSION: _rule(("citizen", *HELPERS), ASSISTANCE_SCOPE, "assistance"),
    Operation.GET_DATA_COPY: _rule(("citizen",), "access:read", "data-subject-requests"),
    Operation.ACT_ON_ACCOUNT: _rule(ADMINISTRATORS, "account:manage", "account-administration"),
    Operation.LINK_ACCOUNT: _rule(("data-officer",), "account:manage", "account-administration"),
    Operation.UNLINK_ACCOUNT: _rule(("data-officer",), "account:manage", "account-administration"),
    Operation.DISABLE_ACCOUNT: _rule(ADMINISTRATORS, "account:manage", "account-administration"),
    Operation.ENABLE_ACCOUNT: _rule(ADMINISTRATORS, "account:manage", "account-administration"),
    Operation.END_ACCOUNT_SESSIONS: _rule(ADMINISTRATORS, "account:manage", "account-administration"),
    Operation.ASSIGN_AGENCY: _rule(("operator",), "account:manage", "account-administration"),
    Operation.WITHDRAW_AGENCY: _rule(("operator",), "account:manage", "account-administration"),
    Operation.VIEW_ACCOUNT: _rule(ADMINISTRATORS, "account:manage", "account-administration"),
    Operation.LIST_OWN_CONSENTS: _rule(("citizen",), "consent:read", "consent-records", on_behalf=True),
    Operation.GIVE_CONSENT: _rule(("citizen",), "consent:write", "consent-records", on_behalf=True),
    Operation.WITHDRAW_CONSENT: _rule(("citizen",), "consent:write", "consent-records", on_behalf=True),
    Operation.RECORD_CONSENT: _rule(("officer", "station-officer"), "consent:write", "consent-records"),
    Operation.OPEN_BREACH: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.AMEND_BREACH: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.ASSESS_BREACH: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.RECORD_BREACH_NOTICE: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.CLOSE_BREACH: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.GET_BREACH: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.LIST_BREACHES: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.LIST_BREACH_PERSONS: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.GET_BREACH_FORM: _rule(("data-officer",), "breach:manage", "breach-handling"),
    Operation.RECORD_CONSENT_WITHDRAWAL: _rule(("officer", "station-officer"), "consent:write", "consent-records"),
    **organisation_rules.RULES,
}

METHODS: Mapping[str, Operation] = {
    "songcau.identity.v1.CitizenService/LinkCitizen": Operation.LINK_CITIZEN,
    "songcau.identity.v1.CitizenService/GetOwnProfile": Operation.GET_OWN_PROFILE,
    "songcau.identity.v1.CitizenService/LookUpCitizen": Operation.LOOK_UP_CITIZEN,
    "songcau.identity.v1.CitizenService/UnlinkCitizen": Operation.UNLINK_CITIZEN,
    "songcau.identity.v1.CitizenService/BlockCitizen": Operation.BLOCK_CITIZEN,
    "songcau.identity.v1.CitizenService/UnblockCitizen": Operation.UNBLOCK_CITIZEN,
    "songcau.identity.v1.AccessListService/ListOwnAccesses": Operation.LIST_OWN_ACCESSES,
    "songcau.identity.v1.CitizenRecordService/MergeCitizens": Operation.MERGE_CITIZENS,
    "songcau.identity.v1.CitizenRecordService/UnmergeCitizens": Operation.UNMERGE_CITIZENS,
    "songcau.identity.v1.CitizenRecordService/ReplaceIdentifier": Operation.REPLACE_IDENTIFIER,
    "songcau.identity.v1.CitizenRecordService/CorrectCitizen": Operation.CORRECT_CITIZEN,
    "songcau.identity.v1.CitizenRecordService/RecordDeath": Operation.RECORD_DEATH,
    "songcau.identity.v1.CitizenRecordService/AnnulDeath": Operation.ANNUL_DEATH,
    "songcau.identity.v1.CitizenRecordService/ListIdentifiers": Operation.LIST_IDENTIFIERS,
    "songcau.identity.v1.CitizenRecordService/ListRecordDoubts": Operation.LIST_RECORD_DOUBTS,
    "songcau.identity.v1.CitizenRecordService/SettleRecordDoubt": Operation.SETTLE_RECORD_DOUBT,
    "songcau.identity.v1.SubjectRequestService/MakeSubjectRequest": Operation.MAKE_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/RecordSubjectRequest": Operation.RECORD_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/ListOwnSubjectRequests": Operation.LIST_OWN_SUBJECT_REQUESTS,
    "songcau.identity.v1.SubjectRequestService/GetOwnSubjectRequest": Operation.GET_OWN_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/WithdrawSubjectRequest": Operation.WITHDRAW_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/ListSubjectRequests": Operation.LIST_SUBJECT_REQUESTS,
    "songcau.identity.v1.SubjectRequestService/GetSubjectRequest": Operation.GET_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/AcknowledgeSubjectRequest": Operation.ACKNOWLEDGE_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/ExtendSubjectRequest": Operation.EXTEND_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/RefuseSubjectRequest": Operation.REFUSE_SUBJECT_REQUEST,
    "songcau.identity.v1.SubjectRequestService/CompleteSubjectRequest": Operation.COMPLETE_SUBJECT_REQUEST,
    "songcau.identity.v1.AccessComplaintService/MakeAccessComplaint": Operation.MAKE_ACCESS_COMPLAINT,
    "songcau.identity.v1.AccessComplaintService/ListOwnAccessComplaints": Operation.LIST_OWN_ACCESS_COMPLAINTS,
    "songcau.identity.v1.AccessComplaintService/GetOwnAccessComplaint": Operation.GET_OWN_ACCESS_COMPLAINT,
    "songcau.identity.v1.AccessComplaintService/WithdrawAccessComplaint": Operation.WITHDRAW_ACCESS_COMPLAINT,
    "songcau.identity.v1.AccessComplaintService/ListAccessComplaints": Operation.LIST_ACCESS_COMPLAINTS,
    "songcau.identity.v1.AccessComplaintService/GetAccessComplaint": Operation.GET_ACCESS_COMPLAINT,
    "songcau.identity.v1.AccessComplaintService/AcknowledgeAccessComplaint": Operation.ACKNOWLEDGE_ACCESS_COMPLAINT,
    "songcau.identity.v1.AccessComplaintService/AnswerAccessComplaint": Operation.ANSWER_ACCESS_COMPLAINT,
    **anomaly_rules.METHODS,
    "songcau.identity.v1.PaperService/RecordPaper": Operation.RECORD_PAPER,
    "songcau.identity.v1.PaperService/WithdrawPaper": Operation.WITHDRAW_PAPER,
    "songcau.identity.v1.PaperService/ListPapers": Operation.LIST_PAPERS,
    "songcau.identity.v1.PaperService/ListOwnPapers": Operation.LIST_OWN_PAPERS,
    "songcau.identity.v1.AddressService/ProposeAddress": Operation.PROPOSE_ADDRESS,
    "songcau.identity.v1.AddressService/RecordAddress": Operation.RECORD_ADDRESS,
    "songcau.identity.v1.AddressService/AcceptAddressProposal": Operation.ACCEPT_ADDRESS_PROPOSAL,
    "songcau.identity.v1.AddressService/RefuseAddressProposal": Operation.REFUSE_ADDRESS_PROPOSAL,
    "songcau.identity.v1.AddressService/ResolveAddress": Operation.RESOLVE_ADDRESS,
    "songcau.identity.v1.AddressService/ListAddresses": Operation.LIST_ADDRESSES,
    "songcau.identity.v1.AddressService/ListAddressDoubts": Operation.LIST_ADDRESS_DOUBTS,
    "songcau.identity.v1.AddressService/ListOwnAddresses": Operation.LIST_OWN_ADDRESSES,
    "songcau.identity.v1.CitizenRegistrationService/RegisterNewborn": Operation.REGISTER_NEWBORN,
    "songcau.identity.v1.CitizenRegistrationService/IssuePersonalNumber": Operation.ISSUE_PERSONAL_NUMBER,
    "songcau.identity.v1.CitizenRegistrationService/VoidNewborn": Operation.VOID_NEWBORN,
    "songcau.identity.v1.CitizenRegistrationService/RegisterForeigner": Operation.REGISTER_FOREIGNER,
    "songcau.identity.v1.CitizenRegistrationService/ListOwnNewborns": Operation.LIST_OWN_NEWBORNS,
    "songcau.identity.v1.RepresentationService/GrantRepresentation": Operation.GRANT_REPRESENTATION,
    "songcau.identity.v1.RepresentationService/AuthoriseRepresentative": Operation.AUTHORISE_REPRESENTATIVE,
    "songcau.identity.v1.RepresentationService/AnswerRepresentation": Operation.ANSWER_REPRESENTATION,
    "songcau.identity.v1.RepresentationService/RevokeRepresentation": Operation.REVOKE_REPRESENTATION,
    "songcau.identity.v1.RepresentationService/EndRepresentation": Operation.END_REPRESENTATION,
    "songcau.identity.v1.RepresentationService/ListOwnRepresentations": Operation.LIST_OWN_REPRESENTATIONS,
    "songcau.identity.v1.RepresentationService/ListCitizenRepresentations": Operation.LIST_CITIZEN_REPRESENTATIONS,
    "songcau.identity.v1.AssistanceService/StartAssistedSession": Operation.START_ASSISTED_SESSION,
    "songcau.identity.v1.AssistanceService/ApproveAssistedSession": Operation.APPROVE_ASSISTED_SESSION,
    "songcau.identity.v1.AssistanceService/ProposeAssistedAct": Operation.PROPOSE_ASSISTED_ACT,
    "songcau.identity.v1.AssistanceService/GetAssistedSession": Operation.GET_ASSISTED_SESSION,
    "songcau.identity.v1.AssistanceService/ListAssistedSessions": Operation.LIST_ASSISTED_SESSIONS,
    "songcau.identity.v1.AssistanceService/ConfirmAssistedAct": Operation.CONFIRM_ASSISTED_ACT,
    "songcau.identity.v1.AssistanceService/DeclineAssistedAct": Operation.DECLINE_ASSISTED_ACT,
    "songcau.identity.v1.AssistanceService/EndAssistedSession": Operation.END_ASSISTED_SESSION,
    "songcau.identity.v1.SubjectRequestService/GetDataCopy": Operation.GET_DATA_COPY,
    # The action that the request names decides; without one, this does.
    "songcau.identity.v1.AccountService/BeginAccountAction": Operation.ACT_ON_ACCOUNT,
    "songcau.identity.v1.AccountService/FinishAccountAction": Operation.ACT_ON_ACCOUNT,
    "songcau.identity.v1.AccountService/RecordAccountView": Operation.VIEW_ACCOUNT,
    "songcau.identity.v1.ConsentService/ListOwnConsents": Operation.LIST_OWN_CONSENTS,
    "songcau.identity.v1.ConsentService/GiveConsent": Operation.GIVE_CONSENT,
    "songcau.identity.v1.ConsentService/WithdrawConsent": Operation.WITHDRAW_CONSENT,
    "songcau.identity.v1.ConsentService/RecordConsent": Operation.RECORD_CONSENT,
    "songcau.identity.v1.ConsentService/RecordConsentWithdrawal": Operation.RECORD_CONSENT_WITHDRAWAL,
    "songcau.identity.v1.BreachService/OpenBreach": Operation.OPEN_BREACH,
    "songcau.identity.v1.BreachService/AmendBreach": Operation.AMEND_BREACH,
    "songcau.identity.v1.BreachService/AssessBreach": Operation.ASSESS_BREACH,
    "songcau.identity.v1.BreachService/RecordBreachNotice": Operation.RECORD_BREACH_NOTICE,
    "songcau.identity.v1.BreachService/CloseBreach": Operation.CLOSE_BREACH,
    "songcau.identity.v1.BreachService/GetBreach": Operation.GET_BREACH,
    "songcau.identity.v1.BreachService/ListBreaches": Operation.LIST_BREACHES,
    "songcau.identity.v1.BreachService/ListBreachPersons": Operation.LIST_BREACH_PERSONS,
    "songcau.identity.v1.BreachService/GetBreachForm": Operation.GET_BREACH_FORM,
    **organisation_rules.METHODS,
}

# What the door alone judges: texts that are about nobody, and refusals, which everybody signed in may meet.
OPEN_RULES: Mapping[str, Rule] = {
    "songcau.identity.v1.RefusalService/RecordRefusal": Rule(activity="access-records"),
    "songcau.identity.v1.ConsentService/ListConsentPurposes": Rule(anonymous=True, activity=NO_PERSONAL_DATA),
}

# What the kit's server asks at the door: a valid token for every method that is about somebody.
DOOR_RULES: Mapping[str, Rule] = {
    **{
        method: Rule(
            activity=RULES[operation].activity,
            on_behalf=RULES[operation].on_behalf,
            assisted=RULES[operation].assisted,
        )
        for method, operation in METHODS.items()
    },
    **OPEN_RULES,
}


class Admission:
    """Admits calls to operations and audits how they end."""

    def __init__(self, *, auditor: Auditor, clock: Clock, step_up_max_age_seconds: int) -> None:
        self._auditor = auditor
        self._clock = clock
        self._step_ups = {
            operation: StepUp(level, step_up_max_age_seconds) for operation, level in STEP_UP_LEVELS.items()
        }

    @contextmanager
    def admitted(self, operation: Operation) -> Iterator[tuple[Asker, Access]]:
        """Admit the current call; raises PERMISSION_DENIED and AUTHENTICATION_INSUFFICIENT."""
        asker = asker_of(current_call(), operation)
        caller = asker.caller
        with self._auditor.access(asker, operation) as access:
            try:
                RULES[operation].check(caller)
                self._check_sign_in(caller, operation)
            except DomainError:
                if operation.is_own and asker.own_citizen_id:
                    access.subjects.append(asker.own_citizen_id)
                raise
            yield asker, access

    def _check_sign_in(self, caller: Caller, operation: Operation) -> None:
        now = self._clock.now()
        if operation in self._step_ups:
            self._step_ups[operation].check(caller, now)
        if caller.has_role(*(RULES[operation].roles - NOT_STAFF)):
            STAFF_SIGN_IN.check(caller, now)


def asker_of(call: Call, operation: Operation) -> Asker:
    """Return who asks in a call."""
    caller = call.known_caller
    kind = kind_of(caller, operation)
    return Asker(caller, call.correlation_id, call.purpose or "", kind, call.on_behalf_of, call.assistant)


def read_request_id(request_id: str) -> str:
    """Return a usable idempotency key; raises INVALID_REQUEST."""
    if not REQUEST_ID_FORM.fullmatch(request_id):
        raise DomainError(INVALID_REQUEST, violations=[Violation("/request_id", "INVALID")])
    return request_id
