"""psycopg's pipeline, but statements leave together: all that were said before a fetch or the end, in one write.

psycopg sends each statement as it is said and looks for answers after it, which costs two system calls and a turn of
the interpreter's lock per statement, and wakes the server as often. Touches psycopg's inside: `_communicate_gen`,
`_fetch_gen` and the two queues; the pinned version and the tests of `Database` guard it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.generators import send


class GatheredPipeline(psycopg.Pipeline):
    """A pipeline that keeps statements until somebody wants an answer."""

    def _communicate_gen(self) -> PQGen[None]:
        # Called after every statement; the queue of commands is the gathering.
        return
        yield

    def _fetch_gen(self, *, flush: bool) -> PQGen[None]:
        # A sync asks the server for all its answers, as a flush request does; one of them is enough.
        is_synced = bool(self.command_queue) and self.command_queue[-1] == self.pgconn.pipeline_sync
        while self.command_queue:
            self.command_queue.popleft()()  # fills the buffer of libpq
        if is_synced:
            yield from send(self.pgconn)
        yield from super()._fetch_gen(flush=flush and not is_synced)


@contextmanager
def gathered_pipeline(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[psycopg.Pipeline]:
    """Put a connection into pipeline mode for the block."""
    connection._pipeline = GatheredPipeline(connection)
    with connection.pipeline() as line:
        yield line
