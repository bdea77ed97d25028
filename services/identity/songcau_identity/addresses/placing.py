"""Finds the unit then and now of an address: by its words, else by the hamlet, else by the point."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from songcau_kit.errors import DomainError, Violation
from songcau_units.boundaries import Boundaries, Point
from songcau_units.model import Unit
from songcau_units.registry import shipped_gazetteer
from songcau_units.resolving import Candidate, Resolution, resolve

from songcau_identity.address_errors import ADDRESS_UNIT_INVALID, BOUNDARIES_UNAVAILABLE
from songcau_identity.addresses.model import Basis, Placement, UnitChoice, UnitRef, WrittenAddress

COORDINATES_DIFFER = "COORDINATES_DIFFER"
# The unit of today (code) that a hamlet of an old unit went to, as far as officers found it.
HamletFinder = Callable[[UnitRef, str], str | None]


class Placing:
    """Places addresses; `boundaries` is None in an installation that has none."""

    def __init__(self, boundaries: Boundaries | None) -> None:
        self._boundaries = boundaries

    def place(self, written: WrittenAddress, find_hamlet: HamletFinder) -> Placement:
        """Return what an address was resolved to; a split unit is open until hamlet or point decide."""
        answer = resolve(written.text, shipped_gazetteer(), written_on=written.written_on)
        candidates = tuple(_choice(one) for one in answer.candidates)
        open_placement = Placement(
            answer.resolution, _then(candidates), None, None, candidates, tuple(str(one) for one in answer.warnings)
        )
        if answer.resolution is Resolution.RESOLVED:
            return self._compare(written, _decided(open_placement, candidates[0], Basis.TEXT))
        return self._by_hamlet(written, open_placement, find_hamlet) or self._by_point(written, open_placement)

    def verify(self, placement: Placement, unit_code: str, point: Point | None, *, basis: Basis) -> Placement:
        """Return the placement an officer decided on.

        Raises ADDRESS_UNIT_INVALID for a unit the address cannot mean or the point does not lie in, and
        BOUNDARIES_UNAVAILABLE for a point where no boundaries are known.
        """
        choices = placement.candidates or tuple(_present_units())
        chosen = next((one for one in choices if one.now.code == unit_code), None)
        if chosen is None:
            allowed = ",".join(one.now.code for one in placement.candidates)
            raise DomainError(
                ADDRESS_UNIT_INVALID,
                details={"candidates": allowed},
                violations=[Violation("/unit_code", "NOT_A_CANDIDATE")],
            )
        self.check_point(unit_code, point)
        return _decided(placement, chosen, basis)

    def check_point(self, unit_code: str, point: Point | None) -> None:
        """Raise ADDRESS_UNIT_INVALID for a point outside the unit, BOUNDARIES_UNAVAILABLE where none are known."""
        if point is not None and unit_code not in self._codes_at(point):
            raise DomainError(ADDRESS_UNIT_INVALID, violations=[Violation("/coordinates", "OUTSIDE_UNIT")])

    def _codes_at(self, point: Point) -> Collection[str]:
        if self._boundaries is None:
            raise DomainError(BOUNDARIES_UNAVAILABLE)
        return self._boundaries.codes_at(point)

    def _by_hamlet(self, written: WrittenAddress, placement: Placement, find: HamletFinder) -> Placement | None:
        if not written.hamlet:
            return None
        found = [one for one in placement.candidates if one.then and find(one.then, written.hamlet) == one.now.code]
        return self._compare(written, _decided(placement, found[0], Basis.HAMLET)) if len(found) == 1 else None

    def _by_point(self, written: WrittenAddress, placement: Placement) -> Placement:
        point = point_of(written)
        if point is None or self._boundaries is None:
            return placement
        codes = self._boundaries.codes_at(point)
        found = [one for one in placement.candidates if one.now.code in codes]
        if len(found) == 1:
            return _decided(placement, found[0], Basis.COORDINATES)
        return _warned(placement) if placement.candidates else placement

    def _compare(self, written: WrittenAddress, placement: Placement) -> Placement:
        """Warn where the point lies elsewhere than the words say."""
        point = point_of(written)
        if point is None or self._boundaries is None or placement.now is None:
            return placement
        return placement if placement.now.code in self._boundaries.codes_at(point) else _warned(placement)


def point_of(written: WrittenAddress) -> Point | None:
    """Return the point of an address that has one."""
    if written.latitude is None or written.longitude is None:
        return None
    return Point(written.latitude, written.longitude)


def _decided(placement: Placement, choice: UnitChoice, basis: Basis) -> Placement:
    # Where today's unit is named, it is the unit then, too; where an old one is, it stays whatever is found.
    then = choice.then or placement.then or choice.now
    return replace(placement, resolution=Resolution.RESOLVED, then=then, now=choice.now, basis=basis, candidates=())


def _warned(placement: Placement) -> Placement:
    return replace(placement, warnings=(*placement.warnings, COORDINATES_DIFFER))


def _then(candidates: Collection[UnitChoice]) -> UnitRef | None:
    """Return the one unit the words name; None where they may name several."""
    named = {one.then or one.now for one in candidates}
    return named.pop() if len(named) == 1 else None


def _choice(candidate: Candidate) -> UnitChoice:
    return UnitChoice(_ref(candidate.unit), _ref(candidate.named) if candidate.named else None, candidate.partial)


def _present_units() -> Iterable[UnitChoice]:
    """Return every commune and ward of today: for an address whose words name none."""
    return (UnitChoice(_ref(unit), None, False) for unit in shipped_gazetteer().present_communes())


def _ref(unit: Unit) -> UnitRef:
    return UnitRef(unit.code, unit.valid_from, unit.name)
