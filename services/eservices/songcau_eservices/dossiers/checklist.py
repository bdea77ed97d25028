"""Which papers a case needs and which are there: the version's conditional documents met with facts and files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from songcau_kit.errors import Violation

from songcau_eservices.catalogue.model import (
    Applicability,
    Condition,
    DocumentComponent,
    DocumentGroup,
    DocumentKind,
    GroupRule,
    ProcedureContent,
    applicability,
)
from songcau_eservices.dossiers.answers import pointer


class ItemState(StrEnum):
    """Whether one paper is needed and there."""

    SATISFIED = "SATISFIED"
    MISSING = "MISSING"
    DEPENDS = "DEPENDS"
    NOT_NEEDED = "NOT_NEEDED"
    PRESENT_LATER = "PRESENT_LATER"


@dataclass(frozen=True)
class ChecklistItem:
    """One paper of the version's list."""

    component: DocumentComponent
    group: DocumentGroup
    state: ItemState
    depends_on: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """All papers of one case."""

    items: tuple[ChecklistItem, ...]
    open_questions: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the dossier may be submitted as it stands."""
        return not any(item.state in (ItemState.MISSING, ItemState.DEPENDS) for item in self.items)

    def violations(self) -> tuple[Violation, ...]:
        """Name every missing paper by its component key, and every open question that decides about one."""
        missing = (item for item in self.items if item.state is ItemState.MISSING)
        papers = [Violation("/attachments", item.component.key, _place(item)) for item in missing]
        deciding = dict.fromkeys(name for item in self.items for name in item.depends_on)
        questions = [Violation(pointer("answers", name), "QUESTION_UNANSWERED") for name in deciding]
        return tuple(papers + questions)


def evaluate(content: ProcedureContent, facts: Mapping[str, str], attached: Iterable[tuple[str, UUID]]) -> Checklist:
    """Return the checklist of a case; `attached` gives the component key and the id of each file."""
    files: dict[str, list[UUID]] = {}
    for key, attachment_id in attached:
        files.setdefault(key, []).append(attachment_id)
    items = tuple(item for group in content.document_groups for item in _group(group, facts, files))
    unanswered = tuple(question.key for question in content.questions if question.key not in facts)
    return Checklist(items, unanswered)


def component_keys(content: ProcedureContent) -> frozenset[str]:
    """Return every component key a file may carry."""
    return frozenset(component.key for group in content.document_groups for component in group.documents)


def _group(group: DocumentGroup, facts: Mapping[str, str], files: Mapping[str, list[UUID]]) -> Iterator[ChecklistItem]:
    items = [_item(component, group, facts, files) for component in group.documents]
    if group.rule is GroupRule.ALL_OF:
        yield from items
        return
    if group.rule is GroupRule.AS_NEEDED:
        # National records do not say which case needs which paper: none is demanded, the officer asks for more.
        open_states = (ItemState.MISSING, ItemState.DEPENDS)
        yield from (
            ChecklistItem(i.component, group, ItemState.NOT_NEEDED) if i.state in open_states else i for i in items
        )
        return
    # One paper of the group is enough; one that is shown at the counter or looked up counts as there.
    is_met = any(
        item.state in (ItemState.SATISFIED, ItemState.PRESENT_LATER) or _is_looked_up(item, facts) for item in items
    )
    for item in items:
        is_open = item.state in (ItemState.MISSING, ItemState.DEPENDS)
        yield ChecklistItem(item.component, group, ItemState.NOT_NEEDED) if is_met and is_open else item


def _item(
    component: DocumentComponent, group: DocumentGroup, facts: Mapping[str, str], files: Mapping[str, list[UUID]]
) -> ChecklistItem:
    when = (*group.when, *component.when)
    ids = tuple(files.get(component.key, ()))
    if ids:
        return ChecklistItem(component, group, ItemState.SATISFIED, attachment_ids=ids)
    match applicability(when, facts):
        case Applicability.DOES_NOT_APPLY:
            return ChecklistItem(component, group, ItemState.NOT_NEEDED)
        case _ if component.looked_up:
            return ChecklistItem(component, group, ItemState.NOT_NEEDED)
        case Applicability.DEPENDS:
            return ChecklistItem(component, group, ItemState.DEPENDS, depends_on=_open(when, facts))
    state = ItemState.PRESENT_LATER if component.kind is DocumentKind.PRESENT else ItemState.MISSING
    return ChecklistItem(component, group, state)


def _is_looked_up(item: ChecklistItem, facts: Mapping[str, str]) -> bool:
    when = (*item.group.when, *item.component.when)
    return item.component.looked_up and applicability(when, facts) is Applicability.APPLIES


def _open(when: Iterable[Condition], facts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition.question for condition in when if condition.question not in facts))


def _place(item: ChecklistItem) -> str:
    return f"one of group {item.group.key}" if item.group.rule is GroupRule.ONE_OF else f"group {item.group.key}"
