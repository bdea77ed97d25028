"""Where a Kafka cluster is and how to speak to it, read from one address.

kafka://broker-1:9092,broker-2:9092
kafka://user:password@broker:9093?security=SASL_SSL&mechanism=SCRAM-SHA-512&ca=/etc/kafka/ca.crt
"""

import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REQUEST_MS = 5_000
_SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_KNOWN = {"security", "mechanism", "ca", "certificate", "key"}


@dataclass(frozen=True)
class KafkaAddress:
    """Brokers, the way to secure the connection, and the principal."""

    brokers: tuple[str, ...]
    security: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @classmethod
    def parse(cls, url: str) -> "KafkaAddress":
        """Read an address; raises ValueError naming what is wrong, never the password."""
        parts = urlsplit(url)
        principal, _, brokers = parts.netloc.rpartition("@")
        username, _, password = principal.partition(":")
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if unknown := query.keys() - _KNOWN:
            raise ValueError(f"a Kafka address does not know {', '.join(sorted(unknown))}")
        if not brokers or any(":" not in broker for broker in brokers.split(",")):
            raise ValueError("a Kafka address names each broker as host:port")
        if query.get("security", "PLAINTEXT") not in _SECURITY:
            raise ValueError(f"the security of a Kafka address is one of {', '.join(_SECURITY)}")
        return cls(tuple(brokers.split(",")), username=unquote(username), password=unquote(password), **query)

    def options(self, client_id: str) -> dict[str, Any]:
        """Return what every client of kafka-python takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": list(self.brokers),
            "client_id": client_id,
            "security_protocol": self.security,
            "request_timeout_ms": REQUEST_MS,
            "bootstrap_timeout_ms": REQUEST_MS,
            "reconnect_backoff_ms": 50,
            "reconnect_backoff_max_ms": 1_000,
            "metadata_max_age_ms": 30_000,
        }
        if self.security.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        if self.security.endswith("SSL"):
            files = {"ssl_cafile": self.ca, "ssl_certfile": self.certificate, "ssl_keyfile": self.key}
            options |= {name: value for name, value in files.items() if value}
        return options

    def probe(self) -> None:
        """Raise OSError where no broker accepts a connection; the clients themselves would only wait."""
        failure: OSError | None = None
        for broker in self.brokers:
            host, _, port = broker.rpartition(":")
            try:
                socket.create_connection((host, int(port)), timeout=2).close()
            except OSError as error:
                failure = error
            else:
                return
        raise failure or OSError("no broker is named")
