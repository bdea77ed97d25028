"""The identity service as one that waits for the audit log, beside the one of the other tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from songcau_identity.app import build_rpc_server
from songcau_kit.clock import SystemClock
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from support.identity_service import Identity


@contextmanager
def served_waiting(identity: Identity, *, seconds: int) -> Iterator[Identity]:
    """Serve with a log whose newest checkpoint may be this old."""
    settings = identity.settings.model_copy(update={"audit_log_max_age_seconds": seconds})
    server = build_rpc_server(settings, identity.database, SystemClock())
    server.start()
    channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.identity.v1"))
    yield Identity(identity.url, identity.issuer, identity.database, channel, server.port, settings)
    channel.close()
    server.stop(1)
