"""Papers a person once gave are not asked again where they agreed: taken from an accepted dossier, else refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent, CitizensMerged
from songcau_eservices.consumers import on_citizen
from songcau_eservices.rights import repository as rights
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from support.dossier_world import LA_HIEN, DossierWorld, Person, key, pdf, reason_of, refusal, state_of
from support.paper_reuse import (
    CONTRACT,
    accepted_residence,
    content_of,
    decide,
    offered,
    reuse,
    temporary_draft,
)


def test_a_paper_of_an_accepted_dossier_stands_for_what_another_lacks(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    earlier = accepted_residence(world, person, contract=pdf("contract"))
    decide(world, person)
    draft = temporary_draft(world, person)
    (paper,) = offered(world, person, draft)
    assert (paper.component_key, paper.dossier_id, paper.dossier_code) == (CONTRACT, earlier.id, earlier.code)
    answer = reuse(world, person, draft, paper)
    assert answer.attachment.reused_from_attachment_id == paper.attachment.id
    assert answer.attachment.sha256 == paper.attachment.sha256
    assert answer.dossier_version == draft.version + 1
    citizen = world.as_citizen(person)
    assert content_of(world, draft, answer.attachment.id, citizen) == pdf("contract")
    submitted = world.move("Submit", world.get(draft, citizen), citizen)
    assert state_of(submitted) == "SUBMITTED"
    assert content_of(world, draft, answer.attachment.id, world.as_officer(LA_HIEN)) == pdf("contract")
    entries = {(entry[0], entry[4]) for entry in world.audit(person)}
    assert {("LIST_REUSABLE_PAPERS", "ALLOWED"), ("REUSE_PAPER_DOSSIER", "ALLOWED")} <= entries


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ([], "CONSENT_REQUIRED"),
        (["consent_given", "consent_lapsed"], "CONSENT_REQUIRED"),
        (["consent_given", "consent_withdrawn"], "CONSENT_WITHDRAWN"),
        (["consent_withdrawn"], "CONSENT_WITHDRAWN"),
    ],
)
def test_nothing_is_offered_or_taken_without_a_live_consent(
    dossier_world: DossierWorld, facts: list[str], reason: str
) -> None:
    world, person = dossier_world, dossier_world.person()
    earlier = accepted_residence(world, person)
    paper = next(one for one in earlier.attachments if one.component_key == CONTRACT)
    draft = temporary_draft(world, person)
    for version, fact in enumerate(facts, start=1):
        decide(world, person, fact, version)
    error = refusal(lambda: offered(world, person, draft))
    assert (error.reason.code, error.details) == (reason, {"purpose": "REUSE_PAPERS"})
    assert reason_of(lambda: reuse(world, person, draft, None, source_attachment_id=paper.id)) == reason
    assert len(world.get(draft, world.as_citizen(person)).attachments) == 1
    assert ("REUSE_PAPER_DOSSIER", "CITIZEN", None, "OWN_USE", "FAILED", reason) in world.audit(person)


def test_a_withdrawal_keeps_a_draft_from_being_handed_in_and_leaves_what_was_handed_in(
    dossier_world: DossierWorld,
) -> None:
    world, person = dossier_world, dossier_world.person()
    citizen = world.as_citizen(person)
    accepted_residence(world, person)
    decide(world, person)
    handed_in, draft = temporary_draft(world, person), temporary_draft(world, person)
    for dossier in (handed_in, draft):
        reuse(world, person, dossier, offered(world, person, dossier)[0])
    handed_in = world.move("Submit", world.get(handed_in, citizen), citizen)
    decide(world, person, "consent_withdrawn", 2)
    draft = world.get(draft, citizen)
    assert reason_of(lambda: world.move("Submit", draft, citizen)) == "CONSENT_WITHDRAWN"
    assert CONTRACT in {one.component_key for one in world.get(handed_in, citizen).attachments}
    asked = world.move("RequestSupplement", handed_in, world.as_officer(), items=[{"component_key": "dwelling_proof"}])
    world.attach(person, asked, "dwelling_proof")
    supplied = world.move("SupplySupplement", world.get(asked, citizen), citizen)
    assert state_of(supplied) == "SUBMITTED"
    decide(world, person, "consent_given", 3)
    assert state_of(world.move("Submit", draft, citizen)) == "SUBMITTED"


def test_a_paper_asked_for_in_a_supplement_is_taken_from_before(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    citizen = world.as_citizen(person)
    accepted_residence(world, person)
    decide(world, person)
    draft = temporary_draft(world, person)
    world.attach(person, draft, "dwelling_proof")
    dossier = world.move("Submit", world.get(draft, citizen), citizen)
    assert list(offered(world, person, dossier)) == []
    asked = world.move("RequestSupplement", dossier, world.as_officer(), items=[{"component_key": CONTRACT}])
    (paper,) = offered(world, person, asked)
    reuse(world, person, asked, paper)
    assert list(offered(world, person, asked)) == []
    decide(world, person, "consent_withdrawn", 2)
    assert reason_of(lambda: world.move("SupplySupplement", world.get(asked, citizen), citizen)) == "CONSENT_WITHDRAWN"
    decide(world, person, "consent_given", 3)
    assert state_of(world.move("SupplySupplement", world.get(asked, citizen), citizen)) == "SUBMITTED"


def test_only_what_is_lacking_and_of_the_same_kind_is_taken(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    earlier = accepted_residence(world, person)
    decide(world, person)
    draft = temporary_draft(world, person)
    (paper,) = offered(world, person, draft)
    form = next(one for one in earlier.attachments if one.component_key == "ct01")
    other = next(one for one in earlier.attachments if one.component_key == "owner_consent_rented")
    for changes, reason in (
        ({"component_key": "unknown"}, "COMPONENT_UNKNOWN"),
        ({"component_key": "ct01", "source_attachment_id": form.id}, "PAPER_NOT_LACKING"),
        ({"component_key": "list_request"}, "PAPER_NOT_LACKING"),
        ({"component_key": "dwelling_proof"}, "PAPER_NOT_REUSABLE"),
        ({"source_attachment_id": other.id}, "PAPER_NOT_REUSABLE"),
        ({"source_attachment_id": "no-id"}, "PAPER_NOT_REUSABLE"),
        ({"source_attachment_id": draft.attachments[0].id}, "PAPER_NOT_REUSABLE"),
        ({"expected_version": 99}, "VERSION_CONFLICT"),
        ({"request_id": ""}, "INVALID_REQUEST"),
    ):
        assert reason_of(lambda changes=changes: reuse(world, person, draft, paper, **changes)) == reason, changes
    reuse(world, person, draft, paper)
    assert reason_of(lambda: reuse(world, person, draft, paper)) == "PAPER_NOT_LACKING"


def test_papers_of_others_and_of_dossiers_nobody_accepted_are_not_there(dossier_world: DossierWorld) -> None:
    world, person, stranger = dossier_world, dossier_world.person(), dossier_world.person()
    theirs = accepted_residence(world, stranger)
    decide(world, person)
    decide(world, stranger)
    draft = temporary_draft(world, person)
    assert list(offered(world, person, draft)) == []
    paper = next(one for one in theirs.attachments if one.component_key == CONTRACT)
    assert reason_of(lambda: reuse(world, person, draft, None, source_attachment_id=paper.id)) == "PAPER_NOT_REUSABLE"
    assert reason_of(lambda: offered(world, stranger, draft)) == "DOSSIER_NOT_FOUND"
    refused = accepted_residence(world, person)
    world.execute("update dossiers set code = null where id = %s", refused.id)
    assert list(offered(world, person, draft)) == []


def test_a_paper_an_officer_asked_for_again_is_not_offered(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    earlier = accepted_residence(world, person)
    decide(world, person)
    draft = temporary_draft(world, person)
    world.move("RequestSupplement", earlier, world.as_officer(), items=[{"component_key": CONTRACT}])
    assert list(offered(world, person, draft)) == []


def test_an_expired_paper_is_neither_offered_nor_taken_nor_handed_in(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    citizen = world.as_citizen(person)
    accepted_residence(world, person, last="2026-11-25")
    decide(world, person)
    draft, other = temporary_draft(world, person), temporary_draft(world, person)
    (paper,) = offered(world, person, draft)
    reuse(world, person, draft, paper)
    world.clock.advance(timedelta(days=3))
    citizen = world.as_citizen(person)
    assert list(offered(world, person, other, citizen)) == []
    error = refusal(lambda: reuse(world, person, other, paper, metadata=citizen))
    assert (error.reason.code, error.details) == ("PAPER_EXPIRED", {"valid_until": "2026-11-25"})
    assert reason_of(lambda: world.move("Submit", world.get(draft, citizen), citizen)) == "PAPER_EXPIRED"


def test_a_last_day_that_is_none_is_refused(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    assert reason_of(lambda: accepted_residence(world, person, last="31.12.2027")) == "INVALID_REQUEST"


def test_papers_of_a_dossier_whose_keeping_is_over_are_not_used_again(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    earlier = accepted_residence(world, person)
    decide(world, person)
    draft = temporary_draft(world, person)
    years = world.settings.dossier_retention_years
    world.execute(
        "update dossiers set state = 'RETURNED', finished_at = %s where id = %s",
        world.clock.now() - timedelta(days=365 * years - 30),
        earlier.id,
    )
    assert len(offered(world, person, draft)) == 1
    world.execute(
        "update dossiers set finished_at = %s where id = %s",
        world.clock.now() - timedelta(days=366 * years + 30),
        earlier.id,
    )
    assert list(offered(world, person, draft)) == []


def test_a_repeated_request_takes_a_paper_once_and_sixteen_at_once_too(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    accepted_residence(world, person)
    decide(world, person)
    draft = temporary_draft(world, person)
    (paper,) = offered(world, person, draft)
    same = key()

    def take(number: int) -> str:
        try:
            return str(reuse(world, person, draft, paper, request_id=same if number % 2 else key()).attachment.id)
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(take, range(16)))
    held = [one for one in world.get(draft, world.as_citizen(person)).attachments if one.component_key == CONTRACT]
    assert len(held) == 1
    assert answers <= {held[0].id, "PAPER_NOT_LACKING", "IDEMPOTENCY_KEY_IN_PROGRESS"}


def test_a_withdrawal_and_a_taking_at_once_come_one_after_the_other(dossier_world: DossierWorld) -> None:
    world = dossier_world
    for _ in range(5):
        person = world.person()
        accepted_residence(world, person)
        decide(world, person)
        draft = temporary_draft(world, person)
        (paper,) = offered(world, person, draft)
        with ThreadPoolExecutor(2) as pool:
            taking = pool.submit(lambda p=person, d=draft, one=paper: reuse(world, p, d, one))
            pool.submit(lambda p=person: decide(world, p, "consent_withdrawn", 2)).result()
            error = taking.exception()
        held = [one for one in world.get(draft, world.as_citizen(person)).attachments if one.component_key == CONTRACT]
        assert len(held) == (0 if error else 1)
        citizen = world.as_citizen(person)
        assert reason_of(lambda d=draft, c=citizen: world.move("Submit", world.get(d, c), c)) in (
            "CONSENT_WITHDRAWN",
            "DOSSIER_INCOMPLETE",
        )


def test_a_parent_takes_a_child_s_paper_only_by_the_child_s_consent(dossier_world: DossierWorld) -> None:
    world, child, mother = dossier_world, dossier_world.person(), dossier_world.person()
    world.known(mother)
    accepted_residence(world, child)
    draft = temporary_draft(world, child)
    world.represent(mother, child)
    on_behalf = world.as_citizen(mother, on_behalf_of=child.citizen_id)
    decide(world, mother)
    assert reason_of(lambda: offered(world, mother, draft, on_behalf)) == "CONSENT_REQUIRED"
    decide(world, child)
    (paper,) = offered(world, mother, draft, on_behalf)
    answer = reuse(world, mother, draft, paper, metadata=on_behalf)
    assert answer.attachment.reused_from_attachment_id == paper.attachment.id
    assert reason_of(lambda: offered(world, mother, draft)) == "DOSSIER_NOT_FOUND"


def test_one_record_is_erased_and_a_paper_taken_from_it_stays_readable(dossier_world: DossierWorld) -> None:
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    accepted_residence(world, other, contract=pdf("moved"))
    _merge(world, other, survivor)
    decide(world, survivor)
    draft = temporary_draft(world, survivor)
    (paper,) = offered(world, survivor, draft)
    taken = reuse(world, survivor, draft, paper).attachment
    database = Database(world.url, max_size=2, application_name="eservices-work")
    with database.transaction() as conn:
        rights.forget(conn, [UUID(other.citizen_id)])
    database.close()
    addresses = {address for (address,) in world.rows("select address from abandoned_objects")}
    (held,) = world.rows("select address from attachments where id = %s", taken.id)
    assert held[0] not in addresses
    assert addresses
    assert content_of(world, draft, taken.id, world.as_citizen(survivor)) == pdf("moved")


def _merge(world: DossierWorld, other: Person, survivor: Person) -> None:
    meta = EventMeta(id=key(), aggregate_id=other.citizen_id, aggregate_version=2)
    merged = CitizensMerged(surviving_citizen_id=survivor.citizen_id)
    database = Database(world.url, max_size=2, application_name="eservices-work")
    with database.transaction() as conn:
        on_citizen(conn, CitizenEvent(meta=meta, citizens_merged=merged))
    database.close()
