"""What a request costs and may not cost: no call to the issuer, no personal value anywhere it does not belong."""

import re

import httpx
import pytest
from songcau_local.demo.stage import Stage
from support.e2e_stack import IS_FULL

pytestmark = pytest.mark.timeout(300)


@pytest.mark.skipif(IS_FULL, reason="Keycloak does not count; test_full_keycloak_away counts before it")
def test_a_hundred_requests_cost_no_call_to_the_issuer(stack, stage: Stage):
    an = stage.person("an")
    an.get("/v1/me")
    with httpx.Client() as client:
        issuer = client.get(f"{stack.url('issuer')}/development/calls").json()
        for _ in range(100):
            an.get("/v1/me")
        assert client.get(f"{stack.url('issuer')}/development/calls").json() == issuer


def test_a_request_without_or_with_a_broken_token_is_refused_with_a_problem(stack):
    with httpx.Client(base_url=stack.url("gateway")) as client:
        for headers in ({}, {"authorization": "Bearer x.y.z"}):
            answer = client.get("/v1/me", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_api_document_and_its_page_are_served(stack):
    with httpx.Client(base_url=stack.url("gateway")) as client:
        document = client.get("/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        page = client.get("/docs")
        assert page.status_code == 200
        outside = r"""(?:(?:src|href|action)=["']?|url\(["']?)(https?://[^"'\s>)]+)"""
        assert re.findall(outside, page.text) == []
