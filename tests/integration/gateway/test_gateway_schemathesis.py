"""Every operation is called with what its document allows and forbids; each answer is one the document names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

load_all_checks()


DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"
# The short form: no enumeration of every boundary, a few examples each; the long form is a setting away.
SHORT = {
    "phases": {"coverage": {"enabled": False}},
    "generation": {"max-examples": 6, "deterministic": True, "no-shrink": True},
}
schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()), config=schemathesis.Config.from_dict(SHORT))


@schemathesis.serializer("application/pdf")
def send_as_it_is(ctx: Any, value: Any) -> Any:
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")}


@schema.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_a_fault_or_undocumented(case: Any, gateway: Any, issuer: Any) -> None:
    headers = {"authorization": f"Bearer {issuer.token()}"}
    response = case.call(base_url=gateway.url, headers=headers)
    # This gateway acts on no accounts and says so; every other answer of 5xx is a fault.
    off = response.status_code == 503 and response.json()["code"] == "ACCOUNT_ADMINISTRATION_OFF"
    assert off or response.status_code < 500, f"{case.method} {case.path} {response.text}"
    case.validate_response(
        response,
        checks=[status_code_conformance, content_type_conformance, response_schema_conformance],
    )
    if response.status_code >= 400 and "problem+json" in response.headers.get("content-type", ""):
        documented = case.operation.definition.raw["responses"][str(response.status_code)]
        assert response.json()["code"] in documented["x-codes"], response.text
