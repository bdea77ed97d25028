"""One table says who may do what: no RPC and no route without a row, and every rule is what its row says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from songcau_audit.servers import log, proofs
from songcau_audit.servers.workloads import WORKLOADS as AUDIT_WORKLOADS
from songcau_eservices.servers import attachments, dossiers, payments, procedures, refusals, results, units
from songcau_eservices.servers.workloads import WORKLOADS as ESERVICES_WORKLOADS
from songcau_gateway.app import create_app
from songcau_gateway.auth import AccessGate
from songcau_gateway.ended_sessions import EndedSessions
from songcau_gateway.exchange import Exchange
from songcau_gateway.routing import check_every_route
from songcau_gateway.settings import Settings
from songcau_identity.servers.admission import DOOR_RULES as IDENTITY_DOOR
from songcau_identity.servers.admission import METHODS as IDENTITY_METHODS
from songcau_identity.servers.admission import OPEN_RULES as IDENTITY_OPEN
from songcau_identity.servers.admission import RULES as IDENTITY_RULES
from songcau_identity.servers.workloads import WORKLOADS as IDENTITY_WORKLOADS
from songcau_kit.assisted_acts import ASSISTANCE_SCOPE
from songcau_kit.caller import Caller
from songcau_kit.clock import SystemClock
from songcau_kit.errors import PERMISSION_DENIED, UNAUTHENTICATED, DomainError
from songcau_kit.rpc_server import Rule
from songcau_telehealth.servers.admission import RULES as TELEHEALTH_RULES
from songcau_telehealth.servers.gate import DOOR_RULES as TELEHEALTH_DOOR
from songcau_telehealth.servers.workloads import WORKLOADS as TELEHEALTH_WORKLOADS
from starlette.requests import Request
from support.access_table import RELATIONS, ROLES, ROUTES, RPCS, TABLE, caller, cases
from support.identity_plays import ABOUT_NOBODY, NOT_PLAYED, OF_A_SESSION, OWN_BY_NATURE, PLAYED

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = {method: IDENTITY_RULES[operation] for method, operation in IDENTITY_METHODS.items()} | dict(IDENTITY_OPEN)
# Played by tests/integration/audit/test_audit_access_matrix.py, and what anyone may read of the log.
AUDIT_PLAYED = {"songcau.audit.v1.ProofService/ListOwnProofs"}
AUDIT_NOT_PLAYED = {
    f"songcau.audit.v1.LogService/{name}"
    for name in ("GetCheckpoint", "GetTile", "GetEntryBundle", "GetConsistencyProof")
}
EVERY_SCOPE = frozenset().union(*(row.scopes for row in ROUTES.values()))
ESERVICES = {
    method: rule
    for door in (attachments, dossiers, payments, procedures, refusals, results, units)
    for method, rule in door.RULES.items()
}
RULES: Mapping[str, Rule] = {**IDENTITY, **ESERVICES, **TELEHEALTH_RULES, **log.RULES, **proofs.RULES}
# Kept equal to the methods of the protos by test_workloads.py.
WORKLOADS = {**IDENTITY_WORKLOADS, **ESERVICES_WORKLOADS, **TELEHEALTH_WORKLOADS, **AUDIT_WORKLOADS}
GATES = {
    f"{route.operation.method} {route.operation.path}": route.access
    for route in check_every_route(create_app(Settings.model_construct()))
}


def test_every_rpc_has_a_row_and_every_row_an_rpc() -> None:
    assert RPCS.keys() == RULES.keys() == WORKLOADS.keys()
    assert IDENTITY_DOOR.keys() | TELEHEALTH_DOOR.keys() <= RULES.keys()


def test_every_rpc_of_the_identity_service_and_the_audit_is_played_or_says_why_not() -> None:
    services = ("songcau.identity.", "songcau.audit.")
    assert PLAYED.keys().isdisjoint(NOT_PLAYED)
    assert {method for method in RPCS if method.startswith(services)} == PLAYED.keys() | {
        *NOT_PLAYED,
        *AUDIT_PLAYED,
        *AUDIT_NOT_PLAYED,
    }


def test_what_is_played_in_fewer_relations_is_played() -> None:
    assert PLAYED.keys() >= OWN_BY_NATURE | ABOUT_NOBODY | OF_A_SESSION


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert ROUTES.keys() == GATES.keys()


def test_rows_name_known_roles_and_relations_only() -> None:
    for row in [*RPCS.values(), *ROUTES.values()]:
        assert row.who, row.name
        assert row.who.keys() <= {*ROLES, "anyone", "signed-in"}, row.name
        assert {relation for relations in row.who.values() for relation in relations} <= set(RELATIONS), row.name
        assert not ({"anyone", "signed-in"} & row.who.keys()) or len(row.who) == 1, row.name


def test_the_roles_are_those_of_the_realm() -> None:
    realm = json.loads((ROOT / "infra/keycloak/realm.json").read_text())
    assert {role["name"] for role in realm["roles"]["realm"]} == set(ROLES)


def test_what_does_not_exist_yet_is_granted_to_nobody() -> None:
    granted = {relation for row in RPCS.values() for relations in row.who.values() for relation in relations}
    assert "break-glass" not in granted


@pytest.mark.parametrize("method", RPCS)
def test_a_call_in_the_name_of_another_passes_exactly_the_doors_whose_row_knows_of_it(method: str) -> None:
    is_known = any(RPCS[method].allows(role, "represented") for role in ROLES)
    assert RULES[method].on_behalf is is_known
    assert not is_known or RPCS[method].allows("citizen", "represented")


@pytest.mark.parametrize("method", RPCS)
def test_a_confirmed_act_is_carried_out_exactly_where_its_row_says_so(method: str) -> None:
    helpers = {role for role in ROLES if RPCS[method].allows(role, "assisted")}
    assisted = RULES[method].assisted
    assert helpers == (assisted.helper.roles if assisted else set())
    if assisted is not None:
        assert assisted.scopes == RPCS[method].scopes
        assert assisted.helper.scopes == {ASSISTANCE_SCOPE}
        assert RPCS[method].allows("citizen", "own")


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_lets_helpers_in_exactly_where_its_row_says_so(route: str) -> None:
    is_read_by_services = "GetOwnProfile" in ROUTES[route].name
    for role in ROLES:
        may_help = ROUTES[route].allows(role, "assisted") and not is_read_by_services
        gate, helper = GATES[route], caller([role], [ASSISTANCE_SCOPE])
        assert (gate.rule.assisted and passes(gate, helper, is_assisted=True)) is may_help


def test_a_table_with_a_row_too_few_would_be_noticed() -> None:
    played = list(cases(RPCS))
    assert len(set(played)) == len(played) == len(RULES) * len(TABLE["roles"])


@pytest.mark.parametrize(("method", "role"), list(cases(RPCS)))
def test_a_door_lets_in_exactly_the_roles_of_its_row(method: str, role: str) -> None:
    assert is_let_in(RULES[method], caller([role], EVERY_SCOPE)) is RPCS[method].admits(role)


@pytest.mark.parametrize("method", RPCS)
def test_a_door_asks_for_a_token_and_for_every_scope_of_its_row(method: str) -> None:
    row, rule = RPCS[method], RULES[method]
    assert is_let_in(rule, None) is row.is_open
    assert rule.scopes == row.scopes
    for scope in row.scopes:
        assert not is_let_in(rule, caller(ROLES, EVERY_SCOPE - {scope}))
    if row.roles:
        assert not is_let_in(rule, caller([], EVERY_SCOPE))


@pytest.mark.parametrize(("route", "role"), list(cases(ROUTES)))
def test_a_route_lets_in_exactly_the_roles_of_its_row(route: str, role: str) -> None:
    assert passes(GATES[route], caller([role], EVERY_SCOPE)) is ROUTES[route].admits(role)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_asks_for_a_token_and_a_scope(route: str) -> None:
    row = ROUTES[route]
    assert passes(GATES[route], None) is row.is_open
    assert passes(GATES[route], caller(ROLES, [])) is row.is_open
    if row.scopes:
        assert GATES[route].rule.scopes == row.scopes
        assert not passes(GATES[route], caller(ROLES, EVERY_SCOPE - row.scopes))


def is_let_in(rule: Rule, who: Caller | None) -> bool:
    try:
        rule.check(who)
    except DomainError as error:
        return error.reason not in (UNAUTHENTICATED, PERMISSION_DENIED)
    return True


class KnowsOne:
    """Verifies every token as the same caller."""

    def __init__(self, who: Caller) -> None:
        self._who = who

    async def verify_async(self, token: str) -> Caller:
        return self._who


def passes(gate: AccessGate, who: Caller | None, *, is_assisted: bool = False) -> bool:
    headers = [(b"authorization", b"Bearer token")] if who else []
    headers += [(b"x-assisted-act", b"an act")] if is_assisted else []
    exchange = Exchange(correlation_id="c", traceparent="t")
    request = Request({"type": "http", "headers": headers, "songcau.exchange": exchange})
    opened = AccessGate(gate.rule, KnowsOne(who or caller([], [])), EndedSessions(SystemClock()))
    try:
        asyncio.run(opened.open(request))
    except DomainError:
        return False
    return True
