"""Takes over the papers an identity provider states at a sign-in; whatever is wrong with them refuses nobody."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.database import Connection

from songcau_identity.auditing import Asker
from songcau_identity.doubts import let_wait
from songcau_identity.model import Citizen, Doubt
from songcau_identity.officers import Desk
from songcau_identity.paper_numbers import PaperNumber
from songcau_identity.papers import enter_paper, find_other_holder
from songcau_identity.repositories import citizens, identifiers
from songcau_identity.repositories import papers as repository


def record_told_papers(
    desk: Desk, conn: Connection, asker: Asker, citizen_id: UUID, papers: Sequence[PaperNumber]
) -> tuple[Citizen | None, tuple[Doubt, ...]]:
    """Enter the papers a citizen does not hold yet; the caller holds the citizen and the locks of the papers.

    Returns the citizen where something was entered, and what looks odd. One that an officer withdrew as entered in
    error does not come back, one that another record holds waits for an officer.
    """
    citizen, doubts = None, []
    for paper in papers:
        digest = desk.vault.paper_digest(paper)
        is_held = citizen_id in repository.find_holders(conn, paper.kind, digest)
        if is_held or repository.was_mistaken(conn, citizen_id, paper.kind, digest):
            continue
        if find_other_holder(conn, paper.kind, digest, citizen_id) is not None:
            doubts.append(Doubt.PAPER_OF_ANOTHER)
        else:
            citizen = _enter(desk, conn, asker, citizen_id, paper)
    if citizen is not None:
        doubts += repository.find_doubts(conn, citizen_id, identifiers.list_digests(conn, citizen_id))
    found = tuple(dict.fromkeys(doubts))
    let_wait(desk, conn, citizen_id, found, facts_changed=citizen is not None)
    return citizen, found


def _enter(desk: Desk, conn: Connection, asker: Asker, citizen_id: UUID, paper: PaperNumber) -> Citizen:
    before = citizens.hold_citizens(conn, [citizen_id])[citizen_id]
    citizen, paper_id = replace(before, version=before.version + 1), desk.clock.new_id()
    citizens.update_citizen(conn, citizen, desk.clock.now())
    enter_paper(desk, conn, citizen_id, paper, paper_id=paper_id, act_id=None)
    told = (asker.actor, asker.correlation_id)
    outbox.append(conn, desk.events.paper_recorded(citizen, *told, paper_id=paper_id, kind=paper.kind))
    return citizen
