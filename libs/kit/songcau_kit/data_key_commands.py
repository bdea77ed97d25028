"""The commands for the data keys of people, the same in every service that has any."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer

from songcau_kit import audit
from songcau_kit.audit import AuditEntry
from songcau_kit.clock import SystemClock
from songcau_kit.data_key_replacement import DataKeyReplacement, Note, StillSealedError
from songcau_kit.data_key_versions import list_with_keys
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.errors import DomainError
from songcau_kit.key_commands import Ready, key_ground
from songcau_kit.objects import EncryptedObjects, ObjectStore
from songcau_kit.sealed_data import SealedData
from songcau_kit.sealed_rows import count_versions
from songcau_kit.wrapping_keys import WrappingKeys

REPLACE_DATA_KEY = "REPLACE_DATA_KEY"
People = Annotated[list[UUID], typer.Argument(metavar="CITIZEN_ID...", help="ids of people, merged ones included")]


@dataclass(frozen=True)
class PersonalData:
    """What a service holds of people.

    `family` returns every id of a person, none for an id that is no citizen's, which then stands for itself.
    """

    sealed: SealedData
    family: Callable[[Connection, UUID], Iterable[UUID]]
    note: Note


def add_data_key_commands(main: typer.Typer, service: str, ready: Ready, data: PersonalData) -> None:
    """Add the commands; `ready` reads the settings of a process of this name."""

    @main.command(name="replace-data-keys")
    def replace_data_keys(citizen_ids: People) -> None:
        """Seal everything of these people under new keys and destroy the former; takes some minutes, nobody waits.

        For keys that may have leaked. Killed or refused, start it again: it goes on where it was. Whose key cannot be
        replaced keeps no other from it: they are named at the end, and it ends with 1.
        """
        with _ground(ready, f"{service}-replace-data-keys", data) as ground:
            people = ground.families(citizen_ids)
            done = ground.replacement.replace(people, _tell)
            for subject_id, version in done.versions.items():
                typer.echo(f"{subject_id}: version {version} seals, {ground.fate_of_former}")
        if done.failures:
            lines = [f"{subject_id}: not replaced, {why(error)}" for subject_id, error in done.failures.items()]
            raise SystemExit("\n".join([*lines, f"{len(lines)} of {len(people)} were not replaced"]))

    @main.command(name="data-key-versions")
    def data_key_versions(citizen_ids: People) -> None:
        """Count what each version of the keys of these people seals."""
        with _ground(ready, f"{service}-data-key-versions", data) as ground:
            for subject_id in ground.families(citizen_ids):
                typer.echo("\n".join(ground.versions(subject_id)))


@dataclass(frozen=True)
class _Ground:
    database: Database
    keys: WrappingKeys
    data: PersonalData
    objects: EncryptedObjects | None

    @property
    def replacement(self) -> DataKeyReplacement:
        return DataKeyReplacement(self.database, self.keys, self.data.sealed, self.data.note, objects=self.objects)

    @property
    def fate_of_former(self) -> str:
        return "the former stays for what stands" if self.data.sealed.keeps_former else "the former is destroyed"

    def families(self, citizen_ids: Sequence[UUID]) -> list[UUID]:
        """Return every id of these people under which something is held; an id without any stays, to be refused."""
        with self.database.read() as conn:
            families = {asked: (*self.data.family(conn, asked), asked) for asked in citizen_ids}
            found = [one for asked, family in families.items() for one in list_with_keys(conn, family) or [asked]]
        return list(dict.fromkeys(found))

    def versions(self, subject_id: UUID) -> Iterator[str]:
        with self.database.transaction() as conn:
            key = DataKeys(self.keys, SystemClock()).get(conn, subject_id)
            counts = count_versions(conn, self.data.sealed, key)
        for one in key.opening:
            use = "seals" if one is key else "opens"
            carried = f", {counts[one.version]} rows and files carry it" if self.data.sealed.columns else ""
            yield f"{subject_id}: version {one.version} {use}{carried}"


@contextmanager
def _ground(ready: Ready, process: str, data: PersonalData) -> Iterator[_Ground]:
    settings = ready(process)
    with key_ground(settings, process) as (database, keys):
        objects = EncryptedObjects(ObjectStore(settings.object_store_url)) if data.sealed.files else None
        yield _Ground(database, keys, data, objects)


def enter_replacement(conn: Connection, subject_id: UUID, version: int) -> None:
    """Enter in a person's access list that this version of their key has taken over; the `Note` of most services."""
    service = service_of(conn.info.parameter_status("application_name") or "")
    entry = AuditEntry(
        subject_id=subject_id,
        actor_id=service,
        actor_kind="SYSTEM",
        actor_organization=None,
        on_behalf_of=None,
        client_id=service,
        operation=REPLACE_DATA_KEY,
        object_kind="data_key",
        object_id=str(version),
        purpose="",
        outcome="ALLOWED",
        reason=None,
        correlation_id="",
    )
    audit.record(conn, entry)


def why(error: DomainError | StillSealedError) -> str:
    """Return in words why somebody's key was not replaced."""
    return f"{error.reason.meaning} ({error.reason.code})" if isinstance(error, DomainError) else str(error)


def _tell(words: str) -> None:
    typer.echo(words, err=True)
