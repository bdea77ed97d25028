"""The door to units and agencies: message in, use case, message out."""

from songcau.eservices.v1 import unit_service_pb2 as pb
from songcau.eservices.v1.unit_service_pb2_grpc import UnitServiceServicer
from songcau_kit.clock import Clock, iso_day
from songcau_kit.pages import Page
from songcau_kit.processing import NO_PERSONAL_DATA
from songcau_kit.rpc_server import Rule
from songcau_units.agencies import Agency, AgencyKind
from songcau_units.model import Unit, UnitKind, UnitLink
from songcau_units.resolving import Candidate

from songcau_eservices.pages import day_asked
from songcau_eservices.servers.enums import read_enum
from songcau_eservices.units.units import AgencyFilter, UnitDirectory

SERVICE = "songcau.eservices.v1.UnitService"
METHODS = ("ListUnits", "GetUnit", "ResolveUnit", "ListAgencies")
RULES = {f"{SERVICE}/{method}": Rule(anonymous=True, activity=NO_PERSONAL_DATA) for method in METHODS}


class UnitServer(UnitServiceServicer):
    """Serves UnitService."""

    def __init__(self, directory: UnitDirectory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def ListUnits(self, request: pb.ListUnitsRequest, _: object) -> pb.ListUnitsResponse:  # noqa: N802
        """List the units of a day."""
        kind = read_enum(pb.UnitKind, request.kind, "/kind")
        units, token = self._directory.list_units(
            day_asked(request.on, self._clock),
            UnitKind(kind) if kind else None,
            Page.of(request.page_size, request.page_token),
        )
        return pb.ListUnitsResponse(units=[_unit(unit) for unit in units], next_page_token=token)

    def GetUnit(self, request: pb.GetUnitRequest, _: object) -> pb.GetUnitResponse:  # noqa: N802
        """Return one unit with its history."""
        history = self._directory.get_unit(request.code, day_asked(request.on, self._clock))
        return pb.GetUnitResponse(
            unit=_unit(history.unit),
            predecessors=[_link(link) for link in history.predecessors],
            successors=[_link(link) for link in history.successors],
        )

    def ResolveUnit(self, request: pb.ResolveUnitRequest, _: object) -> pb.ResolveUnitResponse:  # noqa: N802
        """Find today's unit for an address."""
        written_on = day_asked(request.written_on, self._clock, pointer="/written_on")
        answer = self._directory.resolve(request.text, written_on)
        return pb.ResolveUnitResponse(
            resolution=f"RESOLUTION_{answer.resolution}",
            candidates=[_candidate(candidate) for candidate in answer.candidates],
            warnings=answer.warnings,
        )

    def ListAgencies(self, request: pb.ListAgenciesRequest, _: object) -> pb.ListAgenciesResponse:  # noqa: N802
        """List the agencies of a day."""
        kind = read_enum(pb.AgencyKind, request.kind, "/kind")
        wanted = AgencyFilter(day_asked(request.on, self._clock), AgencyKind(kind) if kind else None, request.unit_code)
        agencies, token = self._directory.list_agencies(wanted, Page.of(request.page_size, request.page_token))
        return pb.ListAgenciesResponse(agencies=[_agency(agency) for agency in agencies], next_page_token=token)


def _unit(unit: Unit) -> pb.Unit:
    return pb.Unit(
        code=unit.code,
        valid_from=unit.valid_from.isoformat(),
        valid_to=iso_day(unit.valid_to),
        kind=f"UNIT_KIND_{unit.kind}",
        name=unit.name,
        parent_code=unit.parent_code or "",
        parent_name=unit.parent_name,
    )


def _link(link: UnitLink) -> pb.UnitLink:
    return pb.UnitLink(unit=_unit(link.unit), partial=link.partial)


def _candidate(candidate: Candidate) -> pb.UnitCandidate:
    named = _unit(candidate.named) if candidate.named else None
    return pb.UnitCandidate(unit=_unit(candidate.unit), named=named, partial=candidate.partial)


def _agency(agency: Agency) -> pb.Agency:
    return pb.Agency(
        code=agency.code,
        valid_from=agency.valid_from.isoformat(),
        valid_to=iso_day(agency.valid_to),
        kind=f"AGENCY_KIND_{agency.kind}",
        name=agency.name,
        parent_code=agency.parent_code or "",
        unit_code=agency.unit_code or "",
        successor_code=agency.successor_code or "",
        receives_dossiers=agency.receives_dossiers,
    )
