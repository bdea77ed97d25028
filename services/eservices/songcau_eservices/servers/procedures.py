"""The door to the catalogue: message in, use case, message out."""

from songcau.eservices.v1 import procedure_service_pb2 as pb
from songcau.eservices.v1.procedure_service_pb2_grpc import ProcedureServiceServicer
from songcau_kit.clock import Clock
from songcau_kit.pages import Page
from songcau_kit.processing import NO_PERSONAL_DATA
from songcau_kit.rpc_server import Rule

from songcau_eservices.catalogue.model import AuthorityLevel, ServiceLevel
from songcau_eservices.catalogue.procedures import ProcedureCatalogue
from songcau_eservices.catalogue.search import ProcedureFilter
from songcau_eservices.pages import day_asked
from songcau_eservices.servers.enums import read_enum
from songcau_eservices.servers.procedure_messages import procedure_message, summary_message

SERVICE = "songcau.eservices.v1.ProcedureService"
RULES = {
    f"{SERVICE}/{method}": Rule(anonymous=True, activity=NO_PERSONAL_DATA)
    for method in ("SearchProcedures", "GetProcedure")
}


class ProcedureServer(ProcedureServiceServicer):
    """Serves ProcedureService."""

    def __init__(self, catalogue: ProcedureCatalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def SearchProcedures(  # noqa: N802
        self, request: pb.SearchProceduresRequest, _: object
    ) -> pb.SearchProceduresResponse:
        """Find procedures."""
        wanted = ProcedureFilter(
            on=day_asked(request.on, self._clock),
            query=request.query,
            field=request.field,
            authority=request.authority,
            authority_level=_authority_level(request.authority_level),
            service_level=_service_level(request.service_level),
            online=request.online if request.HasField("online") else None,
        )
        hits, token = self._catalogue.search(wanted, Page.of(request.page_size, request.page_token))
        return pb.SearchProceduresResponse(procedures=[summary_message(hit) for hit in hits], next_page_token=token)

    def GetProcedure(self, request: pb.GetProcedureRequest, _: object) -> pb.GetProcedureResponse:  # noqa: N802
        """Return one procedure."""
        procedure = self._catalogue.get(request.code, day_asked(request.on, self._clock))
        return pb.GetProcedureResponse(procedure=procedure_message(procedure))


def _authority_level(number: int) -> AuthorityLevel | None:
    name = read_enum(pb.AuthorityLevel, number, "/authority_level")
    return AuthorityLevel(name) if name else None


def _service_level(number: int) -> ServiceLevel | None:
    name = read_enum(pb.ServiceLevel, number, "/service_level")
    return ServiceLevel(name) if name else None
