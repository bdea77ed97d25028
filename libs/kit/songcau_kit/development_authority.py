"""The certificate authority of a development machine: one root and what it certifies, kept in a folder.

Its signatures mean nothing in law; a real installation signs with certificates of a licensed authority, and its
processes know one another by certificates of the cluster's own.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from songcau_kit.tls import SPIFFE_PREFIX, TlsFiles

VALID_FOR = timedelta(days=3650)
WORKLOAD_VALID_FOR = timedelta(days=365)
ROOT_NAME = "Sông Cầu – chứng thư phát triển"


@dataclass(frozen=True)
class Workload:
    """A process among others: what its certificate calls it, whether others call it, whether it calls others."""

    name: str
    is_server: bool = False
    is_client: bool = False


class DevelopmentAuthority:
    """Issues certificates of signers and of processes out of a folder that holds its root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def root(self) -> Path:
        """The root certificate that verifiers trust (PEM)."""
        return self._folder / "root.pem"

    @classmethod
    def create(cls, folder: Path, *, at: datetime) -> "DevelopmentAuthority":
        """Make the root where the folder has none; keys are readable by their owner only."""
        authority = cls(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not authority.root.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name(ROOT_NAME, "Sông Cầu")
            certificate = _builder(name, name, key.public_key(), at=at).add_extension(
                x509.BasicConstraints(ca=True, path_length=0), critical=True
            )
            usage = certificate.add_extension(_usage(certifies=True), critical=True)
            _write_key(folder / "root.key", key)
            _write(authority.root, usage.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), 0o644)
        return authority

    def issue(self, name: str, *, common_name: str, organization: str, at: datetime) -> tuple[Path, Path]:
        """Return key and certificate of the signer `name`, made where the folder has none."""
        key_path, certificate_path = self._folder / f"{name}.key", self._folder / f"{name}.pem"
        if not certificate_path.exists():
            root, root_key = self._load_root()
            key = ec.generate_private_key(ec.SECP256R1())
            builder = _builder(_name(common_name, organization), root.subject, key.public_key(), at=at)
            certificate = _under(builder, root_key).add_extension(_usage(certifies=False, commits=True), critical=True)
            _write_key(key_path, key)
            pem = certificate.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            _write(certificate_path, pem, 0o644)
        return key_path, certificate_path

    def issue_workload(
        self, workload: Workload, folder: Path, *, at: datetime, valid_for: timedelta = WORKLOAD_VALID_FOR
    ) -> TlsFiles:
        """Write certificate, key and root of a process into a folder, under the names cert-manager gives them.

        The SPIFFE ID says who calls, the DNS name who is called; the usages say which of the two the process may be.
        """
        root, root_key = self._load_root()
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(SPIFFE_PREFIX + workload.name)]
        names += [x509.DNSName(workload.name)] if workload.is_server else []
        usages = [ExtendedKeyUsageOID.SERVER_AUTH] if workload.is_server else []
        usages += [ExtendedKeyUsageOID.CLIENT_AUTH] if workload.is_client else []
        subject = _name(workload.name, "Sông Cầu")
        builder = _builder(subject, root.subject, key.public_key(), at=at, valid_for=valid_for)
        certificate = (
            _under(builder, root_key)
            .add_extension(_usage(certifies=False, commits=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
        )
        files = TlsFiles.in_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        _write_key(files.key, key)
        pem = certificate.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        _write(files.certificate, pem, 0o644)
        _write(files.authorities[0], self.root.read_bytes(), 0o644)
        return files

    def _load_root(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        root = x509.load_pem_x509_certificate(self.root.read_bytes())
        root_key = serialization.load_pem_private_key((self._folder / "root.key").read_bytes(), None)
        if not isinstance(root_key, ec.EllipticCurvePrivateKey):
            raise TypeError("the development root has another kind of key")
        return root, root_key


def _name(common_name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    *,
    at: datetime,
    valid_for: timedelta = VALID_FOR,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + valid_for)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _under(builder: x509.CertificateBuilder, root_key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(
        identifier, critical=False
    )


def _usage(*, certifies: bool, commits: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(path, pem, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    # Made with its final mode and moved into place: nobody meets a half-written or readable key.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    unfinished.replace(path)
