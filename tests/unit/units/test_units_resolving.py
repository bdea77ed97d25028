"""Which unit of today an address means, however it was written."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_kit.text import LegacyEncodingError, fold
from songcau_units.model import UnitKind
from songcau_units.registry import shipped_gazetteer, shipped_units
from songcau_units.resolving import Remark, Resolution, resolve

UNITS = shipped_units()
GAZETTEER = shipped_gazetteer()
TODAY = date(2026, 11, 23)
PRESENT = [unit for unit in UNITS if unit.current and unit.kind is not UnitKind.PROVINCE]
DISTRICTS = {unit.code: unit for unit in UNITS if unit.kind is UnitKind.DISTRICT}
FORMER = [unit for unit in UNITS if not unit.current and unit.parent_code in DISTRICTS]


def answer(text: str, written_on: date = TODAY):
    return resolve(text, GAZETTEER, written_on=written_on)


def codes(text: str) -> list[str]:
    return [candidate.unit.code for candidate in answer(text).candidates]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("xã Cúc Đường, huyện Võ Nhai", "05740"),
        ("phường Phú Xá, TP Thái Nguyên", "05500"),
        ("xóm Mỏ Gà, xã Phú Thượng, huyện Võ Nhai, tỉnh Thái Nguyên", "05716"),
        ("tổ 5 phường Trung Thành tp thái nguyên", "05500"),
        ("Phường Trung Thành", "05899"),
        ("P.Tân Thịnh,TP.Thái Nguyên", "05443"),
        ("xã Tân Thịnh, Định Hóa", "05563"),
        ("La Hiên, Võ Nhai", "05740"),
        ("TT Hương Sơn, huyện Phú Bình", "05908"),
        ("Phường Hương Sơn, thành phố Thái Nguyên", "05467"),
        ("xã Thần Xa, Võ Nhai", "05725"),
        ("xã Võ Nhai, huyện Võ Nhai", "05716"),
        ("Văn Lang", "02143"),
        ("Văn Lăng", "05665"),
        ("Yên Bình", "02116"),
        ("Bình Yên", "05587"),
        ("Gia Sàng", "05467"),
    ],
)
def test_an_address_leads_to_one_unit(text, code):
    assert answer(text).resolution is Resolution.RESOLVED
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("phường Cam Giá", ["05467", "05500"]),
        ("phường Cam Giá, TP Thái Nguyên", ["05467", "05500"]),
        ("phường Gia Sàng, thành phố Thái Nguyên", ["05443", "05467"]),
        ("xã Thượng Đình, huyện Phú Bình", ["05908", "05941"]),
        ("van lang", ["02143", "05665"]),
        ("Hương Sơn", ["05467", "05908"]),
        ("Võ Nhai, Thái Nguyên", ["05716"]),
    ],
)
def test_a_split_unit_or_a_name_of_several_stays_open(text, expected):
    assert answer(text).resolution is Resolution.AMBIGUOUS
    assert sorted(codes(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "123 đường Lương Ngọc Quyến", "Thái Nguyên", "phường Quang Trung, TP Thái Bình",
     "phường Quang Trung, quận Hà Đông, Hà Nội", "phường Không Có, Phú Lương"],
)  # fmt: skip
def test_an_address_without_a_unit_of_ours_is_unknown(text):
    assert answer(text).resolution is Resolution.UNKNOWN


@pytest.mark.parametrize(
    ("text", "spelling"), [("Nam Hòa", "Nam Hoà"), ("Định Hóa", "Định Hoá"), ("Điềm Thụy", "Điềm Thuỵ")]
)
def test_the_place_of_the_tone_mark_makes_no_difference(text, spelling):
    assert codes(f"xã {text}") == codes(f"xã {spelling}") != []
    assert Remark.NAME_WITHOUT_ACCENTS not in answer(f"xã {spelling}").warnings


def test_a_district_typed_after_the_merger_is_remarked_and_not_before():
    text = "xã Cúc Đường, huyện Võ Nhai"

    assert Remark.DISTRICT_ABOLISHED in answer(text).warnings
    assert Remark.DISTRICT_ABOLISHED in answer(text, date(2025, 7, 1)).warnings
    assert answer(text, date(2025, 6, 30)).warnings == (Remark.OLD_UNIT_NAME,)


def test_the_old_province_is_remarked():
    assert Remark.PROVINCE_MERGED in answer("phường Sông Cầu, tỉnh Bắc Kạn").warnings


def test_a_district_that_contradicts_the_name_leaves_the_answer_open():
    found = answer("xã Cúc Đường, huyện Đại Từ")

    assert found.resolution is Resolution.AMBIGUOUS
    assert Remark.DISTRICT_DIFFERS in found.warnings


def test_a_wrong_kind_is_found_and_remarked():
    found = answer("xã Phổ Yên")

    assert [candidate.unit.name for candidate in found.candidates] == ["Phường Phổ Yên"]
    assert Remark.KIND_DIFFERS in found.warnings


def test_the_old_unit_is_named_beside_the_new_one():
    (candidate,) = answer("xã Cúc Đường, huyện Võ Nhai").candidates

    assert candidate.named is not None
    assert candidate.named.name == "Xã Cúc Đường"
    assert not candidate.partial


def test_text_in_an_old_encoding_is_refused_with_the_sentence_of_the_kit():
    with pytest.raises(LegacyEncodingError, match="convert it to Unicode"):
        answer("x· Cóc §­êng, huyÖn Vâ Nhai, Th¸i Nguyªn")


@pytest.mark.parametrize("unit", PRESENT, ids=lambda unit: unit.code)
def test_every_unit_of_today_is_found_by_its_name(unit):
    found = answer(f"{unit.name}, tỉnh Thái Nguyên")

    assert found.resolution is Resolution.RESOLVED
    assert [candidate.unit for candidate in found.candidates] == [unit]
    assert found.warnings == ()


@pytest.mark.parametrize("unit", FORMER, ids=lambda unit: unit.code)
def test_every_old_unit_is_found_with_its_district(unit):
    found = answer(f"{unit.name}, {DISTRICTS[unit.parent_code].name}", date(2024, 1, 1))

    expected = [after.code for after, _ in GAZETTEER.present(unit)]
    assert sorted(candidate.unit.code for candidate in found.candidates) == sorted(expected)
    assert found.resolution is (Resolution.RESOLVED if len(expected) == 1 else Resolution.AMBIGUOUS)


@pytest.mark.parametrize("unit", FORMER, ids=lambda unit: unit.code)
def test_every_old_unit_is_among_the_candidates_without_accents(unit):
    text = fold(f"{unit.name}, {DISTRICTS[unit.parent_code].name}")
    expected = {after.code for after, _ in GAZETTEER.present(unit)}

    assert expected <= {candidate.unit.code for candidate in answer(text).candidates}


@given(text=st.text(max_size=120))
def test_no_text_breaks_the_reading(text):
    with suppress(LegacyEncodingError):
        answer(text)
