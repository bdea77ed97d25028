"""Real brokers for the tests of this folder; they run where the real parts are asked for (`make test-full`)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from songcau_local.layout import Layout
from support.chromium import open_chromium, open_page
from support.e2e_stack import IS_FULL, shared_stack
from support.kafka_security import BrokerAuthority, SecuredKafka, secured_broker
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer, new_officer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not IS_FULL:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs the real parts: make test-full"))


@pytest.fixture(scope="module")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    folder = tmp_path_factory.mktemp("kafka-secured")
    authority = BrokerAuthority.create("test ca")
    authority.certify(folder)
    authority.trust(folder / "ca.crt")
    broker = secured_broker(folder)
    broker.start()
    yield SecuredKafka(broker.port, folder / "ca.crt")
    broker.stop()


@pytest.fixture(scope="session")
def full_stack(request: pytest.FixtureRequest) -> Iterator[Layout]:
    """Return a running stack with the real parts: the one of SONGCAU_FULL_STATE where it is up, else one of its own."""
    with shared_stack(request, is_full=True) as layout:
        yield layout


@pytest.fixture(scope="session")
def issuer(full_stack: Layout) -> KeycloakIssuer:
    """Return the stack's Keycloak."""
    return KeycloakIssuer(full_stack)


@pytest.fixture(scope="module")
def chromium(full_stack: Layout) -> Iterator[Browser]:
    """Return a running browser."""
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Return a page without a past."""
    page = open_page(chromium)
    yield page
    page.context.close()


@pytest.fixture
def officer(issuer: KeycloakIssuer) -> Iterator[Officer]:
    """Return an officer of this test alone."""
    with new_officer(issuer) as officer:
        yield officer
