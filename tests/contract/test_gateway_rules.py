"""What the gateway lets in, the service behind it lets in too: their rules name the same roles and scopes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from songcau_audit.servers import log, proofs
from songcau_eservices.servers import attachments, dossiers, payments, results
from songcau_eservices.servers.step_ups import STEP_UP_LEVELS as ESERVICES_STEP_UPS
from songcau_gateway.app import create_app
from songcau_gateway.routing import GatedRoute, check_every_route
from songcau_gateway.settings import Settings
from songcau_identity.auditing import Operation
from songcau_identity.servers.admission import METHODS as IDENTITY_METHODS
from songcau_identity.servers.admission import OPEN_RULES as IDENTITY_OPEN
from songcau_identity.servers.admission import RULES as IDENTITY_RULES
from songcau_identity.servers.admission import STEP_UP_LEVELS
from songcau_kit.rpc_server import Rule
from songcau_telehealth.servers.admission import RULES as TELEHEALTH_RULES
from songcau_telehealth.servers.step_ups import STEP_UP_LEVELS as TELEHEALTH_STEP_UPS

DOORS: Mapping[str, Rule] = {
    **{path: IDENTITY_RULES[operation] for path, operation in IDENTITY_METHODS.items()},
    **dossiers.RULES,
    **attachments.RULES,
    **payments.RULES,
    **results.RULES,
    **TELEHEALTH_RULES,
    **log.RULES,
    **proofs.RULES,
}
# Route name → method, where they are not the same words.
RENAMED = {
    "get_own_profile": "GetOwnProfile",
    "search_citizens": "LookUpCitizen",
    "replace_number": "ReplaceIdentifier",
    "issue_number": "IssuePersonalNumber",
    "get_data_copy_pdf": "GetDataCopy",
    "request_supplement": "RequestSupplement",
    "verify_result_code": "VerifyResult",
    "verify_result_file": "VerifyResult",
    "verify_summary_code": "VerifySummary",
    "verify_summary_file": "VerifySummary",
}
ROUTES = {
    route.endpoint.__name__: route
    for route in check_every_route(create_app(Settings.model_construct()))
    if route.operation.path.startswith("/v1/")
}


def door_of(name: str) -> Rule | None:
    method = RENAMED.get(name, "".join(part.capitalize() for part in name.split("_")))
    found = [rule for path, rule in DOORS.items() if path.rsplit("/", 1)[-1] == method]
    return found[0] if found else None


@pytest.mark.parametrize("name", [name for name in ROUTES if door_of(name)])
def test_the_rule_of_a_route_is_the_rule_of_its_method(name: str) -> None:
    route: GatedRoute = ROUTES[name]
    door = door_of(name)
    assert door is not None
    rule = route.access.rule
    assert rule.public == door.anonymous
    assert rule.roles == door.roles
    assert rule.on_behalf == door.on_behalf
    # Professional facts ask for no scope behind the gateway.
    assert not door.scopes or rule.scopes == door.scopes


def test_the_gateway_asks_for_the_sign_in_that_identity_asks_for() -> None:
    wanted = {path.rsplit("/", 1)[-1]: STEP_UP_LEVELS.get(operation, 0) for path, operation in IDENTITY_METHODS.items()}
    asked = {
        RENAMED.get(name, "".join(part.capitalize() for part in name.split("_"))): route.operation.step_up
        for name, route in ROUTES.items()
        if route.operation.service == "identity" and not route.operation.path.startswith("/v1/accounts")
    }
    assert asked == {
        method: level for method, level in wanted.items() if method != "LinkCitizen" and "Account" not in method
    } | {method.rsplit("/", 1)[-1]: 0 for method in IDENTITY_OPEN if "RefusalService" not in method}


def test_the_gateway_asks_for_the_sign_in_that_the_other_services_ask_for() -> None:
    wanted = {path.rsplit("/", 1)[-1]: level for path, level in {**ESERVICES_STEP_UPS, **TELEHEALTH_STEP_UPS}.items()}
    asked = {
        RENAMED.get(name, "".join(part.capitalize() for part in name.split("_"))): route.operation.step_up
        for name, route in ROUTES.items()
        if route.operation.service in ("eservices", "telehealth") and route.operation.step_up
    }
    assert asked == wanted


def test_acts_on_accounts_ask_for_the_sign_in_of_their_operation() -> None:
    asked = {
        name.upper(): route.operation.step_up
        for name, route in ROUTES.items()
        if route.operation.path.startswith("/v1/accounts") and route.operation.versioned == "required"
    }
    assert asked == {name: STEP_UP_LEVELS[Operation(name)] for name in asked}
    assert len(asked) == 7


def test_nearly_every_route_was_compared() -> None:
    assert len([name for name in ROUTES if door_of(name)]) >= 45
