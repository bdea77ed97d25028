"""When an edit started from a stale version, the problem carries the fresh state."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import BaseModel
from songcau_kit.errors import VERSION_CONFLICT, DomainError

from songcau_gateway.errors import RefusalError
from songcau_gateway.gates import etag


@asynccontextmanager
async def fresh_on_conflict(fetch: Callable[[], Awaitable[BaseModel]]) -> AsyncIterator[None]:
    """Add the fresh state to a VERSION_CONFLICT; the caller's own rights decide whether it can be read."""
    try:
        yield
    except DomainError as error:
        if error.reason.code != VERSION_CONFLICT.code:
            raise
        try:
            current = await fetch()
        except DomainError:
            raise error from None
        headers = {"etag": etag(getattr(current, "version", 0))}
        raise RefusalError(error, current=current.model_dump(mode="json"), headers=headers) from error
