"""Invented people, any number of them, the same for the same seed: everybody is called Thử, nobody's number exists."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

_NAMES = """Nguyễn Trần Lê Phạm Hoàng Nông Triệu Lường Dương Vũ Bế Lý Đàm Hà Ma Chu Lục Giàng Đặng Bàn

Văn Thị Minh Thu Đức Ngọc Quang Hồng Xuân Thanh Hữu Bích Gia Kim Tuấn Mai Sỹ Lan Công Hải

An Bình Cường Dung Đông Giang Hà Hạnh Hiền Hoa Hùng Hương Khánh Lâm Liên Long Mai Nam Nga Oanh Phong Phúc Quân
Quý Sơn Tâm Thảo Thắng Thủy Tiến Toàn Trang Trung Tú Tuyết Uyên Vân Việt Vinh Yến"""
FAMILIES, MIDDLES, GIVEN = (names.split() for names in _NAMES.split("\n\n"))
PLACE_OF_NOBODY = "999"  # not assigned to any place
FIRST_YEAR, YEARS = 1930, 90


@dataclass(frozen=True)
class Invented:
    """One invented person."""

    number: str
    full_name: str
    birth_date: str
    phone_number: str


def invent(seed: int, start: int, count: int) -> Iterator[Invented]:
    """Yield the people from `start` on."""
    for index in range(start, start + count):
        chance = random.Random(seed * 10_000_019 + index)
        year, serial = FIRST_YEAR + index % YEARS, index // YEARS
        century_and_sex = (year // 100 - 19) * 2 + chance.randrange(2)
        names = (chance.choice(FAMILIES), "Thử", chance.choice(MIDDLES), chance.choice(MIDDLES), chance.choice(GIVEN))
        yield Invented(
            number=f"{PLACE_OF_NOBODY}{century_and_sex}{year % 100:02d}{serial:06d}",
            full_name=" ".join(names),
            birth_date=f"{year}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
            phone_number=f"+8459{index % 10**7:07d}",
        )
