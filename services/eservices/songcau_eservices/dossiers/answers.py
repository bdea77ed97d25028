"""The answers of a citizen: which are allowed, and which facts they give for papers, time and fee."""

import json
import math
from collections.abc import Iterator, Mapping

from songcau_kit.errors import DomainError, Violation

from songcau_eservices.catalogue.model import SUB_CASE, ProcedureContent
from songcau_eservices.dossiers.dossier import Answers
from songcau_eservices.errors import ANSWERS_INVALID

MAX_NAMES = 200
MAX_BYTES = 64 * 1024
MAX_DEPTH = 5


def check_answers(content: ProcedureContent, answers: Answers) -> None:
    """Raise ANSWERS_INVALID for an answer that is no choice of its question, or for answers too many, large or deep."""
    violations = [*_too_much(answers), *_wrong_choices(content, answers)]
    if violations:
        raise DomainError(ANSWERS_INVALID, violations=violations)


def facts_of(answers: Answers, sub_case: str) -> dict[str, str]:
    """Return the simple answers as text, yes and no as "true" and "false", with the chosen sub-case."""
    facts = {name: text for name, value in answers.items() if (text := _text(value)) is not None}
    return facts | ({SUB_CASE: sub_case} if sub_case else {})


def pointer(*path: str) -> str:
    """Return the RFC 6901 pointer of a path into the request."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _text(value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(int(value)) if float(value).is_integer() else str(value)
        case str() if value:
            return value
    return None


def _too_much(answers: Answers) -> Iterator[Violation]:
    if len(answers) > MAX_NAMES:
        yield Violation("/answers", "TOO_MANY", f"at most {MAX_NAMES} names")
    if _depth(answers) > MAX_DEPTH:
        yield Violation("/answers", "TOO_DEEP", f"at most {MAX_DEPTH} levels")
    elif len(json.dumps(dict(answers), ensure_ascii=False).encode()) > MAX_BYTES:
        yield Violation("/answers", "TOO_LARGE", f"at most {MAX_BYTES} bytes")


def _wrong_choices(content: ProcedureContent, answers: Answers) -> Iterator[Violation]:
    facts = facts_of(answers, "")
    for question in content.questions:
        allowed = {choice.value for choice in question.choices}
        is_given = answers.get(question.key) not in (None, "")
        if is_given and facts.get(question.key) not in allowed:
            yield Violation(pointer("answers", question.key), "NOT_A_CHOICE", ", ".join(sorted(allowed)))


def _depth(value: object) -> int:
    match value:
        case Mapping():
            return 1 + max((_depth(inner) for inner in value.values()), default=0)
        case list() | tuple():
            return 1 + max((_depth(inner) for inner in value), default=0)
        case float() if not math.isfinite(value):
            return MAX_DEPTH + 1
    return 0
