"""The units and agencies that come with the service: the 92 of today, their 280 predecessors, reused codes."""

import re
from collections import Counter

from songcau_units.agencies import AgencyKind, shipped_agencies
from songcau_units.model import MERGED_ON, UnitKind
from songcau_units.registry import shipped_successions, shipped_units

COMMUNAL = (UnitKind.COMMUNE, UnitKind.WARD, UnitKind.TOWNSHIP)
UNITS = shipped_units()
PRESENT = [unit for unit in UNITS if unit.current and unit.kind in COMMUNAL]
FORMER = [unit for unit in UNITS if not unit.current and unit.kind in COMMUNAL]
LINKS = shipped_successions()


def names_from(code: str) -> set[str]:
    by_key = {(unit.code, unit.valid_from): unit.name for unit in UNITS}
    return {by_key[link.old] for link in LINKS if link.new[0] == code}


def test_there_are_77_communes_and_15_wards():
    assert Counter(unit.kind for unit in PRESENT) == {UnitKind.COMMUNE: 77, UnitKind.WARD: 15}


def test_280_old_units_became_92_over_283_links():
    assert (len(FORMER), len(PRESENT), len(LINKS)) == (280, 92, 283)
    assert {link.old for link in LINKS} == {(unit.code, unit.valid_from) for unit in FORMER}
    assert {link.new for link in LINKS} == {(unit.code, unit.valid_from) for unit in PRESENT}


def test_108_of_them_lay_in_bac_kan_and_172_in_thai_nguyen():
    provinces = {unit.code: unit.parent_code for unit in UNITS if unit.kind is UnitKind.DISTRICT}

    assert Counter(provinces[unit.parent_code] for unit in FORMER) == {"06": 108, "19": 172}


def test_exactly_three_old_units_are_split():
    parts = {}
    for link in LINKS:
        if link.partial:
            parts.setdefault(link.old[0], set()).add(link.new[0])

    assert parts == {"05461": {"05443", "05467"}, "05467": {"05467", "05500"}, "05932": {"05908", "05941"}}


def test_a_reused_code_is_two_units():
    cam_gia, gia_sang = (unit for unit in UNITS if unit.code == "05467")

    assert (cam_gia.name, cam_gia.valid_to) == ("Phường Cam Giá", MERGED_ON)
    assert (gia_sang.name, gia_sang.valid_from) == ("Phường Gia Sàng", MERGED_ON)


def test_no_two_units_carry_a_code_at_the_same_time():
    assert len({(unit.code, unit.current) for unit in UNITS}) == len(UNITS)


def test_la_hien_and_tich_luong_were_formed_as_the_resolution_says():
    assert names_from("05740") == {"Xã Cúc Đường", "Xã La Hiên"}
    assert names_from("05500") == {
        "Phường Tân Lập", "Phường Phú Xá", "Phường Trung Thành", "Phường Tân Thành", "Phường Tích Lương",
        "Phường Cam Giá",
    }  # fmt: skip


def test_codes_are_text_of_two_three_or_five_digits():
    assert all(re.fullmatch(r"\d{2}|\d{3}|\d{5}", unit.code) for unit in UNITS)


def test_every_commune_has_its_peoples_committee_and_police():
    agencies = [agency for agency, _ in shipped_agencies()]

    for kind in (AgencyKind.COMMUNE, AgencyKind.POLICE):
        served = {agency.unit_code for agency in agencies if agency.kind is kind and agency.unit_code}
        assert served == {unit.code for unit in PRESENT}


def test_only_the_known_agency_codes_are_not_called_development_numbering():
    known = {agency.code for agency, basis in shipped_agencies() if basis != "Development numbering"}

    assert known == {"H03", "H55", "H55.242"}


def test_the_old_agency_of_bac_kan_ended_with_the_merger_and_has_a_successor():
    (old,) = (agency for agency, _ in shipped_agencies() if agency.code == "H03")

    assert (old.valid_to, old.successor_code, old.receives_dossiers) == (MERGED_ON, "H55", False)


def test_agency_codes_have_the_national_shape():
    assert all(re.fullmatch(r"[GH][0-9]{2}(\.[0-9]{1,3}){0,3}", agency.code) for agency, _ in shipped_agencies())
