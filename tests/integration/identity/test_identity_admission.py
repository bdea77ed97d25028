"""Deny by default: every RPC without a token, with each wrong role, without its scope; and the entry of the denial."""

import itertools
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import access_complaint_service_pb2 as complaints
from songcau.identity.v1 import access_list_service_pb2 as lists
from songcau.identity.v1 import account_service_pb2 as accounts
from songcau.identity.v1 import address_service_pb2 as addresses
from songcau.identity.v1 import anomaly_service_pb2 as anomalies
from songcau.identity.v1 import assistance_service_pb2 as assistance
from songcau.identity.v1 import breach_service_pb2 as breaches
from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import citizen_registration_service_pb2 as registrations
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import citizen_service_pb2_grpc
from songcau.identity.v1 import consent_service_pb2 as consents
from songcau.identity.v1 import organisation_service_pb2 as organisations
from songcau.identity.v1 import paper_service_pb2 as papers
from songcau.identity.v1 import refusal_service_pb2 as refusals
from songcau.identity.v1 import representation_service_pb2 as representations
from songcau.identity.v1 import subject_request_service_pb2 as requests
from songcau_identity.auditing import Operation
from songcau_identity.servers.admission import METHODS, OPEN_RULES, RULES, STEP_UP_LEVELS
from songcau_kit.clock import SystemClock
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, link_request, reason_of

ROLES = (
    "citizen", "officer", "leader", "station-officer", "clinician", "facility-manager", "data-officer", "operator",
    "identity-linker", "digital-team",
)  # fmt: skip
SCOPES = (
    "identity:read",
    "identity:link",
    "identity:lookup",
    "access:read",
    "account:manage",
    "consent:read",
    "consent:write",
    "breach:manage",
    "assistance:act",
)
# Service → its messages and the stub of a test; a request is empty but for its key, where a door needs no more.
SERVICES: dict[str, tuple[Any, str]] = {
    "CitizenService": (citizens, "citizens"),
    "AccessListService": (lists, "accesses"),
    "CitizenRecordService": (records, "records"),
    "AccountService": (accounts, "accounts"),
    "PaperService": (papers, "papers"),
    "AddressService": (addresses, "addresses"),
    "SubjectRequestService": (requests, "requests"),
    "AccessComplaintService": (complaints, "complaints"),
    "AnomalyService": (anomalies, "anomalies"),
    "ConsentService": (consents, "consents"),
    "BreachService": (breaches, "breaches"),
    "CitizenRegistrationService": (registrations, "registrations"),
    "RepresentationService": (representations, "representations"),
    "AssistanceService": (assistance, "assistance"),
    "OrganisationService": (organisations, "organisations"),
    "RefusalService": (refusals, "refusals"),
}
FILLED = {
    "LinkCitizen": link_request(Person()),
    "LookUpCitizen": citizens.LookUpCitizenRequest(number="019185000001"),
    "UnlinkCitizen": citizens.UnlinkCitizenRequest(request_id="x", expected_version=1),
    "BlockCitizen": citizens.BlockCitizenRequest(request_id="x", expected_version=1),
    "UnblockCitizen": citizens.UnblockCitizenRequest(request_id="x", expected_version=1),
    "RecordAccountView": accounts.RecordAccountViewRequest(account_id="x"),
}
REQUESTS = {method.rpartition("/")[2]: method.rpartition("/")[0].rpartition(".")[2] for method in METHODS}
BY_NAME = {method.rpartition("/")[2]: RULES[operation] for method, operation in METHODS.items()}


def call(identity: Identity, method: str, metadata: object = ()):
    module, stub = SERVICES[REQUESTS[method]]
    request = FILLED.get(method) or getattr(module, f"{method}Request")()
    if "request_id" in request.DESCRIPTOR.fields_by_name:
        request.request_id = "x"
    return getattr(getattr(identity, stub), method)(request, metadata=metadata)


def outcome_of(asking: Callable[[], Any]) -> str:
    """Return the reason of a refusal, empty where there was none."""
    try:
        asking()
    except DomainError as error:
        return error.reason.code
    return ""


def test_every_rpc_has_a_rule_with_roles_and_a_scope():
    assert len(BY_NAME) == len(METHODS)
    for rule in BY_NAME.values():
        assert rule.roles
        assert rule.scopes
        assert not rule.anonymous


@pytest.mark.parametrize("method", REQUESTS)
def test_nobody_calls_without_a_token(identity: Identity, method):
    assert reason_of(lambda: call(identity, method)) == "UNAUTHENTICATED"


@pytest.mark.parametrize("method", REQUESTS)
def test_a_token_of_another_issuer_or_audience_opens_nothing(identity: Identity, method):
    for changes in ({"iss": "https://evil.example"}, {"aud": "somebody"}):
        metadata = identity.call_as(roles=ROLES, scopes=SCOPES, **changes)
        assert reason_of(lambda m=metadata: call(identity, method, m)) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    ("method", "role"), [pair for pair in itertools.product(REQUESTS, ROLES) if pair[1] not in BY_NAME[pair[0]].roles]
)
def test_a_wrong_role_is_denied_and_the_denial_is_an_entry(identity: Identity, method, role):
    citizen_id = str(uuid4())
    metadata = identity.call_as(roles=[role], scopes=SCOPES, citizen_id=citizen_id, purpose="INSPECTION")
    assert reason_of(lambda: call(identity, method, metadata)) == "PERMISSION_DENIED"
    (entry,) = identity.audit()
    assert entry[3:] == (METHODS_BY_NAME[method], "INSPECTION", "DENIED", "PERMISSION_DENIED")
    is_own = METHODS_BY_NAME[method].is_own
    assert entry[0] == (citizen_id if is_own else "00000000-0000-0000-0000-000000000000")


INSUFFICIENT = "AUTHENTICATION_INSUFFICIENT"
METHODS_BY_NAME = {method.rpartition("/")[2]: operation for method, operation in METHODS.items()}


@pytest.mark.parametrize("method", REQUESTS)
def test_the_right_role_without_the_scope_is_denied(identity: Identity, method):
    rule = BY_NAME[method]
    others = [scope for scope in SCOPES if scope not in rule.scopes]
    metadata = identity.call_as(roles=list(rule.roles), scopes=others, citizen_id=str(uuid4()))
    assert reason_of(lambda: call(identity, method, metadata)) == "PERMISSION_DENIED"


DANGEROUS = sorted(method for method, operation in METHODS_BY_NAME.items() if operation in STEP_UP_LEVELS)


@pytest.mark.parametrize("method", DANGEROUS)
def test_a_dangerous_act_asks_for_a_fresh_sign_in_of_its_level_and_says_which(identity: Identity, method):
    rule, level = BY_NAME[method], STEP_UP_LEVELS[METHODS_BY_NAME[method]]
    now = int(identity.issuer.clock.now().timestamp())
    for weak in ({"auth_time": now - 700}, {"auth_time": None}, {"acr": f"aal{level - 1}"}, {"acr": None}):
        claims = {"acr": "aal3", "citizen_id": str(uuid4()), "agency_codes": ["H55"]} | weak
        metadata = identity.call_as(roles=list(rule.roles), scopes=SCOPES, purpose="INSPECTION", **claims)
        with pytest.raises(DomainError) as caught:
            call(identity, method, metadata)
        assert caught.value.reason.code == "AUTHENTICATION_INSUFFICIENT"
        assert caught.value.details == {"acr_values": f"aal{level}", "max_age": "600"}


STAFF = sorted(
    (method, role)
    for method, rule in BY_NAME.items()
    for role in rule.roles - {"citizen", "identity-linker"}
    if method not in DANGEROUS
)
LONG_AGO = 3 * 3600


@pytest.mark.parametrize(("method", "role"), STAFF)
def test_staff_come_with_a_second_factor_to_everything_else_too(identity: Identity, method: str, role: str):
    now = int(identity.issuer.clock.now().timestamp())
    claims: dict[str, Any] = {"agency_codes": ["H55"], "auth_time": now - LONG_AGO, "purpose": "INSPECTION"}
    for weak in ("aal1", None):
        metadata = identity.call_as(roles=[role], scopes=SCOPES, acr=weak, **claims)
        with pytest.raises(DomainError) as caught:
            call(identity, method, metadata)
        assert (caught.value.reason.code, caught.value.details) == (INSUFFICIENT, {"acr_values": "aal2"})
    assert [entry[5:] for entry in identity.audit()] == [("DENIED", INSUFFICIENT)] * 2
    metadata = identity.call_as(roles=[role], scopes=SCOPES, acr="aal2", **claims)
    assert outcome_of(lambda: call(identity, method, metadata)) != INSUFFICIENT


OF_CITIZENS = sorted(method for method, rule in BY_NAME.items() if "citizen" in rule.roles)


@pytest.mark.parametrize("method", OF_CITIZENS)
def test_citizens_need_no_second_factor(identity: Identity, method: str):
    citizen_id = identity.link().citizen.citizen_id
    metadata = identity.as_citizen(citizen_id, acr="aal1")
    assert outcome_of(lambda: call(identity, method, metadata)) not in {INSUFFICIENT, "PERMISSION_DENIED"}


def test_who_is_citizen_and_helper_in_one_token_helps_with_a_second_factor_only(identity: Identity):
    identity.link()
    metadata = identity.call_as(roles=["citizen", "digital-team"], scopes=SCOPES, acr="aal1", agency_codes=["H55"])
    assert reason_of(lambda: call(identity, "GetAssistedSession", metadata)) == INSUFFICIENT


# What only reads, and the name under which an act on an account is refused before it is known which act it is.
HARMLESS = {
    Operation.LOOK_UP_CITIZEN,
    Operation.LIST_IDENTIFIERS,
    Operation.LIST_RECORD_DOUBTS,
    Operation.VIEW_ACCOUNT,
    Operation.ACT_ON_ACCOUNT,
    Operation.LIST_PAPERS,
    Operation.LIST_ADDRESSES,
    Operation.LIST_ADDRESS_DOUBTS,
    Operation.LIST_SUBJECT_REQUESTS,
    Operation.GET_SUBJECT_REQUEST,
    Operation.LIST_ACCESS_COMPLAINTS,
    Operation.GET_ACCESS_COMPLAINT,
    Operation.LIST_ANOMALIES,
    Operation.GET_ANOMALY,
    Operation.LIST_OWN_ANOMALIES,
    Operation.GET_OWN_ANOMALY,
    Operation.LIST_WATCHED_CITIZENS,
    Operation.GET_BREACH,
    Operation.LIST_BREACHES,
    Operation.LIST_CITIZEN_REPRESENTATIONS,
    Operation.LIST_ORGANISATION_CASES,
}


def test_every_act_of_a_data_officer_that_writes_is_dangerous():
    acts = {operation for operation, rule in RULES.items() if "data-officer" in rule.roles} - HARMLESS
    assert len(acts) > 5
    assert {operation for operation in acts if STEP_UP_LEVELS.get(operation, 0) < 2} == set()


def test_a_server_refuses_to_start_with_a_method_nobody_ruled(identity: Identity):
    from songcau_kit.rpc_server import RpcServer, RuleError

    server = RpcServer(
        address="127.0.0.1:0",
        verifier=identity.issuer.verifier(),
        rules={"songcau.identity.v1.CitizenService/LinkCitizen": next(iter(RULES.values()))},
        clock=SystemClock(),
        service_name="identity",
    )
    server.add(
        citizen_service_pb2_grpc.add_CitizenServiceServicer_to_server,
        citizen_service_pb2_grpc.CitizenServiceServicer(),
    )
    with pytest.raises(RuleError):
        server.start()


def test_every_served_method_is_in_the_table():
    services = [module.DESCRIPTOR.services_by_name[name] for name, (module, _) in SERVICES.items()]
    served = {f"{service.full_name}/{method.name}" for service in services for method in service.methods}
    assert served == {*METHODS, *OPEN_RULES}
