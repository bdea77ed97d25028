"""Which addresses wait for an officer, why, and for the officers of which communes."""

from datetime import date

import pytest
from songcau_identity.addresses.doubts import communes_of, doubts_of
from songcau_identity.addresses.model import AddressValue, WrittenAddress
from songcau_identity.addresses.placing import Placing

SPLIT = "phường Cam Giá, TP Thái Nguyên"
FLAGGED = "xã Cúc Đường, huyện Võ Nhai, tỉnh Thái Nguyên"
BEFORE, SINCE = date(2025, 6, 30), date(2025, 7, 1)


@pytest.mark.parametrize(
    ("text", "hamlet", "written_on", "doubts", "communes"),
    [
        (SPLIT, "", BEFORE, {"UNIT_AMBIGUOUS"}, {"05467", "05500"}),
        (SPLIT, "Tổ 3", BEFORE, {"UNIT_AMBIGUOUS", "HAMLET_UNKNOWN"}, {"05467", "05500"}),
        (SPLIT, "", SINCE, {"UNIT_AMBIGUOUS", "DISTRICT_ABOLISHED"}, {"05467", "05500"}),
        (FLAGGED, "", SINCE, {"DISTRICT_ABOLISHED"}, {"05740"}),
        (FLAGGED, "Xóm Mỏ Chì", BEFORE, set(), {"05740"}),
        ("Xã La Hiên", "", SINCE, set(), {"05740"}),
        ("Nhà ông Tám", "", SINCE, {"UNIT_UNKNOWN"}, {""}),
        ("Phường Cửa Nam, Hà Nội", "", SINCE, set(), {""}),
    ],
)
def test_an_address_waits_for_the_officers_of_the_communes_it_may_lie_in(
    text: str, hamlet: str, written_on: date, doubts: set[str], communes: set[str]
):
    written = WrittenAddress(text, written_on, hamlet)
    value = AddressValue(written, Placing(None).place(written, lambda _old, _hamlet: None))
    assert set(doubts_of(value)) == doubts
    assert communes_of(value) == communes
