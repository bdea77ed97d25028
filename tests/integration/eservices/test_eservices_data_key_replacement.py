"""The data key of one citizen is replaced: dossiers, files, papers and stored answers are as they were."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import typer
from songcau.eservices.v1 import attachment_service_pb2 as files_pb
from songcau_eservices.rights.repository_sealed import SEALED, family
from songcau_kit.data_key_commands import PersonalData, add_data_key_commands, enter_replacement
from songcau_kit.data_key_replacement import DataKeyReplacement
from songcau_kit.database import Database
from songcau_kit.objects import EncryptedObjects, ObjectStore
from songcau_kit.wrapping_keys import open_wrapping_keys
from support.dossier_world import DossierWorld, Person, key, pdf
from support.paper_reuse import accepted_residence, content_of, decide, offered, reuse, temporary_draft
from support.sealed_values import SealedValues
from typer.testing import CliRunner


@pytest.fixture
def values(dossier_world: DossierWorld):
    database = Database(dossier_world.url, max_size=4, application_name="eservices-test")
    yield SealedValues(database, dossier_world.settings, SEALED)
    database.close()


def replace(world: DossierWorld, values: SealedValues, *people: Person) -> Mapping[UUID, int]:
    """Replace the keys; the clock of the running service goes on by more than the minute it keeps keys for."""
    replacement = DataKeyReplacement(
        values.database,
        open_wrapping_keys(world.settings),
        SEALED,
        enter_replacement,
        objects=EncryptedObjects(ObjectStore(world.settings.object_store_url)),
        settle_s=0,
    )
    return replacement.replace(
        [UUID(person.citizen_id) for person in people], lambda _: world.clock.advance(timedelta(seconds=61))
    ).versions


def live(world: DossierWorld, person: Person) -> tuple[Any, Any]:
    """Let a person have something in every sealed column; return a dossier with a result, and one under way."""
    done = world.resolved(person)
    world.receipt(done, world.as_citizen(person))
    world.revoke(done, world.as_leader())
    world.open_payment(person, world.submitted(person))
    waiting = world.accepted(person)
    items = [{"component_key": "status_form", "instruction": "Thiếu chữ ký."}]
    world.move("RequestSupplement", waiting, world.as_officer(), items=items)
    open_dossier = world.move(
        "ProposeDecision", world.processing(person), world.as_officer(), decision="Xác nhận: chưa đăng ký kết hôn."
    )
    gone = world.submitted(person)
    world.move("Withdraw", gone, world.as_citizen(person), reason="Nộp nhầm hai lần")
    return done, open_dossier


def test_everything_of_a_citizen_is_sealed_anew_and_read_by_the_running_service(
    dossier_world: DossierWorld, values: SealedValues
):
    world, person, other = dossier_world, dossier_world.person(), dossier_world.person()
    done, waiting = live(world, person)
    own = world.as_citizen(person)
    untouched = world.submitted(other)
    subject, stranger = UUID(person.citizen_id), UUID(other.citizen_id)
    before, files = values.opened([subject]), addresses(world)
    assert {(table, column) for table, column, _ in before} == values.columns()
    shown = (world.get(waiting, own), world.result_file(done, own), world.receipt(done, own))

    assert replace(world, values, person) == {subject: 2}

    assert values.opened([subject]) == before
    assert values.counts(subject).keys() == {2}
    assert values.counts(stranger).keys() == {1}
    assert values.key(subject).others == ()
    assert (world.get(waiting, own), world.result_file(done, own), world.receipt(done, own)) == shown
    assert world.get(untouched, world.as_citizen(other)).id == untouched.id
    assert sum(address.startswith("v2/") for address in addresses(world)) == len(files) - 1
    # The work goes on.
    resolved = world.move("Resolve", waiting, world.as_leader())
    assert world.verify(resolved.result.code, world.result_file(resolved, own).pdf) == "VALID"
    assert ("REPLACE_DATA_KEY", "SYSTEM", None, "", "ALLOWED", None) in world.audit(person)


def addresses(world: DossierWorld) -> set[str]:
    return {one for (one,) in world.rows("select address from attachments union all select address from papers")}


def test_a_repeated_request_gets_its_first_answer_after_the_key_was_replaced(
    dossier_world: DossierWorld, values: SealedValues
):
    world, person = dossier_world, dossier_world.person()
    request_id = key()
    first = world.create(person, request_id=request_id)
    replace(world, values, person)
    assert world.create(person, request_id=request_id) == first
    assert world.rows("select count(*) from dossiers") == [(1,)]


def after_the_first_put(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> list[int]:
    """Let something happen once the first file is stored; return the versions of the keys files are stored under."""
    put, versions = EncryptedObjects.put, list[int]()

    def slow(self: EncryptedObjects, data_key: Any, data: bytes) -> Any:
        stored = put(self, data_key, data)
        versions.append(data_key.version)
        if len(versions) == 1:
            act()
        return stored

    monkeypatch.setattr(EncryptedObjects, "put", slow)
    return versions


def test_a_file_stored_just_before_the_switch_is_stored_again_by_the_repeated_call(
    dossier_world: DossierWorld, values: SealedValues, monkeypatch: pytest.MonkeyPatch
):
    """The key is replaced between the upload and the transaction that enters it; nobody is refused."""
    world, person = dossier_world, dossier_world.person()
    draft = world.create(person)
    calls = after_the_first_put(monkeypatch, lambda: replace(world, values, person))
    attached = world.attach(person, draft)
    assert calls == [1, 2]
    wanted = files_pb.GetAttachmentRequest(dossier_id=draft.id, attachment_id=attached.attachment.id)
    parts = list(world.files.GetAttachment(wanted, metadata=world.as_citizen(person)))
    assert b"".join(part.chunk for part in parts) == pdf("copy_form")
    assert values.counts(UUID(person.citizen_id)).keys() == {2}


def test_a_paper_copied_just_before_the_switch_is_copied_again_by_the_repeated_call(
    dossier_world: DossierWorld, values: SealedValues, monkeypatch: pytest.MonkeyPatch
):
    """As with an upload: the copy is stored first and entered later, and the key is replaced in between."""
    world, person = dossier_world, dossier_world.person()
    accepted_residence(world, person, contract=pdf("contract"))
    decide(world, person)
    draft = temporary_draft(world, person)
    (paper,) = offered(world, person, draft)
    calls = after_the_first_put(monkeypatch, lambda: replace(world, values, person))
    taken = reuse(world, person, draft, paper).attachment
    assert calls == [1, 2]
    assert content_of(world, draft, taken.id, world.as_citizen(person)) == pdf("contract")
    assert values.counts(UUID(person.citizen_id)).keys() == {2}


def test_ids_of_one_citizen_are_found_together(dossier_world: DossierWorld, values: SealedValues):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    world.execute(
        "insert into citizen_aliases (citizen_id, surviving_id, version) values (%s, %s, 2)",
        other.citizen_id,
        survivor.citizen_id,
    )
    ids = {UUID(survivor.citizen_id), UUID(other.citizen_id)}
    with values.database.read() as conn:
        assert all(set(family(conn, one)) == ids for one in ids)


def test_a_merged_record_of_which_nothing_is_held_here_keeps_no_key_from_being_replaced(
    dossier_world: DossierWorld, values: SealedValues, monkeypatch: pytest.MonkeyPatch
):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    world.create(survivor)
    world.execute(
        "insert into citizen_aliases (citizen_id, surviving_id, version) values (%s, %s, 2)",
        other.citizen_id,
        survivor.citizen_id,
    )
    monkeypatch.setattr(DataKeyReplacement, "_settle", lambda _: None)
    commands = typer.Typer()
    add_data_key_commands(
        commands, "eservices", lambda _: world.settings, PersonalData(SEALED, family, enter_replacement)
    )
    for asked, version in ((survivor, 2), (other, 3)):
        ran = CliRunner().invoke(commands, ["replace-data-keys", asked.citizen_id])
        assert ran.exit_code == 0, ran.output
        assert f"{survivor.citizen_id}: version {version} seals, the former is destroyed" in ran.output
    nobody = CliRunner().invoke(commands, ["replace-data-keys", str(UUID(int=7))])
    assert (nobody.exit_code, "no data is held" in str(nobody.exception)) == (1, True)
