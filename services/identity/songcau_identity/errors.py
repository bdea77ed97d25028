"""Why the identity service says no: every reason of the domain `identity.songcau`.

DomainError (kit)
├── what was asked    IDENTITY_FACTS_INVALID, LOOK_UP_INVALID, PURPOSE_REQUIRED, PURPOSE_UNKNOWN
├── who asked         OFFICER_WITHOUT_AGENCY, LOOK_UP_LIMIT_REACHED, NAMING_LIMIT_REACHED, OWN_ACCOUNT
├── how records meet  OWN_RECORD, CITIZEN_MERGED, CITIZEN_NOT_MERGED, MERGE_INVALID, MERGE_KINDS_DIFFER, MERGE_CHAIN
├── what is mended    EVIDENCE_INVALID, CORRECTION_INVALID, IDENTIFIER_INVALID, IDENTIFIER_TAKEN, NOTHING_TO_CHANGE
├── papers            PAPER_INVALID, PAPER_NOT_FOUND, PAPER_TAKEN, PAPER_ALREADY_WITHDRAWN, PERSON_REQUIRED
├── without a number  NEWBORN_INVALID, NEWBORN_REGISTERED, NEWBORN_NOT_FOUND, NEWBORN_NOT_TEMPORARY,
│                     NEWBORN_NUMBER_TAKEN, FOREIGNER_INVALID, NUMBER_MISSING
├── what looks odd    DOUBT_NOT_FOUND, DOUBT_SETTLED
├── rights of people  SUBJECT_REQUEST_NOT_FOUND, SUBJECT_REQUEST_INVALID, SUBJECT_REQUEST_OPEN,
│                     SUBJECT_REQUEST_STATE_INVALID, SUBJECT_REQUEST_EXTENDED, PROCESSING_BOUND_BY_LAW,
│                     CORRECTION_NOT_NAMED, DATA_COPY_NOT_READY, DATA_COPY_EXPIRED
├── consent           CONSENT_PURPOSE_UNKNOWN, CONSENT_NOT_EXPRESSED, CONSENT_TEXT_OUTDATED, CONSENT_CHANNEL_INVALID,
│                     REPRESENTATIVE_CONSENT_REQUIRED
├── who acts for whom  NOT_REPRESENTED, REPRESENTATION_INVALID, REPRESENTATION_EXISTS, REPRESENTATION_NOT_FOUND,
│                     REPRESENTATION_STATE_CONFLICT, REPRESENTATION_NOT_YOURS_TO_END, REPRESENTATIVE_NOT_FOUND,
│                     REPRESENTATIVE_NOT_ADULT, REPRESENTED_NOT_A_CHILD, REPRESENTED_IS_A_CHILD, BIRTH_DATE_UNKNOWN
├── assisted sessions  ASSISTANCE_INVALID, ASSISTED_SESSION_NOT_FOUND, ASSISTED_SESSION_NOT_OPEN,
│                     ASSISTED_SESSION_EXISTS, ASSISTED_OPERATION_NOT_ALLOWED, ASSISTED_ACT_NOT_FOUND,
│                     ASSISTED_ACT_PENDING, ASSISTED_ACT_STATE_CONFLICT
├── breaches          BREACH_NOT_FOUND, BREACH_INVALID, BREACH_STATE_INVALID, BREACH_NOTICE_MISSING
├── complaints        ACCESS_NOT_FOUND, ACCESS_COMPLAINT_NOT_FOUND, ACCESS_COMPLAINT_INVALID, ACCESS_COMPLAINT_OPEN,
│                     ACCESS_COMPLAINT_STATE_INVALID, OWN_ACT
├── anomalies         ANOMALY_NOT_FOUND, ANOMALY_INVALID, ANOMALY_STATE_INVALID, CITIZEN_WATCHED, WATCH_NOT_FOUND
└── the citizen       CITIZEN_NOT_FOUND, CITIZEN_NOT_ACTIVE, CITIZEN_BLOCKED, CITIZEN_NOT_BLOCKED, CITIZEN_NOT_DECEASED,
│                      IDENTIFIER_CANCELLED
"""

from songcau_kit.errors import Status

from songcau_identity import address_errors, organisation_errors  # noqa: F401 -- their reasons are in the same table
from songcau_identity.reasons import REASONS

CITIZEN_NOT_FOUND = REASONS.add("CITIZEN_NOT_FOUND", Status.NOT_FOUND, "no citizen of the platform is meant")
CITIZEN_NOT_ACTIVE = REASONS.add(
    "CITIZEN_NOT_ACTIVE", Status.FAILED_PRECONDITION, "the citizen is unlinked or blocked; details name the state"
)
CITIZEN_BLOCKED = REASONS.add(
    "CITIZEN_BLOCKED", Status.FAILED_PRECONDITION, "a data officer blocked the citizen; linking must wait"
)
CITIZEN_NOT_BLOCKED = REASONS.add(
    "CITIZEN_NOT_BLOCKED", Status.FAILED_PRECONDITION, "there is no block to lift; details name the state"
)
CITIZEN_NOT_DECEASED = REASONS.add(
    "CITIZEN_NOT_DECEASED", Status.FAILED_PRECONDITION, "no death of the citizen is recorded; details name the state"
)
IDENTIFIER_CANCELLED = REASONS.add(
    "IDENTIFIER_CANCELLED", Status.FAILED_PRECONDITION, "the number was cancelled and replaced by another"
)
IDENTITY_FACTS_INVALID = REASONS.add(
    "IDENTITY_FACTS_INVALID", Status.INVALID_ARGUMENT, "verified facts are missing or malformed; violations name each"
)
LOOK_UP_INVALID = REASONS.add(
    "LOOK_UP_INVALID", Status.INVALID_ARGUMENT, "a look-up needs one well-formed number or one whole name"
)
PURPOSE_REQUIRED = REASONS.add(
    "PURPOSE_REQUIRED", Status.FAILED_PRECONDITION, "reading somebody else's data needs a declared purpose"
)
PURPOSE_UNKNOWN = REASONS.add(
    "PURPOSE_UNKNOWN", Status.INVALID_ARGUMENT, "the declared purpose is not on the closed list"
)
OFFICER_WITHOUT_AGENCY = REASONS.add(
    "OFFICER_WITHOUT_AGENCY", Status.PERMISSION_DENIED, "the officer's token names no agency or facility"
)
LOOK_UP_LIMIT_REACHED = REASONS.add(
    "LOOK_UP_LIMIT_REACHED",
    Status.RESOURCE_EXHAUSTED,
    "the officer has looked up as many people as a minute or a day allows; details: per, limit, retry_after",
)
NAMING_LIMIT_REACHED = REASONS.add(
    "NAMING_LIMIT_REACHED",
    Status.RESOURCE_EXHAUSTED,
    "somebody named as many other people by number and name as a minute or a day allows; details: per, limit, "
    "retry_after",
)
OWN_RECORD = REASONS.add("OWN_RECORD", Status.PERMISSION_DENIED, "nobody works on their own record")
CITIZEN_MERGED = REASONS.add(
    "CITIZEN_MERGED", Status.FAILED_PRECONDITION, "the record was merged; details name the surviving one"
)
CITIZEN_NOT_MERGED = REASONS.add("CITIZEN_NOT_MERGED", Status.FAILED_PRECONDITION, "there is no merge to undo")
MERGE_INVALID = REASONS.add("MERGE_INVALID", Status.INVALID_ARGUMENT, "a record cannot be merged into itself")
MERGE_KINDS_DIFFER = REASONS.add(
    "MERGE_KINDS_DIFFER", Status.FAILED_PRECONDITION, "a person and an organisation are never one record"
)
MERGE_CHAIN = REASONS.add(
    "MERGE_CHAIN", Status.FAILED_PRECONDITION, "the record to merge has others merged into it; let it survive instead"
)
EVIDENCE_INVALID = REASONS.add(
    "EVIDENCE_INVALID", Status.INVALID_ARGUMENT, "the document an act rests on is not named; violations say where"
)
CORRECTION_INVALID = REASONS.add(
    "CORRECTION_INVALID", Status.INVALID_ARGUMENT, "a corrected fact is malformed, or none is given; violations say"
)
IDENTIFIER_INVALID = REASONS.add(
    "IDENTIFIER_INVALID", Status.INVALID_ARGUMENT, "the number is not one of its kind; violations say why"
)
IDENTIFIER_TAKEN = REASONS.add(
    "IDENTIFIER_TAKEN", Status.ALREADY_EXISTS, "another record has or had the number; details name its citizen"
)
NOTHING_TO_CHANGE = REASONS.add(
    "NOTHING_TO_CHANGE", Status.FAILED_PRECONDITION, "the record says already what the request wants"
)
PAPER_INVALID = REASONS.add(
    "PAPER_INVALID", Status.INVALID_ARGUMENT, "the paper is not of a recorded kind or malformed; violations say why"
)
PAPER_NOT_FOUND = REASONS.add("PAPER_NOT_FOUND", Status.NOT_FOUND, "no paper has this id")
PAPER_TAKEN = REASONS.add(
    "PAPER_TAKEN", Status.ALREADY_EXISTS, "another record holds the paper; details name its citizen"
)
PAPER_ALREADY_WITHDRAWN = REASONS.add(
    "PAPER_ALREADY_WITHDRAWN", Status.FAILED_PRECONDITION, "the paper was withdrawn before"
)
PERSON_REQUIRED = REASONS.add("PERSON_REQUIRED", Status.FAILED_PRECONDITION, "an organisation holds no such paper")
NEWBORN_INVALID = REASONS.add(
    "NEWBORN_INVALID", Status.INVALID_ARGUMENT, "facts of a newborn are missing or malformed; violations name each"
)
NEWBORN_REGISTERED = REASONS.add(
    "NEWBORN_REGISTERED", Status.ALREADY_EXISTS, "the child was registered before; details name it and its key"
)
NEWBORN_NOT_FOUND = REASONS.add("NEWBORN_NOT_FOUND", Status.NOT_FOUND, "the citizen was not registered as a newborn")
NEWBORN_NOT_TEMPORARY = REASONS.add(
    "NEWBORN_NOT_TEMPORARY", Status.FAILED_PRECONDITION, "the child has a number or was voided; details name the state"
)
NEWBORN_NUMBER_TAKEN = REASONS.add(
    "NEWBORN_NUMBER_TAKEN",
    Status.ALREADY_EXISTS,
    "another record has or had the child's number; details name its citizen: merge the child's record into that one",
)
FOREIGNER_INVALID = REASONS.add(
    "FOREIGNER_INVALID", Status.INVALID_ARGUMENT, "facts of a foreigner are missing or malformed; violations name each"
)
NUMBER_MISSING = REASONS.add(
    "NUMBER_MISSING", Status.FAILED_PRECONDITION, "the citizen is known by no number that could be replaced"
)
DOUBT_NOT_FOUND = REASONS.add("DOUBT_NOT_FOUND", Status.NOT_FOUND, "no doubt has this id")
DOUBT_SETTLED = REASONS.add("DOUBT_SETTLED", Status.FAILED_PRECONDITION, "the doubt was settled before")
OWN_ACCOUNT = REASONS.add("OWN_ACCOUNT", Status.PERMISSION_DENIED, "nobody acts on the account they signed in with")
SUBJECT_REQUEST_NOT_FOUND = REASONS.add("SUBJECT_REQUEST_NOT_FOUND", Status.NOT_FOUND, "no request has this id")
SUBJECT_REQUEST_INVALID = REASONS.add(
    "SUBJECT_REQUEST_INVALID", Status.INVALID_ARGUMENT, "a request about one's data is malformed; violations say where"
)
SUBJECT_REQUEST_OPEN = REASONS.add(
    "SUBJECT_REQUEST_OPEN",
    Status.ALREADY_EXISTS,
    "a request of this kind and activity is open; details: subject_request_id",
)
PROCESSING_BOUND_BY_LAW = REASONS.add(
    "PROCESSING_BOUND_BY_LAW",
    Status.FAILED_PRECONDITION,
    "the processing activity does not rest on consent, so nobody may object to it; details: activity, legal_basis",
)
SUBJECT_REQUEST_STATE_INVALID = REASONS.add(
    "SUBJECT_REQUEST_STATE_INVALID",
    Status.FAILED_PRECONDITION,
    "the state of the request does not allow the step; details: state, act",
)
CORRECTION_NOT_NAMED = REASONS.add(
    "CORRECTION_NOT_NAMED",
    Status.FAILED_PRECONDITION,
    "a correction is carried out by an act on the same person's record since the request was received, and none such "
    "is named; details: acts, those there are",
)
SUBJECT_REQUEST_EXTENDED = REASONS.add(
    "SUBJECT_REQUEST_EXTENDED", Status.FAILED_PRECONDITION, "the time of a request is extended once only"
)
CONSENT_PURPOSE_UNKNOWN = REASONS.add(
    "CONSENT_PURPOSE_UNKNOWN", Status.NOT_FOUND, "people are not asked for consent to this purpose"
)
CONSENT_NOT_EXPRESSED = REASONS.add(
    "CONSENT_NOT_EXPRESSED", Status.FAILED_PRECONDITION, "consent is a yes said by an act of one's own, never silence"
)
CONSENT_TEXT_OUTDATED = REASONS.add(
    "CONSENT_TEXT_OUTDATED", Status.FAILED_PRECONDITION, "another text is in use; details name its text_version"
)
REPRESENTATIVE_CONSENT_REQUIRED = REASONS.add(
    "REPRESENTATIVE_CONSENT_REQUIRED",
    Status.FAILED_PRECONDITION,
    "for a child below 7 the representative agrees, not the child",
)
CONSENT_CHANNEL_INVALID = REASONS.add(
    "CONSENT_CHANNEL_INVALID", Status.INVALID_ARGUMENT, "an officer enters what was declared on paper or in a call"
)
NOT_REPRESENTED = REASONS.add(
    "NOT_REPRESENTED",
    Status.PERMISSION_DENIED,
    "no representation in force lets the caller do this for the person named in songcau-on-behalf-of",
)
REPRESENTATION_INVALID = REASONS.add(
    "REPRESENTATION_INVALID", Status.INVALID_ARGUMENT, "kind, parties, scopes or period do not fit; violations say why"
)
REPRESENTATION_EXISTS = REASONS.add(
    "REPRESENTATION_EXISTS", Status.ALREADY_EXISTS, "one like it is in force; details name it where it is known"
)
REPRESENTATION_NOT_FOUND = REASONS.add(
    "REPRESENTATION_NOT_FOUND", Status.NOT_FOUND, "the caller has no representation of this id"
)
REPRESENTATION_STATE_CONFLICT = REASONS.add(
    "REPRESENTATION_STATE_CONFLICT", Status.FAILED_PRECONDITION, "its state does not allow the step; details name it"
)
REPRESENTATION_NOT_YOURS_TO_END = REASONS.add(
    "REPRESENTATION_NOT_YOURS_TO_END", Status.PERMISSION_DENIED, "only an officer ends one of this kind, on a document"
)
REPRESENTATIVE_NOT_FOUND = REASONS.add(
    "REPRESENTATIVE_NOT_FOUND", Status.NOT_FOUND, "number and name are not those of one active citizen"
)
REPRESENTATIVE_NOT_ADULT = REASONS.add(
    "REPRESENTATIVE_NOT_ADULT", Status.FAILED_PRECONDITION, "who stands for another is 18 at least"
)
REPRESENTED_NOT_A_CHILD = REASONS.add(
    "REPRESENTED_NOT_A_CHILD", Status.FAILED_PRECONDITION, "parents and guardians stand for people under 18"
)
REPRESENTED_IS_A_CHILD = REASONS.add(
    "REPRESENTED_IS_A_CHILD", Status.FAILED_PRECONDITION, "for people under 18 a parent or guardian stands"
)
BIRTH_DATE_UNKNOWN = REASONS.add(
    "BIRTH_DATE_UNKNOWN",
    Status.FAILED_PRECONDITION,
    "the record of one of the two has no date of birth to tell the age",
)
ASSISTANCE_INVALID = REASONS.add(
    "ASSISTANCE_INVALID", Status.INVALID_ARGUMENT, "what is asked of a session is malformed; violations say where"
)
ASSISTED_SESSION_NOT_FOUND = REASONS.add(
    "ASSISTED_SESSION_NOT_FOUND", Status.NOT_FOUND, "the caller has no assisted session of this id"
)
ASSISTED_SESSION_NOT_OPEN = REASONS.add(
    "ASSISTED_SESSION_NOT_OPEN",
    Status.FAILED_PRECONDITION,
    "the session does not wait for an answer, is not open yet or is over; details: state",
)
ASSISTED_SESSION_EXISTS = REASONS.add(
    "ASSISTED_SESSION_EXISTS", Status.FAILED_PRECONDITION, "another session of the citizen is open; end it first"
)
ASSISTED_OPERATION_NOT_ALLOWED = REASONS.add(
    "ASSISTED_OPERATION_NOT_ALLOWED", Status.PERMISSION_DENIED, "the purpose of the session does not have the operation"
)
ASSISTED_ACT_NOT_FOUND = REASONS.add("ASSISTED_ACT_NOT_FOUND", Status.NOT_FOUND, "the session has no act of this id")
ASSISTED_ACT_PENDING = REASONS.add("ASSISTED_ACT_PENDING", Status.FAILED_PRECONDITION, "another act waits")
ASSISTED_ACT_STATE_CONFLICT = REASONS.add(
    "ASSISTED_ACT_STATE_CONFLICT", Status.FAILED_PRECONDITION, "the act was answered before; details: state"
)
BREACH_NOT_FOUND = REASONS.add("BREACH_NOT_FOUND", Status.NOT_FOUND, "no breach has this id")
BREACH_INVALID = REASONS.add(
    "BREACH_INVALID", Status.INVALID_ARGUMENT, "what is stated about a breach is missing or wrong; violations say where"
)
BREACH_STATE_INVALID = REASONS.add(
    "BREACH_STATE_INVALID", Status.FAILED_PRECONDITION, "a breach takes no such step now; details: state, act"
)
BREACH_NOTICE_MISSING = REASONS.add(
    "BREACH_NOTICE_MISSING", Status.FAILED_PRECONDITION, "somebody who must be told was not; details: missing"
)
DATA_COPY_NOT_READY = REASONS.add(
    "DATA_COPY_NOT_READY", Status.FAILED_PRECONDITION, "the copy is not made yet; the request says what it waits for"
)
DATA_COPY_EXPIRED = REASONS.add(
    "DATA_COPY_EXPIRED", Status.FAILED_PRECONDITION, "the copy can be fetched no more; ask for another"
)
ACCESS_NOT_FOUND = REASONS.add("ACCESS_NOT_FOUND", Status.NOT_FOUND, "the caller's access list has no such entry")
ACCESS_COMPLAINT_NOT_FOUND = REASONS.add("ACCESS_COMPLAINT_NOT_FOUND", Status.NOT_FOUND, "no complaint has this id")
ACCESS_COMPLAINT_INVALID = REASONS.add(
    "ACCESS_COMPLAINT_INVALID",
    Status.INVALID_ARGUMENT,
    "a complaint or its answer is malformed; violations say where",
)
ACCESS_COMPLAINT_OPEN = REASONS.add(
    "ACCESS_COMPLAINT_OPEN",
    Status.ALREADY_EXISTS,
    "a complaint about the entry is open; details: access_complaint_id",
)
ACCESS_COMPLAINT_STATE_INVALID = REASONS.add(
    "ACCESS_COMPLAINT_STATE_INVALID",
    Status.FAILED_PRECONDITION,
    "the state of the complaint does not allow the step; details: state, act",
)
OWN_ACT = REASONS.add("OWN_ACT", Status.PERMISSION_DENIED, "nobody judges what they did themselves")
ANOMALY_NOT_FOUND = REASONS.add(
    "ANOMALY_NOT_FOUND", Status.NOT_FOUND, "no anomaly has this id, or the officer was not asked about it"
)
ANOMALY_INVALID = REASONS.add(
    "ANOMALY_INVALID",
    Status.INVALID_ARGUMENT,
    "what is said or asked about anomalies is malformed; violations say where",
)
ANOMALY_STATE_INVALID = REASONS.add(
    "ANOMALY_STATE_INVALID",
    Status.FAILED_PRECONDITION,
    "the state of the anomaly does not allow the step; details: state, act",
)
CITIZEN_WATCHED = REASONS.add(
    "CITIZEN_WATCHED", Status.ALREADY_EXISTS, "the citizen is on the list of watched citizens; details: watch_id"
)
WATCH_NOT_FOUND = REASONS.add("WATCH_NOT_FOUND", Status.NOT_FOUND, "the list of watched citizens has no such place")
