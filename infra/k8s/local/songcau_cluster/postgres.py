"""PostgreSQL from a wheel as one pod: a database and two roles for each service, one database for Keycloak; passwords
from the environment."""

import os
from pathlib import Path

import psycopg
from psycopg import sql
from songcau_kit.http_ops import OpsServer
from songcau_kit.logs import configure_logs
from songcau_kit.process import run
from songcau_local.postgres import EmbeddedPostgres

SERVICES = ("identity", "eservices", "telehealth", "audit")
PORT = 5432
FOLDER = Path("/var/lib/songcau")
# Loopback is the pod itself; everybody else shows a password.
ACCESS = "local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all 0.0.0.0/0 scram-sha-256\n"


class Server:
    """The database server as a component of a process."""

    def __init__(self) -> None:
        settings = {
            "listen_addresses": "0.0.0.0",  # noqa: S104 -- a pod's own network
            "hba_file": str(FOLDER / "access.conf"),
            "max_connections": "200",
            "unix_socket_directories": "/tmp",  # noqa: S108 -- the pod's own
        }
        self._postgres = EmbeddedPostgres(FOLDER, port=PORT, settings=settings)

    def start(self) -> None:
        """Start the server; make roles and databases that are missing, set the passwords."""
        (FOLDER / "access.conf").write_text(ACCESS)
        self._postgres.start()
        with psycopg.connect(self._postgres.url("postgres"), autocommit=True) as connection:
            set_password(connection, "postgres", os.environ["POSTGRES_PASSWORD"])
            make(connection, "keycloak", os.environ["KEYCLOAK_PASSWORD"], database="keycloak")
            for service in SERVICES:
                prefix = service.upper()
                make(connection, f"{service}_migrator", os.environ[f"{prefix}_MIGRATOR_PASSWORD"], database=service)
                make(connection, f"{service}_app", os.environ[f"{prefix}_APP_PASSWORD"])
        for service in SERVICES:
            self._grant(service)

    def stop(self, grace: float) -> None:
        """Stop fast."""
        self._postgres.stop(wait_seconds=grace)

    def check(self) -> None:
        """Raise where the server does not answer."""
        psycopg.connect(self._postgres.url("postgres"), connect_timeout=2).close()

    def _grant(self, service: str) -> None:
        names = {"app": sql.Identifier(f"{service}_app"), "migrator": sql.Identifier(f"{service}_migrator")}
        with psycopg.connect(self._postgres.url(service), autocommit=True) as connection:
            for statement in (
                "grant connect on database {database} to {app}",
                "grant usage, create on schema public to {migrator}",
                "grant usage on schema public to {app}",
                "alter default privileges for role {migrator} in schema public "
                "grant select, insert, update, delete on tables to {app}",
                "alter default privileges for role {migrator} in schema public "
                "grant usage, select on sequences to {app}",
            ):
                connection.execute(sql.SQL(statement).format(database=sql.Identifier(service), **names))


def make(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str, *, database: str = "") -> None:
    """Make a role with its password, and a database of its own where one is named."""
    if not connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
    set_password(connection, role, password)
    if database and not connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
        name = sql.Identifier(database)
        connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(role)))
        connection.execute(sql.SQL("revoke all on database {} from public").format(name))


def set_password(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    """Set a role's password."""
    connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))


if __name__ == "__main__":
    configure_logs("postgres", "json", "INFO")
    server = Server()
    run([OpsServer("0.0.0.0:8081", {"postgres": server.check}), server])
