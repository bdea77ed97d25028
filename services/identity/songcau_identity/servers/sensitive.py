"""The writes that wait while nobody vouches for the audit log: acts on other people's records and accounts."""

_CITIZENS = "songcau.identity.v1.CitizenService"
_RECORDS = "songcau.identity.v1.CitizenRecordService"

SENSITIVE = frozenset(
    {
        f"{_CITIZENS}/BlockCitizen",
        f"{_CITIZENS}/UnblockCitizen",
        f"{_RECORDS}/MergeCitizens",
        f"{_RECORDS}/UnmergeCitizens",
        f"{_RECORDS}/ReplaceIdentifier",
        f"{_RECORDS}/CorrectCitizen",
        f"{_RECORDS}/SettleRecordDoubt",
        "songcau.identity.v1.AccountService/BeginAccountAction",
    }
)
