"""How sure a sign-in must be for which operation."""

from collections.abc import Mapping

from songcau_kit.step_up import StepUp

from songcau_identity.auditing import Operation
from songcau_identity.servers import anomaly_rules, organisation_rules

# Staff come with a second factor to everything, however long ago they signed in; the client of the consoles asks for it
# too. Citizens sign in through VNeID as they do, and the bridge is a process with a key of its own.
STAFF_SIGN_IN = StepUp(level=2)
NOT_STAFF = frozenset({"citizen", "identity-linker"})

# Acts that do harm in wrong hands ask for a fresh sign-in, those of officers for a second factor too (RFC 9470).
STEP_UP_LEVELS: Mapping[Operation, int] = {
    Operation.UNLINK_CITIZEN: 1,
    Operation.OPEN_BREACH: 2,
    Operation.AMEND_BREACH: 2,
    Operation.ASSESS_BREACH: 2,
    Operation.RECORD_BREACH_NOTICE: 2,
    Operation.CLOSE_BREACH: 2,
    Operation.LIST_BREACH_PERSONS: 2,
    Operation.GET_BREACH_FORM: 2,
    Operation.BLOCK_CITIZEN: 2,
    Operation.UNBLOCK_CITIZEN: 2,
    Operation.MERGE_CITIZENS: 2,
    Operation.UNMERGE_CITIZENS: 2,
    Operation.REPLACE_IDENTIFIER: 2,
    Operation.CORRECT_CITIZEN: 2,
    Operation.RECORD_DEATH: 2,
    Operation.ANNUL_DEATH: 2,
    Operation.SETTLE_RECORD_DOUBT: 2,
    Operation.MAKE_SUBJECT_REQUEST: 1,
    Operation.RECORD_SUBJECT_REQUEST: 2,
    Operation.GET_DATA_COPY: 1,
    Operation.ACKNOWLEDGE_SUBJECT_REQUEST: 2,
    Operation.EXTEND_SUBJECT_REQUEST: 2,
    Operation.REFUSE_SUBJECT_REQUEST: 2,
    Operation.COMPLETE_SUBJECT_REQUEST: 2,
    Operation.ACKNOWLEDGE_ACCESS_COMPLAINT: 2,
    Operation.ANSWER_ACCESS_COMPLAINT: 2,
    **anomaly_rules.STEP_UP_LEVELS,
    Operation.RECORD_PAPER: 2,
    Operation.RECORD_ADDRESS: 2,
    Operation.ACCEPT_ADDRESS_PROPOSAL: 2,
    Operation.REFUSE_ADDRESS_PROPOSAL: 2,
    Operation.RESOLVE_ADDRESS: 2,
    Operation.REGISTER_NEWBORN: 2,
    Operation.ISSUE_PERSONAL_NUMBER: 2,
    Operation.VOID_NEWBORN: 2,
    Operation.REGISTER_FOREIGNER: 2,
    Operation.WITHDRAW_PAPER: 2,
    Operation.GRANT_REPRESENTATION: 2,
    Operation.AUTHORISE_REPRESENTATIVE: 1,
    Operation.ANSWER_REPRESENTATION: 1,
    Operation.REVOKE_REPRESENTATION: 1,
    Operation.END_REPRESENTATION: 2,
    Operation.APPROVE_ASSISTED_SESSION: 1,
    Operation.CONFIRM_ASSISTED_ACT: 1,
    Operation.LINK_ACCOUNT: 2,
    Operation.UNLINK_ACCOUNT: 2,
    Operation.DISABLE_ACCOUNT: 2,
    Operation.ENABLE_ACCOUNT: 2,
    Operation.END_ACCOUNT_SESSIONS: 2,
    Operation.ASSIGN_AGENCY: 2,
    Operation.WITHDRAW_AGENCY: 2,
    **organisation_rules.STEP_UP_LEVELS,
}
