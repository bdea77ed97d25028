"""In which commune a point lies: drawn squares, and the real boundaries where they are on the machine."""

import json
import os
from pathlib import Path

import pytest
from songcau_units.boundaries import Boundaries, BoundariesError, Point
from songcau_units.registry import shipped_units

DATA = Path(os.environ.get("SONGCAU_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
REAL = DATA / "geo/thai-nguyen-communes.geojson"


def square(west: float, south: float, size: float) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str, kind: str, coordinates: object) -> dict[str, object]:
    return {"properties": {"code": code}, "geometry": {"type": kind, "coordinates": coordinates}}


def read(tmp_path: Path, *features: object) -> Boundaries:
    file = tmp_path / "communes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return Boundaries.read(file, code_property="code")


def test_a_point_lies_in_the_commune_around_it_and_not_in_its_holes(tmp_path: Path):
    ring = feature("00001", "Polygon", [square(0, 0, 10), square(4, 4, 2)])
    island = feature("00002", "MultiPolygon", [[square(4, 4, 2)], [square(20, 20, 1)]])
    boundaries = read(tmp_path, ring, island)
    found = {at: boundaries.codes_at(Point(*at)) for at in ((1, 1), (5, 5), (20.5, 20.5), (15, 15), (20.5, 1))}
    assert found == {
        (1, 1): {"00001"},
        (5, 5): {"00002"},
        (20.5, 20.5): {"00002"},
        (15, 15): frozenset(),
        (20.5, 1): frozenset(),
    }


@pytest.mark.parametrize("features", [[], [{"geometry": {}}], [feature("00001", "Point", [1, 1])]])
def test_a_file_without_boundaries_is_refused_with_a_sentence(tmp_path: Path, features: list[object]):
    with pytest.raises(BoundariesError, match="no boundaries in the file"):
        read(tmp_path, *features)


@pytest.mark.skipif(not REAL.exists(), reason="the real boundaries are not on this machine")
def test_the_real_boundaries_are_those_of_the_communes_of_today():
    land = Boundaries.read(REAL, code_property="code")
    communes = {unit.code for unit in shipped_units() if unit.current and len(unit.code) == 5}
    features = json.loads(REAL.read_text())["features"]
    assert {one["properties"]["code"] for one in features} == communes
    assert land.codes_at(Point(0, 0)) == frozenset()
    assert all(len(land.codes_at(Point(21.59 + step / 100, 105.84))) <= 1 for step in range(10))
