"""The citizen hands the dossier in: complete, still linked, and priced. One round trip to read, one to write."""

from dataclasses import replace

from songcau_kit.errors import DomainError

from songcau_eservices.attachments import repository as attachments
from songcau_eservices.attachments.reused_papers import check_reused_papers
from songcau_eservices.catalogue.model import ProcedureContent
from songcau_eservices.dossiers.answers import facts_of
from songcau_eservices.dossiers.changes import Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.checklist import Checklist, evaluate
from songcau_eservices.dossiers.dossier import DossierView
from songcau_eservices.dossiers.facts import Submitted
from songcau_eservices.dossiers.loading import check_standing
from songcau_eservices.dossiers.model import Action
from songcau_eservices.dossiers.repository_citizens import Citizen
from songcau_eservices.dossiers.steps import moved
from songcau_eservices.dossiers.views import Whole
from songcau_eservices.errors import DOSSIER_INCOMPLETE, IDENTITY_LEVEL_TOO_LOW, PROCEDURE_NOT_FOR_HEIRS
from songcau_eservices.payments.fees import fee_of, finance_at_submission


class Submission:
    """Submits drafts."""

    def __init__(self, room: Room, changes: Changes) -> None:
        self._room = room
        self._changes = changes

    def submit(self, change: Change) -> DossierView:
        """Hand a draft in.

        Raises DOSSIER_INCOMPLETE, CITIZEN_NOT_LINKED, CITIZEN_BLOCKED, CITIZEN_DECEASED, IDENTITY_LEVEL_TOO_LOW,
        PROCEDURE_NOT_FOR_HEIRS, and for papers taken from earlier dossiers CONSENT_REQUIRED, CONSENT_WITHDRAWN
        and PAPER_EXPIRED.
        """
        return self._changes.run(change, self._submit)

    def _submit(self, scene: Scene) -> Step:
        dossier = scene.dossier
        content = self._room.versions.get(scene.conn, dossier.procedure.version_id)
        check_citizen(scene.citizen, content)
        check_heir(content, is_heir=scene.is_heir)
        facts = facts_of(scene.seal.open_answers(dossier.id, dossier.sealed.answers), dossier.procedure.sub_case)
        check_complete(content, scene.whole, facts)
        check_reused_papers(scene)
        fee = fee_of(content, dossier.channel, facts)
        after = moved(scene, Action.SUBMIT)
        after = replace(
            after,
            fee=fee,
            axes=replace(after.axes, finance=finance_at_submission(content, dossier.channel, facts)),
            times=replace(after.times, submitted_at=scene.now),
        )
        return Step(after, Submitted(str(dossier.channel)), writes=[lambda conn: attachments.fix(conn, dossier.id)])


def check_citizen(citizen: Citizen | None, content: ProcedureContent) -> None:
    """Raise where the citizen may not act, or not in this procedure with their level of identity."""
    check_standing(citizen)
    if citizen is None or citizen.identity_level < content.minimum_ial:
        raise DomainError(IDENTITY_LEVEL_TOO_LOW, details={"minimum_ial": str(content.minimum_ial)})


def check_heir(content: ProcedureContent, *, is_heir: bool) -> None:
    """Raise PROCEDURE_NOT_FOR_HEIRS where an heir begins what nobody begins in the name of who died."""
    if is_heir and not content.open_to_heirs:
        raise DomainError(PROCEDURE_NOT_FOR_HEIRS)


def check_complete(content: ProcedureContent, whole: Whole, facts: dict[str, str]) -> None:
    """Raise DOSSIER_INCOMPLETE, naming each paper that is missing and each question that decides about one."""
    checklist = checklist_of(content, whole, facts)
    if not checklist.complete:
        raise DomainError(DOSSIER_INCOMPLETE, violations=checklist.violations())


def checklist_of(content: ProcedureContent, whole: Whole, facts: dict[str, str]) -> Checklist:
    """Return the checklist of a dossier as it stands."""
    return evaluate(content, facts, [(one.component_key, one.id) for one in whole.attachments])
