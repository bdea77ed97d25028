"""The boundaries an installation brings: read where they are, told where they are not, refused where they are wrong."""

import json
from pathlib import Path

import pytest
from songcau_identity.address_doors import lacking, open_boundaries
from songcau_identity.settings import Settings
from songcau_units.boundaries import BoundariesError, Point
from songcau_units.registry import shipped_gazetteer

COMMUNES = sorted(unit.code for unit in shipped_gazetteer().present_communes())
SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]


def settings(file: Path | str) -> Settings:
    return Settings(commune_boundaries_file=str(file))


def drawn(tmp_path: Path, *codes: str) -> Path:
    features = [
        {"properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": SQUARE}} for code in codes
    ]
    file = tmp_path / "communes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


@pytest.mark.parametrize("name", ["", "not-there.geojson"])
def test_an_installation_without_boundaries_runs_and_says_so(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    wanted = settings(tmp_path / name if name else "")
    assert open_boundaries(wanted) is None
    assert list(lacking(wanted)) == ["commune_boundaries"]
    assert "commune_boundaries_absent" in capsys.readouterr().out


def test_the_boundaries_of_every_commune_are_taken_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    wanted = settings(drawn(tmp_path, *COMMUNES))
    boundaries = open_boundaries(wanted)
    assert boundaries is not None
    assert boundaries.codes_at(Point(0.5, 0.5)) == set(COMMUNES)
    assert not lacking(wanted)
    assert capsys.readouterr().out == ""


def test_missing_communes_are_told_and_the_others_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert open_boundaries(settings(drawn(tmp_path, *COMMUNES[1:]))) is not None
    said = capsys.readouterr().out
    assert "commune_boundaries_incomplete" in said
    assert COMMUNES[0] in said


def test_a_file_about_other_units_or_none_is_refused(tmp_path: Path):
    with pytest.raises(BoundariesError, match="no commune of today: 00001"):
        open_boundaries(settings(drawn(tmp_path, *COMMUNES, "00001")))
    (tmp_path / "communes.geojson").write_text("{")
    with pytest.raises(BoundariesError, match="no boundaries in the file"):
        open_boundaries(settings(tmp_path / "communes.geojson"))
