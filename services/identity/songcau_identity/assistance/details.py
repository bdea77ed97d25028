"""What a helper typed into the request of an act, as the citizen reads it: bounded, nothing that reads otherwise."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.assistance.words import Words
from songcau_identity.errors import ASSISTANCE_INVALID

MOST, LONGEST_LABEL, LONGEST_VALUE, MOST_CHARACTERS = 300, 300, 4000, 100_000
MOST_IN_PUSH, LONGEST_IN_PUSH = 12, 200
# Lines may break; signs that hide text or turn its direction would let one thing be read and another be done.
_TEXT = re.compile("[^\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")


@dataclass(frozen=True)
class Detail:
    """One answer or choice with what it answers."""

    label: Words
    value: Personal

    @property
    def size(self) -> int:
        """Return its characters."""
        return len(self.label.vi) + len(self.label.en) + len(self.value.reveal())


@dataclass(frozen=True)
class Excerpt:
    """What a push shows of the details; `left` are those it shows not at all or not whole."""

    details: Sequence[Detail] = ()
    left: int = 0

    @property
    def hint(self) -> Words | None:
        """Return where to read the rest, None where nothing is left."""
        if not self.left:
            return None
        return Words(
            f"Còn {self.left} nội dung chưa hiển thị đầy đủ. "
            "Hãy đọc tất cả trong mục “Các phiên hỗ trợ tôi” trước khi đồng ý.",
            f"{self.left} more are not shown or not whole. "
            "Read all of them among your assisted sessions before you agree.",
        )


def check_details(details: Sequence[Detail]) -> None:
    """Raise ASSISTANCE_INVALID for details too many, too long or with signs that hide what they say."""
    if len(details) > MOST:
        raise _invalid([Violation("/details", "TOO_MANY", f"at most {MOST}")])
    if sum(one.size for one in details) > MOST_CHARACTERS:
        raise _invalid([Violation("/details", "TOO_LARGE", f"at most {MOST_CHARACTERS} characters together")])
    if found := [wrong for at, one in enumerate(details) for wrong in _wrong(f"/details/{at}", one)]:
        raise _invalid(found)


def excerpt_of(details: Sequence[Detail]) -> Excerpt:
    """Return what a push has room for; what it leaves out is counted."""
    shown = [Detail(one.label, _cut(one.value)) for one in details[:MOST_IN_PUSH]]
    whole = sum(len(one.value.reveal()) <= LONGEST_IN_PUSH for one in details[:MOST_IN_PUSH])
    return Excerpt(shown, len(details) - whole)


def _wrong(at: str, detail: Detail) -> Iterator[Violation]:
    texts = {"label_vi": (detail.label.vi, LONGEST_LABEL), "label_en": (detail.label.en, LONGEST_LABEL)}
    for name, (text, longest) in {**texts, "value": (detail.value.reveal(), LONGEST_VALUE)}.items():
        if len(text) > longest:
            yield Violation(f"{at}/{name}", "STRING_TOO_LONG", f"at most {longest} characters")
        elif not _TEXT.fullmatch(text):
            yield Violation(f"{at}/{name}", "INVALID")


def _cut(value: Personal) -> Personal:
    text = value.reveal()
    return value if len(text) <= LONGEST_IN_PUSH else Personal(text[: LONGEST_IN_PUSH - 1] + "…")


def _invalid(violations: Sequence[Violation]) -> DomainError:
    return DomainError(ASSISTANCE_INVALID, violations=list(violations))
