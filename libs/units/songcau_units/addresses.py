"""Reads an address as somebody wrote it: which names it holds and what each says it is."""

import re
from dataclasses import dataclass
from itertools import pairwise

from songcau_kit.text import fold, normalize

from songcau_units.gazetteer import KIND_WORDS
from songcau_units.model import UnitKind

PROVINCES_ELSEWHERE = frozenset(
    """an giang|ba ria - vung tau|ba ria vung tau|bac giang|bac lieu|bac ninh|ben tre|binh dinh|binh duong|binh phuoc
    |binh thuan|ca mau|can tho|cao bang|da nang|dak lak|dak nong|dien bien|dong nai|dong thap|gia lai|ha giang|ha nam
    |ha noi|ha tinh|hai duong|hai phong|hau giang|hoa binh|hung yen|khanh hoa|kien giang|kon tum|lai chau|lam dong
    |lang son|lao cai|long an|nam dinh|nghe an|ninh binh|ninh thuan|phu tho|phu yen|quang binh|quang nam|quang ngai
    |quang ninh|quang tri|soc trang|son la|tay ninh|thai binh|thanh hoa|thua thien hue|hue|tien giang|ho chi minh
    |tp hcm|tra vinh|tuyen quang|vinh long|vinh phuc|yen bai""".replace("\n    ", "").split("|")
)
"""The other provinces by their old and new names: an address that ends with one is not ours."""

_SEPARATOR = re.compile(r"[,;\n\-–/()]+")
_LONG = "|".join(word.replace(" ", r"\s+") for word in KIND_WORDS if len(word) > 2)
_SHORT = "|".join(word for word in KIND_WORDS if len(word) <= 2)
_KIND = re.compile(rf"(?:(?P<word>{_LONG}|xa|tp|tx|tt)\s+|(?P<short>{_SHORT})\s*\.\s*|(?P<spaced>p|x|h)\s+)(?=\S)")
_INNER = re.compile(rf"\s(?=(?P<word>{_LONG}|xa|tp|tx|tt)\.?\s+\S)")
_WRITTEN = frozenset(["thị trấn", "thành phố", "thị xã", "phường", "huyện", "tỉnh", "quận", "xã", "tp", "tx", "tt"])


@dataclass(frozen=True)
class Part:
    """A piece of an address; `kind` is None when the writer gave none."""

    exact: str
    folded: str
    kind: UnitKind | None


def read_parts(text: str) -> list[Part]:
    """Return the pieces of an address in their order, the smallest place first as Vietnamese addresses are written.

    Raises LegacyEncodingError for text in TCVN3 or VNI.
    """
    pieces = (piece.strip(" .:\t") for piece in _SEPARATOR.split(normalize(text).lower()))
    return [_part(inner) for piece in pieces for inner in _inner_pieces(piece) if inner]


def _inner_pieces(piece: str) -> list[str]:
    """Cut before a kind that stands inside a piece: `tổ 5 phường Trung Thành` has no comma."""
    folded = fold(piece)
    if len(folded) != len(piece):
        return [piece]
    cuts = [0]
    for match in _INNER.finditer(folded):
        # Behind a bare kind comes its name, even if that begins like another kind: `xa phuong tien`.
        is_name = folded[cuts[-1] : match.start()].strip(" .") in KIND_WORDS
        if not is_name and _is_kind(piece, match):
            cuts.append(match.start())
    return [piece[start:end].strip(" .:") for start, end in pairwise((*cuts, len(piece)))]


def _is_kind(piece: str, match: re.Match[str]) -> bool:
    """Tell `xã` from the last word of `Phú Xá`, and the `xã` of `thị xã` from one of its own."""
    written = " ".join(piece[slice(*match.span("word"))].split())
    return (written in _WRITTEN or piece.isascii()) and not fold(piece[: match.start()]).endswith("thi")


def _part(piece: str) -> Part:
    folded = fold(piece)
    match = _KIND.match(folded)
    if match is None or len(folded) != len(piece):
        return Part(piece, folded, None)
    # Folding kept the number of letters, so a place in the folded text is the same place in the text.
    kind = KIND_WORDS[" ".join((match["word"] or match["short"] or match["spaced"]).split())]
    return Part(piece[match.end() :].strip(), folded[match.end() :].strip(), kind)
