"""Every route of the gateway keeps the conventions of the API, and the committed document is the one that is served."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import jsonschema
import pytest
from fastapi import FastAPI
from songcau_eservices.refusals import OPERATIONS as DOSSIER_OPERATIONS
from songcau_gateway.app import create_app
from songcau_gateway.auth import PUBLIC, Rule
from songcau_gateway.openapi import as_text, build_document
from songcau_gateway.openapi_operations import reasons_of
from songcau_gateway.routing import GatedRoute, check_every_route, rpc_of
from songcau_gateway.settings import Settings
from songcau_identity.servers.refusals import OPERATIONS as CITIZEN_OPERATIONS
from songcau_telehealth.consultations.refusals import OPERATIONS as CONSULTATION_OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
APP = create_app(Settings.model_construct())
ROUTES = check_every_route(APP)
API = [route for route in ROUTES if route.operation.path.startswith("/v1/")]
DOCUMENT = build_document(APP)
# POSTs that neither create nor move: look-ups, verification, and reports which carry their own id.
LOOK_UPS = re.compile(r"/(search|verify)$|^/v1/payment-notifications/")
CONSENTS = re.compile(r"/consents((/consultations)?/\{\w+\}/withdraw)?$")


def name_of(route: GatedRoute) -> str:
    return f"{route.operation.method} {route.operation.path}"


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_route_has_a_rule(route: GatedRoute) -> None:
    assert isinstance(route.access.rule, Rule)


def test_the_gateway_refuses_to_start_with_a_route_that_has_no_rule() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/v1/open-by-accident")(lambda: None)
    with pytest.raises(RuntimeError, match="open-by-accident"):
        check_every_route(app)


@pytest.mark.parametrize("route", [route for route in API if route.operation.named_by], ids=name_of)
def test_a_route_that_names_a_persons_object_is_known_to_the_service_that_enters_refusals(route: GatedRoute) -> None:
    known = {
        "identity": CITIZEN_OPERATIONS,
        "eservices": DOSSIER_OPERATIONS,
        "telehealth": CONSULTATION_OPERATIONS,
    }[route.operation.service]
    assert (route.operation.rpc or rpc_of(route.endpoint)) in known


@pytest.mark.parametrize("route", API, ids=name_of)
def test_a_path_with_an_id_of_a_person_or_their_case_names_it(route: GatedRoute) -> None:
    ids = {"citizen_id", "dossier_id", "payment_id", "consultation_id"} & set(
        re.findall(r"\{(\w+)\}", route.operation.path)
    )
    assert not ids or route.operation.named_by in ids


@pytest.mark.parametrize("route", [route for route in API if route.operation.method != "GET"], ids=name_of)
def test_what_creates_or_moves_demands_an_idempotency_key(route: GatedRoute) -> None:
    look_up = bool(LOOK_UPS.search(route.operation.path))
    assert route.operation.creates_or_moves is not look_up


def test_nothing_stands_in_the_way_of_withdrawing_consent() -> None:
    found = [route.operation for route in API if CONSENTS.search(route.operation.path)]
    assert len(found) == 6
    assert all(operation.versioned == "no" and not operation.step_up for operation in found)


# What a session or an act says never changes, so that there is no version to be wrong about: its state decides.
UNVERSIONED = re.compile(CONSENTS.pattern + "|/assisted-sessions/")


@pytest.mark.parametrize("route", [route for route in API if not UNVERSIONED.search(route.operation.path)], ids=name_of)
def test_edits_and_moves_demand_if_match(route: GatedRoute) -> None:
    operation = route.operation
    is_move = operation.method == "POST" and re.search(r"\}/[a-z-]+$", operation.path)
    parts = ("/attachments", "/reused-papers", "/payments", "/complaints", "/subject-requests")
    creates_part = operation.path.endswith(parts)
    if operation.method in ("PATCH", "DELETE") or (
        is_move and not creates_part and not LOOK_UPS.search(operation.path)
    ):
        assert operation.versioned == "required"


def shape(path: str) -> str:
    """Return a path without the names of what it leaves open."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_the_location_a_route_answers_with_is_the_one_it_declares_and_can_be_read(route: GatedRoute) -> None:
    _, body = re.split(r"^(?:async )?def ", inspect.getsource(route.endpoint), maxsplit=1, flags=re.MULTILINE)
    answered = re.findall(r'\blocation\s*=\s*f?"([^"]*)"', body)
    declared = route.operation.location
    assert [shape(path) for path in answered] == ([shape(declared)] if declared else [])
    assert not declared or declared in {one.operation.path for one in ROUTES if one.operation.method == "GET"}
    assert not declared or (route.operation.method, route.operation.status) == ("POST", 201)


@pytest.mark.parametrize("route", API, ids=name_of)
def test_paths_are_nouns_in_kebab_case_without_personal_numbers(route: GatedRoute) -> None:
    parts = route.operation.path.removeprefix("/v1/").split("/")
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*|\{[a-z_]+(:path)?\}", part) for part in parts)
    assert not {"number", "phone", "personal_number"} & {part.strip("{}") for part in parts}


def test_only_catalogue_register_verification_and_signed_reports_are_public() -> None:
    public = {route.operation.path.split("/")[2] for route in API if route.access.rule == PUBLIC}
    catalogue, verification = {"procedures", "units", "agencies"}, {"results", "summaries"}
    protection = {"processing-activities", "consent-purposes"}
    assert public == {*catalogue, *protection, *verification, "payment-notifications", "audit"}


@pytest.mark.parametrize("route", API, ids=name_of)
def test_every_reason_a_route_names_is_known(route: GatedRoute) -> None:
    assert reasons_of(route)


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_an_operation_has_words_examples_and_problems(path: str) -> None:
    for method, operation in DOCUMENT["paths"][path].items():
        assert all((operation["summary"], operation["description"])), (method, path)
        assert any(status.startswith("4") for status in operation["responses"])
        for content in operation.get("requestBody", {}).get("content", {}).items():
            assert content[0] != "application/json" or "example" in content[1]
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            assert not content or status == "503" or "examples" in content


def test_every_example_of_an_answer_is_valid() -> None:
    for name, example in DOCUMENT["components"]["examples"].items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        jsonschema.validate(example["value"], schema)


def test_every_example_of_a_request_is_valid() -> None:
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                schema = {**content["schema"], "components": DOCUMENT["components"]}
                jsonschema.validate(content["example"], schema)


@pytest.mark.parametrize("route", [route for route in API if route.body_field], ids=name_of)
def test_an_example_of_a_request_is_taken_by_its_route(route: GatedRoute) -> None:
    """JSON knows no dates and no ids: a strict schema must not wait for Python's."""
    described = DOCUMENT["paths"][route.operation.path][route.operation.method.lower()]["requestBody"]
    _, errors = route.body_field.validate(described["content"]["application/json"]["example"], {}, loc=())
    assert not errors


def test_the_committed_document_is_the_generated_one() -> None:
    committed = (ROOT / "docs" / "openapi.json").read_text()
    assert committed == as_text(DOCUMENT), "run: make openapi"
