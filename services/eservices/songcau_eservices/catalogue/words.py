"""The words by which a procedure is found: as written and without accents, cut the same way for text and query."""

import re
from collections.abc import Iterable, Sequence

from songcau_kit.text import fold, normalize

_WORD = re.compile(r"\w+")
MAX_QUERY_WORDS = 20


def exact_words(text: str) -> list[str]:
    """Return the lower-case words with their accents in canonical place."""
    return _WORD.findall(normalize(text).lower())


def folded_words(text: str) -> list[str]:
    """Return the lower-case words without accents."""
    return _WORD.findall(fold(text))


def phrase(words: Sequence[str]) -> str:
    """Return words as text in which a run of words can be looked up; it starts and ends with a space."""
    return f" {' '.join(words)} "


def vector(words: Iterable[str]) -> str:
    """Return the text form of a tsvector of these words."""
    return " ".join(_quote(word) for word in sorted(set(words)))


def query(words: Sequence[str], *, prefix: bool) -> str:
    """Return the text form of a tsquery that wants every word, the last one perhaps unfinished."""
    terms = [_quote(word) for word in words[:MAX_QUERY_WORDS]]
    if prefix and terms:
        terms[-1] += ":*"
    return " & ".join(terms)


def _quote(word: str) -> str:
    # `\w` leaves neither quotes nor backslashes, so quoting cannot be broken out of.
    return f"'{word}'"
