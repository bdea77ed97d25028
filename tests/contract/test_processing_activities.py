"""Every RPC, route and operation of the access list belongs to one processing activity; every activity is filled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from songcau_audit.servers import log, proofs
from songcau_eservices.consents.model import Purpose as EservicesPurpose
from songcau_eservices.refusals import OPERATIONS as DOSSIER_OPERATIONS
from songcau_eservices.servers import attachments, dossiers, payments, procedures, refusals, results, units
from songcau_gateway.app import create_app
from songcau_gateway.routing import check_every_route
from songcau_gateway.settings import Settings
from songcau_identity.auditing import Operation
from songcau_identity.consent.texts import Purpose, consent_purposes
from songcau_identity.servers.admission import DOOR_RULES as IDENTITY_DOOR
from songcau_identity.servers.admission import METHODS as IDENTITY_METHODS
from songcau_identity.servers.admission import OPEN_RULES as IDENTITY_OPEN
from songcau_identity.servers.admission import RULES as IDENTITY_RULES
from songcau_kit.processing import NO_PERSONAL_DATA, LegalBasis, Register, RegisterError, Text, processing_register
from songcau_kit.rpc_server import Rule
from songcau_telehealth.consents.model import Purpose as TelehealthPurpose
from songcau_telehealth.consultations.refusals import OPERATIONS as CONSULTATION_OPERATIONS
from songcau_telehealth.consultations.terms import Terms
from songcau_telehealth.servers.admission import RULES as TELEHEALTH_RULES
from songcau_telehealth.servers.gate import DOOR_RULES as TELEHEALTH_DOOR
from support.access_table import RPCS, TABLE

ROOT = Path(__file__).resolve().parents[2]
REGISTER = processing_register()
IDENTITY = {method: IDENTITY_RULES[operation] for method, operation in IDENTITY_METHODS.items()} | dict(IDENTITY_OPEN)
ESERVICES = {
    method: rule
    for door in (attachments, dossiers, payments, procedures, refusals, results, units)
    for method, rule in door.RULES.items()
}
AUDIT_RULES = {**log.RULES, **proofs.RULES}
RULES: Mapping[str, Rule] = {**IDENTITY, **ESERVICES, **TELEHEALTH_RULES, **AUDIT_RULES}
ROUTES = {
    f"{route.operation.method} {route.operation.path}": route.operation.activity
    for route in check_every_route(create_app(Settings.model_construct()))
}
OPEN_DIRECTORIES = (
    "ProcedureService",
    "UnitService",
    "ListFacilities",
    "GetFacility",
    "ListConsentPurposes",
    "LogService",
)
SHOWS_NOBODY = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /docs",
    "GET /v1/processing-activities",
}


def operations() -> Iterator[tuple[str, str, str]]:
    """Yield activity, service and name of every operation that the register lists."""
    for activity in REGISTER.activities.values():
        for service, names in activity.operations.items():
            yield from ((activity.id, service, name) for name in names)


def test_every_rpc_names_an_activity_of_the_register_or_says_that_it_touches_nobody() -> None:
    assert RULES.keys() == RPCS.keys()
    REGISTER.check({method: rule.activity for method, rule in RULES.items()})


def test_only_the_open_directories_touch_nobody() -> None:
    silent = {method for method, rule in RULES.items() if rule.activity == NO_PERSONAL_DATA}
    assert silent == {method for method in RULES if any(word in method for word in OPEN_DIRECTORIES)}


def test_what_a_server_asks_at_its_door_names_the_activity_of_the_rule_behind() -> None:
    for method, rule in {**IDENTITY_DOOR, **TELEHEALTH_DOOR}.items():
        assert rule.activity == RULES[method].activity, method


@pytest.mark.parametrize("route", [name for name, meant in TABLE["routes"].items() if isinstance(meant, str)])
def test_a_route_names_the_activity_of_the_rpc_it_stands_for(route: str) -> None:
    assert ROUTES[route] == RULES[TABLE["routes"][route]].activity


def test_the_gateway_s_own_routes_are_about_accounts_or_about_nobody() -> None:
    own = {name: ROUTES[name] for name, meant in TABLE["routes"].items() if not isinstance(meant, str)}
    about_nobody = {name for name, activity in own.items() if activity == NO_PERSONAL_DATA}
    assert about_nobody == SHOWS_NOBODY
    assert {own[name] for name in own.keys() - about_nobody} == {"account-administration"}


def test_every_operation_of_the_access_list_stands_under_one_activity() -> None:
    page = (ROOT / "docs/audit.md").read_text()
    sections = {
        name: page.split(f"## {name}\n")[1].split("\n## ")[0]
        for name in ("identity", "eservices", "telehealth", "audit")
    }
    named = {
        (service, operation)
        for service, text in sections.items()
        for operation in re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE)
    }
    listed = Counter((service, name) for _, service, name in operations())
    assert listed.keys() == named
    assert set(listed.values()) == {1}


def test_an_operation_stands_under_the_activity_of_its_rpc() -> None:
    by_operation = {(service, name): activity for activity, service, name in operations()}
    # What the platform does by itself has no rule, but an activity like everything else.
    for operation in set(Operation) - {Operation.ASK_CHILD, Operation.END_ORGANISATION_MEMBERSHIP}:
        assert by_operation["identity", operation] == IDENTITY_RULES[operation].activity, operation
    by_rpc = {method.rpartition("/")[2]: rule.activity for method, rule in {**ESERVICES, **TELEHEALTH_RULES}.items()}
    for rpc, about in DOSSIER_OPERATIONS.items():
        assert by_operation["eservices", about.name] == by_rpc[rpc], rpc
    for rpc, name in CONSULTATION_OPERATIONS.items():
        assert by_operation["telehealth", name] == by_rpc[rpc], rpc


def test_every_activity_is_named_by_an_rpc_or_decided_by_a_consent_inside_one() -> None:
    named = {rule.activity for rule in RULES.values()} - {NO_PERSONAL_DATA}
    assert named | {purpose.activity for purpose in consent_purposes().all} == REGISTER.activities.keys()


def test_every_purpose_people_are_asked_for_is_the_basis_of_one_activity_and_the_other_way_round() -> None:
    asked = Counter(purpose.activity for purpose in consent_purposes().all)
    on_consent = {one.id for one in REGISTER.activities.values() if one.legal_basis is LegalBasis.CONSENT}
    assert asked.keys() == on_consent
    assert set(asked.values()) == {1}


@pytest.mark.parametrize("purpose", consent_purposes().all, ids=lambda one: one.code)
def test_a_purpose_is_sensitive_where_its_activity_s_data_is(purpose: Purpose) -> None:
    categories = REGISTER.activities[purpose.activity].categories
    assert purpose.is_sensitive == any(category.is_sensitive for category in categories)


def test_the_services_rest_on_purposes_people_are_asked_for() -> None:
    asked = {purpose.code for purpose in consent_purposes().all}
    assert {*TelehealthPurpose, *EservicesPurpose} == asked
    care = next(purpose for purpose in consent_purposes().all if purpose.code == TelehealthPurpose.REMOTE_CARE)
    assert {care.text.version} == Terms().consent_versions


@pytest.mark.parametrize("one", REGISTER.activities)
def test_an_activity_is_filled_and_says_how_long_on_what_source(one: str) -> None:
    activity = REGISTER.activities[one]
    cited = (activity.legal_reference, activity.retention.rule)
    assert all((activity.subjects, activity.categories, activity.recipients))
    assert all(text.vi and text.en for about in cited for text in (about.text, about.source))
    assert activity.legal_basis in REGISTER.bases


def test_every_word_of_the_vocabulary_is_used() -> None:
    content = yaml.safe_load((ROOT / "proto/processing-activities.yaml").read_text())
    for kind in ("subjects", "categories", "recipients"):
        used = {word for activity in content["activities"].values() for word in activity[kind]}
        assert used == content[kind].keys(), kind


def test_the_health_of_people_and_their_papers_are_sensitive() -> None:
    for one in ("remote-care", "dossier-processing", "citizen-identification"):
        assert any(category.is_sensitive for category in REGISTER.activities[one].categories), one
    assert Text("Tình trạng sức khỏe", "state of health") in {
        category.name for category in REGISTER.activities["remote-care"].categories if category.is_sensitive
    }


def test_a_route_without_a_known_activity_keeps_the_gateway_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings.model_construct())
    monkeypatch.setattr("songcau_gateway.routing.processing_register", lambda: Register({}, REGISTER.bases))
    with pytest.raises(RegisterError, match=r"GET /v1/me \(citizen-identification\)"):
        check_every_route(app)
