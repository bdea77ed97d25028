"""Databases and roles of the stack: each service has its own database, a role that migrates it and one that uses it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import sql
from songcau_kit.migrations import MigrationError, migrate

from songcau_local.errors import StackError
from songcau_local.layout import Layout

SERVICES = ("identity", "eservices", "telehealth", "audit")
BUS = "bus"
# Not called `bus` too: a role's own name leads its search path, and the bus has a schema of that name.
BUS_ROLE = "bus_app"
# Applies a service's migrations and names them; raises MigrationError.
Migrate = Callable[[Layout, str], list[str]]


def migrate_here(layout: Layout, service: str) -> list[str]:
    """Bring a service's database to the schema of this working tree; return the migrations applied."""
    return migrate(layout.database(f"{service}_migrator", service), package=f"songcau_{service}")


def prepare(layout: Layout, say: Callable[[str], None], migrate_one: Migrate = migrate_here) -> None:
    """Create what is missing and bring every database to the schema of the code. Raises StackError."""
    with psycopg.connect(layout.database("postgres", "postgres"), autocommit=True) as connection:
        known = {name for (name,) in connection.execute("select datname from pg_database")}
        roles = {name for (name,) in connection.execute("select rolname from pg_roles")}
        for role in (BUS_ROLE, *(f"{service}_{kind}" for service in SERVICES for kind in ("migrator", "app"))):
            if role not in roles:
                connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        for database, owner in ((BUS, BUS_ROLE), *((service, f"{service}_migrator") for service in SERVICES)):
            if database not in known:
                _create(connection, database, owner)
    for service in SERVICES:
        _grant(layout, service)
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        for service, applied in zip(
            SERVICES, pool.map(lambda name: _migrate(layout, name, migrate_one), SERVICES), strict=True
        ):
            if applied:
                say(f"{service}: {len(applied)} migrations applied")


def _create(connection: psycopg.Connection[tuple[object, ...]], database: str, owner: str) -> None:
    name = sql.Identifier(database)
    connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(owner)))
    # Without this every role of the cluster may look into every database.
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))


def _grant(layout: Layout, service: str) -> None:
    names = {
        "app": sql.Identifier(f"{service}_app"),
        "migrator": sql.Identifier(f"{service}_migrator"),
        "database": sql.Identifier(service),
    }
    with psycopg.connect(layout.database("postgres", service), autocommit=True) as connection:
        for statement in (
            "grant connect on database {database} to {app}",
            "grant usage, create on schema public to {migrator}",
            "grant usage on schema public to {app}",
            "alter default privileges for role {migrator} in schema public "
            "grant select, insert, update, delete on tables to {app}",
            "alter default privileges for role {migrator} in schema public grant usage, select on sequences to {app}",
        ):
            connection.execute(sql.SQL(statement).format(**names))


def _migrate(layout: Layout, service: str, migrate_one: Migrate) -> list[str]:
    try:
        return migrate_one(layout, service)
    except MigrationError as error:
        raise StackError(
            f"the database of {service} does not fit this version of the code: {error}; "
            "`songcau reset` starts with empty databases"
        ) from error
