"""Which communes the officers of an agency look after."""

import pytest
from songcau_units.agencies import Area, area_of


@pytest.mark.parametrize(
    ("codes", "communes", "is_province"),
    [
        (["H55.242"], {"05740"}, False),  # the committee of Xã La Hiên
        (["H55.442"], {"05740"}, False),  # its police
        (["H55.242", "H55.209"], {"05740", "05443"}, False),
        (["H55"], set(), True),  # the committee of the province
        (["H55.20"], set(), True),  # its police
        (["H55.3"], set(), False),  # a department
        (["H03"], set(), False),  # ended with the merger
        (["H55.9999", "nobody"], set(), False),
        ([], set(), False),
    ],
)
def test_an_agency_looks_after_its_commune_or_the_province_or_nobody(
    codes: list[str], communes: set[str], is_province: bool
):
    assert area_of(codes) == Area(frozenset(communes), is_province)
    assert area_of(codes).is_empty is (not communes and not is_province)
