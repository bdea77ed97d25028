"""Recognises Vietnamese that was typed in an old font encoding and then read as if it were Unicode.

Signs: in TCVN3 (ABC) vowels are Latin-1 signs (`Th¸i Nguyªn`) or capitals inside a word (`NguyÔn`); in VNI each mark
is a letter after its vowel (`Nguyeãn`). Signs that European names also have (`Anaïs`, `Raúl`) count only in twos.
"""

import re

# Letters that neither encoding can give when read as Latin-1: whoever typed them has Unicode.
_UNICODE_ONLY = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u0323]")

_TCVN3 = re.compile(r"[A-Za-z][µ¸¶¨¾¼½¬]|[A-Za-z][¹«»©®ª·][a-z]|(?<![^\W\d_])®[a-zµ¸¶¨¾¼½¬­]|[a-z][À-ÖØ-Þ](?=[a-z]|\b)")
_VNI = re.compile(r"a[ùøûõâáàåãäêèü]|e[ùøûõâàåãä]|o[ùøûõâåä]|(?:(?<!q)u|y)[ùøûõ]|[ôö][ùøûõï]", re.IGNORECASE)
_VNI_WEAK = re.compile(r"a[ïúëé]|e[ïá]|oï|uï|ñ", re.IGNORECASE)


def find_legacy_encoding(text: str) -> str | None:
    """Return the name of the encoding a text in NFC seems to be in, or None for Unicode."""
    if _UNICODE_ONLY.search(text):
        return None
    if _TCVN3.search(text):
        return "TCVN3 (ABC)"
    if _VNI.search(text) or any(len(_VNI_WEAK.findall(word)) > 1 for word in text.split()):
        return "VNI"
    return None
