"""Officers sign in with a second factor, and freshly for what decides on a citizen; citizens sign in as they do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from songcau.eservices.v1 import dossier_service_pb2 as pb
from support.dossier_world import DossierWorld, reason_of, refusal

DECISIONS = ("Refuse", "Resolve", "Stop", "Revoke")
TOO_OLD = timedelta(seconds=606)


def deciding(world: DossierWorld, person: Any, name: str) -> Callable[[Any], Any]:
    """Return the call that takes one decision on a dossier of the person."""
    if name == "Refuse":
        dossier = world.submitted(person)
        return lambda who: world.move("Refuse", dossier, who, reason="Không thuộc thẩm quyền.")
    if name == "Revoke":
        dossier = world.get(world.resolved(person), world.as_citizen(person))
        return lambda who: world.revoke(dossier, who, reason="Cấp sai.")
    dossier = world.processing(person)
    fields = {"reason": "Công dân đã mất."} if name == "Stop" else {"decision": "Đồng ý."}
    return lambda who: world.move(name, dossier, who, **fields)


def signed_in(world: DossierWorld, age: timedelta, **claims: Any) -> Any:
    return world.as_leader(auth_time=int((world.clock.now() - age).timestamp()), **claims)


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_asks_for_a_second_factor_and_a_fresh_sign_in(dossier_world: DossierWorld, name: str) -> None:
    world, person = dossier_world, dossier_world.person()
    decide = deciding(world, person, name)
    for weak in (signed_in(world, timedelta(0), acr="aal1"), signed_in(world, TOO_OLD)):
        error = refusal(lambda weak=weak: decide(weak))
        assert error.reason.code == "AUTHENTICATION_INSUFFICIENT"
        assert error.details == {"acr_values": "aal2", "max_age": "600"}
    denied = [row[4:6] for row in world.audit(person) if row[5] == "AUTHENTICATION_INSUFFICIENT"]
    assert denied == [("DENIED", "AUTHENTICATION_INSUFFICIENT")] * 2
    decide(signed_in(world, timedelta(0)))


def test_staff_read_with_a_second_factor_however_long_ago(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    queue = pb.ListDossiersRequest()
    weak = signed_in(world, timedelta(0), acr="aal1")
    for attempt in (
        lambda: world.get(dossier, weak),
        lambda: world.dossiers.ListDossiers(queue, metadata=weak),
        lambda: world.move("Accept", dossier, weak),
    ):
        error = refusal(attempt)
        assert (error.reason.code, error.details) == ("AUTHENTICATION_INSUFFICIENT", {"acr_values": "aal2"})
    assert ("DENIED", "AUTHENTICATION_INSUFFICIENT") in [row[4:6] for row in world.audit(person)]
    long_ago = signed_in(world, timedelta(hours=8))
    assert world.get(dossier, long_ago).id == dossier.id
    assert [one.id for one in world.dossiers.ListDossiers(queue, metadata=long_ago).dossiers] == [dossier.id]


def test_a_citizen_s_own_dossier_asks_for_no_second_factor_not_even_of_an_officer(dossier_world: DossierWorld) -> None:
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    assert world.get(dossier, world.as_citizen(person, acr="aal1")).id == dossier.id
    both = world.call_as(
        sub=person.account,
        roles=["citizen", "officer"],
        scopes=["dossier:read"],
        citizen_id=person.citizen_id,
        agency_codes=["H55.242"],
        acr="aal1",
    )
    assert world.get(dossier, both).id == dossier.id
    listed = world.dossiers.ListDossiers(pb.ListDossiersRequest(own=True), metadata=both).dossiers
    assert [one.id for one in listed] == [dossier.id]
    assert reason_of(lambda: world.dossiers.ListDossiers(pb.ListDossiersRequest(), metadata=both)) == (
        "AUTHENTICATION_INSUFFICIENT"
    )
