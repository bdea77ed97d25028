"""Real brokers for the tests of this folder; they run where the real parts are asked for (`make test-full`)."""

import datetime as dt
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page
from songcau_local.layout import Layout
from support.chromium import open_chromium, open_page
from support.e2e_stack import IS_FULL, shared_stack
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer, new_officer

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not IS_FULL:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs the real parts: make test-full"))


@dataclass(frozen=True)
class SecuredKafka:
    """A broker with TLS, SCRAM and permissions switched on."""

    port: int
    ca: Path

    def url(self, principal: str, password: str | None = None) -> str:
        secret = quote(password or PASSWORDS[principal])
        query = f"security=SASL_SSL&mechanism=SCRAM-SHA-512&ca={self.ca}"
        return f"kafka://{principal}:{secret}@127.0.0.1:{self.port}?{query}"


@pytest.fixture(scope="module")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    from songcau_local.full.kafka import LocalKafka
    from songcau_local.postgres import free_port

    folder = tmp_path_factory.mktemp("kafka-secured")
    make_certificates(folder)
    port = free_port()
    broker = LocalKafka(
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
    broker.start()
    yield SecuredKafka(port, folder / "ca.crt")
    broker.stop()


def make_certificates(folder: Path) -> None:
    """Write ca.crt and server.pem (key and chain) for 127.0.0.1."""
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test ca")])
    now = dt.datetime.now(dt.UTC)

    def builder(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(ca_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )

    ca = builder(ca_name, ca_key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    server = builder(server_name, server_key).add_extension(names, critical=False)
    (folder / "ca.crt").write_bytes(pem(ca.sign(ca_key, hashes.SHA256())))
    key = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(key + pem(server.sign(ca_key, hashes.SHA256())))


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="session")
def full_stack(request: pytest.FixtureRequest) -> Iterator[Layout]:
    """Return a running stack with the real parts: the one of SONGCAU_FULL_STATE where it is up, else one of its own."""
    with shared_stack(request, is_full=True) as layout:
        yield layout


@pytest.fixture(scope="session")
def issuer(full_stack: Layout) -> KeycloakIssuer:
    """Return the stack's Keycloak."""
    return KeycloakIssuer(full_stack)


@pytest.fixture(scope="module")
def chromium(full_stack: Layout) -> Iterator[Browser]:
    """Return a running browser."""
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Return a page without a past."""
    page = open_page(chromium)
    yield page
    page.context.close()


@pytest.fixture
def officer(issuer: KeycloakIssuer) -> Iterator[Officer]:
    """Return an officer of this test alone."""
    with new_officer(issuer) as officer:
        yield officer
