"""Units and agencies over gRPC: lists, history, addresses, and the calendar of an agency from the database."""

from collections.abc import Iterator
from datetime import date

import pytest
from songcau.eservices.v1 import unit_service_pb2 as pb
from songcau_eservices.calendar.working_days import Override
from songcau_eservices.units import repository_agencies
from songcau_kit.errors import DomainError
from support.catalogue_site import CatalogueSite, catalogue_site


@pytest.fixture(scope="module")
def site(postgres_url_factory) -> Iterator[CatalogueSite]:
    with catalogue_site(postgres_url_factory("catalogue_units")) as opened:
        yield opened


def unit(site: CatalogueSite, code: str, on: str = "") -> pb.GetUnitResponse:
    return site.units.GetUnit(pb.GetUnitRequest(code=code, on=on))


def resolve(site: CatalogueSite, text: str, written_on: str = "") -> pb.ResolveUnitResponse:
    return site.units.ResolveUnit(pb.ResolveUnitRequest(text=text, written_on=written_on))


def reason_of(call) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.reason.code


def listed_units(site: CatalogueSite, **request: object) -> list[pb.Unit]:
    found: list[pb.Unit] = []
    token = ""
    while True:
        page = site.units.ListUnits(pb.ListUnitsRequest(page_size=40, page_token=token, **request))
        found += page.units
        token = page.next_page_token
        if not token:
            return found


def test_today_lists_the_province_and_its_92_units_in_order(site):
    found = listed_units(site)

    assert len(found) == 93
    assert [one.code for one in found] == sorted({one.code for one in found})


def test_a_day_before_the_merger_lists_the_units_of_then(site):
    assert len(listed_units(site, on="2025-06-30", kind=pb.UNIT_KIND_TOWNSHIP)) == 17
    assert len(listed_units(site, on="2025-06-30", kind=pb.UNIT_KIND_DISTRICT)) == 17
    assert listed_units(site, on="2025-07-01", kind=pb.UNIT_KIND_DISTRICT) == []
    assert len(listed_units(site, on="2025-07-01", kind=pb.UNIT_KIND_WARD)) == 15


def test_a_reused_code_means_another_unit_on_another_day(site):
    then, now = unit(site, "05467", "2025-06-30"), unit(site, "05467")

    assert (then.unit.name, then.unit.parent_name) == ("Phường Cam Giá", "Thành phố Thái Nguyên")
    assert [(link.unit.code, link.partial) for link in then.successors] == [("05467", True), ("05500", True)]
    assert (now.unit.name, now.unit.parent_name) == ("Phường Gia Sàng", "Tỉnh Thái Nguyên")
    assert {(link.unit.name, link.partial) for link in now.predecessors} == {
        ("Phường Hương Sơn", False), ("Xã Đồng Liên", False), ("Phường Cam Giá", True), ("Phường Gia Sàng", True),
    }  # fmt: skip
    assert now.successors == []


def test_a_unit_nobody_knows_is_refused(site):
    assert reason_of(lambda: unit(site, "99999")) == "UNIT_NOT_FOUND"
    assert reason_of(lambda: unit(site, "170")) == "UNIT_NOT_FOUND"
    assert reason_of(lambda: unit(site, "170", "soon")) == "INVALID_REQUEST"


def test_an_address_is_resolved_with_old_and_new_unit(site):
    found = resolve(site, "xã Cúc Đường, huyện Võ Nhai")

    assert found.resolution == pb.RESOLUTION_RESOLVED
    assert (found.candidates[0].unit.code, found.candidates[0].named.name) == ("05740", "Xã Cúc Đường")
    assert set(found.warnings) == {"DISTRICT_ABOLISHED", "OLD_UNIT_NAME"}
    assert list(resolve(site, "xã Cúc Đường, huyện Võ Nhai", "2024-01-01").warnings) == ["OLD_UNIT_NAME"]


def test_a_split_unit_stays_open(site):
    found = resolve(site, "phường Cam Giá")

    assert found.resolution == pb.RESOLUTION_AMBIGUOUS
    assert [candidate.unit.code for candidate in found.candidates] == ["05467", "05500"]
    assert all(candidate.partial for candidate in found.candidates)


def test_an_unusable_address_is_refused(site):
    assert reason_of(lambda: resolve(site, "  ")) == "INVALID_REQUEST"
    assert reason_of(lambda: resolve(site, "x" * 501)) == "INVALID_REQUEST"
    assert reason_of(lambda: resolve(site, "x· Cóc §­êng, huyÖn Vâ Nhai, Th¸i Nguyªn")) == "LEGACY_ENCODING"


def test_agencies_are_listed_by_day_kind_and_unit(site):
    def found(**request: object) -> list[pb.Agency]:
        return list(site.units.ListAgencies(pb.ListAgenciesRequest(page_size=200, **request)).agencies)

    assert {agency.code for agency in found(unit_code="05740")} == {"H55.242", "H55.442"}
    assert len(found(kind=pb.AGENCY_KIND_COMMUNE)) == 92
    assert [agency.code for agency in found(on="2024-01-01")] == ["H03", "H55"]
    assert "H03" not in {agency.code for agency in found(kind=pb.AGENCY_KIND_PROVINCE)}


def test_a_page_token_of_another_list_is_refused(site):
    token = site.units.ListUnits(pb.ListUnitsRequest(page_size=1)).next_page_token

    assert reason_of(lambda: site.units.ListAgencies(pb.ListAgenciesRequest(page_token=token))) == "CURSOR_INVALID"
    assert reason_of(
        lambda: site.units.ListUnits(pb.ListUnitsRequest(kind=pb.UNIT_KIND_WARD, page_token=token))
    ) == "CURSOR_INVALID"  # fmt: skip


def test_an_agency_is_read_by_code_and_day(site):
    with site.database.read() as conn:
        assert repository_agencies.get_agency(conn, "H55.242").unit_code == "05740"
        assert repository_agencies.find_agency(conn, "H55.242", date(2025, 6, 30)) is None
        assert repository_agencies.get_agency(conn, "H03").successor_code == "H55"
        assert reason_of(lambda: repository_agencies.get_agency(conn, "H99")) == "AGENCY_NOT_FOUND"


def test_the_calendar_of_an_agency_has_its_week_and_the_decided_days(site):
    day, saturday = date(2026, 12, 1), date(2026, 12, 5)
    with site.database.transaction() as conn:
        repository_agencies.save_override(conn, "", Override(day, False, "QĐ của tỉnh"))
        repository_agencies.save_override(conn, "H55.242", Override(day, True, "QĐ của xã"))
        repository_agencies.save_override(conn, "H55.442", Override(saturday, True, "QĐ của công an"))

    with site.database.read() as conn:
        own, police, unknown = (repository_agencies.calendar_of(conn, code) for code in ("H55.242", "H55.442", "H99"))

    assert own.is_working_day(day)
    assert not police.is_working_day(day)
    assert not unknown.is_working_day(day)
    assert police.is_working_day(saturday)
    assert not own.is_working_day(saturday)
    assert police.sessions(date(2026, 12, 12))
    assert own.sessions(date(2026, 12, 12)) == ()
