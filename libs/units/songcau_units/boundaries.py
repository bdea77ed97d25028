"""In which commune of today a point lies, by the boundaries of a GeoJSON file (RFC 7946)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Point:
    """A place on earth in degrees (WGS 84)."""

    latitude: float
    longitude: float


class BoundariesError(ValueError):
    """The file holds no boundaries; the message says what is wrong with it."""


class Boundaries:
    """The land of each commune; immutable, safe to share between threads."""

    def __init__(self, land: Mapping[str, Sequence[Sequence[Ring]]]) -> None:
        self._land = land

    @classmethod
    def read(cls, file: Path, *, code_property: str) -> "Boundaries":
        """Read a FeatureCollection of polygons whose property names the unit's code; raises BoundariesError."""
        try:
            features = json.loads(file.read_text(encoding="utf-8"))["features"]
            land = {str(f["properties"][code_property]): _polygons(f["geometry"]) for f in features}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BoundariesError(f"no boundaries in the file: {type(error).__name__} {error}") from None
        if not land:
            raise BoundariesError("no boundaries in the file: it names no unit")
        return cls(land)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the communes whose land is known."""
        return frozenset(self._land)

    def codes_at(self, point: Point) -> frozenset[str]:
        """Return the codes of the communes a point lies in: mostly one, none outside the province."""
        return frozenset(code for code, polygons in self._land.items() if any(_holds(p, point) for p in polygons))


def _polygons(geometry: Mapping[str, Any]) -> Sequence[Sequence[Ring]]:
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a boundary is a polygon, not {kind}")
    return [coordinates] if kind == "Polygon" else list(coordinates)


def _holds(rings: Iterable[Ring], point: Point) -> bool:
    """Return whether a polygon holds a point: crossing its outer ring and its holes an odd number of times."""
    return sum(_crossings(ring, point) for ring in rings) % 2 == 1


def _crossings(ring: Ring, point: Point) -> int:
    """Count the edges a ray from the point to the east crosses; positions are longitude, latitude (RFC 7946)."""
    count = 0
    for (x1, y1, *_), (x2, y2, *_) in pairwise(ring):
        if (y1 > point.latitude) != (y2 > point.latitude):
            count += point.longitude < x1 + (point.latitude - y1) / (y2 - y1) * (x2 - x1)
    return count
