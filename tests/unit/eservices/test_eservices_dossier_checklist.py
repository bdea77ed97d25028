"""Conditional papers met with answers and files."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_eservices.catalogue.curated import curated_versions
from songcau_eservices.catalogue.model import (
    Condition,
    DocumentComponent,
    DocumentGroup,
    DocumentKind,
    Field,
    GroupRule,
    ProcedureContent,
    Question,
)
from songcau_eservices.dossiers.answers import check_answers, facts_of
from songcau_eservices.dossiers.checklist import ItemState, evaluate
from songcau_kit.errors import DomainError

FILE = UUID(int=1)
FORM = DocumentComponent("form", "Tờ khai")
CONTENT = ProcedureContent(
    "1.000001",
    "Thủ tục thử",
    Field("Thử"),
    questions=(Question("authorised", "Ủy quyền?"),),
    document_groups=(
        DocumentGroup("forms", "Tờ khai", (FORM,)),
        DocumentGroup(
            "letters",
            "Ủy quyền",
            (DocumentComponent("letter", "Văn bản ủy quyền"),),
            when=(Condition("authorised", ("true",)),),
        ),
        DocumentGroup(
            "proofs",
            "Chứng minh",
            (DocumentComponent("proof_a", "Giấy A"), DocumentComponent("proof_b", "Giấy B")),
            rule=GroupRule.ONE_OF,
        ),
        DocumentGroup(
            "cards",
            "Thẻ",
            (
                DocumentComponent("card", "Thẻ", kind=DocumentKind.PRESENT),
                DocumentComponent("register", "Sổ", looked_up=True),
            ),
        ),
    ),
)


def states(answers: dict[str, object], *attached: str) -> dict[str, str]:
    checklist = evaluate(CONTENT, facts_of(answers, ""), [(key, FILE) for key in attached])
    return {item.component.key: str(item.state) for item in checklist.items}


def test_an_open_question_leaves_its_paper_depending_on_it():
    checklist = evaluate(CONTENT, {}, [])
    letter = next(item for item in checklist.items if item.component.key == "letter")
    assert letter.state is ItemState.DEPENDS
    assert letter.depends_on == ("authorised",)
    assert checklist.open_questions == ("authorised",)


def test_an_answer_decides_about_a_paper():
    assert states({"authorised": True})["letter"] == "MISSING"
    assert states({"authorised": False})["letter"] == "NOT_NEEDED"
    assert states({"authorised": True}, "letter")["letter"] == "SATISFIED"


def test_one_paper_of_a_group_of_alternatives_is_enough():
    assert states({}) | {"proof_a": "MISSING", "proof_b": "MISSING"} == states({})
    assert states({}, "proof_b")["proof_a"] == "NOT_NEEDED"


def test_papers_shown_later_or_looked_up_are_not_missing():
    assert states({})["card"] == "PRESENT_LATER"
    assert states({})["register"] == "NOT_NEEDED"


def test_violations_name_each_missing_paper_and_each_open_question():
    violations = evaluate(CONTENT, {}, []).violations()
    assert [(one.pointer, one.code) for one in violations] == [
        ("/attachments", "form"),
        ("/attachments", "proof_a"),
        ("/attachments", "proof_b"),
        ("/answers/authorised", "QUESTION_UNANSWERED"),
    ]


@given(st.sets(st.sampled_from(["form", "letter", "proof_a", "proof_b", "card", "register"])), st.booleans())
def test_a_complete_checklist_names_nothing_and_more_files_never_make_it_worse(attached: set[str], authorised: bool):
    facts = facts_of({"authorised": authorised}, "")
    checklist = evaluate(CONTENT, facts, [(key, FILE) for key in attached])
    assert checklist.complete == (not checklist.violations())
    everything = evaluate(CONTENT, facts, [(key, FILE) for key in ["form", "letter", "proof_a", *attached]])
    assert everything.complete


@pytest.mark.parametrize("version", curated_versions(), ids=lambda version: version.content.code)
def test_every_shipped_procedure_can_be_completed(version):
    content = version.content
    attached = [(one.key, FILE) for group in content.document_groups for one in group.documents]
    facts = {question.key: question.choices[0].value for question in content.questions}
    assert evaluate(content, facts, attached).complete


def test_answers_are_choices_of_their_question():
    check_answers(CONTENT, {"authorised": True, "note": "tự do"})
    with pytest.raises(DomainError) as caught:
        check_answers(CONTENT, {"authorised": "maybe"})
    (violation,) = caught.value.violations
    assert (violation.pointer, violation.code) == ("/answers/authorised", "NOT_A_CHOICE")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({f"name{at}": "x" for at in range(201)}, "TOO_MANY"),
        ({"long": "x" * 70_000}, "TOO_LARGE"),
        ({"deep": [[[[[[1]]]]]]}, "TOO_DEEP"),
        ({"odd": float("nan")}, "TOO_DEEP"),
    ],
)
def test_answers_have_bounds(answers: dict[str, object], code: str):
    with pytest.raises(DomainError) as caught:
        check_answers(CONTENT, answers)
    assert code in {violation.code for violation in caught.value.violations}


def test_facts_are_text_and_carry_the_sub_case():
    facts = facts_of({"a": True, "b": 3, "c": 2.0, "d": "x", "e": None, "f": [1], "g": ""}, "1.001193.01")
    assert facts == {"a": "true", "b": "3", "c": "2", "d": "x", "sub_case": "1.001193.01"}
