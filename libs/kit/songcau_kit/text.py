"""Vietnamese text: one way to write a word, a key to find it by, a key to sort it by (Unicode NFC)."""

import re
import unicodedata

from songcau_kit._legacy_text import find_legacy_encoding

GRAVE, HOOK, TILDE, ACUTE, DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"
TONES = ("", GRAVE, HOOK, TILDE, ACUTE, DOT)  # in the order of dictionaries: none, huyền, hỏi, ngã, sắc, nặng
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

# Eth looks like Đ and comes from keyboards and old conversions; the rest is invisible and only hides equality.
_STRAY = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_TONE = re.compile(f"[{GRAVE}{HOOK}{TILDE}{ACUTE}{DOT}]")
_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = (
    "iêu oai oao oay oeo uao uây uôi ươi ươu uya uyê uyu yêu "
    "ai ao au ay âu ây eo êu ia iê iu oa oă oe oi oo ôi ơi ua uâ uê ui uô uơ uy ưa ưi ươ ưu yê "
    "a ă â e ê i o ô ơ u ư y"
)
_SYLLABLE = re.compile(
    r"(?:qu|gi(?=[aăâeêoôơuư])|ngh|ng|nh|gh|ch|kh|ph|th|tr|[bcdđghklmnprstvx]|)"
    rf"(?P<vowels>{'|'.join(_VOWELS.split())})(?P<tail>ch|ng|nh|[cmnpt])?",
    re.IGNORECASE,
)
_MARKED = "ăâêôơư"


class LegacyEncodingError(ValueError):
    """The text is in an old Vietnamese font encoding; the message says which and what to do, and never quotes it."""


def normalize(text: str) -> str:
    """Return the text in NFC, tones on the letter official names put them (`Hòa`, `quý`), white space as one space.

    Raises LegacyEncodingError for text in TCVN3 or VNI.
    """
    composed = _unicode(unicodedata.normalize("NFC", text))
    words = unicodedata.normalize("NFC", composed.translate(_STRAY)).split()
    # Once more: an invisible character between two letters hides the encoding only until it is gone.
    return _unicode(_WORD.sub(lambda word: _place_tone(word.group()), " ".join(words)))


def fold(text: str) -> str:
    """Return the key that finds a text however it is accented: normalized, lower case, no marks, `đ` as `d`.

    Raises LegacyEncodingError as `normalize` does.
    """
    letters = unicodedata.normalize("NFD", normalize(text).lower())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).replace("đ", "d").split())


def sort_key(name: str) -> str:
    """Return a key that sorts full names the Vietnamese way: given name, then family name, then middle names.

    Within each, letters decide before tones. The key is ASCII and compares by bytes (`collate "C"` in SQL). It gives
    the name away, so it is as personal as the name.
    """
    words = normalize(name).lower().split()
    parts = [words[-1:], words[:1], words[1:-1]] if len(words) > 1 else [words]
    return " ".join(_part_key(part) for part in parts)


def _unicode(text: str) -> str:
    """Return the text; raises LegacyEncodingError where it looks like an old encoding."""
    if encoding := find_legacy_encoding(text):
        raise LegacyEncodingError(
            f"the text looks like the old font encoding {encoding}; convert it to Unicode (for example with UniKey's "
            "conversion tool) and send it again"
        )
    return text


def _place_tone(word: str) -> str:
    """Put the one tone of a Vietnamese syllable where the traditional rule has it; leave any other word as it is."""
    letters = unicodedata.normalize("NFD", word)
    tones = _TONE.findall(letters)
    bare = unicodedata.normalize("NFC", _TONE.sub("", letters))
    syllable = _SYLLABLE.fullmatch(bare) if len(tones) == 1 else None
    if syllable is None:
        return word
    at = syllable.start("vowels") + _bearer(syllable["vowels"].lower(), closed=syllable["tail"] is not None)
    return bare[:at] + unicodedata.normalize("NFC", bare[at] + tones[0]) + bare[at + 1 :]


def _bearer(vowels: str, *, closed: bool) -> int:
    """Return which vowel carries the tone: the last marked one, else the second of three or before a consonant."""
    marked = [position for position, vowel in enumerate(vowels) if vowel in _MARKED]
    if marked:
        return marked[-1]
    return 1 if len(vowels) == 3 or (len(vowels) == 2 and closed) else 0


def _part_key(words: list[str]) -> str:
    ranks = [[_rank(letter) for letter in word] for word in words]
    letters = "!".join("".join(letter for letter, _ in word) for word in ranks)
    return letters + " " + "".join(tone for word in ranks for _, tone in word)


def _rank(letter: str) -> tuple[str, str]:
    """Return the place of a letter in the alphabet, two signs that never prefix another, and its tone, one digit."""
    parts = unicodedata.normalize("NFD", letter)
    tone = _TONE.search(parts)
    base = unicodedata.normalize("NFC", _TONE.sub("", parts))
    if base not in ALPHABET:
        base = parts[0]
    if base in ALPHABET:
        place = f"{ALPHABET.index(base) + 10:02d}"
    elif base.isascii() and base.isdigit():
        place = f"0{base}"
    else:
        place = f"~{ord(base):06x}"
    return place, str(TONES.index(tone.group()) if tone else 0)
