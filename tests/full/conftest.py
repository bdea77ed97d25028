"""Real brokers for the tests of this folder; they run where the real parts are asked for (`make test-full`)."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page
from songcau_kit.bus import Bus, open_bus
from songcau_kit.database import Database
from songcau_kit.migrations import migrate
from songcau_kit.topics import TopicSpec
from songcau_local.layout import Layout
from support.bus_sites import declare
from support.chromium import open_chromium, open_page
from support.e2e_stack import IS_FULL, shared_stack
from support.event_effects import TABLE
from support.kafka_security import BrokerAuthority, SecuredKafka, secured_broker
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer, new_officer

if TYPE_CHECKING:
    from songcau_local.full.kafka import LocalKafka


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not IS_FULL:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs the real parts: make test-full"))


@pytest.fixture
def bus(kafka_broker: "LocalKafka") -> Iterator[Bus]:
    """Return a connection to the broker of this test process."""
    with closing(open_bus(f"kafka://{kafka_broker.address}", "test")) as bus:
        yield bus


@pytest.fixture
def make_topic(bus: Bus) -> Callable[[int], str]:
    """Return a function that makes a topic of so many partitions which no other test knows."""

    def make(partitions: int) -> str:
        name = f"test.thing{uuid.uuid4().hex[:8]}.v1"
        declare(bus, TopicSpec(name, partitions))
        return name

    return make


@pytest.fixture
def database_url(postgres_url_factory: Callable[[str], str]) -> str:
    """Return the address of a database with the kit's tables."""
    url = postgres_url_factory("kafka")
    migrate(url, package="songcau_kit")
    return url


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return a database with the kit's tables and one of effects; metrics are under the last word of the module."""
    service = request.module.__name__.rpartition("_")[2]
    with closing(Database(database_url, application_name=f"{service}-test", max_size=12)) as database:
        with database.transaction() as connection:
            connection.execute(TABLE)
        yield database


@pytest.fixture(scope="module")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    folder = tmp_path_factory.mktemp("kafka-secured")
    authority = BrokerAuthority.create("test ca")
    authority.certify(folder)
    authority.trust(folder / "ca.crt")
    with secured_broker(folder) as broker:
        yield SecuredKafka(broker.port, folder / "ca.crt")


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
