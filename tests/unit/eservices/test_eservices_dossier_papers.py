"""Codes, references and the words on the papers."""

import re
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from songcau_eservices.dossiers.facts import Fact
from songcau_eservices.events import _FACTS
from songcau_eservices.results import wording
from songcau_eservices.results.paper import new_code, printed
from songcau_kit.short_codes import dossier_reference
from songcau_units.agencies import Agency, AgencyKind

CODE = re.compile(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}")


def test_codes_are_short_and_never_the_same():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(CODE.fullmatch(code) for code in codes)


def test_a_code_is_read_however_it_was_typed():
    code = new_code()
    assert printed(code.lower().replace("-", " ")) == code
    assert printed("oil0-0000-0000") == "0110-0000-0000"


@given(st.text(max_size=80))
def test_what_is_no_code_comes_back_harmless(text: str):
    assert re.fullmatch(r"[0-9A-Z-]*", printed(text))


@given(st.integers(0, 2**128 - 1))
def test_references_are_plain_letters(number: int):
    assert re.fullmatch(r"HS-[0-9A-HJKMNP-TV-Z]{10}", dossier_reference(number))


def test_references_of_neighbouring_ids_differ():
    ids = [UUID(int=(1 << 96) + at) for at in range(100)]
    assert len({dossier_reference(one.int) for one in ids}) == 100


def test_every_fact_has_its_message():
    assert set(get_args(Fact)) == set(_FACTS)


def agency(name: str, kind: AgencyKind = AgencyKind.COMMUNE) -> Agency:
    return Agency("H55.242", datetime(2025, 7, 1).date(), None, kind, name, "H55", "05740", None, True)


def test_a_paper_is_dated_from_its_commune_on_the_local_day():
    head = wording.letterhead(agency("Ủy ban nhân dân xã La Hiên"), "1/KQ", datetime(2026, 11, 23, 18, 30, tzinfo=UTC))
    assert head["place_and_date"] == "La Hiên, ngày 24 tháng 11 năm 2026"
    assert wording.place_of(agency("Công an phường Tích Lương", AgencyKind.POLICE)) == "Tích Lương"
    assert wording.place_of(agency("Sở Y tế tỉnh Thái Nguyên", AgencyKind.DEPARTMENT)) == "Thái Nguyên"


def test_money_is_written_with_points():
    assert wording.money(1234567) == "1.234.567 đồng"
