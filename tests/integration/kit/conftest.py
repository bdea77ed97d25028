"""A migrated database with the kit's own tables only, for the tests of the kit."""

from collections.abc import Callable, Iterator

import pytest
from songcau_kit.database import Database
from songcau_kit.migrations import migrate


@pytest.fixture
def kit_url(postgres_url_factory: Callable[[str], str]) -> str:
    """Return the address of a fresh database with the kit's tables."""
    url = postgres_url_factory("kit")
    migrate(url, package="songcau_kit")
    return url


@pytest.fixture
def database(kit_url: str) -> Iterator[Database]:
    """Return a pool on a fresh database with the kit's tables."""
    database = Database(kit_url, application_name="kit-test")
    yield database
    database.close()
