"""Reading the province's list of hamlets: whole, or nothing and every wrong line named."""

from datetime import date
from pathlib import Path

import pytest
from songcau_identity.addresses.hamlet_list import COLUMNS, HamletListError, read_hamlets
from songcau_identity.addresses.repository_hamlets import ListedHamlet

FIRST = ",".join(COLUMNS)


def listed(tmp_path: Path, *lines: str, first: str = FIRST) -> Path:
    file = tmp_path / "hamlets.csv"
    file.write_text("\n".join((first, *lines)) + "\n", encoding="utf-8")
    return file


def test_a_list_is_read_with_names_as_hamlets_are_compared(tmp_path: Path):
    file = listed(tmp_path, "05467,2004-07-08,  Xóm   Thử Nghiệm ,05500", '05467,2004-07-08,"Tổ 3, cũ",05467')
    assert read_hamlets(file) == [
        ListedHamlet("05467", date(2004, 7, 8), "xóm thử nghiệm", "05500"),
        ListedHamlet("05467", date(2004, 7, 8), "tổ 3, cũ", "05467"),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("05467,2004-07-08,Tổ 3,05740", "05467 of 2004-07-08 did not become 05740"),
        ("05467,2025-07-01,Tổ 3,05467", "05467 of 2025-07-01 did not become 05467"),
        ("05467,8/7/2004,Tổ 3,05500", "Invalid isoformat string"),
        ("05467,2004-07-08, ,05500", "the hamlet has no name"),
        ("05467,2004-07-08,X· La Hiªn,05500", "TCVN3"),
        ("05467,2004-07-08,Tổ 3", "a line has 4 fields"),
        ("05467,2004-07-08,Tổ 3,05500,x", "a line has 4 fields"),
        ("05467,2004-07-08,TỔ 1,05467", "the hamlet was named before"),
    ],
)
def test_a_wrong_line_is_named_beside_right_ones(tmp_path: Path, line: str, told: str):
    with pytest.raises(HamletListError) as caught:
        read_hamlets(listed(tmp_path, "05467,2004-07-08,Tổ 1,05500", line))
    assert str(caught.value).startswith("line 3: ")
    assert told in str(caught.value)


def test_what_is_no_list_is_refused(tmp_path: Path):
    for file in (listed(tmp_path, first="old_code,name"), listed(tmp_path), tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(HamletListError):
            read_hamlets(file)


def test_a_file_of_wrong_lines_is_told_in_a_few_of_them(tmp_path: Path):
    with pytest.raises(HamletListError) as caught:
        read_hamlets(listed(tmp_path, *["x,y,z,w"] * 30))
    assert str(caught.value).count("\n") == 20
    assert str(caught.value).endswith("and 10 more lines")
