"""Which process may call which RPC, by the name in its certificate; whoever is not named may not."""

from collections.abc import Mapping

_CITIZENS = "songcau.identity.v1.CitizenService"
_ACCESSES = "songcau.identity.v1.AccessListService"
_RECORDS = "songcau.identity.v1.CitizenRecordService"
_PAPERS = "songcau.identity.v1.PaperService"
_ADDRESSES = "songcau.identity.v1.AddressService"
_REGISTRATIONS = "songcau.identity.v1.CitizenRegistrationService"
_REPRESENTATIONS = "songcau.identity.v1.RepresentationService"
_ACCOUNTS = "songcau.identity.v1.AccountService"
_REQUESTS = "songcau.identity.v1.SubjectRequestService"
_CONSENTS = "songcau.identity.v1.ConsentService"
_BREACHES = "songcau.identity.v1.BreachService"
_COMPLAINTS = "songcau.identity.v1.AccessComplaintService"
_ANOMALIES = "songcau.identity.v1.AnomalyService"
_GATEWAY = frozenset({"gateway"})

WORKLOADS: Mapping[str, frozenset[str]] = {
    f"{_CITIZENS}/LinkCitizen": frozenset({"identity-bridge"}),
    f"{_CITIZENS}/GetOwnProfile": frozenset({"gateway", "eservices"}),
    f"{_CITIZENS}/LookUpCitizen": _GATEWAY,
    f"{_CITIZENS}/UnlinkCitizen": _GATEWAY,
    f"{_CITIZENS}/BlockCitizen": _GATEWAY,
    f"{_CITIZENS}/UnblockCitizen": _GATEWAY,
    f"{_RECORDS}/MergeCitizens": _GATEWAY,
    f"{_RECORDS}/UnmergeCitizens": _GATEWAY,
    f"{_RECORDS}/ReplaceIdentifier": _GATEWAY,
    f"{_RECORDS}/CorrectCitizen": _GATEWAY,
    f"{_RECORDS}/ListIdentifiers": _GATEWAY,
    f"{_RECORDS}/ListRecordDoubts": _GATEWAY,
    f"{_RECORDS}/SettleRecordDoubt": _GATEWAY,
    f"{_PAPERS}/RecordPaper": _GATEWAY,
    f"{_PAPERS}/WithdrawPaper": _GATEWAY,
    f"{_PAPERS}/ListPapers": _GATEWAY,
    f"{_PAPERS}/ListOwnPapers": _GATEWAY,
    f"{_ADDRESSES}/ProposeAddress": _GATEWAY,
    f"{_ADDRESSES}/RecordAddress": _GATEWAY,
    f"{_ADDRESSES}/AcceptAddressProposal": _GATEWAY,
    f"{_ADDRESSES}/RefuseAddressProposal": _GATEWAY,
    f"{_ADDRESSES}/ResolveAddress": _GATEWAY,
    f"{_ADDRESSES}/ListAddresses": _GATEWAY,
    f"{_ADDRESSES}/ListOwnAddresses": _GATEWAY,
    f"{_REGISTRATIONS}/RegisterNewborn": _GATEWAY,
    f"{_REGISTRATIONS}/IssuePersonalNumber": _GATEWAY,
    f"{_REGISTRATIONS}/VoidNewborn": _GATEWAY,
    f"{_REGISTRATIONS}/ListOwnNewborns": _GATEWAY,
    f"{_REGISTRATIONS}/RegisterForeigner": _GATEWAY,
    f"{_ACCESSES}/ListOwnAccesses": _GATEWAY,
    f"{_REQUESTS}/MakeSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/ListOwnSubjectRequests": _GATEWAY,
    f"{_REQUESTS}/GetOwnSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/WithdrawSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/ListSubjectRequests": _GATEWAY,
    f"{_REQUESTS}/GetSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/AcknowledgeSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/ExtendSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/RefuseSubjectRequest": _GATEWAY,
    f"{_REQUESTS}/CompleteSubjectRequest": _GATEWAY,
    f"{_REPRESENTATIONS}/GrantRepresentation": _GATEWAY,
    f"{_REPRESENTATIONS}/AuthoriseRepresentative": _GATEWAY,
    f"{_REPRESENTATIONS}/AnswerRepresentation": _GATEWAY,
    f"{_REPRESENTATIONS}/RevokeRepresentation": _GATEWAY,
    f"{_REPRESENTATIONS}/EndRepresentation": _GATEWAY,
    f"{_REPRESENTATIONS}/ListOwnRepresentations": _GATEWAY,
    f"{_REPRESENTATIONS}/ListCitizenRepresentations": _GATEWAY,
    f"{_REQUESTS}/GetDataCopy": _GATEWAY,
    f"{_COMPLAINTS}/MakeAccessComplaint": _GATEWAY,
    f"{_COMPLAINTS}/ListOwnAccessComplaints": _GATEWAY,
    f"{_COMPLAINTS}/GetOwnAccessComplaint": _GATEWAY,
    f"{_COMPLAINTS}/WithdrawAccessComplaint": _GATEWAY,
    f"{_COMPLAINTS}/ListAccessComplaints": _GATEWAY,
    f"{_COMPLAINTS}/GetAccessComplaint": _GATEWAY,
    f"{_COMPLAINTS}/AcknowledgeAccessComplaint": _GATEWAY,
    f"{_COMPLAINTS}/AnswerAccessComplaint": _GATEWAY,
    f"{_ANOMALIES}/ListAnomalies": _GATEWAY,
    f"{_ANOMALIES}/GetAnomaly": _GATEWAY,
    f"{_ANOMALIES}/AskAboutAnomaly": _GATEWAY,
    f"{_ANOMALIES}/DecideAnomaly": _GATEWAY,
    f"{_ANOMALIES}/GetAnomalyReport": _GATEWAY,
    f"{_ANOMALIES}/ListOwnAnomalies": _GATEWAY,
    f"{_ANOMALIES}/GetOwnAnomaly": _GATEWAY,
    f"{_ANOMALIES}/ExplainAnomaly": _GATEWAY,
    f"{_ANOMALIES}/ListWatchedCitizens": _GATEWAY,
    f"{_ANOMALIES}/WatchCitizen": _GATEWAY,
    f"{_ANOMALIES}/UnwatchCitizen": _GATEWAY,
    f"{_ACCOUNTS}/BeginAccountAction": _GATEWAY,
    f"{_ACCOUNTS}/FinishAccountAction": _GATEWAY,
    f"{_ACCOUNTS}/RecordAccountView": _GATEWAY,
    f"{_CONSENTS}/ListConsentPurposes": _GATEWAY,
    f"{_CONSENTS}/ListOwnConsents": _GATEWAY,
    f"{_CONSENTS}/GiveConsent": _GATEWAY,
    f"{_CONSENTS}/WithdrawConsent": _GATEWAY,
    f"{_CONSENTS}/RecordConsent": _GATEWAY,
    f"{_CONSENTS}/RecordConsentWithdrawal": _GATEWAY,
    f"{_BREACHES}/OpenBreach": _GATEWAY,
    f"{_BREACHES}/AmendBreach": _GATEWAY,
    f"{_BREACHES}/AssessBreach": _GATEWAY,
    f"{_BREACHES}/RecordBreachNotice": _GATEWAY,
    f"{_BREACHES}/CloseBreach": _GATEWAY,
    f"{_BREACHES}/GetBreach": _GATEWAY,
    f"{_BREACHES}/ListBreaches": _GATEWAY,
    f"{_BREACHES}/ListBreachPersons": _GATEWAY,
    f"{_BREACHES}/GetBreachForm": _GATEWAY,
}
