"""Writes the agencies: one People's Committee and one police station a commune, and the province's bodies.

Only the province code H55 and one sub-unit, H55.242, are publicly known; every other sub-code is a development
numbering that an installation replaces by its own file. It is laid so that H55.242 falls on that of Xã La Hiên.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "libs/units/songcau_units/data"
COLUMNS = (
    "code", "valid_from", "valid_to", "kind", "name", "parent_code", "unit_code", "successor_code",
    "receives_dossiers", "week_pattern", "basis",
)  # fmt: skip
CODED_SINCE = "2020-07-22"  # Decision 20/2020/QĐ-TTg on the electronic codes of agencies
MERGED_ON = "2025-07-01"
KNOWN_UNIT, KNOWN_NUMBER = "05740", 242
POLICE_OFFSET = 200
KNOWN = "Public code"
DEVELOPMENT = "Development numbering"
DEPARTMENTS = (
    (1, "DEPARTMENT", "Trung tâm Phục vụ hành chính công tỉnh Thái Nguyên", "true", "STANDARD"),
    (2, "DEPARTMENT", "Văn phòng Ủy ban nhân dân tỉnh Thái Nguyên", "false", "STANDARD"),
    (3, "DEPARTMENT", "Sở Y tế tỉnh Thái Nguyên", "true", "STANDARD"),
    (4, "DEPARTMENT", "Sở Tư pháp tỉnh Thái Nguyên", "true", "STANDARD"),
    (5, "DEPARTMENT", "Sở Xây dựng tỉnh Thái Nguyên", "true", "STANDARD"),
    (6, "DEPARTMENT", "Sở Nông nghiệp và Môi trường tỉnh Thái Nguyên", "true", "STANDARD"),
    (7, "DEPARTMENT", "Sở Tài chính tỉnh Thái Nguyên", "true", "STANDARD"),
    (8, "DEPARTMENT", "Sở Công Thương tỉnh Thái Nguyên", "true", "STANDARD"),
    (9, "DEPARTMENT", "Sở Giáo dục và Đào tạo tỉnh Thái Nguyên", "true", "STANDARD"),
    (10, "DEPARTMENT", "Sở Khoa học và Công nghệ tỉnh Thái Nguyên", "true", "STANDARD"),
    (11, "DEPARTMENT", "Sở Nội vụ tỉnh Thái Nguyên", "true", "STANDARD"),
    (12, "DEPARTMENT", "Sở Văn hóa, Thể thao và Du lịch tỉnh Thái Nguyên", "true", "STANDARD"),
    (13, "DEPARTMENT", "Sở Dân tộc và Tôn giáo tỉnh Thái Nguyên", "true", "STANDARD"),
    (20, "POLICE", "Công an tỉnh Thái Nguyên", "true", "SATURDAY_MORNING"),
    (21, "OTHER", "Văn phòng Đăng ký đất đai tỉnh Thái Nguyên", "true", "STANDARD"),
    (22, "OTHER", "Bảo hiểm xã hội tỉnh Thái Nguyên", "true", "STANDARD"),
)

Row = tuple[str, ...]


def main() -> None:
    """Read the units of today, write the agencies."""
    with (DATA / "units.csv").open(encoding="utf-8") as source:
        units = [row for row in csv.DictReader(source) if not row["valid_to"] and row["kind"] in ("COMMUNE", "WARD")]
    with (DATA / "agencies.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*_province(), *_communes([(row["code"], row["name"]) for row in units])])
    print(f"agencies.csv: {3 + len(DEPARTMENTS) + 2 * len(units)} rows")


def _province() -> Iterator[Row]:
    council = "Ủy ban nhân dân tỉnh"
    yield "H03", CODED_SINCE, MERGED_ON, "PROVINCE", f"{council} Bắc Kạn", "", "06", "H55", "false", "STANDARD", KNOWN
    yield "H55", CODED_SINCE, MERGED_ON, "PROVINCE", f"{council} Thái Nguyên", "", "19", "", "false", "STANDARD", KNOWN
    yield "H55", MERGED_ON, "", "PROVINCE", f"{council} Thái Nguyên", "", "19", "", "false", "STANDARD", KNOWN
    for number, kind, name, receives, week in DEPARTMENTS:
        yield f"H55.{number}", MERGED_ON, "", kind, name, "H55", "", "", receives, week, DEVELOPMENT


def _communes(units: list[tuple[str, str]]) -> Iterator[Row]:
    base = KNOWN_NUMBER - [code for code, _ in units].index(KNOWN_UNIT)
    for place, (code, name) in enumerate(units):
        number, title = base + place, name[0].lower() + name[1:]
        basis = KNOWN if number == KNOWN_NUMBER else DEVELOPMENT
        committee, police = f"Ủy ban nhân dân {title}", f"Công an {title}"
        common = ("H55", code, "", "true")
        yield f"H55.{number}", MERGED_ON, "", "COMMUNE", committee, *common, "STANDARD", basis
        police_code = f"H55.{number + POLICE_OFFSET}"
        yield police_code, MERGED_ON, "", "POLICE", police, *common, "SATURDAY_MORNING", DEVELOPMENT


if __name__ == "__main__":
    main()
