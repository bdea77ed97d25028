"""A broker with TLS, SCRAM and permissions, and the authority that certifies it."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from songcau_local.ports import free_port

if TYPE_CHECKING:
    from songcau_local.full.kafka import LocalKafka

PASSWORDS = {"admin": "admin-secret", "songcau-identity": "i-secret", "songcau-eservices": "e-secret"}
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required"
SECURED = """inter.broker.listener.name=SASL_SSL
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login} username="admin" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.crt
"""


@dataclass(frozen=True)
class SecuredKafka:
    """A broker with TLS, SCRAM and permissions switched on."""

    port: int
    ca: Path

    def url(self, principal: str, password: str | None = None) -> str:
        secret = quote(password or PASSWORDS[principal])
        query = f"security=SASL_SSL&mechanism=SCRAM-SHA-512&ca={self.ca}"
        return f"kafka://{principal}:{secret}@127.0.0.1:{self.port}?{query}"


@dataclass(frozen=True)
class BrokerAuthority:
    """Who certifies brokers: its own certificate and key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: str) -> "BrokerAuthority":
        """Make an authority."""
        key, subject = ec.generate_private_key(ec.SECP256R1()), named(name)
        own = builder(subject, subject, key)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return cls(own.sign(key, hashes.SHA256()), key)

    @property
    def pem(self) -> bytes:
        """Return the certificate by which it is believed."""
        return pem(self.certificate)

    def certify(self, folder: Path) -> None:
        """Write server.pem (key and certificate) of a broker on 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        server = builder(named("broker"), self.certificate.subject, key).add_extension(names, critical=False)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.pem").write_bytes(secret + pem(server.sign(self.key, hashes.SHA256())))

    def trust(self, file: Path, *others: "BrokerAuthority") -> None:
        """Write the authorities that are believed."""
        file.write_bytes(b"".join(authority.pem for authority in (self, *others)))


def secured_broker(folder: Path) -> "LocalKafka":
    """Return a broker over a folder that holds server.pem and ca.crt already; it is not started."""
    from songcau_local.full.kafka import LocalKafka

    port = free_port()
    return LocalKafka(
        folder,
        port=port,
        listeners=f"SASL_SSL://127.0.0.1:{port}",
        extra=SECURED.format(login=LOGIN, password=PASSWORDS["admin"], folder=folder),
        format_arguments=tuple(
            part
            for name, password in PASSWORDS.items()
            for part in ("--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]")
        ),
        client_options={
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": "admin",
            "sasl_plain_password": PASSWORDS["admin"],
            "ssl_cafile": str(folder / "ca.crt"),
        },
    )


def builder(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
