"""gRPC over mutual TLS: credentials that follow the files, and who stands at the other end."""

from collections.abc import Mapping
from typing import Any

import grpc

from songcau_kit.tls import SPIFFE_PREFIX, TlsMaterial, TlsSource

# A connection is as old as its certificate was good; after this time the other end shows it again.
CONNECTION_AGE_SECONDS = 3600.0
CONNECTION_GRACE_SECONDS = 180.0


def server_credentials(source: TlsSource) -> grpc.ServerCredentials:
    """Return credentials that ask every caller for a certificate; each new connection sees the files as they are."""
    seen = source.current()

    def fetch() -> "grpc.ServerCertificateConfiguration | None":
        nonlocal seen
        material = source.current()
        if material is seen:
            return None
        seen = material
        return _configuration(material)

    # None means no change; the type stubs do not know.
    return grpc.dynamic_ssl_server_credentials(
        _configuration(seen),
        fetch,  # type: ignore[arg-type]
        require_client_authentication=True,
    )


def server_options() -> list[tuple[str, Any]]:
    """Return the options of a server that lets no connection outlive its certificate for long."""
    return [
        ("grpc.max_connection_age_ms", int(CONNECTION_AGE_SECONDS * 1000)),
        ("grpc.max_connection_age_grace_ms", int(CONNECTION_GRACE_SECONDS * 1000)),
    ]


def channel_credentials(material: TlsMaterial) -> grpc.ChannelCredentials:
    """Return the credentials of a client that shows its certificate."""
    return grpc.ssl_channel_credentials(material.authorities, material.key, material.certificate_chain)


def channel_options(server_name: str) -> list[tuple[str, Any]]:
    """Return the options that make the server prove it is `server_name`, whatever the address is."""
    return [("grpc.default_authority", server_name)]


def workload_of(auth_context: Mapping[str, Any]) -> str | None:
    """Return the process a verified certificate names, from its one SPIFFE ID; None for any other certificate."""
    ids = list(auth_context.get("peer_spiffe_id", ()))
    name = ids[0].decode("utf-8", "replace") if len(ids) == 1 else ""
    return name.removeprefix(SPIFFE_PREFIX) if name.startswith(SPIFFE_PREFIX) else None


def _configuration(material: TlsMaterial) -> "grpc.ServerCertificateConfiguration":
    return grpc.ssl_server_certificate_configuration(
        [(material.key, material.certificate_chain)], root_certificates=material.authorities
    )
