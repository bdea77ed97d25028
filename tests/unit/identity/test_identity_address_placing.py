"""Which unit an address lies in: words, then the hamlet, then the point; on drawn land."""

from datetime import date

import pytest
from songcau_identity.addresses.model import (
    TRANSITIONS,
    AddressAct,
    AddressState,
    Basis,
    UnitRef,
    WrittenAddress,
)
from songcau_identity.addresses.placing import Placing
from songcau_kit.errors import DomainError
from songcau_units.boundaries import Boundaries, Point

SPLIT = "phường Cam Giá, TP Thái Nguyên"
GIA_SANG, TICH_LUONG, ELSEWHERE = Point(1, 1), Point(1, 3), Point(9, 9)


def land(west: float) -> list[list[list[list[float]]]]:
    return [[[[west, 0], [west + 2, 0], [west + 2, 2], [west, 2], [west, 0]]]]


PLACING = Placing(Boundaries({"05467": land(0), "05500": land(2)}))


def no_hamlet(old: UnitRef, hamlet: str) -> None:
    return None


def written(text: str = SPLIT, point: Point | None = None, hamlet: str = "") -> WrittenAddress:
    latitude, longitude = (point.latitude, point.longitude) if point else (None, None)
    return WrittenAddress(text, date(2020, 1, 1), hamlet, latitude, longitude)


@pytest.mark.parametrize(("point", "code"), [(GIA_SANG, "05467"), (TICH_LUONG, "05500")])
def test_a_point_decides_where_the_words_do_not(point: Point, code: str):
    placement = PLACING.place(written(point=point), no_hamlet)
    assert placement.now is not None
    assert (placement.now.code, placement.basis, placement.candidates) == (code, Basis.COORDINATES, ())


def test_a_point_outside_every_candidate_leaves_the_unit_open_and_is_remarked_on():
    placement = PLACING.place(written(point=ELSEWHERE), no_hamlet)
    assert (placement.now, placement.warnings[-1], len(placement.candidates)) == (None, "COORDINATES_DIFFER", 2)


def test_words_that_name_one_unit_win_over_the_point_which_is_remarked_on():
    placement = PLACING.place(written("phường Tích Lương", point=GIA_SANG), no_hamlet)
    assert placement.now is not None
    assert (placement.now.code, placement.basis) == ("05500", Basis.TEXT)
    assert "COORDINATES_DIFFER" in placement.warnings


def test_a_known_hamlet_wins_over_the_point_and_is_asked_for_the_old_unit():
    asked = []

    def find(old: UnitRef, hamlet: str) -> str:
        asked.append((old.code, old.name, hamlet))
        return "05500"

    placement = PLACING.place(written(point=GIA_SANG, hamlet="Tổ 3"), find)
    assert placement.now is not None
    assert (placement.now.code, placement.basis) == ("05500", Basis.HAMLET)
    assert set(asked) == {("05467", "Phường Cam Giá", "Tổ 3")}
    assert "COORDINATES_DIFFER" in placement.warnings


def test_an_officer_s_point_lies_in_the_unit_they_name():
    placement = PLACING.place(written(), no_hamlet)
    assert PLACING.verify(placement, "05500", TICH_LUONG, basis=Basis.COORDINATES).basis is Basis.COORDINATES
    with pytest.raises(DomainError) as caught:
        PLACING.verify(placement, "05500", GIA_SANG, basis=Basis.COORDINATES)
    assert [one.code for one in caught.value.violations] == ["OUTSIDE_UNIT"]


def test_an_address_whose_words_name_nothing_may_be_any_commune_of_today():
    placement = PLACING.place(written("nhà ông Thử"), no_hamlet)
    assert (placement.resolution, placement.candidates) == ("UNKNOWN", ())
    decided = PLACING.verify(placement, "05740", None, basis=Basis.HAMLET)
    assert decided.now is not None
    assert decided.now.name == "Xã La Hiên"
    with pytest.raises(DomainError):
        PLACING.verify(placement, "164", None, basis=Basis.HAMLET)


def test_nothing_leaves_an_ended_refused_or_replaced_address():
    final = {AddressState.ENDED, AddressState.REFUSED, AddressState.REPLACED}
    assert {state for state, _ in TRANSITIONS} == set(AddressState) - final
    assert {act for _, act in TRANSITIONS} == set(AddressAct)
