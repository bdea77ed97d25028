"""What waits while nobody vouches for the audit log: acts on other people's records and accounts; a closed list.

A contract test wants a reason for every write of staff that does not stand here.
"""

_CITIZENS = "songcau.identity.v1.CitizenService"
_RECORDS = "songcau.identity.v1.CitizenRecordService"
_PAPERS = "songcau.identity.v1.PaperService"
_ADDRESSES = "songcau.identity.v1.AddressService"
_REGISTRATIONS = "songcau.identity.v1.CitizenRegistrationService"
_REQUESTS = "songcau.identity.v1.SubjectRequestService"

# What ends a right of somebody over somebody else does not wait: that would harm whom it protects.
SENSITIVE = frozenset(
    {
        f"{_CITIZENS}/BlockCitizen",
        f"{_CITIZENS}/UnblockCitizen",
        f"{_RECORDS}/MergeCitizens",
        f"{_RECORDS}/UnmergeCitizens",
        f"{_RECORDS}/ReplaceIdentifier",
        f"{_RECORDS}/CorrectCitizen",
        f"{_RECORDS}/RecordDeath",
        f"{_RECORDS}/AnnulDeath",
        f"{_RECORDS}/SettleRecordDoubt",
        f"{_PAPERS}/RecordPaper",
        f"{_PAPERS}/WithdrawPaper",
        f"{_ADDRESSES}/RecordAddress",
        f"{_ADDRESSES}/AcceptAddressProposal",
        f"{_ADDRESSES}/RefuseAddressProposal",
        f"{_ADDRESSES}/ResolveAddress",
        f"{_REGISTRATIONS}/RegisterNewborn",
        f"{_REGISTRATIONS}/RegisterForeigner",
        f"{_REGISTRATIONS}/IssuePersonalNumber",
        f"{_REGISTRATIONS}/VoidNewborn",
        # Erasure cannot be undone, and with the copy everything about somebody leaves, the one read that waits.
        f"{_REQUESTS}/CompleteSubjectRequest",
        f"{_REQUESTS}/GetDataCopy",
        # Taking a consent back does not wait.
        "songcau.identity.v1.ConsentService/RecordConsent",
        "songcau.identity.v1.RepresentationService/GrantRepresentation",
        "songcau.identity.v1.OrganisationService/DecideOrganisation",
        "songcau.identity.v1.OrganisationService/DecideOrganisationRepresentative",
        "songcau.identity.v1.AccountService/BeginAccountAction",
    }
)
