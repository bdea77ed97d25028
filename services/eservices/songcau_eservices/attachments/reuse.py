"""Papers a person once gave are not asked again: taken from an earlier dossier, with consent, as a copy of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.objects import EncryptedObjects, StoredObject, require_newest
from songcau_kit.rpc_call import Call

from songcau_eservices.attachments import repository_reuse
from songcau_eservices.attachments.attaching import Attached, add_step, answer_of, check_room
from songcau_eservices.attachments.repository_reuse import Source
from songcau_eservices.attachments.reusable import find_component, is_same_kind, lacking
from songcau_eservices.attachments.validity import is_expired
from songcau_eservices.catalogue.model import DocumentComponent
from songcau_eservices.consents.model import Purpose
from songcau_eservices.consents.requiring import require_consent
from songcau_eservices.dossiers import repository_citizens
from songcau_eservices.dossiers.answers import facts_of
from songcau_eservices.dossiers.changes import Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.dossier import Attachment, AttachmentDetails, AttachmentView
from songcau_eservices.dossiers.keeping import kept_until
from songcau_eservices.dossiers.loading import state_details
from songcau_eservices.dossiers.model import Action, ActorKind
from songcau_eservices.dossiers.opening import Opening, Reason
from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.dossiers.views import Whole, attachment_view, next_actions
from songcau_eservices.errors import (
    ACTION_NOT_YOURS,
    COMPONENT_UNKNOWN,
    DOSSIER_STATE_CONFLICT,
    PAPER_EXPIRED,
    PAPER_NOT_LACKING,
    PAPER_NOT_REUSABLE,
)

MOST_OFFERED = 100


@dataclass(frozen=True)
class ReusablePaper:
    """A file of an earlier dossier and the component it could stand for."""

    component_key: str
    attachment: AttachmentView
    source: Source


@dataclass(frozen=True)
class PaperWish:
    """Which file of an earlier dossier shall stand for which component; None is an id that is none."""

    component_key: str
    attachment_id: UUID | None


@dataclass(frozen=True)
class _Copy:
    stored: StoredObject
    details: AttachmentDetails


class PaperReuse:
    """Offers and takes papers of earlier dossiers; `years` is how long an ended dossier is kept, 0 for no term."""

    def __init__(self, room: Room, changes: Changes, objects: EncryptedObjects, *, years: int) -> None:
        self._room = room
        self._changes = changes
        self._opening = Opening(room)
        self._objects = objects
        self._years = years

    def offer(self, call: Call, dossier_id: UUID) -> list[ReusablePaper]:
        """Return what could stand for the papers a dossier lacks, newest first.

        Raises DOSSIER_NOT_FOUND, NOT_REPRESENTED, ACTION_NOT_YOURS, CONSENT_REQUIRED and CONSENT_WITHDRAWN.
        """
        with self._opening.opened(call, dossier_id, Reason("LIST_REUSABLE_PAPERS")) as at:
            if at.capacity.kind is not ActorKind.CITIZEN:
                raise DomainError(ACTION_NOT_YOURS, details=state_details(at.whole, ()))
            family = _consenting(at.conn, at.whole)
            if Action.REUSE_PAPER not in next_actions(at.whole, at.capacity):
                return []
            wanted = self._lacking(at.conn, at.whole, at.seal)
            taken = {one.reused_from for one in at.whole.attachments}
            found = repository_reuse.list_sources(at.conn, family, dossier_id) if wanted else []
            return self._fitting(at.conn, [one for one in found if one.attachment.id not in taken], wanted)

    def reuse(self, change: Change, wish: PaperWish) -> Attached:
        """Take one paper over.

        Raises CONSENT_REQUIRED, CONSENT_WITHDRAWN, COMPONENT_UNKNOWN, PAPER_NOT_LACKING, PAPER_NOT_REUSABLE,
        PAPER_EXPIRED, ATTACHMENT_LIMIT_REACHED, DATA_KEY_REPLACED and what every change raises.
        """
        copy = self._copy(change, wish)
        attachment_id = self._room.clock.new_id()
        return self._changes.run_for(
            change, lambda scene: self._take(scene, wish, copy, attachment_id), answer_of(attachment_id)
        )

    def _copy(self, change: Change, wish: PaperWish) -> _Copy | None:
        # The store is asked outside the transaction. Nothing is copied without consent or for a stranger; the frame
        # then asks everything again and says why.
        at = self._opening.peek(change.call, change.dossier_id)
        if at is None or Action.REUSE_PAPER not in next_actions(at.whole, at.capacity):
            return None
        with self._room.database.read() as conn:
            try:
                source, details = self._find(conn, at.whole, at.seal, wish)
            except DomainError:
                return None
            key = self._room.keys.get(conn, source.citizen_id)
        content = self._objects.get(key, source.attachment.address)
        return _Copy(self._objects.put(at.seal.data_key, content), details)

    def _take(self, scene: Scene, wish: PaperWish, copy: _Copy | None, attachment_id: UUID) -> Step:
        source, _ = self._find(scene.conn, scene.whole, scene.seal, wish)
        check_room(scene)
        if copy is None:  # it became possible between the two looks at it
            raise DomainError(DOSSIER_STATE_CONFLICT, details=state_details(scene.whole, ()))
        require_newest(scene.seal.data_key, copy.stored.address)
        attachment = Attachment(
            attachment_id,
            scene.dossier.id,
            wish.component_key,
            copy.stored.address,
            copy.stored.media_type,
            copy.stored.size,
            scene.now,
            details_enc=scene.seal.details(attachment_id, copy.details),
            reused_from=source.attachment.id,
        )
        return add_step(scene, attachment)

    def _find(self, conn: Connection, whole: Whole, seal: Seal, wish: PaperWish) -> tuple[Source, AttachmentDetails]:
        family = _consenting(conn, whole)
        content = self._room.versions.get(conn, whole.dossier.procedure.version_id)
        component = find_component(content, wish.component_key)
        if component is None:
            raise DomainError(COMPONENT_UNKNOWN, details={"component_key": wish.component_key[:100]})
        if component not in self._lacking(conn, whole, seal):
            raise DomainError(PAPER_NOT_LACKING, details={"component_key": component.key})
        source = None
        if wish.attachment_id is not None:
            source = repository_reuse.hold_source(conn, family, whole.dossier.id, wish.attachment_id)
        if source is None or not self._fits(conn, source, component):
            raise DomainError(PAPER_NOT_REUSABLE)
        details = self._details(conn, source)
        if is_expired(details.valid_until, local_date(self._room.clock.now())):
            raise DomainError(PAPER_EXPIRED, details={"valid_until": details.valid_until})
        return source, details

    def _fitting(
        self, conn: Connection, sources: Sequence[Source], wanted: Sequence[DocumentComponent]
    ) -> list[ReusablePaper]:
        today = local_date(self._room.clock.now())
        offered: list[ReusablePaper] = []
        for source in sources:
            component = next((one for one in wanted if self._fits(conn, source, one)), None)
            if component is None or len(offered) == MOST_OFFERED:
                continue
            seal = Seal(self._room.keys.get(conn, source.citizen_id))
            view = attachment_view(source.attachment, seal)
            if not is_expired(view.details.valid_until, today):
                offered.append(ReusablePaper(component.key, view, source))
        return offered

    def _fits(self, conn: Connection, source: Source, component: DocumentComponent) -> bool:
        last = kept_until(source.ended_at, self._years)
        if last is not None and last < local_date(self._room.clock.now()):
            return False
        content = self._room.versions.get(conn, source.procedure_version_id)
        given = find_component(content, source.attachment.component_key)
        return given is not None and is_same_kind(given, component)

    def _lacking(self, conn: Connection, whole: Whole, seal: Seal) -> tuple[DocumentComponent, ...]:
        dossier = whole.dossier
        content = self._room.versions.get(conn, dossier.procedure.version_id)
        facts = facts_of(seal.open_answers(dossier.id, dossier.sealed.answers), dossier.procedure.sub_case)
        return lacking(content, whole, facts)

    def _details(self, conn: Connection, source: Source) -> AttachmentDetails:
        seal = Seal(self._room.keys.get(conn, source.citizen_id))
        return seal.open_details(source.attachment.id, source.attachment.details_enc)


def _consenting(conn: Connection, whole: Whole) -> frozenset[UUID]:
    """Return every id of the person whose dossier it is, once they agreed."""
    family = repository_citizens.ask_family(conn, whole.dossier.citizen_id)()
    require_consent(conn, family, Purpose.REUSE_PAPERS)
    return family
