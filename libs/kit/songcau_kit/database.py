"""The pool of connections and the one way to a transaction; what the database cannot do now leaves as UNAVAILABLE."""

import re
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import psycopg
from psycopg.errors import ExclusionViolation, ForeignKeyViolation, IntegrityError, UniqueViolation
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from songcau_kit._gathered_pipeline import gathered_pipeline
from songcau_kit.crash import crash_point
from songcau_kit.errors import UNAVAILABLE, DomainError

__all__ = [
    "Connection",
    "Database",
    "ExclusionViolation",
    "ForeignKeyViolation",
    "IntegrityError",
    "UniqueViolation",
    "service_of",
]

Connection = psycopg.Connection[tuple[Any, ...]]

STATEMENT_TIMEOUT_MS = 15_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
CONNECT_TIMEOUT_S = 5
POOL_WAIT_S = 5.0

_NOT_NOW = (psycopg.OperationalError, PoolTimeout, PoolClosed, TooManyRequests)


@cache
def service_of(application_name: str) -> str:
    """Return the service a connection belongs to: the first word of its application name, without `songcau`."""
    return re.split(r"[^a-z0-9]", re.sub(r"^songcau[-_]", "", application_name), maxsplit=1)[0]


def has_table(conn: Connection, name: str) -> bool:
    """Say whether the schema has a table: a release from before may still own the schema."""
    return conn.execute("select to_regclass(%s) is not null", (name,)).fetchone() == (True,)


class CommitRefusedError(Exception):
    """A statement failed, its error was swallowed and so the transaction could not commit."""


class Database:
    """One database of one service. Threads share it; each block has its own connection."""

    def __init__(
        self,
        url: str,
        *,
        application_name: str,
        min_size: int = 2,
        max_size: int = 10,
        wait_seconds: float = POOL_WAIT_S,
        has_crash_points: bool = True,
    ) -> None:
        self.application_name = application_name
        self._has_crash_points = has_crash_points
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=wait_seconds,
            name=application_name,
            open=True,
            kwargs={
                "autocommit": True,
                "application_name": application_name,
                "connect_timeout": CONNECT_TIMEOUT_S,
                "tcp_user_timeout": STATEMENT_TIMEOUT_MS * 2,
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
                f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS}",
            },
        )

    @contextmanager
    def transaction(self, *, pipeline: bool = False) -> Iterator[Connection]:
        """Open one transaction: commit at the end of the block, roll back when the block raises.

        With `pipeline` statements are kept until an answer is wanted. The first fetch sends BEGIN and everything
        before it in one round trip, the end of the block sends all writes and COMMIT in another. The error of a write
        then surfaces at the next fetch or at the end of the block, and `rowcount` is not known before: write
        `returning` and fetch. Raises UNAVAILABLE where the database cannot answer.
        """
        with self._connection() as connection:
            if pipeline:
                with _rolled_back_on_error(connection), gathered_pipeline(connection) as line:
                    connection.execute("begin")
                    with _drained_on_error(line):
                        yield connection
                        self._may_crash("database.before_commit")
                        commit = connection.execute("commit")
            else:
                with _rolled_back_on_error(connection):
                    connection.execute("begin")
                    yield connection
                    self._may_crash("database.before_commit")
                    commit = connection.execute("commit")
            if commit.statusmessage != "COMMIT":
                raise CommitRefusedError("the error of a statement was swallowed; the transaction is rolled back")
            self._may_crash("database.after_commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection in autocommit, for reads of a single statement. Raises as `transaction` does."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """Lend a connection for one statement that commits by itself, which spares BEGIN and COMMIT.

        Raises as `transaction` does.
        """
        with self._connection() as connection:
            yield connection
            self._may_crash("database.after_commit")

    def check(self) -> None:
        """Ask the database for a sign of life; raises UNAVAILABLE. For `/readyz`."""
        with self.read() as connection:
            connection.execute("select 1").fetchone()

    def close(self) -> None:
        """Close every connection; blocks that are still open end first or lose theirs."""
        self._pool.close()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self._borrow()
            try:
                yield connection
            finally:
                self._pool.putconn(connection)
        except psycopg.errors.PipelineAborted as error:
            raise CommitRefusedError(
                "the error of a statement was swallowed; the transaction is rolled back"
            ) from error
        except _NOT_NOW as error:
            raise DomainError(UNAVAILABLE) from error

    def _may_crash(self, point: str) -> None:
        if self._has_crash_points:
            crash_point(point)

    def _borrow(self) -> Connection:
        while _said_goodbye(connection := self._pool.getconn()):
            connection.close()
            self._pool.putconn(connection)  # the pool puts a new one in its place
        return connection


@contextmanager
def _rolled_back_on_error(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            connection.rollback()
        raise


@contextmanager
def _drained_on_error(line: psycopg.Pipeline) -> Iterator[None]:
    """Take every answer that is still under way, so that the error of the block is the one that is seen."""
    try:
        yield
    except BaseException:
        # What comes now belongs to a statement after the one that failed, or to a connection the pool throws away.
        with suppress(psycopg.Error):
            line.sync()
        raise


def _said_goodbye(connection: Connection) -> bool:
    """Tell whether the server spoke unasked to a pooled connection, as it does when it ends; costs no round trip."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
