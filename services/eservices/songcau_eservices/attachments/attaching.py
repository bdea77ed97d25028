"""Files of a dossier: checked by content, encrypted, put in the store, then entered; read back; taken off a draft."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.errors import DomainError
from songcau_kit.objects import EncryptedObjects, StoredObject, require_newest
from songcau_kit.personal import Personal
from songcau_kit.protection_errors import DATA_KEY_REPLACED
from songcau_kit.rpc_call import Call

from songcau_eservices.attachments import repository, repository_reuse
from songcau_eservices.attachments.validity import read_last_day
from songcau_eservices.dossiers import repository_citizens
from songcau_eservices.dossiers.changes import Answer, Change, Changes, Room, Scene, Step
from songcau_eservices.dossiers.checklist import component_keys
from songcau_eservices.dossiers.dossier import Attachment, AttachmentDetails, AttachmentView, DossierView
from songcau_eservices.dossiers.loading import state_details
from songcau_eservices.dossiers.model import Action
from songcau_eservices.dossiers.opening import Opened, Opening, Reason
from songcau_eservices.dossiers.texts import bounded
from songcau_eservices.dossiers.views import attachment_view, next_actions
from songcau_eservices.errors import (
    ATTACHMENT_FIXED,
    ATTACHMENT_LIMIT_REACHED,
    ATTACHMENT_NOT_FOUND,
    COMPONENT_UNKNOWN,
    DOSSIER_STATE_CONFLICT,
)

MOST_FILES = 100
LONGEST_NAME = 200


@dataclass(frozen=True)
class NewFile:
    """A file as it came in; `valid_until` is the last day of the paper, YYYY-MM-DD, where it has one."""

    component_key: str
    file_name: str
    content: bytes
    valid_until: str = ""


@dataclass(frozen=True)
class Attached:
    """A file with the version of its dossier after it was attached."""

    attachment: AttachmentView
    dossier_version: int


ATTACHED = TypeAdapter(Attached)


class Attaching:
    """Attaches, reads and removes files."""

    def __init__(self, room: Room, changes: Changes, objects: EncryptedObjects) -> None:
        self._room = room
        self._changes = changes
        self._opening = Opening(room)
        self._objects = objects

    def attach(self, change: Change, new: NewFile) -> Attached:
        """Attach one file.

        Raises OBJECT_TOO_LARGE, OBJECT_EMPTY, MEDIA_TYPE_NOT_ALLOWED, COMPONENT_UNKNOWN, ATTACHMENT_LIMIT_REACHED and
        what every change raises.
        """
        try:
            return self._try_to_attach(change, new)
        except DomainError as error:
            if error.reason is not DATA_KEY_REPLACED:
                raise
            # A file comes as a stream, which nobody on the way sends again by itself.
            return self._try_to_attach(change, new)

    def _try_to_attach(self, change: Change, new: NewFile) -> Attached:
        # A file keeps the name its device gave it, odd letters included; only the Unicode form is made one.
        name = bounded(unicodedata.normalize("NFC", new.file_name), "/file_name", LONGEST_NAME, least=1)
        stored = self._store(change, new)
        digest = hashlib.sha256(new.content).hexdigest()
        details = AttachmentDetails(Personal(name), digest, read_last_day(new.valid_until))
        attachment_id = self._room.clock.new_id()

        def act(scene: Scene) -> Step:
            return self._attach(scene, new, stored, scene.seal.details(attachment_id, details), attachment_id)

        return self._changes.run_for(change, act, answer_of(attachment_id))

    def get(self, call: Call, dossier_id: UUID, attachment_id: UUID) -> tuple[AttachmentView, bytes]:
        """Return one file with its content; raise ATTACHMENT_NOT_FOUND."""
        reason = Reason("GET_ATTACHMENT", "attachment", str(attachment_id))
        with self._opening.opened(call, dossier_id, reason) as at:
            attachment = _find(at.whole.attachments, attachment_id)
            if attachment.reused_from and not attachment.fixed:
                _refuse_foreign(at, attachment.reused_from)
        return attachment_view(attachment, at.seal), self._objects.get(at.seal.data_key, attachment.address)

    def remove(self, change: Change, attachment_id: UUID) -> int:
        """Take a file off that was not handed in yet; return the dossier's version. Raises ATTACHMENT_FIXED."""

        def act(scene: Scene) -> Step:
            attachment = _find(scene.whole.attachments, attachment_id)
            if attachment.fixed:
                raise DomainError(ATTACHMENT_FIXED)
            rest = tuple(one for one in scene.whole.attachments if one.id != attachment_id)
            return Step(
                scene.dossier,
                writes=[lambda conn: repository.remove(conn, attachment_id)],
                whole={"attachments": rest},
            )

        return self._changes.run(change, act).dossier.version

    def _store(self, change: Change, new: NewFile) -> StoredObject | None:
        # Nothing is stored for a stranger or a dossier that takes no files; the frame then says why, or finds that
        # this request was answered before.
        at = self._opening.peek(change.call, change.dossier_id)
        if at is None or Action.ATTACH not in next_actions(at.whole, at.capacity):
            return None
        return self._objects.put(at.seal.data_key, new.content)

    def _attach(
        self, scene: Scene, new: NewFile, stored: StoredObject | None, details_enc: bytes, attachment_id: UUID
    ) -> Step:
        if stored is None:  # the dossier began to take files between the two looks at it
            raise DomainError(DOSSIER_STATE_CONFLICT, details=state_details(scene.whole, ()))
        require_newest(scene.seal.data_key, stored.address)
        content = self._room.versions.get(scene.conn, scene.dossier.procedure.version_id)
        if new.component_key and new.component_key not in component_keys(content):
            raise DomainError(COMPONENT_UNKNOWN, details={"component_key": new.component_key[:100]})
        check_room(scene)
        attachment = Attachment(
            attachment_id,
            scene.dossier.id,
            new.component_key,
            stored.address,
            stored.media_type,
            stored.size,
            scene.now,
            details_enc=details_enc,
        )
        return add_step(scene, attachment)


def answer_of(attachment_id: UUID) -> Answer[Attached]:
    """Return how a change that adds a file is answered."""

    def attached(view: DossierView) -> Attached:
        return Attached(next(one for one in view.attachments if one.id == attachment_id), view.dossier.version)

    return Answer(ATTACHED, attached)


def check_room(scene: Scene) -> None:
    """Raise ATTACHMENT_LIMIT_REACHED where a dossier has as many files as it may have."""
    if len(scene.whole.attachments) >= MOST_FILES:
        raise DomainError(ATTACHMENT_LIMIT_REACHED, details={"limit": str(MOST_FILES)})


def add_step(scene: Scene, attachment: Attachment) -> Step:
    """Return the step that adds a file to a dossier."""
    return Step(
        scene.dossier,
        writes=[lambda conn: repository.add(conn, attachment)],
        whole={"attachments": (*scene.whole.attachments, attachment)},
    )


def _refuse_foreign(at: Opened, source_id: UUID) -> None:
    """Raise ATTACHMENT_NOT_FOUND for a paper of a record whose merge was undone: it is not shown on."""
    family = repository_citizens.ask_family(at.conn, at.whole.dossier.citizen_id)()
    if repository_reuse.is_foreign(at.conn, family, [source_id]):
        raise DomainError(ATTACHMENT_NOT_FOUND)


def _find(attachments: Sequence[Attachment], attachment_id: UUID) -> Attachment:
    found = next((one for one in attachments if one.id == attachment_id), None)
    if found is None:
        raise DomainError(ATTACHMENT_NOT_FOUND)
    return found
