"""Between the processes: who has no certificate of this installation, or not the right one, is refused."""

from __future__ import annotations

import shutil
import threading
import time
import urllib.request
from datetime import UTC, datetime

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from songcau.identity.v1 import citizen_service_pb2, citizen_service_pb2_grpc
from songcau_kit import rpc_security
from songcau_kit.development_authority import DevelopmentAuthority
from songcau_kit.tls import TlsFiles
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from songcau_local.workloads import WORKLOADS
from support.workload_certificates import Certificates


def look_up(channel: grpc.Channel) -> grpc.RpcError:
    """Ask identity for a citizen without a token and return the refusal."""
    stub = citizen_service_pb2_grpc.CitizenServiceStub(channel)
    with channel, pytest.raises(grpc.RpcError) as caught:
        stub.LookUpCitizen(citizen_service_pb2.LookUpCitizenRequest(), timeout=5)
    return caught.value


def channel_with(layout: Layout, files: TlsFiles) -> grpc.Channel:
    credentials = rpc_security.channel_credentials(files.read(datetime.now(UTC)))
    options = rpc_security.channel_options("identity")
    return grpc.secure_channel(layout.address("identity"), credentials, options=options)


def reason_of(error: grpc.RpcError) -> str:
    info = error_details_pb2.ErrorInfo()
    assert rpc_status.from_call(error).details[0].Unpack(info)
    return info.reason


def test_a_process_without_a_certificate_is_refused(stack: Layout) -> None:
    assert look_up(grpc.insecure_channel(stack.address("identity"))).code() is grpc.StatusCode.UNAVAILABLE


def test_a_process_with_a_foreign_certificate_is_refused(stack: Layout, tmp_path) -> None:
    foreign = Certificates(tmp_path).issue("gateway")
    shutil.copy(stack.workloads / "gateway" / "ca.crt", foreign.authorities[0])

    assert look_up(channel_with(stack, foreign)).code() is grpc.StatusCode.UNAVAILABLE


def test_the_gateway_gets_as_far_as_its_missing_token(stack: Layout) -> None:
    refusal = look_up(channel_with(stack, TlsFiles.in_folder(stack.workloads / "gateway")))

    assert reason_of(refusal) == "UNAUTHENTICATED"


def test_a_process_of_ours_that_may_not_call_the_method_is_refused_and_counted(stack: Layout) -> None:
    refusal = look_up(channel_with(stack, TlsFiles.in_folder(stack.workloads / "eservices")))

    assert refusal.code() is grpc.StatusCode.PERMISSION_DENIED
    assert reason_of(refusal) == "WORKLOAD_NOT_ALLOWED"
    with urllib.request.urlopen(f"{stack.url('identity-ops')}/metrics", timeout=5) as answer:
        measured = answer.read().decode()
    method = 'method="songcau.identity.v1.CitizenService/LookUpCitizen",workload="eservices"'
    assert f"songcau_identity_workload_refusals_total{{{method}}} " in measured
    assert "songcau_identity_tls_certificate_expiry_timestamp_seconds " in measured


def test_certificates_change_under_a_running_stack_and_no_request_fails(stack: Layout, stage: Stage) -> None:
    statuses: list[int] = []
    ending = threading.Event()

    def ask() -> None:
        while not ending.is_set():
            statuses.append(stage.http.get("/v1/procedures", params={"q": "khai sinh"}).status_code)
            time.sleep(0.02)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    issuer = DevelopmentAuthority(stack.secrets / "workload-authority")
    for _ in range(2):
        for workload in WORKLOADS:
            issuer.issue_workload(workload, stack.workloads / workload.name, at=datetime.now(UTC))
        time.sleep(2.5)
    ending.set()
    thread.join(10)

    assert len(statuses) > 50
    assert set(statuses) == {200}
    assert "tls_files_changed" in (stack.logs / "gateway.log").read_text()
