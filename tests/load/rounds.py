"""Rounds against the platform: each function prepares its requests and returns what sends them."""

import json
from collections.abc import Callable, Sequence
from uuid import uuid4

from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.dossier_service_pb2_grpc import DossierServiceStub
from songcau_kit.rpc_client import call_metadata

from load import drafts, http_client, rpc_client
from load.drafts import Draft
from load.measures import Round
from load.rpc_client import Door
from load.stage import Stage

Send = Callable[[], Round]


def reads(stage: Stage, dossier_id: str, count: int, *, port: int, at_once: int) -> Send:
    """Prepare GETs of one dossier through the gateway, ours or the bare one, at a port."""
    request = http_client.request("GET", f"/v1/dossiers/{dossier_id}", drafts.headers(stage))
    return lambda: http_client.run(port, [request] * count, connections=at_once)


def echoes(stage: Stage, count: int, *, port: int, at_once: int) -> Send:
    """Prepare POSTs of a draft's body to an echo at a port."""
    headers, body = drafts.write_headers(stage, content_type="application/json"), json.dumps(drafts.WISH).encode()
    request = http_client.request("POST", "/v1/echo", headers, body)
    return lambda: http_client.run(port, [request] * count, connections=at_once)


def submissions(stage: Stage, count: int, *, at_once: int) -> Send:
    """Prepare submissions over HTTP of drafts made for them, whose own events have had their effect."""
    sent = [drafts.submission(stage, draft) for draft in _drafts(stage, count, at_once)]
    return lambda: http_client.run(stage.layout.port("gateway"), sent, connections=at_once)


def rpc_submissions(stage: Stage, count: int, *, at_once: int, door: Door | None = None) -> Send:
    """Prepare submissions over gRPC, at the service of the platform where no other door is given."""
    return rpc_submissions_of(stage, _drafts(stage, count, at_once), at_once=at_once, door=door)


def rpc_submissions_of(stage: Stage, made: Sequence[Draft], *, at_once: int, door: Door | None = None) -> Send:
    """Prepare the submission of each draft over gRPC."""
    sent = [
        pb.SubmitDossierRequest(request_id=str(uuid4()), dossier_id=draft.id, expected_version=draft.version)
        for draft in made
    ]
    return lambda: rpc_client.run(
        door or stage.door("eservices"),
        lambda channel: DossierServiceStub(channel).SubmitDossier,
        sent,
        metadata=call_metadata(token=stage.token(), correlation_id="load"),
        at_once=at_once,
    )


def rpc_reads(stage: Stage, dossier_id: str, count: int, *, at_once: int, door: Door) -> Send:
    """Prepare reads of one dossier over gRPC."""
    return lambda: rpc_client.run(
        door,
        lambda channel: DossierServiceStub(channel).GetDossier,
        [pb.GetDossierRequest(dossier_id=dossier_id)] * count,
        metadata=call_metadata(token=stage.token(), correlation_id="load"),
        at_once=at_once,
    )


def _drafts(stage: Stage, count: int, at_once: int) -> list[Draft]:
    made = drafts.make(stage, count, connections=at_once)
    stage.settle()
    return made
