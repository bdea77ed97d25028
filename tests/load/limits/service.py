"""A bare gRPC service: the thread pool of grpcio, a pool of psycopg, one statement a call, nothing else."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from psycopg_pool import ConnectionPool
from songcau.eservices.v1 import dossier_pb2
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.dossier_service_pb2_grpc import DossierServiceServicer, add_DossierServiceServicer_to_server

from load.limits import rows

WORKERS = 16
INSERT = rows.insert_for_psycopg()
TEXTS = ("reference", "procedure_code", "procedure_name", "sub_case_code")
TIMES = ("created_at", "updated_at", "submitted_at", "accepted_at", "finished_at")


class BareService(DossierServiceServicer):
    """Answers with what the row holds; nobody is asked who they are."""

    def __init__(self, pool: ConnectionPool[Any]) -> None:
        self._pool = pool

    def GetDossier(self, request: pb.GetDossierRequest, _: object) -> pb.GetDossierResponse:
        """Select one row by its key."""
        with self._pool.connection() as connection:
            row = connection.execute(rows.SELECT, (request.dossier_id,)).fetchone()
        return pb.GetDossierResponse(dossier=message(dict(zip(rows.COLUMNS, row, strict=True))))

    def SubmitDossier(self, request: pb.SubmitDossierRequest, _: object) -> pb.SubmitDossierResponse:
        """Insert four rows in one statement and one commit."""
        values = {"dossier": request.dossier_id, "event": rows.EVENT, "answer": rows.ANSWER}
        with self._pool.connection() as connection:
            connection.execute(INSERT, values)
        return pb.SubmitDossierResponse(dossier=dossier_pb2.Dossier(id=request.dossier_id, version=2))


def message(row: dict[str, Any]) -> dossier_pb2.Dossier:
    """Return a row as the contract's message."""
    dossier = dossier_pb2.Dossier(
        id=str(row["id"]),
        version=row["version"],
        citizen_id=str(row["citizen_id"]),
        fee_amount=row["fee_amount"],
        **{name: row[name] for name in TEXTS},
    )
    dossier.status.state = dossier_pb2.DossierState.Value(f"DOSSIER_STATE_{row['state']}")
    dossier.status.finance = dossier_pb2.FinanceState.Value(f"FINANCE_STATE_{row['finance']}")
    dossier.agencies.receiving_agency_code = row["receiving_agency"]
    dossier.agencies.authority_agency_code = row["authority_agency"]
    for name in TIMES:
        if row[name] is not None:
            moment = Timestamp()
            moment.FromDatetime(row[name])
            getattr(dossier, name).CopyFrom(moment)
    return dossier


def main() -> None:
    """Serve on a port of loopback: `python -m load.limits.service PORT DATABASE`."""
    port, database = sys.argv[1:]
    pool: ConnectionPool[Any] = ConnectionPool(
        database, min_size=WORKERS, max_size=WORKERS, open=True, kwargs={"autocommit": True}
    )
    server = grpc.server(ThreadPoolExecutor(WORKERS))
    add_DossierServiceServicer_to_server(BareService(pool), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
