"""Papers asked for and supplied: what a request must name, and when it is met."""

from collections.abc import Iterable, Sequence

from songcau_kit.errors import DomainError, Violation

from songcau_eservices.catalogue.model import DocumentComponent, ProcedureContent
from songcau_eservices.dossiers.dossier import Attachment, Supplement, SupplementBody, SupplementItem
from songcau_eservices.dossiers.texts import bounded
from songcau_eservices.errors import COMPONENT_UNKNOWN, DOSSIER_INCOMPLETE, SUPPLEMENT_ITEMS_REQUIRED

MOST_ITEMS = 50
LONGEST_NAME = 300
LONGEST_TEXT = 1000


def checked_body(content: ProcedureContent, items: Sequence[SupplementItem], note: str) -> SupplementBody:
    """Return form 02 with every paper named in full.

    Raises SUPPLEMENT_ITEMS_REQUIRED, COMPONENT_UNKNOWN, and INVALID_REQUEST for a text too long or no name.
    """
    if not 1 <= len(items) <= MOST_ITEMS:
        raise DomainError(SUPPLEMENT_ITEMS_REQUIRED)
    known = {one.key: one for group in content.document_groups for one in group.documents}
    unknown = [(at, item) for at, item in enumerate(items) if item.component_key and item.component_key not in known]
    if unknown:
        places = [Violation(f"/items/{at}/component_key", "COMPONENT_UNKNOWN") for at, _ in unknown]
        raise DomainError(COMPONENT_UNKNOWN, violations=places)
    named = tuple(_named(at, item, known.get(item.component_key)) for at, item in enumerate(items))
    return SupplementBody(named, bounded(note, "/note", LONGEST_TEXT))


def check_met(supplement: Supplement, attachments: Iterable[Attachment]) -> None:
    """Raise DOSSIER_INCOMPLETE, naming each component asked for that has no new file yet."""
    fresh = {one.component_key for one in attachments if not one.fixed}
    missing = [key for key in supplement.component_keys if key not in fresh]
    if missing:
        raise DomainError(DOSSIER_INCOMPLETE, violations=[Violation("/attachments", key) for key in missing])


def _named(at: int, item: SupplementItem, component: DocumentComponent | None) -> SupplementItem:
    name = item.name or (component.name if component else "")
    return SupplementItem(
        item.component_key,
        bounded(name, f"/items/{at}/name", LONGEST_NAME, least=1),
        bounded(item.instruction, f"/items/{at}/instruction", LONGEST_TEXT),
    )
