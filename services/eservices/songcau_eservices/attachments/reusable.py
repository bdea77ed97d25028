"""Which papers of an earlier dossier can stand for what another lacks."""

from songcau_kit.text import fold

from songcau_eservices.catalogue.model import DocumentComponent, GroupRule, ProcedureContent
from songcau_eservices.dossiers.checklist import ChecklistItem, ItemState
from songcau_eservices.dossiers.model import State
from songcau_eservices.dossiers.submission import checklist_of
from songcau_eservices.dossiers.views import Whole


def lacking(content: ProcedureContent, whole: Whole, facts: dict[str, str]) -> tuple[DocumentComponent, ...]:
    """Return the components that need a file now: missing in the case, or asked for and not supplied yet.

    A form says something about its own case, so it is never among them.
    """
    asked = _asked(whole)
    items = checklist_of(content, whole, facts).items
    return tuple(
        item.component
        for item in items
        if not item.component.has_form and (item.component.key in asked or _is_missing(item))
    )


def find_component(content: ProcedureContent, key: str) -> DocumentComponent | None:
    """Return a component of a procedure's list."""
    return next((one for group in content.document_groups for one in group.documents if one.key == key), None)


def is_same_kind(one: DocumentComponent, other: DocumentComponent) -> bool:
    """Say whether two components are one kind of paper: by the national code, or by the same name."""
    if one.has_form or other.has_form:
        return False
    if one.national_code and other.national_code:
        return one.national_code == other.national_code
    return fold(one.name) == fold(other.name)


def _is_missing(item: ChecklistItem) -> bool:
    if item.state is ItemState.MISSING:
        return True
    # Nothing of such a group is demanded; what the citizen thinks the case calls for may come from before all the same.
    is_open = item.group.rule is GroupRule.AS_NEEDED and item.state is ItemState.NOT_NEEDED
    return is_open and not item.component.looked_up


def _asked(whole: Whole) -> frozenset[str]:
    if whole.dossier.state is not State.SUPPLEMENT_REQUIRED or not whole.supplements:
        return frozenset()
    fresh = {one.component_key for one in whole.attachments if not one.fixed}
    return frozenset(whole.supplements[0].component_keys) - fresh
