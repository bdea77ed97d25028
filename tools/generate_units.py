"""Writes the seed of administrative units from the data files of the package vietnamadminunits 1.0.4 (MIT).

Run by hand when the units change: `python tools/generate_units.py FOLDER`, FOLDER being the package unpacked. The
package is a source of facts at this moment only and no dependency of the platform.
"""

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from songcau_kit.text import normalize

DATA = Path(__file__).resolve().parent.parent / "libs/units/songcau_units/data"
CODED_SINCE = "2004-07-08"  # Decision 124/2004: first national code list; when each old unit was born is not recorded
MERGED_ON = "2025-07-01"  # Resolutions 202/2025/QH15 and 1683/NQ-UBTVQH15
KINDS = {"Xã": "COMMUNE", "Phường": "WARD", "Thị trấn": "TOWNSHIP"}
PROVINCE_KEY = "tinhthainguyen"
UNIT_COLUMNS = ("code", "valid_from", "valid_to", "kind", "name", "parent_code")
LINK_COLUMNS = ("old_code", "old_valid_from", "new_code", "new_valid_from", "partial")

Row = tuple[str, ...]


def main(package: Path) -> None:
    """Read the package's data, check the counts that are known, write the two seed files."""
    database = sqlite3.connect(package / "data/dataset.db")
    old = database.execute(
        "select wardCode, ward, wardType, districtCode, district, provinceCode,"
        " provinceKey || '_' || districtKey || '_' || wardKey"
        " from admin_units_legacy where provinceCode in ('06', '19') order by 1"
    ).fetchall()
    new = database.execute(
        "select wardCode, ward, wardType, wardKey from admin_units where provinceCode = '19' order by 1"
    ).fetchall()
    converter = json.loads((package / "data/converter_2025.json").read_text("utf-8"))
    links = sorted(_links(converter, {row[6]: row[0] for row in old}, {row[3]: row[0] for row in new}))
    counts = (len(new), len(old), len(links), len({link[0] for link in links if link[4] == "true"}))
    if counts != (92, 280, 283, 3):
        raise SystemExit(f"expected 92 units, 280 predecessors, 283 links, 3 splits; found {counts}")
    _write("units.csv", UNIT_COLUMNS, [*_upper(old), *_communes(old, new)])
    _write("unit_successions.csv", LINK_COLUMNS, links)


def _links(converter: dict[str, dict[str, dict[str, list]]], old: dict[str, str], new: dict[str, str]) -> Iterator[Row]:
    for new_key, old_keys in converter["DICT_PROVINCE_WARD_NO_DIVIDED"][PROVINCE_KEY].items():
        for old_key in old_keys:
            yield old[old_key], CODED_SINCE, new[new_key], MERGED_ON, "false"
    for old_key, parts in converter["DICT_PROVINCE_WARD_DIVIDED"][PROVINCE_KEY].items():
        for part in parts:
            yield old[old_key], CODED_SINCE, new[part["newWardKey"]], MERGED_ON, "true"


def _upper(old: list[Row]) -> Iterator[Row]:
    yield "06", CODED_SINCE, MERGED_ON, "PROVINCE", "Tỉnh Bắc Kạn", ""
    yield "19", CODED_SINCE, MERGED_ON, "PROVINCE", "Tỉnh Thái Nguyên", ""
    yield "19", MERGED_ON, "", "PROVINCE", "Tỉnh Thái Nguyên", ""
    for code, name, province in sorted({(row[3], row[4], row[5]) for row in old}):
        yield code, CODED_SINCE, MERGED_ON, "DISTRICT", _name(name.replace("Thành Phố", "Thành phố")), province


def _communes(old: list[Row], new: list[Row]) -> Iterator[Row]:
    rows = [(row[0], CODED_SINCE, MERGED_ON, KINDS[row[2]], _name(row[1]), row[3]) for row in old]
    rows += [(row[0], MERGED_ON, "", KINDS[row[2]], _name(row[1]), "19") for row in new]
    yield from sorted(rows)


def _name(name: str) -> str:
    return normalize(name)


def _write(file: str, columns: Row, rows: list[Row]) -> None:
    with (DATA / file).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    print(f"{file}: {len(rows)} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
