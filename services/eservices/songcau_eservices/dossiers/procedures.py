"""The versions of procedures that dossiers were made under, kept in memory: a version never changes."""

import threading
from collections import OrderedDict
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.catalogue import repository
from songcau_eservices.catalogue.model import ProcedureContent

KEPT = 500


class ProcedureVersions:
    """Looks versions up, from the database once and from memory after that."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, ProcedureContent] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, conn: Connection, version_id: UUID) -> ProcedureContent:
        """Return what a version says; raise PROCEDURE_NOT_FOUND."""
        with self._lock:
            content = self._kept.get(version_id)
        if content is None:
            content = repository.get_version(conn, version_id).content
            self.keep(version_id, content)
        return content

    def keep(self, version_id: UUID, content: ProcedureContent) -> None:
        """Remember a version that was read anyway."""
        with self._lock:
            self._kept[version_id] = content
            self._kept.move_to_end(version_id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
