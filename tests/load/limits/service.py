"""A bare gRPC service: the thread pool of grpcio, a pool of psycopg, one statement a call, nothing else.

With a folder of certificates it also seals the answer it keeps and serves over mutual TLS: the floor of what a service
of ours can do in Python, without token, rules and audit.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from psycopg_pool import ConnectionPool
from songcau.eservices.v1 import dossier_pb2
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.dossier_service_pb2_grpc import DossierServiceServicer, add_DossierServiceServicer_to_server
from songcau_kit.data_keys import DataKey
from songcau_kit.field_cipher import Place, encrypt
from songcau_kit.rpc_security import server_credentials
from songcau_kit.tls import TlsFiles, TlsSource

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
        values = {"dossier": request.dossier_id, "event": rows.EVENT, "answer": self.kept(request.dossier_id)}
        with self._pool.connection() as connection:
            connection.execute(INSERT, values)
        return pb.SubmitDossierResponse(dossier=dossier_pb2.Dossier(id=request.dossier_id, version=2))

    def kept(self, _: str) -> bytes:
        """Return the answer as it is kept for a repetition."""
        return rows.ANSWER


class SealingService(BareService):
    """Seals what it keeps."""

    _key = DataKey(UUID(int=1), 1, os.urandom(32))

    def kept(self, dossier_id: str) -> bytes:
        """Return the answer sealed for its place."""
        return encrypt(self._key, Place("idempotency_keys", "response", dossier_id), rows.ANSWER)


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
    """Serve on a port of loopback: `python -m load.limits.service PORT DATABASE [CERTIFICATES]`."""
    port, database, *folders = sys.argv[1:]
    pool: ConnectionPool[Any] = ConnectionPool(
        database, min_size=WORKERS, max_size=WORKERS, open=True, kwargs={"autocommit": True}
    )
    server = grpc.server(ThreadPoolExecutor(WORKERS))
    service = (SealingService if folders else BareService)(pool)
    add_DossierServiceServicer_to_server(service, server)
    if folders:
        source = TlsSource(TlsFiles.in_folder(Path(folders[0])), "load")
        server.add_secure_port(f"127.0.0.1:{port}", server_credentials(source))
    else:
        server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
