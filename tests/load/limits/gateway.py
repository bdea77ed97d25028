"""A bare FastAPI application: one gRPC call a request, the answer through a Pydantic model; and a bare echo."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import grpc
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from songcau.eservices.v1 import dossier_pb2
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.dossier_service_pb2_grpc import DossierServiceStub
from songcau_gateway.routes.dossier_schemas import NewDossier


class BareDossier(BaseModel):
    """What a dossier's row holds."""

    id: str
    reference: str
    version: int
    citizen_id: str
    procedure_code: str
    procedure_name: str
    sub_case_code: str
    state: str
    finance: str
    receiving_agency_code: str
    authority_agency_code: str
    fee_amount: int
    created_at: datetime | None
    submitted_at: datetime | None


class Submitted(BaseModel):
    """What a submission answers."""

    id: str
    version: int


def create_app(service: str) -> FastAPI:
    """Return the application; `service` is the address of the bare service."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with grpc.aio.insecure_channel(service) as channel:
            app.state.stub = DossierServiceStub(channel)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/v1/dossiers/{dossier_id}")
    async def get_dossier(dossier_id: str) -> BareDossier:
        """Read one row."""
        answer = await app.state.stub.GetDossier(pb.GetDossierRequest(dossier_id=dossier_id), timeout=5)
        return plain(answer.dossier)

    @app.post("/v1/dossiers/{dossier_id}/submit")
    async def submit_dossier(dossier_id: str) -> Submitted:
        """Write four rows."""
        answer = await app.state.stub.SubmitDossier(pb.SubmitDossierRequest(dossier_id=dossier_id), timeout=5)
        return Submitted(id=answer.dossier.id, version=answer.dossier.version)

    @app.post("/v1/echo")
    async def echo(body: NewDossier) -> NewDossier:
        """Answer with the body."""
        return body

    return app


def plain(dossier: dossier_pb2.Dossier) -> BareDossier:
    """Return a message as the model."""
    return BareDossier(
        id=dossier.id,
        reference=dossier.reference,
        version=dossier.version,
        citizen_id=dossier.citizen_id,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        sub_case_code=dossier.sub_case_code,
        state=dossier_pb2.DossierState.Name(dossier.status.state),
        finance=dossier_pb2.FinanceState.Name(dossier.status.finance),
        receiving_agency_code=dossier.agencies.receiving_agency_code,
        authority_agency_code=dossier.agencies.authority_agency_code,
        fee_amount=dossier.fee_amount,
        created_at=dossier.created_at.ToDatetime(tzinfo=UTC),
        submitted_at=dossier.submitted_at.ToDatetime(tzinfo=UTC),
    )


def main() -> None:
    """Serve on a port of loopback: `python -m load.limits.gateway PORT SERVICE`."""
    port, service = sys.argv[1:]
    uvicorn.run(
        create_app(service), host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", ws="none",
        access_log=False, log_level="warning",
    )  # fmt: skip


if __name__ == "__main__":
    main()
